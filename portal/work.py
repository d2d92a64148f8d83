"""Background work: the only caller of enqueue (security note, section 8).

A handler claims a row, does its slow part with no transaction open, and counts its
effects inside `finish`. The queue is a hint; `wake` tells it again.
"""

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.apps import apps
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from portal import clock
from portal.enums import Queue, WorkState
from portal.models import Work

logger = logging.getLogger(__name__)

# How late work of a queue may be before the installation calls itself unfit.
LATE = {
    Queue.URGENT: timedelta(minutes=2),
    Queue.DEFAULT: timedelta(minutes=2),
    Queue.HEAVY: timedelta(minutes=30),
}

Row = TypeVar("Row", bound=Work)


class LeaseLost(Exception):
    """Another worker took the row over; this attempt has no effect."""


@transaction.atomic
def claim(model: type[Row], pk: object) -> Row | None:
    """Take the row for one lease; None if it is done, not due, or someone else's."""
    taken = (
        model.objects.due()  # type: ignore[attr-defined]
        .filter(pk=pk)
        .update(
            work_state=WorkState.RUNNING,
            attempts=F("attempts") + 1,
            lease_until=Now() + model.lease,
        )
    )
    return model.objects.get(pk=pk) if taken else None  # type: ignore[attr-defined]


def held(row: Work) -> models.QuerySet:
    """Return the row as a queryset, empty once another attempt took it over."""
    mine = {"pk": row.pk, "work_state": WorkState.RUNNING, "attempts": row.attempts}
    return type(row).objects.filter(**mine)  # type: ignore[attr-defined]


@contextmanager
def finish(row: Work, then: WorkState = WorkState.DONE) -> Iterator[None]:
    """Open the one transaction in which this attempt's effects count.

    Raises LeaseLost when the row was taken over.
    """
    with transaction.atomic():
        if not held(row).update(work_state=then, lease_until=None, last_error=""):
            raise LeaseLost(str(row.pk))
        yield
    row.work_state = then


def renew(row: Work) -> None:
    """Begin the lease anew between the chunks of a long job."""
    if not held(row).update(lease_until=Now() + type(row).lease):
        raise LeaseLost(str(row.pk))


@contextmanager
def retrying(row: Work) -> Iterator[None]:
    """Turn a failure into a later try: 2**attempts minutes, an hour at most, spread by a fifth."""
    try:
        yield
    except LeaseLost:
        logger.info("lease lost: %s %s", row._meta.label, row.pk)
    except Exception as error:
        logger.exception("attempt %s failed: %s %s", row.attempts, row._meta.label, row.pk)
        minutes = min(2**row.attempts, 60) * random.uniform(1, 1.2)  # noqa: S311 - only spreads load
        given_up = row.attempts >= row.max_attempts
        held(row).update(
            work_state=WorkState.DEAD if given_up else WorkState.PENDING,
            lease_until=None,
            next_attempt_at=clock.now() + timedelta(minutes=minutes),
            last_error=f"{type(error).__name__}: {error}"[:400],
        )


def drop(row: Work, reason: str) -> None:
    """Put a claimed row aside that nobody wants any more."""
    held(row).update(work_state=WorkState.DROPPED, lease_until=None, last_error=reason[:400])


def hint(row: Work) -> None:
    """Tell the queue after the commit; a dead queue costs a log line, not the page."""

    def send() -> None:
        import_string(row.task).using(queue_name=row.queue).enqueue(str(row.pk))

    transaction.on_commit(send, robust=True)


def kinds() -> list[type[Work]]:
    """Return every model that is background work."""
    return [model for model in apps.get_models() if issubclass(model, Work)]


def wake() -> int:
    """Tell the queue again what is due, by kind; bury what killed its workers. Part of tick."""
    hints = 0
    # apart: a queue that is down hinders no burial
    for model in kinds():
        rows = model.objects  # type: ignore[attr-defined]
        rows.exhausted().update(work_state=WorkState.DEAD, lease_until=None)
    for model in kinds():
        rows = model.objects  # type: ignore[attr-defined]
        due = rows.due().values("queue").annotate(n=models.Count("pk")).order_by("queue")
        for found in due:
            again = import_string("portal.tasks.sweep").using(queue_name=found["queue"])
            for _ in range(min(4, -(-found["n"] // 200))):
                again.enqueue(model._meta.label, found["queue"])
                hints += 1
    return hints


def is_on_time() -> bool:
    """Tell whether no due row of any kind waits longer than its queue allows."""
    now = clock.now()
    return not any(
        model.objects.due().filter(queue=queue, next_attempt_at__lt=now - late).exists()  # type: ignore[attr-defined]
        for model in kinds()
        for queue, late in LATE.items()
    )


@dataclass(frozen=True)
class Stuck:
    """A row given up, or late: its kind, id and the name of its error, nothing of its content."""

    kind: str
    label: str
    pk: str
    queue: str
    is_dead: bool
    attempts: int
    due_at: datetime
    error: str


def stuck(most: int = 200) -> list[Stuck]:
    """Return what is given up or late, the longest first, `most` of each kind."""
    now = clock.now()
    found: list[Stuck] = []
    for model in kinds():
        rows = model.objects  # type: ignore[attr-defined]
        late = Q()
        for queue, allowed in LATE.items():
            late |= Q(queue=queue, next_attempt_at__lt=now - allowed)
        dead = rows.filter(work_state=WorkState.DEAD)
        waiting = rows.due().filter(late)
        found += [
            _as_stuck(row)
            for some in (dead, waiting)
            for row in some.order_by("next_attempt_at", "pk")[:most]
        ]
    return sorted(found, key=lambda one: (not one.is_dead, one.due_at))


def _as_stuck(row: Work) -> Stuck:
    return Stuck(
        kind=row._meta.object_name or "",
        label=row._meta.label,
        pk=str(row.pk),
        queue=row.queue,
        is_dead=row.work_state == WorkState.DEAD,
        attempts=row.attempts,
        due_at=row.next_attempt_at,
        # what follows the colon may name people or companies
        error=row.last_error.partition(":")[0].strip()[:80],
    )


@transaction.atomic
def retry(label: str, pk: str) -> bool:
    """Let a row that was given up be tried as often again; False if it is not given up."""
    model = next((kind for kind in kinds() if kind._meta.label == label), None)
    if model is None:
        return False
    row = model.objects.filter(pk=pk, work_state=WorkState.DEAD).first()  # type: ignore[attr-defined]
    if row is None:
        return False
    # attempts is the fence and never goes down
    row.max_attempts = row.attempts + model._meta.get_field("max_attempts").default
    row.work_state = WorkState.PENDING
    row.next_attempt_at = clock.now()
    row.save(update_fields=["max_attempts", "work_state", "next_attempt_at"])
    hint(row)
    return True
