"""The versions of a buyer's policy: which is in force, which waits for counsel."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, QuerySet

from portal.enums import BUYER_ROLES
from portal.models import Organisation, User
from workflows.enums import PolicyState
from workflows.models import Case, Policy
from workflows.queries.waiting import ENDED


def readable_by(user: User) -> QuerySet[Policy]:
    """Return versions of the companies this person works for; an administrator reads them, too."""
    ids = [pk for pk, held in user.roles.items() if held & BUYER_ROLES]
    return Policy.objects.filter(buyer__in=ids).select_related(
        "buyer__chain", "created_by", "settled_by"
    )


def versions(buyer: Organisation) -> QuerySet[Policy]:
    """Return all versions, the newest first."""
    rows = Policy.objects.filter(buyer=buyer).select_related("created_by", "settled_by")
    return rows.order_by("-number")


def open_cases(buyer: Organisation) -> dict[UUID, int]:
    """Count the cases sent and not ended, by the version they hold to."""
    rows = Case.objects.filter(buyer=buyer, issued_at__isnull=False).exclude(stage__in=ENDED)
    counted = rows.order_by().values("policy").annotate(n=Count("pk"))
    return {row["policy"]: row["n"] for row in counted}


def in_force(buyer: Organisation) -> QuerySet[Policy]:
    """Return the versions a campaign may choose, the newest first."""
    return Policy.objects.filter(buyer=buyer, state=PolicyState.IN_FORCE).order_by("-number")


def proposed(buyer_ids: Iterable[UUID]) -> QuerySet[Policy]:
    """Return versions that wait for counsel of these buyers."""
    rows = Policy.objects.filter(buyer__in=buyer_ids, state=PolicyState.PROPOSED)
    return rows.select_related("buyer", "created_by").order_by("created_at")
