"""Who from outside reads which cases, and which cases may be named for that."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from portal import clock
from portal.enums import Role
from portal.models import CaseGrant, Organisation, User
from workflows.enums import Stage
from workflows.models import Case
from workflows.queries.people import people


def grants(buyers: Iterable[Organisation]) -> QuerySet[CaseGrant]:
    """Return what is open to people from outside now, by person and date; with the cases."""
    rows = CaseGrant.objects.current(clock.now()).filter(buyer__in=buyers)
    return rows.select_related("user", "buyer", "chain__case").order_by(
        "user__name", "user", "until", "pk"
    )


def cases_named(buyer: Organisation, references: Iterable[str]) -> QuerySet[Case]:
    """Return this buyer's issued cases with these references."""
    rows = Case.objects.filter(buyer=buyer, reference__in=list(references))
    return rows.exclude(stage=Stage.DRAFT).select_related("chain")


def counsel_of(case: Case) -> list[User]:
    """Return counsel of the buyer, and those from outside who were let into this case."""
    return people_of(case, Role.COUNSEL)


def people_of(case: Case, *roles: str) -> list[User]:
    """Return the buyer's people in these roles; outside counsel let into this case is counsel."""
    inside = list(people(case.buyer_id, *roles))
    if Role.COUNSEL not in roles:
        return inside
    granted = CaseGrant.objects.current(clock.now()).filter(chain_id=case.chain_id)
    outside = people(case.buyer_id, Role.OUTSIDE_COUNSEL).filter(pk__in=granted.values("user"))
    return [*inside, *outside]


def is_counsel_of(case: Case, person: UUID) -> bool:
    return any(one.pk == person for one in counsel_of(case))
