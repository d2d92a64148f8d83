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
from workflows import calendar, ladder
from workflows.enums import (
    ConstraintOutcome,
    EscalationTarget,
    ExitTrack,
    ReplyCode,
    RungKind,
    Stage,
    Stall,
    Trading,
    Verb,
    WordingReason,
)
from workflows.models.campaign import Campaign, ProhibitedList
from workflows.models.policy import Policy

WITH_SUPPLIER = (Stage.INSTRUCTED, Stage.ANSWERING, Stage.QUERIED)
# stages whose deadline the engine arms at `lapse_at`
TIMED = (*WITH_SUPPLIER, Stage.REMEDIATION)


class CaseQuerySet(SharedQuerySet):
    def issued(self) -> Self:
        """Cases their supplier knows of."""
        return self.exclude(stage=Stage.DRAFT).filter(issued_at__isnull=False)

    def overdue(self, at: datetime) -> Self:
        return self.filter(stage__in=WITH_SUPPLIER, due_at__lt=at)

    def on_desk_of(self, user: User) -> Self:
        """Cases this person works on for their buyer; serving a supplier gives no desk."""
        mine = Q(buyer_id__in=user.organisation_ids()[0])
        if user.granted:
            mine |= Q(chain_id__in=user.granted)
        return self.filter(mine)


class Case(Shared):
    """What one buyer asks of one supplier under B4, kept to its end.

    The row everybody locks: engine, actions and sweeps. `reference` is random and says
    nothing of order or count. `held_from` is the stage that `refer` left. `reply_until` is how
    long the reply code holds a limb of B5; `constraint_outcome` how counsel closed what limited
    the reply that was signed last. `left_open_at` is since when the form stays open although a
    finding brought the case to review; `presumed_at` is since when clause B's presumption stands;
    `exit_track` is set from the proposal of an exit until it is taken back.

    `asked_at` is when it was sent or sent anew, `dated_at` since when its due date holds,
    `next_rung_at` when the ladder looks at it again, `chase` the act of the buyer it waits for,
    `wish_on` the day an open wish for more time names, `stall` why our mail is taken as not
    arrived.
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
    exit_track = models.CharField(max_length=12, choices=ExitTrack, blank=True)
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
    left_open_at = models.DateTimeField(null=True, blank=True)
    put_off_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    dated_at = models.DateTimeField(null=True, blank=True)
    next_rung_at = models.DateTimeField(null=True, blank=True)
    chase = models.CharField(max_length=20, choices=RungKind, blank=True)
    wish_on = models.DateField(null=True, blank=True)
    stall = models.CharField(max_length=12, choices=Stall, blank=True)
    stalled_at = models.DateTimeField(null=True, blank=True)
    renew_at = models.DateTimeField(null=True, blank=True)
    next_act_at = models.DateTimeField(null=True, blank=True)
    held_from = models.CharField(max_length=20, choices=Stage, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)

    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reply_code = models.CharField(max_length=30, choices=ReplyCode, blank=True)
    reply_code_at = models.DateTimeField(null=True, blank=True)
    reply_until = models.DateTimeField(null=True, blank=True)
    constraint_outcome = models.CharField(max_length=20, choices=ConstraintOutcome, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    proposed_at = models.DateTimeField(null=True, blank=True)
    escalated_to = models.CharField(max_length=10, choices=EscalationTarget, blank=True)
    escalated_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    escalated_at = models.DateTimeField(null=True, blank=True)
    presumed_at = models.DateTimeField(null=True, blank=True)
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
            models.CheckConstraint(
                name="case_is_stalled_for_a_reason_since_a_moment",
                condition=Q(stall="") ^ Q(stalled_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="a_campaign_asks_a_supplier_once", fields=["campaign", "supplier"]
            ),
        ]
        indexes = [
            models.Index(name="case_desk", fields=["buyer", "stage", "next_act_at"]),
            models.Index(name="case_supplier", fields=["supplier"]),
            models.Index(
                name="case_next_rung",
                fields=["next_rung_at"],
                condition=Q(next_rung_at__isnull=False),
            ),
            models.Index(
                name="case_renewal", fields=["renew_at"], condition=Q(renew_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def ours_by(self, start: datetime, days: int) -> datetime:
        """Return the end of the day `days` working days of the buyer after `start`, in UTC."""
        return calendar.after(start, days, self.buyer.country, self.buyer.zone)

    def enter(self, stage: Stage) -> None:
        """Stand in `stage` from now on; away from the supplier its ladder stands still."""
        self.stage = stage
        if stage not in WITH_SUPPLIER:
            self.next_rung_at, self.chase, self.wish_on = None, "", None
            self.stall, self.stalled_at = "", None

    @property
    def place(self) -> ladder.Place:
        """The calendar of the supplier: its clocks run by it."""
        return ladder.Place(self.supplier.country, self.supplier.zone)

    @property
    def days_to_lapse(self) -> int:
        """Working days from the due date until time runs out; fewer for questions sent back."""
        is_query = self.stage == Stage.QUERIED
        return self.policy.query_days if is_query else self.policy.lapse_days

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
    # empty where the clock opened it
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
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
