"""What the clocks left behind: rungs climbed, more time, mails that came back, clocks missed."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.models import BuyerSideQuerySet, Organisation, OutboxMessage, Shared, SharedQuerySet
from workflows.enums import ExtensionState, RungKind
from workflows.models.case import Case


class Reminder(models.Model):
    """One rung that was climbed for one due date, once (domain note, section 8).

    `rung` is its number of working days from the due date. What a person must do for it is
    done at `done_at`; mails of the clock have none.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="reminders")
    due_at = models.DateTimeField()
    rung = models.SmallIntegerField()
    kind = models.CharField(max_length=20, choices=RungKind)
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_rung_is_climbed_once_for_a_due_date", fields=["case", "due_at", "rung"]
            )
        ]

    def __str__(self) -> str:
        return f"rung {self.rung} of {self.case_id}"


class Extension(Shared):
    """More time: taken once by the supplier, asked for and decided, or given unasked.

    `wished_on` is the day asked for; `due_before` and `due_after` stand where time moved.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="extensions")
    state = models.CharField(max_length=10, choices=ExtensionState)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=2000, blank=True)
    wished_on = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=2000, blank=True)
    due_before = models.DateTimeField(null=True, blank=True)
    due_after = models.DateTimeField(null=True, blank=True)

    objects = SharedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_case_asks_for_time_once_at_a_time",
                fields=["case"],
                condition=Q(state=ExtensionState.ASKED),
            ),
            models.CheckConstraint(
                name="an_extension_is_decided_by_a_person_at_a_moment",
                condition=Q(decided_by__isnull=True, decided_at__isnull=True)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
        ]
        indexes = [models.Index(name="extensions_of_a_case", fields=["case", "at"])]

    def __str__(self) -> str:
        return f"{self.state} for {self.case_id}"


class Bounce(models.Model):
    """That a mail came back, in the words of the server; `by` is empty if the shell logged it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="bounces")
    mail = models.OneToOneField(OutboxMessage, models.PROTECT, related_name="bounce")
    at = models.DateTimeField()
    said = models.CharField(max_length=1000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    logged_at = models.DateTimeField()

    objects = BuyerSideQuerySet.as_manager()

    def __str__(self) -> str:
        return f"bounce of {self.mail_id}"


class MissedClock(models.Model):
    """That somebody was told of a clock of the buyer that ran out; it never moves a case.

    `act_at` is the moment that passed; `to` is who was told: approvers first, then the
    administrator.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="missed_clocks")
    act_at = models.DateTimeField()
    to = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_missed_clock_is_told_once", fields=["case", "act_at", "to"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.act_at} of {self.case_id}"
