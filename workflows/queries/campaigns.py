"""What campaign pages show: suppliers, readiness, progress."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from portal.enums import Role
from portal.models import Organisation, User
from questionnaires.models import QuestionnaireVersion
from workflows import rules
from workflows.enums import Stage
from workflows.models import Campaign, Case


def buyers(user: User, *roles: Role) -> QuerySet[Organisation]:
    """Return the buyers for which this person holds one of `roles`."""
    ids = [pk for pk, held in user.roles.items() if held & set(roles)]
    return Organisation.objects.filter(pk__in=ids, buyer=None).order_by("name", "pk")


def suppliers(buyers_: Iterable[Organisation], words: str) -> QuerySet[Organisation]:
    """Return suppliers whose name, reference or registration holds `words`."""
    rows = Organisation.objects.filter(buyer__in=buyers_)
    if words:
        rows = rows.filter(
            Q(name__icontains=words)
            | Q(name_en__icontains=words)
            | Q(reference__iexact=words)
            | Q(registration__iexact=words)
        )
    return rows.order_by("name", "pk")


def versions(buyer: Organisation) -> QuerySet[QuestionnaireVersion]:
    """Return published questionnaires this buyer may send, the newest first."""
    rows = QuestionnaireVersion.objects.filter(Q(buyer=None) | Q(buyer=buyer))
    return rows.defer("definition").order_by("-published_at", "-version")


@dataclass(frozen=True)
class Readiness:
    """One draft case, and what is missing before it can be sent."""

    case: Case
    missing: list[str]


def readiness(campaign: Campaign, limit: int = 500) -> list[Readiness]:
    rows = campaign.cases.filter(stage=Stage.DRAFT).select_related("supplier", "wording_by")
    found = []
    for case in rows.order_by("supplier__name", "pk")[:limit]:
        case.campaign = campaign
        found.append(Readiness(case, rules.missing_for_issue(case)))
    return found


def by_stage(campaign: Campaign) -> list[tuple[Stage, int]]:
    """Count a campaign's cases by stage, in the order of stages."""
    rows = campaign.cases.order_by().values("stage").annotate(n=Count("pk"))
    found = {row["stage"]: row["n"] for row in rows}
    return [(stage, found[stage]) for stage in Stage if stage in found]


def with_counts(rows: QuerySet[Campaign]) -> QuerySet[Campaign]:
    """Add how many suppliers a campaign holds, and how many were sent and replied."""
    return rows.annotate(
        all_cases=Count("cases"),
        sent=Count("cases", filter=Q(cases__issued_at__isnull=False)),
        replied=Count("cases", filter=Q(cases__submitted_at__isnull=False)),
    )
