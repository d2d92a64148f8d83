"""What the answers raised, and how each piece of proof was judged: the buyer's side only."""

import uuid

from django.conf import settings
from django.db import models

from documents.enums import Grade
from documents.models import Evidence
from portal.models import BuyerSideQuerySet, Organisation
from questionnaires.models import Submission
from workflows.enums import FindingState, Level
from workflows.models.case import Case


class Finding(models.Model):
    """One finding with its clause, level and ground; opens unconfirmed (domain note, section 5).

    `item` is the path of the row or question it rests on; `text` is {language: sentence}.
    Without a `submission` it was raised by a person upon sources from elsewhere.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="findings")
    submission = models.ForeignKey(
        Submission, models.PROTECT, null=True, blank=True, related_name="+"
    )
    key = models.CharField(max_length=60)
    item = models.CharField(max_length=160, blank=True)
    clause = models.CharField(max_length=4, blank=True)
    limb = models.CharField(max_length=12, blank=True)
    level = models.CharField(max_length=12, choices=Level)
    scope = models.CharField(max_length=16)
    about = models.CharField(max_length=12)
    subject = models.CharField(max_length=200, blank=True)
    text = models.JSONField()
    state = models.CharField(max_length=12, choices=FindingState, default=FindingState.OPEN)
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    judged_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=4000, blank=True)

    objects = BuyerSideQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_case_holds_a_finding_once", fields=["case", "key", "item"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.state}"

    @property
    def is_outside(self) -> bool:
        """Whether it rests on sources from elsewhere instead of the supplier's answers."""
        return self.submission_id is None


class Proof(models.Model):
    """How one file counts for one claim at one production step (domain note, section 10).

    `counts` is false for what is unreadable, untranslated, expired or blacked out.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="proofs")
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="+")
    claim = models.CharField(max_length=20)
    step = models.CharField(max_length=20, blank=True)
    grade = models.CharField(max_length=1, choices=Grade, blank=True)
    counts = models.BooleanField(default=True)
    reason = models.CharField(max_length=2000, blank=True)
    graded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    graded_at = models.DateTimeField(null=True, blank=True)

    objects = BuyerSideQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_file_counts_once_for_a_claim_and_step",
                fields=["case", "evidence", "claim", "step"],
            )
        ]

    def __str__(self) -> str:
        return f"{self.claim} {self.grade or 'not graded'}"
