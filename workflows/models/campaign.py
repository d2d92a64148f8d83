"""What a buyer sends to many suppliers at once, and the exact words each received."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.enums import Wording
from portal.models import BuyerSideQuerySet, Organisation, Work, WorkQuerySet
from questionnaires.models import QuestionnaireVersion
from workflows.enums import CampaignState, LetterKind
from workflows.models.policy import Policy


class ProhibitedList(models.Model):
    """A dated, hashed list of prohibited companies, as counsel or an administrator gave it.

    Clause B4, second sentence. `sha256` is that of the file's bytes, in hex.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="prohibited_lists")
    title = models.CharField(max_length=200)
    dated_on = models.DateField()
    file_name = models.CharField(max_length=200)
    stored_as = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    objects = BuyerSideQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.title}, {self.dated_on}"


class Campaign(models.Model):
    """One instruction round of a buyer (clause B4). Its draft cases are its suppliers."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="campaigns")
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=CampaignState, default=CampaignState.DRAFT)
    version = models.ForeignKey(QuestionnaireVersion, models.PROTECT, related_name="+")
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="+")
    prohibited_list = models.ForeignKey(
        ProhibitedList, models.PROTECT, null=True, blank=True, related_name="+"
    )
    due_on = models.DateField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    launched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    launched_at = models.DateTimeField(null=True, blank=True)

    objects = BuyerSideQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_launch_has_a_person_and_a_moment",
                condition=Q(launched_by__isnull=True, launched_at__isnull=True)
                | Q(launched_by__isnull=False, launched_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name


class CampaignSlice(Work):
    """Cases of a launch that one worker issues in one go; each case in its own transaction."""

    task = "workflows.tasks.issue_slice"
    lease = timedelta(minutes=5)

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="slices")
    number = models.PositiveIntegerField()
    cases = models.JSONField()
    problems = models.JSONField(default=list, blank=True)

    objects = WorkQuerySet.as_manager()

    class Meta(Work.Meta):
        constraints = [
            *Work.Meta.constraints,
            models.UniqueConstraint(name="a_slice_is_cut_once", fields=["campaign", "number"]),
        ]

    def __str__(self) -> str:
        return f"slice {self.number}"


class Instruction(models.Model):
    """The exact words one supplier was sent first; never changes.

    `sha256` is that of title, newline and text. Every later letter is a `SentLetter`.

    Clause B4, first and second sentence; B3, second sentence.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.OneToOneField("workflows.Case", models.PROTECT, related_name="instruction")
    wording = models.CharField(max_length=20, choices=Wording)
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=200)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    list_sha256 = models.CharField(max_length=64, blank=True)
    list_dated_on = models.DateField(null=True, blank=True)
    written_at = models.DateTimeField()

    kind = LetterKind.INSTRUCTION

    def __str__(self) -> str:
        return f"instruction {self.sha256[:8]}"

    def get_kind_display(self) -> str:
        return str(LetterKind.INSTRUCTION.label)
