"""A campaign's register: who was instructed, who replied, what was decided."""

from collections import Counter

from django.utils import translation
from django.utils.translation import gettext as _

from documents import dossier as contents
from portal.enums import Delivery, Wording
from portal.models import OutboxMessage
from workflows import mail
from workflows.collect import common
from workflows.enums import ReplyCode, Stage, Verb
from workflows.models import Campaign, Case, Decision

DECIDING = (Verb.CLEAR, Verb.WITHDRAW, Verb.ESCALATE)


def register(campaign: Campaign, *, language: str) -> contents.Register:
    """Collect a campaign's register for the buyer's counsel; four queries."""
    buyer = campaign.buyer
    with translation.override(language):
        cases = list(campaign.cases.select_related("supplier").order_by("supplier__name", "pk"))
        decisions = _decisions(campaign)
        delivered = _deliveries(cases)
        listed = campaign.prohibited_list
        return contents.Register(
            imprint=common.imprint(
                reference=campaign.name[:40],
                language=language,
                buyer=buyer,
                chain=buyer.chain,
                zone=buyer.zone,
            ),
            campaign=campaign.name,
            questionnaire=f"{campaign.version.key} {campaign.version.version}",
            due=campaign.due_on.isoformat(),
            launched_at=common.moment(campaign.launched_at),
            list_version=(
                f"{listed.title}, {listed.dated_on.isoformat()}, SHA-256 {listed.sha256}"
                if listed
                else ""
            ),
            counts=_counts(cases),
            lines=tuple(
                _line(case, decisions.get(case.pk), delivered.get(case.chain_id, ""))
                for case in cases
            ),
        )


def _decisions(campaign: Campaign) -> dict[object, Decision]:
    rows = (
        Decision.objects.filter(case__campaign=campaign, verb__in=DECIDING)
        .select_related("by")
        .order_by("at", "pk")
    )
    return {row.case_id: row for row in rows}


def _deliveries(cases: list[Case]) -> dict[object, str]:
    rows = OutboxMessage.objects.filter(
        chain_id__in=[case.chain_id for case in cases], purpose=mail.ISSUED
    ).order_by("written_at", "pk")
    return {row.chain_id: str(Delivery(row.delivery).label) for row in rows}


def _counts(cases: list[Case]) -> tuple[contents.Count, ...]:
    by_stage = Counter(case.stage for case in cases)
    return (
        contents.Count(_("Suppliers"), len(cases)),
        contents.Count(_("Sent"), sum(1 for case in cases if case.issued_at)),
        contents.Count(_("Replied"), sum(1 for case in cases if case.submitted_at)),
        *(contents.Count(str(stage.label), by_stage[stage]) for stage in Stage if by_stage[stage]),
    )


def _line(case: Case, decision: Decision | None, delivery: str) -> contents.Registered:
    return contents.Registered(
        reference=case.reference,
        supplier=case.supplier.name,
        country=case.supplier.country,
        wording=str(Wording(case.wording).label) if case.wording else "",
        instructed_at=common.moment(case.issued_at),
        delivery=delivery,
        acknowledged_at=common.moment(case.acknowledged_at),
        replied_at=common.moment(case.submitted_at),
        reply=str(ReplyCode(case.reply_code).label) if case.reply_code else "",
        stage=str(Stage(case.stage).label),
        decision=str(Verb(decision.verb).label) if decision else "",
        decided_at=common.moment(decision.at) if decision else "",
        decided_by=str(decision.by) if decision else "",
    )
