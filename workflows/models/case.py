"""The case, its runs through flows, and viewflow's process behind a run."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from viewflow.workflow.models import Process

from portal.enums import Wording
from portal.models import LedgerChain, Shared, SharedQuerySet, User
from questionnaires.models import Response
from workflows import calendar
from workflows.enums import EscalationTarget, ReplyCode, Stage, Trading, Verb, WordingReason
from workflows.models.campaign import Campaign, ProhibitedList
from workflows.models.policy import Policy

WITH_SUPPLIER = (Stage.INSTRUCTED, Stage.ANSWERING, Stage.QUERIED)


class CaseQuerySet(SharedQuerySet):
    def issued(self) -> Self:
        """Cases their supplier knows of."""
        return self.exclude(stage=Stage.DRAFT).filter(issued_at__isnull=False)

    def overdue(self, at: datetime) -> Self:
        return self.filter(stage__in=WITH_SUPPLIER, due_at__lt=at)

    def on_desk_of(self, user: User) -> Self:
        """Cases of buyers whose cases this person works on; serving a supplier gives no desk."""
        return self.filter(buyer_id__in=user.organisation_ids()[0])


class Case(Shared):
    """What one buyer asks of one supplier under B4, kept to its end.

    The row everybody locks: engine, actions and sweeps. `reference` is random and says
    nothing of order or count. `held_from` is the stage that `refer` left.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=9, unique=True)
    chain = models.OneToOneField(LedgerChain, models.PROTECT, related_name="case")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="cases")
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="+")
    prohibited_list = models.ForeignKey(
        ProhibitedList, models.PROTECT, null=True, blank=True, related_name="+"
    )
    stage = models.CharField(max_length=20, choices=Stage, default=Stage.DRAFT)
    trading = models.CharField(max_length=20, choices=Trading, default=Trading.OPEN)
    last_verb = models.CharField(max_length=25, choices=Verb, blank=True)

    wording = models.CharField(max_length=20, choices=Wording, blank=True)
    wording_reason = models.CharField(max_length=20, choices=WordingReason, blank=True)
    wording_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    wording_at = models.DateTimeField(null=True, blank=True)

    contact = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    signatory = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    wrong_person_at = models.DateTimeField(null=True, blank=True)
    response = models.OneToOneField(
        Response, models.PROTECT, null=True, blank=True, related_name="case"
    )

    created_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    lapse_at = models.DateTimeField(null=True, blank=True)
    lapsed_at = models.DateTimeField(null=True, blank=True)
    put_off_at = models.DateTimeField(null=True, blank=True)
    next_act_at = models.DateTimeField(null=True, blank=True)
    held_from = models.CharField(max_length=20, choices=Stage, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)

    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reply_code = models.CharField(max_length=30, choices=ReplyCode, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    proposed_at = models.DateTimeField(null=True, blank=True)
    escalated_to = models.CharField(max_length=10, choices=EscalationTarget, blank=True)
    escalated_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    escalated_at = models.DateTimeField(null=True, blank=True)
    cleared_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="case_is_cleared_when_it_says_since_when",
                condition=Q(stage=Stage.CLEARED) ^ Q(cleared_at__isnull=True),
            ),
            models.CheckConstraint(
                name="case_is_proposed_by_a_person_at_a_moment",
                condition=Q(proposed_by__isnull=True) ^ Q(proposed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="case_is_held_from_a_stage_at_a_moment",
                condition=Q(held_from="") ^ Q(held_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="a_campaign_asks_a_supplier_once", fields=["campaign", "supplier"]
            ),
        ]
        indexes = [
            models.Index(name="case_desk", fields=["buyer", "stage", "next_act_at"]),
            models.Index(name="case_supplier", fields=["supplier"]),
        ]

    def __str__(self) -> str:
        return self.reference

    def ours_by(self, start: datetime, days: int) -> datetime:
        """Return the end of the day `days` working days of the buyer after `start`, in UTC."""
        return calendar.after(start, days, self.buyer.country, self.buyer.zone)

    @property
    def is_with_supplier(self) -> bool:
        return self.stage in WITH_SUPPLIER

    @property
    def is_late(self) -> bool:
        """Whether the supplier's time ran out before it answered."""
        return self.lapsed_at is not None and self.stage == Stage.REVIEW


class CaseProcess(Process):
    """viewflow's process of one run; the case hangs on its run."""

    class Meta:
        proxy = True

    @property
    def case(self) -> Case:
        return self.run.case


class CaseRun(models.Model):
    """One way of a case through one flow; a case has at most one open run."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="runs")
    process = models.OneToOneField(Process, models.PROTECT, related_name="run")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    reason = models.CharField(max_length=400, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=25, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_case_has_one_open_run", fields=["case"], condition=Q(closed_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"run of {self.case_id}"
