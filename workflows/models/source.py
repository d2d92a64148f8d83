"""What a buyer learned elsewhere, and the question it puts to the supplier about it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from documents.enums import EvidenceState, Grade
from documents.models import Evidence
from portal.models import BuyerSideQuerySet, Organisation, Shared, SharedQuerySet
from workflows.enums import SourceKind, SubjectKind
from workflows.models.case import Case
from workflows.models.finding import Finding
from workflows.models.letter import SentLetter
from workflows.outcome import Told


class Source(models.Model):
    """One record of the buyer's side, what it says and about whom; never shown to the supplier.

    `published_on` may be unknown; `address` is kept as text and never fetched. `counts` is
    false once an analyst found that it does not carry, with the reason.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="sources")
    kind = models.CharField(max_length=10, choices=SourceKind)
    title = models.CharField(max_length=300)
    publisher = models.CharField(max_length=200)
    author = models.CharField(max_length=200, blank=True)
    published_on = models.DateField(null=True, blank=True)
    page = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=1000, blank=True)
    language = models.CharField(max_length=60, blank=True)
    about = models.CharField(max_length=12, choices=SubjectKind)
    subject = models.CharField(max_length=200)
    says = models.CharField(max_length=4000)
    evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, blank=True, related_name="+")
    grade = models.CharField(max_length=1, choices=Grade)
    counts = models.BooleanField(default=True)
    reason = models.CharField(max_length=2000, blank=True)
    findings = models.ManyToManyField(Finding, blank=True, related_name="sources")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    weighed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    weighed_at = models.DateTimeField(null=True, blank=True)

    objects = BuyerSideQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(name="sources_of_a_case", fields=["case", "recorded_at"])]

    def __str__(self) -> str:
        return self.title

    @property
    def told(self) -> Told:
        """What the rules on credible evidence read; a file counts once it is released."""
        file = self.evidence
        return Told(
            kind=self.kind,
            grade=self.grade,
            publisher=self.publisher,
            digest=file.sha256 if file else "",
            counts=self.counts and (file is None or file.state == EvidenceState.RELEASED),
        )


class Inquiry(Shared):
    """The supplier's chance to reply to what was learned elsewhere, in its own wording.

    `text` is what the supplier reads, nothing of the finding or its sources; `files` came
    with the reply. It moves no stage and takes nothing away.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="inquiries")
    finding = models.ForeignKey(Finding, models.PROTECT, related_name="inquiries")
    letter = models.OneToOneField(SentLetter, models.PROTECT, related_name="+")
    text = models.CharField(max_length=4000)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    reply = models.TextField(blank=True)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    replied_at = models.DateTimeField(null=True, blank=True)
    files = models.ManyToManyField(Evidence, blank=True, related_name="+")

    objects = SharedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_inquiry_is_replied_to_by_a_person_at_a_moment",
                condition=Q(replied_by__isnull=True, replied_at__isnull=True)
                | Q(replied_by__isnull=False, replied_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_inquiry_about_a_finding_waits_at_a_time",
                fields=["finding"],
                condition=Q(replied_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"inquiry of {self.asked_at:%Y-%m-%d}"


class Presumption(models.Model):
    """Clause B's presumption over a supplier: what raised it, and who lifted it upon what."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="presumptions")
    finding = models.ForeignKey(Finding, models.PROTECT, related_name="+")
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=4000, blank=True)
    evidence = models.ManyToManyField(Evidence, blank=True, related_name="+")

    objects = BuyerSideQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_presumption_stands_over_a_case",
                fields=["case"],
                condition=Q(lifted_at=None),
            ),
            models.CheckConstraint(
                name="a_presumption_is_lifted_by_a_person_at_a_moment",
                condition=Q(lifted_by__isnull=True, lifted_at__isnull=True)
                | Q(lifted_by__isnull=False, lifted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"presumption of {self.raised_at:%Y-%m-%d}"
