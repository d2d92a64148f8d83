"""An exit: its plan, the people who agree to it, the reply to it, and what comes after.

Source: domain note, sections 8, 12 and 13; clauses B1, B2, B3 and B5.
"""

import uuid
from collections.abc import Mapping
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from documents.models import Evidence
from portal.models import BuyerSideQuerySet, Organisation, Shared, SharedQuerySet, User
from workflows import exit_plan
from workflows.enums import Effect, Ending, ExitRole, ExitTrack, LetterKind, Outcome, Verb
from workflows.models.case import Case, CaseRun
from workflows.models.record import Decision


class ExitPlanQuerySet(BuyerSideQuerySet):
    def standing(self) -> Self:
        """Plans of exits that were not returned, halted or followed by a re-entry."""
        return self.filter(ended_at=None)


class ExitPlan(models.Model):
    """One exit from its proposal to its reviews; a proposal made anew is a new plan.

    `findings` are those it rests on, as they were put: {"key", "clause", "text"}. `rev` counts
    saves. `ended_as` is the verb that took the exit back, or that opened a re-entry.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="exit_plans")
    run = models.OneToOneField(CaseRun, models.PROTECT, related_name="exit_plan")
    track = models.CharField(max_length=12, choices=ExitTrack)
    ground = models.CharField(max_length=12, choices=Outcome)
    clause = models.CharField(max_length=4)
    limb = models.CharField(max_length=12, blank=True)
    findings = models.JSONField(default=list, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    reason = models.TextField()
    ground_words = models.TextField(blank=True)
    reply_by_at = models.DateTimeField(null=True, blank=True)

    leverage = models.TextField(blank=True)
    help_offered = models.TextField(blank=True)
    alternatives = models.TextField(blank=True)
    experts = models.TextField(blank=True)
    local_law = models.TextField(blank=True)
    reply_weighed = models.TextField(blank=True)

    leaving_who = models.TextField(blank=True)
    leaving_number = models.CharField(max_length=200, blank=True)
    leaving_severity = models.TextField(blank=True)
    leaving_vulnerable = models.TextField(blank=True)
    leaving_source = models.TextField(blank=True)
    staying_who = models.TextField(blank=True)
    staying_number = models.CharField(max_length=200, blank=True)
    staying_severity = models.TextField(blank=True)
    staying_vulnerable = models.TextField(blank=True)
    staying_source = models.TextField(blank=True)

    last_order_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    notice_days = models.PositiveSmallIntegerField(null=True, blank=True)
    no_notice_reason = models.TextField(blank=True)
    ramp_down = models.TextField(blank=True)
    payment = models.TextField(blank=True)
    owed = models.TextField(blank=True)
    tooling = models.TextField(blank=True)
    goods = models.TextField(blank=True)
    stock = models.TextField(blank=True)

    severance = models.TextField(blank=True)
    remedy = models.TextField(blank=True)
    people_words = models.TextField(blank=True)

    notice_text = models.TextField(blank=True)
    spoken_languages = models.CharField(max_length=200, blank=True)
    speaker = models.CharField(max_length=200, blank=True)

    follow_up = models.TextField(blank=True)
    reentry = models.TextField(blank=True)
    reentry_b1 = models.TextField(blank=True)

    not_applicable = models.JSONField(default=dict, blank=True)
    rev = models.PositiveIntegerField(default=0)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    saved_at = models.DateTimeField(null=True, blank=True)
    presented_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    presented_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_as = models.CharField(max_length=25, choices=Verb, blank=True)

    objects = ExitPlanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_case_has_one_exit_at_a_time", fields=["case"], condition=Q(ended_at=None)
            ),
            models.CheckConstraint(
                name="an_exit_ends_by_a_verb_at_a_moment",
                condition=Q(ended_as="", ended_at__isnull=True)
                | (~Q(ended_as="") & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="an_exit_is_complete_only_once_approved",
                condition=Q(completed_at__isnull=True) | Q(approved_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"exit {self.ground} {self.proposed_at:%Y-%m-%d}"

    @property
    def is_immediate(self) -> bool:
        return self.track == ExitTrack.IMMEDIATE

    def is_by(self, user: User) -> bool:
        """Whether this person proposed the exit or presented its plan."""
        return user.pk in {self.proposed_by_id, self.presented_by_id}

    @property
    def letter_kind(self) -> LetterKind:
        """The letter that tells the supplier once the exit is approved."""
        return LetterKind.EXIT_NOTICE if self.is_immediate else LetterKind.DISENGAGEMENT

    def values(self) -> dict[str, Any]:
        """Return what was written, by field."""
        return {name: getattr(self, name) for name in exit_plan.FIELDS}

    def lacks(self) -> list[exit_plan.Lack]:
        """Return what is missing for a decision; empty when the plan is complete."""
        return exit_plan.lacks(self.track, self.values(), self.not_applicable)

    def notice_facts(self, day: Any) -> Mapping[str, object]:
        """Return what the notice says if it is given on `day` (`letters.FACTS`)."""
        if self.is_immediate:
            return {
                "ground": self.ground_words,
                "from_on": day,
                "owed": self.owed,
                "speaker": self.speaker,
                "clause": self.clause,
            }
        return {
            "notice_on": day,
            "last_order_on": self.last_order_on,
            "ends_on": self.ends_on,
            "notice": self.notice_text,
            "payment": self.payment,
            "goods": self.goods,
            "people": self.people_words,
            "reentry": self.reentry,
            "speaker": self.speaker,
            "clause": self.clause,
        }


class ExitConsent(models.Model):
    """That one person agrees, as approver or as counsel, to one step of an exit.

    Two of them carry it: one of each, by two people (domain note, sections 8 and 13).
    `verb` is APPROVE_EXIT, HALT_EXIT, or CLEAR for counsel's word after a re-entry.
    """

    plan = models.ForeignKey(ExitPlan, models.PROTECT, related_name="consents")
    verb = models.CharField(max_length=25, choices=Verb)
    role = models.CharField(max_length=10, choices=ExitRole)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    decision = models.OneToOneField(Decision, models.PROTECT, related_name="consent")
    is_stale = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_step_of_an_exit_is_agreed_to_once_in_a_role",
                fields=["plan", "verb", "role"],
                condition=Q(is_stale=False),
            ),
            models.UniqueConstraint(
                name="a_person_agrees_to_a_step_of_an_exit_once",
                fields=["plan", "verb", "by"],
                condition=Q(is_stale=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} as {self.role}"


class ExitReply(Shared):
    """What the supplier says to a proposed exit or to its notice, and the buyer's answer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(ExitPlan, models.PROTECT, related_name="replies")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField()
    is_mistake = models.BooleanField(default=False)
    files = models.ManyToManyField(Evidence, related_name="+", blank=True)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = SharedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_reply_is_answered_by_a_person_at_a_moment",
                condition=Q(answered_by__isnull=True, answered_at__isnull=True)
                | Q(answered_by__isnull=False, answered_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"reply {self.at:%Y-%m-%d}"


class ExitStep(models.Model):
    """One point of the checklist of winding down, as it was met (`exit_plan.CHECKLIST`)."""

    plan = models.ForeignKey(ExitPlan, models.PROTECT, related_name="steps")
    key = models.CharField(max_length=12)
    applies = models.BooleanField(default=True)
    note = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_point_of_an_exit_is_met_once", fields=["plan", "key"])
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.plan_id}"


class ExitLook(models.Model):
    """The weekly look while trade winds down."""

    plan = models.ForeignKey(ExitPlan, models.PROTECT, related_name="looks")
    note = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"look {self.at:%Y-%m-%d}"


class ExitReview(models.Model):
    """A look at the effects 3, 6 or 12 months after trade ended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    plan = models.ForeignKey(ExitPlan, models.PROTECT, related_name="reviews")
    months = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    effect = models.CharField(max_length=16, choices=Effect, blank=True)
    found = models.TextField(blank=True)
    harm = models.TextField(blank=True)
    claims = models.TextField(blank=True)
    lessons = models.TextField(blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)

    objects = BuyerSideQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="effects_are_reviewed_once_for_a_date", fields=["plan", "months"]
            ),
            models.CheckConstraint(
                name="effects_are_reviewed_by_a_person_at_a_moment",
                condition=Q(done_by__isnull=True, done_at__isnull=True)
                | Q(done_by__isnull=False, done_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"after {self.months} months"


class Closure(models.Model):
    """Why a case ended without a decision on its substance, and the document that shows it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="closures")
    ending = models.CharField(max_length=12, choices=Ending)
    proof = models.ForeignKey(Evidence, models.PROTECT, related_name="+")
    decision = models.OneToOneField(Decision, models.PROTECT, related_name="closure")

    objects = BuyerSideQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.ending} of {self.case_id}"
