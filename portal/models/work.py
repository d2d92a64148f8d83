"""Background work as rows: the queue is only a rumour of them (security note, section 8)."""

import uuid
from datetime import timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from portal import clock
from portal.enums import Queue, WorkState


class WorkQuerySet(models.QuerySet):
    def due(self) -> Self:
        """Rows owed now, or left by a worker whose lease ran out."""
        waiting = Q(work_state=WorkState.PENDING, next_attempt_at__lte=clock.now())
        deserted = Q(work_state=WorkState.RUNNING, lease_until__lt=Now())
        return self.filter(waiting | deserted, attempts__lt=F("max_attempts"))

    def exhausted(self) -> Self:
        return self.filter(
            work_state=WorkState.RUNNING, lease_until__lt=Now(), attempts__gte=F("max_attempts")
        )


class Work(models.Model):
    """Something that must happen though processes die; `attempts` is the fence.

    A kind names its handler in `task` (a dotted path) and its `lease`.
    """

    task: ClassVar[str]
    lease: ClassVar[timedelta] = timedelta(minutes=5)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    work_state = models.CharField(
        max_length=10, choices=WorkState, default=WorkState.PENDING, editable=False
    )
    queue = models.CharField(max_length=10, choices=Queue, default=Queue.DEFAULT)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=8)
    next_attempt_at = models.DateTimeField(default=clock.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=400, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_has_a_lease_while_running",
                condition=Q(work_state=WorkState.RUNNING) ^ Q(lease_until__isnull=True),
            )
        ]
        indexes = [
            models.Index(
                name="%(class)s_pending",
                fields=["next_attempt_at"],
                condition=Q(work_state=WorkState.PENDING),
            ),
            models.Index(
                name="%(class)s_running",
                fields=["lease_until"],
                condition=Q(work_state=WorkState.RUNNING),
            ),
        ]
