"""What a buyer owes: towards a case, as a whole, and what of it holds an exit."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from portal.models import Organisation, User
from workflows.enums import DutyKind, DutyState, HelpKind, ReplyCode, Stage
from workflows.models import Case, Duty, Importer
from workflows.models.case import WITH_SUPPLIER
from workflows.models.duty import HOLDS_EXIT, PENDING, TERMS

HELPING = (
    DutyKind.OFFER_SOURCES,
    DutyKind.ADJUST_PURCHASING,
    DutyKind.ASSIST_EVIDENCE,
)
YEAR = timedelta(days=365)
SHOWN = 200
# beyond this a tab says "99+"
COUNTED = 100


def unmet_duties(case: Case, kinds: Collection[DutyKind] | None = None) -> list[str]:
    """Return, in sentences, the duties of this case that are neither met nor waived.

    `kinds` are by default those that hold an exit under B5 (domain note, sections 8 and 9);
    `workflows.models.duty` names those that hold an exit's plan and its completion. One query.
    """
    rows = pending(case, HOLDS_EXIT if kinds is None else kinds)
    return [
        _("%(duty)s (%(clause)s): neither met nor waived.")
        % {"duty": title_of(one), "clause": one.clause}
        for one in rows
    ]


def pending(case: Case, kinds: Collection[DutyKind]) -> QuerySet[Duty]:
    """Return the open duties of these kinds towards a case, the earliest clock first."""
    return in_order(Duty.objects.pending().filter(case=case, kind__in=[*kinds]))


def in_order(rows: QuerySet[Duty]) -> QuerySet[Duty]:
    return rows.order_by(F("due_at").asc(nulls_last=True), "opened_at", "pk")


def of_case(case: Case) -> list[Duty]:
    """Return every duty towards a case: open ones by clock, then those settled last."""
    rows = list(Duty.objects.filter(case=case).select_related("buyer", "owner", "settled_by"))
    for one in rows:
        one.case = case  # as the page has it, with its people
    return sorted(
        rows,
        key=lambda one: (not one.is_pending, (one.due_at or one.opened_at, one.opened_at)),
    )


@dataclass(frozen=True)
class HelpAsked:
    """What a supplier asked for, as it reads it itself: in words, answered or by when."""

    what: str
    by: datetime | None
    is_pending: bool
    is_met: bool


def help_of(case: Case) -> list[HelpAsked]:
    """Return the help a supplier asked for, the oldest first; nothing of the buyer's side."""
    rows = Duty.objects.filter(case=case, kind__in=HELPING).exclude(asked=[])
    return [
        HelpAsked(
            what=_("; ").join(_asked(one)),
            by=one.due_at,
            is_pending=one.is_pending,
            is_met=one.state == DutyState.MET and not one.is_moot,
        )
        for one in rows.order_by("opened_at", "pk")
    ]


def _asked(duty: Duty) -> list[str]:
    return [str(HelpKind(code).label) for code in duty.asked if code in HelpKind.values]


def title_of(duty: Duty) -> str:
    """Name a duty, with what was asked for where a supplier asked."""
    label = str(DutyKind(duty.kind).label)
    asked = [str(HelpKind(code).label) for code in duty.asked if code in HelpKind.values]
    return (
        _("%(duty)s: %(what)s") % {"duty": label, "what": _("; ").join(asked)} if asked else label
    )


def whose(duty: Duty) -> str:
    """Name who owns a duty; the role while no person took it."""
    return str(duty.owner) if duty.owner_id else str(TERMS[DutyKind(duty.kind)].roles[0].label)


def register(user: User, own: Iterable[UUID], view: str) -> QuerySet[Duty]:
    """Return the duties of these buyers: open by clock, mine, or settled with the newest first.

    What is overdue comes first, since its moment is the earliest.
    """
    rows = Duty.objects.filter(buyer_id__in=[*own]).select_related(
        "case__supplier", "campaign", "buyer", "owner", "settled_by"
    )
    if view == "settled":
        return rows.exclude(state__in=PENDING).order_by("-settled_at", "pk")
    found = in_order(rows.pending())
    return found.filter(_mine(user)) if view == "mine" else found


def _mine(user: User) -> Q:
    """Duties this person took, and those of its roles that nobody took."""
    found = Q(owner=user)
    for kind, terms in TERMS.items():
        where = [pk for pk, held in user.roles.items() if held & set(terms.roles)]
        found |= Q(owner=None, kind=kind, buyer_id__in=where)
    return found


def count_mine(user: User, own: Iterable[UUID]) -> int:
    """Count the open duties that are this person's to do, up to a hundred; one query."""
    return register(user, own, "mine").order_by()[:COUNTED].count()


def is_paused(case: Case) -> bool:
    """Whether the supplier's clock stands still: our answer to its question is late.

    Source: domain note, section 9.
    """
    return Duty.objects.filter(
        case=case, kind=DutyKind.ANSWER_QUESTION, state=DutyState.MISSED
    ).exists()


def is_call_owed(case: Case) -> bool:
    """Whether the one call that offers help, after a refusal without a reason, is still due."""
    return Duty.objects.pending().filter(case=case, kind=DutyKind.CALL_ONCE).exists()


def waits_for_reading() -> Q:
    """Cases whose reasons an approver has not read yet."""
    rows = Duty.objects.pending().filter(case=OuterRef("pk"), kind=DutyKind.READ_REASONS)
    return Q(reply_code=ReplyCode.DECLINES_DISAGREES) & Q(Exists(rows))


def overdue(now: datetime) -> Exists:
    """Annotate cases with whether a duty towards them is late."""
    return Exists(Duty.objects.pending().filter(case=OuterRef("pk"), due_at__lt=now))


def missed_mapping(buyer_id: UUID) -> Duty | None:
    """Return the late duty to map the tiers, of which campaigns warn (domain note, section 9)."""
    rows = Duty.objects.filter(buyer_id=buyer_id, kind=DutyKind.MAP_TIERS, state=DutyState.MISSED)
    return rows.order_by("due_at").first()


def importer_of(buyer_id: UUID) -> Importer | None:
    return Importer.objects.filter(buyer_id=buyer_id).select_related("said_by").first()


# What the clock looks for ----------------------------------------------------------------------


def run_out(now: datetime) -> QuerySet[Duty]:
    """Return open duties whose clock ran out and nobody was told."""
    return Duty.objects.filter(state=DutyState.OPEN, due_at__lt=now).order_by("due_at", "pk")


def still_late(before: datetime) -> QuerySet[Duty]:
    """Return duties that were missed before a moment and of which the administrator hears next."""
    rows = Duty.objects.filter(state=DutyState.MISSED, missed_at__lt=before, told_at=None)
    return rows.order_by("missed_at", "pk")


def to_map(now: datetime) -> QuerySet[Organisation]:
    """Return buyers with a case under way that no duty asked to map its tiers for a year."""
    asked = Duty.objects.filter(
        buyer=OuterRef("pk"), kind=DutyKind.MAP_TIERS, opened_at__gt=now - YEAR
    )
    at_work = Case.objects.filter(buyer=OuterRef("pk"), stage__in=AT_WORK)
    return Organisation.objects.filter(Exists(at_work), ~Exists(asked)).order_by("pk")


def to_hold_one_standard(now: datetime) -> QuerySet[Organisation]:
    """Return importers whose yearly duty of one standard was opened a year ago."""
    asked = Duty.objects.filter(
        buyer=OuterRef("pk"), kind=DutyKind.ONE_STANDARD, opened_at__gt=now - YEAR
    )
    rows = Organisation.objects.filter(importer__imports=True)
    return rows.filter(~Exists(asked)).order_by("pk")


AT_WORK = (*WITH_SUPPLIER, Stage.REVIEW, Stage.WITH_COUNSEL, Stage.CLEARED)
