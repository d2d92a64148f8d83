"""Companies, who serves them, and rows that lie between two of them."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.enums import Language, Role, Side
from portal.models.ledger import LedgerChain

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.models.user import User


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Own organisations, and the suppliers of buyers whose cases this person reads."""
        if not user.is_authenticated:
            return self.none()
        buying, supplying = user.organisation_ids()
        own = [*buying, *supplying, *user.administered_ids()]
        return self.filter(Q(pk__in=own) | Q(buyer_id__in=buying))

    def administered_by(self, user: "User") -> Self:
        return self.filter(pk__in=user.administered_ids())


class Organisation(models.Model):
    """A buyer, or a supplier as one buyer knows it: no buyer learns of another."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    side = models.CharField(max_length=10, choices=Side)
    buyer = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="suppliers"
    )
    chain = models.OneToOneField(LedgerChain, models.PROTECT, related_name="organisation")
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    country = models.CharField(max_length=2, blank=True)
    address = models.CharField(max_length=400, blank=True)
    registration = models.CharField(max_length=60, blank=True)
    reference = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=10, choices=Language, default=Language.EN)
    zone = models.CharField(max_length=60, default="UTC")
    contact_name = models.CharField(max_length=120, blank=True)
    contact_email = models.EmailField(blank=True)
    service_name = models.CharField(max_length=60, blank=True)
    sender_name = models.CharField(max_length=60, blank=True)
    sender_address = models.EmailField(blank=True)
    created_at = models.DateTimeField()

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_supplier_has_a_buyer_and_a_buyer_none",
                condition=Q(side=Side.SUPPLIER, buyer__isnull=False)
                | Q(side=Side.BUYER, buyer__isnull=True),
            ),
            models.UniqueConstraint(
                name="a_buyer_uses_a_reference_once",
                fields=["buyer", "reference"],
                condition=~Q(reference=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def shown_service(self) -> str:
        """The service name people of this buyer and its suppliers see."""
        return self.service_name or "Extricate"


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self) -> Self:
        return self.filter(ended_at=None)


class Membership(models.Model):
    """That a person holds one role for one organisation, from when to when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_role_is_held_once",
                fields=["user", "organisation", "role"],
                condition=Q(ended_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class Invitation(models.Model):
    """A pointer mailed to one person; it opens nothing by itself (security note, 2.1)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="invitations")
    role = models.CharField(max_length=20, choices=Role)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="invitations")
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # whose role ends when this one begins: a hand-over
    replaces = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.role} at {self.organisation_id}"


class CaseGrantQuerySet(models.QuerySet["CaseGrant"]):
    def current(self, at: datetime) -> Self:
        return self.filter(ended_at=None, until__gt=at)


class CaseGrant(models.Model):
    """One case a buyer's outside counsel was let into, until a moment; nothing else is open to it.

    A case is named by its chain: this floor knows no cases.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="case_grants")
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    chain = models.ForeignKey(LedgerChain, models.PROTECT, related_name="grants")
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CaseGrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_case_is_granted_once",
                fields=["user", "chain"],
                condition=Q(ended_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} until {self.until:%Y-%m-%d}"


def of_granted_cases(model: type[models.Model], user: "User") -> Q | None:
    """Return the filter for rows of the cases a person was let into, if there are any.

    A row belongs to a case by its own `chain`, or by its `case`; others are never opened.
    """
    if not user.granted:
        return None
    names = {field.name for field in model._meta.get_fields()}
    if "chain" in names:
        return Q(chain_id__in=user.granted)
    return Q(case__chain_id__in=user.granted) if "case" in names else None


class SharedQuerySet(models.QuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Rows between two parties of which this person serves at least one."""
        if not user.is_authenticated:
            return self.none()
        buying, supplying = user.organisation_ids()
        mine = Q(buyer_id__in=buying) | Q(supplier_id__in=supplying)
        if granted := of_granted_cases(self.model, user):
            mine |= granted
        return self.filter(mine)


class BuyerSideQuerySet(models.QuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Rows that only the buyer's own people may read."""
        if not user.is_authenticated:
            return self.none()
        buying, _ = user.organisation_ids()
        mine = Q(buyer_id__in=buying)
        if granted := of_granted_cases(self.model, user):
            mine |= granted
        return self.filter(mine)


class Shared(models.Model):
    """A row between a buyer and one of its suppliers."""

    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    supplier = models.ForeignKey(Organisation, models.PROTECT, related_name="+")

    class Meta:
        abstract = True
