"""The ladder's sweeps: rungs that are due, and the buyer's own clocks that ran out."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from viewflow.workflow.exceptions import FlowLockFailed

from portal import clock
from portal.models import OutboxMessage
from workflows import calendar, clauses, mail, rungs
from workflows.enums import Stage
from workflows.locks import hold
from workflows.models import Case, MissedClock
from workflows.models.case import WITH_SUPPLIER

logger = logging.getLogger(__name__)

SLICE = 200
SECONDS = 40
# when a case that failed is tried again
LATER = timedelta(minutes=10)
APPROVERS, ADMINISTRATOR = "APPROVERS", "ADMINISTRATOR"
# nothing runs out here; after an exit its effects are still looked at
QUIET = (Stage.DRAFT, Stage.CLEARED, Stage.WITHDRAWN)


def climb_due() -> int:
    """Climb every ladder that is due, each case in a transaction of its own; returns rungs opened.

    In slices until nothing is left or 40 seconds are gone; two at once open each rung once.
    """
    return _sweep(_waiting, _climb)


def _waiting(now: datetime) -> QuerySet[Case]:
    return Case.objects.filter(stage__in=WITH_SUPPLIER, next_rung_at__lte=now).order_by(
        "next_rung_at", "pk"
    )


def _climb(case: Case, now: datetime) -> int:
    # asked again under the lock: it may have been extended, answered or climbed
    return rungs.climb(case) if rungs.is_due(case, now) else 0


def tell_missed() -> int:
    """Tell approvers of the buyer's clocks that ran out, and days later an administrator.

    It never moves a case (domain note, section 8). Returns how many were told of.
    """
    return _sweep(_missed, _tell)


def _told(to: str) -> Exists:
    return Exists(
        MissedClock.objects.filter(case=OuterRef("pk"), act_at=OuterRef("next_act_at"), to=to)
    )


def _missed(now: datetime) -> QuerySet[Case]:
    ours = ~Q(stage__in=[*WITH_SUPPLIER, *QUIET]) | (
        Q(stage__in=WITH_SUPPLIER) & (~Q(chase="") | ~Q(stall=""))
    )
    # a coarse sieve; the working days are counted case by case
    long_ago = now - timedelta(days=clauses.MISSED_DAYS)
    second = Q(next_act_at__lte=long_ago) & _told(APPROVERS) & ~_told(ADMINISTRATOR)
    rows = Case.objects.filter(ours, next_act_at__lte=now).filter(~_told(APPROVERS) | second)
    return rows.order_by("next_act_at", "pk")


def _tell(case: Case, now: datetime) -> int:
    act_at = case.next_act_at
    if act_at is None or act_at > now:
        return 0
    told = set(MissedClock.objects.filter(case=case, act_at=act_at).values_list("to", flat=True))
    to = ADMINISTRATOR if APPROVERS in told else APPROVERS
    if to in told or (to == ADMINISTRATOR and now < _administrators_turn(case, act_at)):
        return 0
    MissedClock.objects.create(case=case, act_at=act_at, to=to, at=now)
    mail.clock_missed(case, act_at, is_second=to == ADMINISTRATOR)
    return 1


def _administrators_turn(case: Case, act_at: datetime) -> datetime:
    buyer = case.buyer
    return calendar.after(act_at, clauses.MISSED_DAYS, buyer.country, buyer.zone)


def _sweep(
    waiting: Callable[[datetime], QuerySet[Case]], act: Callable[[Case, datetime], int]
) -> int:
    until, done = monotonic() + SECONDS, 0
    seen: set[UUID] = set()
    while monotonic() < until:
        now = clock.now()
        found = list(waiting(now).exclude(pk__in=seen).values_list("pk", flat=True)[:SLICE])
        seen |= set(found)
        for pk in found:
            done += _one(pk, now, act)
        if len(found) < SLICE:
            break
    return done


def _one(pk: UUID, now: datetime, act: Callable[[Case, datetime], int]) -> int:
    try:
        with hold(Case.objects.filter(pk=pk)) as (case,):
            return act(case, now)
    except FlowLockFailed:
        return 0
    except Exception:
        logger.exception("the ladder of case %s failed", pk)
        Case.objects.filter(pk=pk, next_rung_at__lte=now).update(next_rung_at=now + LATER)
    return 0


def is_wanted(message: OutboxMessage) -> bool:
    """Whether a reminder that waited still reminds of something: nobody answered meanwhile."""
    return Case.objects.filter(
        chain_id=message.chain_id, stage__in=WITH_SUPPLIER, wrong_person_at=None
    ).exists()
