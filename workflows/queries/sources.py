"""What was learned elsewhere: which findings it carries, and whether the supplier was heard."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from portal import clock
from portal.enums import Delivery
from portal.models import OutboxMessage
from workflows import outcome
from workflows.enums import FindingState
from workflows.models import Case, ContactLog, Finding, Inquiry, Presumption, Source

# a finding about location needs a record that shows the place; B1 is heard afterwards
LOCATED = frozenset({"B1"})
CREDIBLY = frozenset({"A3", "B3"})


def sources_of(case: Case) -> QuerySet[Source]:
    """Return a case's sources with their files and people, oldest first."""
    return (
        Source.objects.filter(case=case)
        .select_related("evidence", "recorded_by", "weighed_by")
        .prefetch_related("findings")
        .order_by("recorded_at", "pk")
    )


def outside_findings(case: Case) -> QuerySet[Finding]:
    """Return what was raised upon sources and is not yet settled, oldest first."""
    return Finding.objects.filter(
        case=case, submission=None, state__in=outcome.UNRESOLVED
    ).order_by("raised_at", "pk")


def inquiries_of(case: Case) -> QuerySet[Inquiry]:
    """Return the questions put to the supplier, oldest first; safe to show to both sides."""
    return (
        Inquiry.objects.filter(case=case)
        .select_related("asked_by", "replied_by")
        .prefetch_related("files")
        .order_by("asked_at", "pk")
    )


def hear(findings: Iterable[Finding]) -> None:
    """Read sources and questions of findings from elsewhere at once; no query without one."""
    outside = [one for one in findings if one.is_outside]
    rows = Inquiry.objects.select_related("asked_by", "replied_by").prefetch_related("files")
    inquiries = Prefetch("inquiries", rows.order_by("asked_at", "pk"))
    prefetch_related_objects(outside, "sources", inquiries)


def missing_for_confirmation(finding: Finding) -> list[str]:
    """Return why a finding from elsewhere cannot be confirmed yet, in sentences.

    Two independent sources or one official record under B3, a record that shows the place
    under B1, and the supplier heard but for B1 (domain note, sections 3 and 5).
    """
    if not finding.is_outside:
        return []
    told = [one.told for one in finding.sources.select_related("evidence")]
    found = _missing_sources(finding.clause, told)
    if finding.clause not in LOCATED and not is_heard(finding):
        found.append(
            _(
                "The supplier has not been heard yet: ask it, and wait for its reply or for the"
                " day you name."
            )
        )
    return found


def lacks_sources(finding: Finding) -> bool:
    """Whether its sources, as weighed now, do not carry a finding from elsewhere."""
    told = [one.told for one in finding.sources.select_related("evidence")]
    return bool(_missing_sources(finding.clause, told))


def _missing_sources(clause: str, told: list[outcome.Told]) -> list[str]:
    if not outcome.carrying(told):
        return [_("It rests on no source of grade A or B that counts.")]
    if clause in CREDIBLY and not outcome.is_credible(told):
        return [
            _(
                "It needs two sources from different publishers, of grade A or B, or one official"
                " record of grade A. The same publisher, or the same file, counts once."
            )
        ]
    if clause in LOCATED and not outcome.shows_place(told):
        return [
            _(
                "A location is confirmed from a licence, a registry extract or a shipping record:"
                " none of these sources is one."
            )
        ]
    return []


def is_heard(finding: Finding) -> bool:
    """Whether the supplier replied about a finding, or its day passed after the question arrived.

    Silence counts only if delivery was accepted or a contact reached somebody since (domain
    note, section 1, rule 7).
    """
    return any(
        one.replied_at is not None or _is_silent(one, clock.now())
        for one in finding.inquiries.select_related("letter")
    )


def _is_silent(inquiry: Inquiry, now: datetime) -> bool:
    if now <= inquiry.due_at:
        return False
    accepted = OutboxMessage.objects.filter(
        key__startswith=f"{inquiry.letter.mail_key}:", delivery=Delivery.ACCEPTED
    )
    if accepted.exists():
        return True
    return ContactLog.objects.filter(
        case_id=inquiry.case_id, is_reached=True, at__gte=inquiry.asked_at
    ).exists()


def waiting_inquiry(finding: Finding) -> Inquiry | None:
    """Return the question about a finding that the supplier has not answered yet."""
    return finding.inquiries.filter(replied_at=None).first()


def presumption_of(case: Case) -> Presumption | None:
    """Return the presumption that stands over a case."""
    return Presumption.objects.filter(case=case, lifted_at=None).first()


def still_presumed(case: Case) -> list[Finding]:
    """Return confirmed findings that keep the presumption of clause B from being lifted."""
    found = Finding.objects.filter(case=case, state=FindingState.CONFIRMED)
    return [one for one in found if outcome.presumes(clause=one.clause, level=one.level)]
