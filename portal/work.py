"""Background work: the only caller of enqueue (security note, section 8).

A handler claims a row, does its slow part with no transaction open, and counts its
effects inside `finish`. The queue is a hint; `wake` tells it again.
"""

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from django.apps import apps
from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from portal import clock
from portal.enums import WorkState
from portal.models import Work

logger = logging.getLogger(__name__)

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
    for model in kinds():
        rows = model.objects  # type: ignore[attr-defined]
        rows.exhausted().update(work_state=WorkState.DEAD, lease_until=None)
        due = rows.due().values("queue").annotate(n=models.Count("pk")).order_by("queue")
        for found in due:
            again = import_string("portal.tasks.sweep").using(queue_name=found["queue"])
            for _ in range(min(4, -(-found["n"] // 200))):
                again.enqueue(model._meta.label, found["queue"])
                hints += 1
    return hints
