"""What campaign pages show: suppliers, readiness, progress."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from portal.enums import Role
from portal.models import Organisation, User
from questionnaires.models import QuestionnaireVersion
from workflows.enums import Stage
from workflows.models import Campaign, Case, ProhibitedList


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


def drafts(campaign: Campaign, limit: int) -> list[Case]:
    """Return a campaign's draft cases by their supplier's name, each with its campaign."""
    rows = campaign.cases.filter(stage=Stage.DRAFT).select_related("supplier", "wording_by")
    found = list(rows.order_by("supplier__name", "pk")[:limit])
    for case in found:
        case.campaign = campaign
    return found


def draft(campaign: Campaign, case_id: UUID) -> Case | None:
    rows = campaign.cases.filter(stage=Stage.DRAFT).select_related("supplier")
    return rows.filter(pk=case_id).first()


def sent_cases(campaign: Campaign, limit: int) -> QuerySet[Case]:
    return campaign.cases.select_related("supplier").order_by("supplier__name", "pk")[:limit]


def lists(buyers_: Iterable[Organisation]) -> QuerySet[ProhibitedList]:
    """Return the dated lists of these buyers, the newest first."""
    rows = ProhibitedList.objects.filter(buyer__in=buyers_).select_related("uploaded_by")
    return rows.order_by("-dated_on", "-uploaded_at", "pk")


def visible(user: User) -> QuerySet[Campaign]:
    """Return the campaigns this person may see, with what their pages show."""
    return (
        Campaign.objects.visible_to(user)
        .select_related("buyer__chain", "version", "policy", "prohibited_list")
        .defer("version__definition")
    )


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
