import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from portal import clock
from portal.enums import CASE_ROLES, SUPPLIER_ROLES, Language, Role


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, **fields: Any) -> "User":
        """Create a person without any password: codes and second factors sign in here."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_unusable_password()
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person. What it may do stands in its memberships, never here.

    `second_email` is another mailbox of the same person that may receive codes; it opens
    nothing else. `offered_at` is when a passkey was offered, once.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=10, choices=Language, default=Language.EN)
    is_active = models.BooleanField(default=True)
    noticed_at = models.DateTimeField(null=True, blank=True)
    second_email = models.EmailField(blank=True)
    offered_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_second_address_is_one_persons",
                fields=["second_email"],
                condition=~Q(second_email=""),
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @cached_property
    def roles(self) -> dict[uuid.UUID, set[str]]:
        """The roles this person holds now, by organisation; one query a request."""
        found: dict[uuid.UUID, set[str]] = {}
        rows = self.memberships.filter(ended_at=None).values_list("organisation_id", "role")
        for organisation, role in rows:
            found.setdefault(organisation, set()).add(role)
        return found

    def holds(self, role: str, organisation_id: uuid.UUID | None) -> bool:
        return organisation_id is not None and role in self.roles.get(organisation_id, ())

    def holds_any(self, roles: Iterable[str], organisation_id: uuid.UUID | None) -> bool:
        return any(self.holds(role, organisation_id) for role in roles)

    def holds_somewhere(self, roles: Iterable[str]) -> bool:
        wanted = set(roles)
        return any(wanted & held for held in self.roles.values())

    def organisation_ids(self) -> tuple[list[uuid.UUID], list[uuid.UUID]]:
        """Buyers whose cases this person reads, and suppliers it serves.

        An administrator reads no case by that role (domain note, section 2).
        """
        buying = [pk for pk, held in self.roles.items() if held & CASE_ROLES]
        supplying = [pk for pk, held in self.roles.items() if held & SUPPLIER_ROLES]
        return buying, supplying

    def administered_ids(self) -> list[uuid.UUID]:
        return [pk for pk, held in self.roles.items() if Role.ADMINISTRATOR in held]

    @cached_property
    def granted(self) -> frozenset[uuid.UUID]:
        """The chains of the cases this person was let into as outside counsel, until today.

        Costs a query for outside counsel alone.
        """
        outside = [pk for pk, held in self.roles.items() if Role.OUTSIDE_COUNSEL in held]
        if not outside or self._state.adding:  # an unsaved person was let into nothing
            return frozenset()
        rows = self.case_grants.current(clock.now()).filter(buyer_id__in=outside)
        return frozenset(rows.values_list("chain_id", flat=True))

    def works_on(self, row: Any, *roles: str) -> bool:
        """Tell whether this person holds one of the buyer's `roles` for a row of a case.

        Outside counsel counts as counsel, for the rows of cases named for it alone.
        """
        if self.holds_any(roles, row.buyer_id):
            return True
        return Role.COUNSEL in roles and row.chain_id in self.granted
