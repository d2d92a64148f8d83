"""A document written here: dossier, register, receipt, instruction or letter."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from documents.enums import DossierKind, DossierState, Edition
from portal.enums import WorkState
from portal.models import LedgerChain, Organisation, Shared, Work, WorkQuerySet, of_granted_cases

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.models import User

NOT_PLAIN = re.compile(r"[^A-Za-z0-9]+")


class DossierQuerySet(WorkQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """What the buyer's people may know of, and the supplier's own copies."""
        if not user.is_authenticated:
            return self.none()
        buying, supplying = user.organisation_ids()
        own = Q(supplier_id__in=supplying, edition=Edition.SUPPLIER)
        mine = Q(buyer_id__in=buying) | own
        if granted := of_granted_cases(self.model, user):
            mine |= granted
        return self.filter(mine)

    def issued(self) -> Self:
        return self.filter(state=DossierState.ISSUED)


class Dossier(Shared, Work):
    """What a PDF says, as canonical JSON, and the PDF once it is written.

    `content` is all the renderer reads: same content, same bytes. `cut` is the last
    entry of `chain` that it covers. `supplier` is empty for a campaign's register.
    """

    task = "documents.tasks.render"
    lease = timedelta(minutes=10)

    supplier = models.ForeignKey(  # type: ignore[assignment]  # a register has none
        Organisation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    chain = models.ForeignKey(LedgerChain, models.PROTECT, related_name="dossiers")
    kind = models.CharField(max_length=12, choices=DossierKind)
    edition = models.CharField(max_length=10, choices=Edition)
    state = models.CharField(max_length=10, choices=DossierState, default=DossierState.REQUESTED)
    number = models.PositiveIntegerField()
    reference = models.CharField(max_length=40)
    language = models.CharField(max_length=10)
    cut = models.PositiveIntegerField()
    content = models.TextField()
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    issued_at = models.DateTimeField(null=True, blank=True)

    objects = DossierQuerySet.as_manager()

    class Meta(Work.Meta):
        constraints = [
            *Work.Meta.constraints,
            models.UniqueConstraint(
                name="dossier_has_its_own_number", fields=["chain", "kind", "edition", "number"]
            ),
            models.CheckConstraint(
                name="dossier_is_issued_when_it_says_since_when",
                condition=Q(state=DossierState.ISSUED) ^ Q(issued_at__isnull=True),
            ),
            models.CheckConstraint(
                name="dossier_without_supplier_is_a_register",
                condition=Q(kind=DossierKind.REGISTER) | Q(supplier__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference} no. {self.number}"

    @property
    def has_failed(self) -> bool:
        """Whether nobody will write it any more: it has to be asked for again."""
        return self.state == DossierState.FAILED or self.work_state == WorkState.DEAD

    @property
    def key(self) -> str:
        """Where its PDF lies in the storage `dossiers`."""
        return f"{self.buyer_id}/{self.pk}"

    @property
    def file_name(self) -> str:
        """A plain name for the download, such as `K7QF-3MX9-dossier-counsel-2.pdf`."""
        reference = NOT_PLAIN.sub("-", self.reference).strip("-")
        parts = [reference, self.kind.lower()] if reference else [self.kind.lower()]
        if self.kind == DossierKind.DOSSIER:
            parts.append(self.edition.lower())
        return "-".join([*parts, str(self.number)]) + ".pdf"
