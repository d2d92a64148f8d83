import uuid
from datetime import date, datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.models import BuyerSideQuerySet, Organisation
from workflows import calendar, clauses
from workflows.enums import Limbs, PolicyState


def remind_days() -> list[int]:
    return list(clauses.REMIND_DAYS)


class Policy(models.Model):
    """One version of a buyer's choices; a case pins its version at issue. Days are working days.

    Source: domain note, sections 7, 8 and 13. Terms never change; a new version is a new row.
    `remind_days` are days before the due date, the other rungs days after it. `settled_by`
    is the counsel who concurred or objected, or who took the proposal back.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="policies")
    number = models.PositiveIntegerField(default=1)
    b5_limbs = models.CharField(max_length=10, choices=Limbs, default=Limbs.EITHER)
    due_days = models.PositiveSmallIntegerField(default=clauses.DUE_DAYS)
    lapse_days = models.PositiveSmallIntegerField(default=clauses.LAPSE_DAYS)
    query_days = models.PositiveSmallIntegerField(default=clauses.QUERY_DAYS)
    review_days = models.PositiveSmallIntegerField(default=clauses.REVIEW_DAYS)
    counsel_days = models.PositiveSmallIntegerField(default=clauses.COUNSEL_DAYS)
    escalation_days = models.PositiveSmallIntegerField(default=clauses.ESCALATION_DAYS)
    extension_days = models.PositiveSmallIntegerField(default=clauses.EXTENSION_DAYS)
    remind_days = models.JSONField(default=remind_days)
    second_contact_days = models.PositiveSmallIntegerField(default=clauses.SECOND_CONTACT_DAYS)
    phone_days = models.PositiveSmallIntegerField(default=clauses.PHONE_DAYS)
    approver_days = models.PositiveSmallIntegerField(default=clauses.APPROVER_DAYS)
    exit_reply_days = models.PositiveSmallIntegerField(default=clauses.EXIT_REPLY_DAYS)
    exit_days = models.PositiveSmallIntegerField(default=clauses.EXIT_DAYS)
    renewal_months = models.PositiveSmallIntegerField(default=clauses.RENEWAL_MONTHS)
    state = models.CharField(max_length=10, choices=PolicyState, default=PolicyState.IN_FORCE)
    reason = models.CharField(max_length=2000, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_note = models.CharField(max_length=2000, blank=True)

    objects = BuyerSideQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_policy_version_has_one_number", fields=["buyer", "number"]
            ),
            models.UniqueConstraint(
                name="a_buyer_proposes_one_policy_at_a_time",
                fields=["buyer"],
                condition=Q(state=PolicyState.PROPOSED),
            ),
            models.CheckConstraint(
                name="a_policy_is_settled_by_a_person_at_a_moment",
                condition=Q(settled_by__isnull=True, settled_at__isnull=True)
                | Q(settled_by__isnull=False, settled_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"policy {self.number}"

    @property
    def in_force_at(self) -> datetime | None:
        """Since when it is in force; None if it never came into force."""
        if self.state != PolicyState.IN_FORCE:
            return None
        return self.settled_at or self.created_at

    def due_on(self, start: date) -> date:
        """Return the due date proposed for what is sent on `start`, in the buyer's calendar."""
        return calendar.add_working_days(start, self.due_days, self.buyer.country)
