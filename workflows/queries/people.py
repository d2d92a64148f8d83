from uuid import UUID

from django.db.models import QuerySet

from portal.models import User


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
