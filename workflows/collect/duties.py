"""What the buyer owed and what a reply led to, collected for a dossier."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from django.utils.translation import gettext as _

from documents import owed as contents
from workflows import queries
from workflows.collect import common
from workflows.enums import ConditionState, DutyState, TermsState
from workflows.models import Case, Condition, ConfidentialityTerms, Duty

Tone = Literal["done", "due", "late", "counsel"]
TONES: dict[str, Tone] = {DutyState.MET: "done", DutyState.MISSED: "late"}


def duties(case: Case, *, counsel: bool, until: datetime) -> Iterable[contents.Duty]:
    """Return every duty towards a case up to `until`, as it stood then, waivers with their reason.

    A supplier's person who settled one is named in the counsel edition alone.
    """
    rows = Duty.objects.filter(case=case, opened_at__lte=until)
    for one in rows.select_related("owner", "settled_by").order_by("opened_at", "clause", "pk"):
        _as_of(one, until)
        suppliers = {case.contact_id, case.signatory_id}
        hide = one.settled_by_id in suppliers and not counsel
        yield contents.Duty(
            clause=one.clause,
            what=queries.duty_title(one),
            opened_at=common.moment(one.opened_at),
            state=_("No longer asked for") if one.is_moot else str(DutyState(one.state).label),
            tone=TONES.get(one.state, "due"),
            about=one.about,
            owner=queries.duty_owner(one),
            due_at=common.moment(one.due_at),
            missed_at=common.moment(one.missed_at),
            settled_at=common.moment(one.settled_at),
            settled_by=_("Supplier") if hide else str(one.settled_by or ""),
            how=one.how,
            proof=one.proof,
        )


def _as_of(duty: Duty, until: datetime) -> None:
    """Take back in this copy what came later."""
    if duty.missed_at and duty.missed_at > until:
        duty.missed_at = None
    if duty.settled_at and duty.settled_at > until:
        duty.settled_at = duty.settled_by = None
        duty.how = duty.proof = ""
        duty.is_moot = False
    if duty.settled_at is None:
        duty.state = DutyState.MISSED if duty.missed_at else DutyState.OPEN


def conditions(case: Case, *, until: datetime) -> Iterable[contents.Condition]:
    rows = Condition.objects.filter(case=case, submission__signed_at__lte=until)
    for one in rows.select_related("answered_by").order_by("submission__number", "number"):
        if one.answered_at and one.answered_at > until:
            one.state, one.answer = ConditionState.OPEN, ""
            one.answered_at = one.answered_by = None
        yield contents.Condition(
            number=str(one.number),
            text=one.text,
            state=str(ConditionState(one.state).label),
            answer=one.answer,
            answered_at=common.moment(one.answered_at),
            answered_by=str(one.answered_by or ""),
        )


def promises(case: Case, *, until: datetime) -> Iterable[contents.Promise]:
    rows = ConfidentialityTerms.objects.filter(case=case, offered_at__lte=until)
    for one in rows.select_related("offered_by").order_by("offered_at", "pk"):
        if one.answered_at and one.answered_at > until:
            one.state, one.answered_at, one.note = TermsState.OFFERED, None, ""
        yield contents.Promise(
            text=one.text,
            redaction=one.redaction,
            sha256=one.sha256,
            state=str(TermsState(one.state).label),
            offered_at=common.moment(one.offered_at),
            offered_by=str(one.offered_by),
            is_inspect_only=one.is_inspect_only,
            answered_at=common.moment(one.answered_at),
            note=one.note,
        )


def inspected(
    case: Case, claims: dict[tuple[str, str], str], *, until: datetime
) -> Iterable[contents.Inspected]:
    """Return the originals that were seen; `claims` names each claim and step."""
    for one in queries.inspections(case).filter(logged_at__lte=until):
        yield contents.Inspected(
            claim=claims.get((one.claim, one.step), one.claim),
            kind=one.kind,
            grade=one.grade,
            counts=one.counts,
            place=one.place,
            seen_on=one.seen_on.isoformat(),
            by=str(one.by),
            issuer=one.issuer,
            document_number=one.number,
            issued_on=one.issued_on.isoformat() if one.issued_on else "",
            quantity=one.quantity,
            note=one.note,
        )
