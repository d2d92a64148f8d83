"""A piece of evidence: one file, what it is said to be, and what was found."""

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from documents.enums import (
    DECIDED_BY_SUPPLIER,
    GRADE_OF,
    EvidenceKind,
    EvidenceState,
    Grade,
    Origin,
    Problem,
    ReceivedBy,
    Scan,
)
from documents.storage import Place
from portal.models import LedgerChain, Shared, SharedQuerySet, Work, WorkQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.models import User

# Judged: a submission need not wait for it any longer.
JUDGED = frozenset(
    {
        EvidenceState.RELEASED,
        EvidenceState.HELD,
        EvidenceState.REFUSED,
        EvidenceState.DESTROYED,
    }
)


class EvidenceQuerySet(SharedQuerySet, WorkQuerySet):  # type: ignore[override]  # as_manager
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """What a buyer learned elsewhere is its own people's alone to see."""
        found = super().visible_to(user)
        if not user.is_authenticated:
            return found
        return found.exclude(Q(origin=Origin.BUYER) & ~Q(buyer_id__in=user.organisation_ids()[0]))

    def shown(self) -> Self:
        """Files the supplier showed, without the buyer's own sources."""
        return self.filter(origin=Origin.SUPPLIER)

    def released(self) -> Self:
        return self.filter(state=EvidenceState.RELEASED)

    def held(self) -> Self:
        return self.filter(state=EvidenceState.HELD)

    def not_judged(self) -> Self:
        """Files a submission still has to wait for."""
        return self.exclude(state__in=JUDGED)

    def kept(self) -> Self:
        """Files whose bytes exist somewhere."""
        return self.exclude(state__in=[EvidenceState.REFUSED, EvidenceState.DESTROYED])


class Evidence(Shared, Work):
    """A file one party of a case showed, with kind, issuer, date and number.

    `origin` says whose record it is: the buyer's own sources are never shown to the supplier.

    `name` is only ever shown. `sha256` (hex) and `size` (bytes) are those of the bytes
    as they arrived; they stay when the bytes are destroyed. `grade` is empty until a
    reviewer sets it: `proposed_grade` follows from the kind. `about` names what the file
    was asked for, in the words of the app above (a question, a message). `has_leftovers`:
    bytes of it may lie where its state leaves no place for them.
    """

    task = "documents.tasks.inspect"
    lease = timedelta(minutes=15)

    chain = models.ForeignKey(LedgerChain, models.PROTECT, related_name="evidence")
    state = models.CharField(max_length=12, choices=EvidenceState, default=EvidenceState.RECEIVED)
    problem = models.CharField(max_length=20, choices=Problem, blank=True)
    detail = models.CharField(max_length=200, blank=True)

    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=10, blank=True)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    scan = models.CharField(max_length=12, choices=Scan, default=Scan.NOT_SCANNED)
    scan_database = models.CharField(max_length=200, blank=True)

    kind = models.CharField(max_length=24, choices=EvidenceKind)
    grade = models.CharField(max_length=1, choices=Grade, blank=True)
    grade_reason = models.TextField(blank=True)
    graded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    issuer = models.CharField(max_length=200, blank=True)
    issued_on = models.DateField(null=True, blank=True)
    number = models.CharField(max_length=100, blank=True)
    about = models.CharField(max_length=100, blank=True)

    origin = models.CharField(max_length=10, choices=Origin, default=Origin.SUPPLIER)
    received_at = models.DateTimeField()
    received_by = models.CharField(max_length=10, choices=ReceivedBy, default=ReceivedBy.PORTAL)
    received_from = models.CharField(max_length=200, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    judged_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decision_reason = models.TextField(blank=True)
    has_leftovers = models.BooleanField(default=False)

    objects = EvidenceQuerySet.as_manager()

    class Meta(Work.Meta):
        constraints = [
            *Work.Meta.constraints,
            models.CheckConstraint(
                name="evidence_is_judged_when_it_says_since_when",
                condition=Q(state__in=JUDGED) ^ Q(judged_at__isnull=True),
            ),
            models.CheckConstraint(
                name="evidence_graded_by_a_person",
                condition=Q(grade="", graded_by__isnull=True)
                | (~Q(grade="") & Q(graded_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="evidence_not_released_with_a_virus",
                condition=~Q(state=EvidenceState.RELEASED, scan=Scan.INFECTED),
            ),
        ]
        indexes = [
            *Work.Meta.indexes,
            models.Index(name="evidence_by_hash", fields=["buyer", "sha256"]),
            models.Index(
                name="evidence_with_leftovers",
                fields=["judged_at"],
                condition=Q(has_leftovers=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """Where its bytes lie in a storage."""
        return f"{self.buyer_id}/{self.pk}"

    @property
    def place(self) -> Place:
        """Which storage holds its bytes, if any does."""
        return "evidence" if self.state == EvidenceState.RELEASED else "quarantine"

    @property
    def is_judged(self) -> bool:
        return self.state in JUDGED

    @property
    def proposed_grade(self) -> Grade:
        return GRADE_OF[EvidenceKind(self.kind)]

    @property
    def is_decided_by_supplier(self) -> bool:
        """Whether it is held for personal data, so that the supplier has the say."""
        return (
            self.origin == Origin.SUPPLIER
            and self.state == EvidenceState.HELD
            and self.problem in DECIDED_BY_SUPPLIER
        )
