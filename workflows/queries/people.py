from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from portal.enums import Role
from portal.models import Membership, User
from workflows.models import Case


def people(organisation_id: UUID, *roles: str) -> QuerySet[User]:
    """Return the active people who hold one of `roles` for an organisation now."""
    return (
        User.objects.filter(
            is_active=True,
            memberships__organisation_id=organisation_id,
            memberships__role__in=roles,
            memberships__ended_at=None,
        )
        .distinct()
        .order_by("name", "pk")
    )


def ever_of(organisation_id: UUID, people: Iterable[UUID]) -> frozenset[UUID]:
    """Return which of these people ever held a role for an organisation."""
    rows = Membership.objects.filter(organisation_id=organisation_id, user_id__in=people)
    return frozenset(rows.values_list("user_id", flat=True))


def second_contacts(case: Case) -> list[User]:
    """Return who else answers for the supplier, with another address than the contact's."""
    found = people(case.supplier_id, Role.CONTACT, Role.SIGNATORY)
    return [person for person in found if person.pk != case.contact_id]
