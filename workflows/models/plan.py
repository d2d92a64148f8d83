"""Remediation and suspension: what both sides agreed, step by step, and what paused trade."""

import uuid
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q

from documents.models import Evidence
from portal.models import BuyerSideQuerySet, Organisation, Shared, SharedQuerySet
from workflows.enums import MilestoneState, PlanState, Trading
from workflows.models.case import Case


class Plan(Shared):
    """A remediation plan of a case (domain note, section 11); one runs at a time.

    `draft` is the analyst's, in the shape of `workflows.plans`; a supplier reads a
    `PlanVersion` alone. `agreed` is the version both sides accepted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="plans")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=PlanState, default=PlanState.DRAFT)
    draft = models.JSONField()
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    agreed = models.ForeignKey(
        "PlanVersion", models.PROTECT, null=True, blank=True, related_name="+"
    )
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    agreed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=4000, blank=True)

    objects = SharedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_plan_has_one_number", fields=["case", "number"]),
            models.UniqueConstraint(
                name="a_case_has_one_plan_at_a_time", fields=["case"], condition=Q(closed_at=None)
            ),
            models.CheckConstraint(
                name="a_plan_is_agreed_by_a_person_at_a_moment",
                condition=Q(agreed=None, agreed_by=None, agreed_at=None)
                | Q(agreed__isnull=False, agreed_by__isnull=False, agreed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"plan {self.number}"


class PlanVersion(Shared):
    """What was shown to the supplier; its content never changes. `sha256` is that of `content`.

    The signatory accepts a version by a fresh code bound to that hash (security note, 2.4).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    shown_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    shown_at = models.DateTimeField()
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    signatory_name = models.CharField(max_length=200, blank=True)
    signatory_title = models.CharField(max_length=200, blank=True)
    authority = models.CharField(max_length=400, blank=True)
    method = models.CharField(max_length=20, blank=True)

    objects = SharedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_plan_has_one_version_of_a_number", fields=["plan", "number"]
            ),
            models.CheckConstraint(
                name="a_version_is_accepted_by_a_person_at_a_moment",
                condition=Q(accepted_by__isnull=True, accepted_at__isnull=True)
                | Q(accepted_by__isnull=False, accepted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number} {self.sha256[:8]}"

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError("a version that was shown stays")


class PlanRemark(Shared):
    """What the supplier says of a version: a comment, or a change it proposes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="remarks")
    text = models.CharField(max_length=4000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = SharedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"remark of {self.at:%Y-%m-%d}"


class Milestone(Shared):
    """One dated step of an agreed plan, what was shown for it, and whether it was accepted.

    `key` is its place in the content, kept from version to version. `due_at` is the end of
    the day `due_on` where the supplier is.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="milestones")
    key = models.CharField(max_length=12)
    title = models.CharField(max_length=400)
    expected = models.CharField(max_length=1000, blank=True)
    due_on = models.DateField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=MilestoneState, default=MilestoneState.OPEN)
    files = models.ManyToManyField(Evidence, blank=True, related_name="+")
    note = models.CharField(max_length=4000, blank=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reported_at = models.DateTimeField(null=True, blank=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    judged_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=4000, blank=True)
    missed_at = models.DateTimeField(null=True, blank=True)

    objects = SharedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_plan_has_a_milestone_once", fields=["plan", "key"])
        ]

    def __str__(self) -> str:
        return self.title


class Suspension(models.Model):
    """A pause of trade, why, and what would lift it; reviewed every 30 days, 90 at most.

    `reason` is the buyer's own; what the supplier read stands in its letter.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="suspensions")
    trading = models.CharField(max_length=20, choices=Trading)
    reason = models.CharField(max_length=4000)
    paused = models.CharField(max_length=2000)
    needed = models.CharField(max_length=2000)
    from_on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    review_at = models.DateTimeField()
    most_at = models.DateTimeField()
    reviews = models.PositiveSmallIntegerField(default=0)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = BuyerSideQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_case_has_one_suspension_at_a_time",
                fields=["case"],
                condition=Q(ended_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"suspension of {self.at:%Y-%m-%d}"
