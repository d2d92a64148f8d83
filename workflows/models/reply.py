"""What follows from a reply: conditions, terms, originals that were seen, reasons released."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from documents.enums import EvidenceKind, Grade
from portal.models import BuyerSideQuerySet, Organisation, Shared, SharedQuerySet
from questionnaires.models import Submission
from workflows.enums import ConditionState, TermsState
from workflows.models.case import Case
from workflows.models.duty import Duty


class Condition(Shared):
    """One condition under which a supplier agrees, in its own words, and our answer to it.

    The supplier reads both. `duty` is what the buyer must do for it, if anything.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="conditions")
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=4000)
    state = models.CharField(max_length=10, choices=ConditionState, default=ConditionState.OPEN)
    answer = models.CharField(max_length=4000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    duty = models.OneToOneField(
        Duty, models.PROTECT, null=True, blank=True, related_name="condition"
    )

    objects = SharedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_condition_has_one_number", fields=["case", "submission", "number"]
            ),
            models.CheckConstraint(
                name="a_condition_is_answered_by_a_person_at_a_moment",
                condition=Q(state=ConditionState.OPEN, answered_at__isnull=True)
                | (
                    ~Q(state=ConditionState.OPEN)
                    & Q(answered_at__isnull=False, answered_by__isnull=False)
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"condition {self.number} {self.state}"


class ConfidentialityTerms(Shared):
    """What a buyer promises about confidential documents; the supplier reads and accepts it.

    `redaction` says what may be blacked out. `is_inspect_only`: documents are seen where they
    are and not handed over. `sha256` (hex) is that of text, newline, redaction rules.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="terms")
    text = models.TextField()
    redaction = models.TextField(blank=True)
    is_inspect_only = models.BooleanField(default=False)
    sha256 = models.CharField(max_length=64)
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    offered_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=TermsState, default=TermsState.OFFERED)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=2000, blank=True)

    objects = SharedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_case_has_one_offer_of_terms",
                fields=["case"],
                condition=Q(state=TermsState.OFFERED),
            ),
            models.CheckConstraint(
                name="terms_are_answered_by_a_person_at_a_moment",
                condition=Q(state__in=[TermsState.ACCEPTED, TermsState.DECLINED])
                ^ Q(answered_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"terms {self.state}"


class Inspection(models.Model):
    """An original that a reviewer saw and did not take: never above B, never in the CBP part.

    `place` is where the original is; `quantity` is as the document states it. Source: domain
    note, sections 10 and 16.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="inspections")
    claim = models.CharField(max_length=20)
    step = models.CharField(max_length=20, blank=True)
    kind = models.CharField(max_length=24, choices=EvidenceKind)
    issuer = models.CharField(max_length=200, blank=True)
    number = models.CharField(max_length=120, blank=True)
    issued_on = models.DateField(null=True, blank=True)
    quantity = models.CharField(max_length=120, blank=True)
    place = models.CharField(max_length=400)
    seen_on = models.DateField()
    grade = models.CharField(max_length=1, choices=Grade)
    counts = models.BooleanField(default=True)
    note = models.CharField(max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    logged_at = models.DateTimeField()

    objects = BuyerSideQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="what_was_only_seen_is_never_above_b", condition=~Q(grade=Grade.A)
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.grade} seen"

    @property
    def piece(self) -> dict[str, Any]:
        """What the B4 rule reads of it."""
        return {
            "claim": self.claim,
            "step": self.step,
            "grade": self.grade,
            "issuer": self.issuer,
            "number": self.number,
            "counts": self.counts,
        }


class ReasonsRelease(models.Model):
    """That analyst and approver may read the reasons of one reply, which counsel alone reads.

    Let by the supplier itself, or released by counsel with a reason (domain note, section 6).
    """

    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="releases")
    submission = models.OneToOneField(Submission, models.PROTECT, related_name="release")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    is_suppliers = models.BooleanField()
    reason = models.CharField(max_length=2000, blank=True)

    objects = BuyerSideQuerySet.as_manager()

    def __str__(self) -> str:
        return f"release of {self.submission_id}"
