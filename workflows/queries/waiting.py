"""Who waits for whom in a case: the next act, whose it is, and whether it is late."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows.enums import RungKind, Stage
from workflows.models import Case
from workflows.models.case import WITH_SUPPLIER

ENDED = frozenset({Stage.CLEARED, Stage.WITHDRAWN, Stage.DISENGAGED})


@dataclass(frozen=True)
class Waiting:
    """The next act in a few words, by whom; both empty when nothing is awaited.

    `at` is when it is due. `is_ours` tells the buyer's acts from the supplier's.
    """

    act: str = ""
    whom: str = ""
    at: datetime | None = None
    is_ours: bool = False


def waiting_for(case: Case) -> Waiting:
    """Return whom a case waits for; no query when its people are loaded with it."""
    if case.stage in ENDED:
        return _after(case)
    if case.stage == Stage.DRAFT:
        return Waiting(_("prepare and send"), _("Campaign manager"), None, is_ours=True)
    if case.stage in WITH_SUPPLIER:
        return _with_supplier(case)
    if case.stage == Stage.WITH_COUNSEL:
        return Waiting(_("give advice"), _("Counsel"), case.next_act_at, is_ours=True)
    if case.stage == Stage.REMEDIATION:
        return Waiting(_("carry out the plan"), _suppliers_person(case), case.lapse_at)
    act, whom = _LATER.get(Stage(case.stage)) or _in_review(case)
    return Waiting(str(act), str(whom), case.next_act_at, is_ours=True)


def _after(case: Case) -> Waiting:
    """Once trade has ended its effects are looked at; nothing else is awaited then."""
    if case.stage != Stage.DISENGAGED or case.next_act_at is None:
        return Waiting()
    return Waiting(_("look at the effects"), _("Analyst"), case.next_act_at, is_ours=True)


_LATER = {
    Stage.SUSPENDED: (gettext_lazy("review the suspension"), gettext_lazy("Approver")),
    Stage.EXIT_REVIEW: (gettext_lazy("answer the reply, present a plan"), gettext_lazy("Analyst")),
    Stage.EXIT_APPROVAL: (
        gettext_lazy("decide on the exit"),
        gettext_lazy("Approver and counsel"),
    ),
    Stage.WINDING_DOWN: (gettext_lazy("carry out the exit plan"), gettext_lazy("Analyst")),
}

_SUPPLIERS = {
    Stage.INSTRUCTED: lambda: _("acknowledge receipt"),
    Stage.ANSWERING: lambda: _("answer and sign"),
    Stage.QUERIED: lambda: _("answer what was sent back"),
}


def _with_supplier(case: Case) -> Waiting:
    if ours := _ours_meanwhile(case):
        return Waiting(*ours, case.next_act_at, is_ours=True)
    return Waiting(_SUPPLIERS[Stage(case.stage)](), _suppliers_person(case), case.due_at)


def _ours_meanwhile(case: Case) -> tuple[str, str] | None:
    """What the buyer owes while the supplier's time runs: the ladder waits for it, or a wish."""
    if case.stall:
        return _("reach the supplier another way"), _("Analyst")
    if case.chase:
        act, whom = _CHASES[RungKind(case.chase)]
        return str(act), str(whom)
    if case.wish_on is not None:
        return _("answer the wish for more time"), _("Analyst")
    return None


_CHASES = {
    RungKind.SECOND_CONTACT: (gettext_lazy("find a second contact"), gettext_lazy("Analyst")),
    RungKind.PHONE: (gettext_lazy("telephone and log the call"), gettext_lazy("Analyst")),
    RungKind.APPROVER: (gettext_lazy("write to the signatory"), gettext_lazy("Approver")),
}


def _suppliers_person(case: Case) -> str:
    return str(case.contact) if case.contact_id else _("Supplier")


def _in_review(case: Case) -> tuple[str, str]:
    if is_escalated_last(case):
        return _("decide how to go on"), str(case.escalated_person)
    if case.proposed_by_id is not None:
        return _("decide on the recommendation"), _("Approver")
    return _("review"), str(case.reviewer) if case.reviewer_id else _("Analyst")


def is_escalated_last(case: Case) -> bool:
    """Whether the case lies before the person it was put before, and nothing came after."""
    if case.escalated_person_id is None or case.escalated_at is None:
        return False
    return case.proposed_at is None or case.proposed_at < case.escalated_at


def is_overdue(case: Case, now: datetime) -> bool:
    """Whether the next act, the supplier's or ours, is past its moment."""
    due = waiting_for(case).at
    return due is not None and due < now
