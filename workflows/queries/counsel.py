"""What counsel's room shows."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from documents.enums import DossierKind, Edition
from documents.models import Dossier
from portal.models import User
from workflows.enums import CampaignState, ExitRole, ReplyCode, Stage, Verb
from workflows.models import Campaign, Case, ExitConsent, ExitPlan


def waiting(user: User, own: Iterable[UUID]) -> QuerySet[Case]:
    """Return cases held for counsel, those put before this person, and exits to concur in."""
    # advised without closing it, a claimed constraint still waits
    claimed = Q(stage=Stage.REVIEW, reply_code=ReplyCode.LEGAL_CONSTRAINT_CLAIMED)
    held = Q(stage=Stage.WITH_COUNSEL) | claimed
    mine = Q(escalated_person=user, stage=Stage.REVIEW)
    rows = Case.objects.filter(held | mine | _to_concur(user), buyer_id__in=own)
    return rows.select_related("supplier", "campaign", "buyer").order_by("next_act_at", "pk")


def _to_concur(user: User) -> Q:
    """An exit, its halt, or a company that came back: what lacks the word of counsel."""
    words = ExitConsent.objects.filter(plan__case=OuterRef("pk"), is_stale=False)
    standing = words.filter(plan__ended_at=None)
    exits = (
        Q(stage=Stage.EXIT_APPROVAL)
        & ~Q(proposed_by=user)
        & ~Exists(standing.filter(verb=Verb.APPROVE_EXIT, role=ExitRole.COUNSEL))
    )
    halts = Q(stage=Stage.WINDING_DOWN) & Exists(
        standing.filter(verb=Verb.HALT_EXIT, role=ExitRole.APPROVER)
    )
    came_back = ExitPlan.objects.filter(case=OuterRef("pk"), ended_as=Verb.OPEN_REENTRY)
    returns = (
        Q(stage=Stage.REVIEW, proposed_by__isnull=False)
        & ~Q(proposed_by=user)
        & Exists(came_back)
        & ~Exists(words.filter(verb=Verb.CLEAR, at__gte=OuterRef("proposed_at")))
    )
    return exits | halts | returns


def without_wording(own: Iterable[UUID]) -> QuerySet[Campaign]:
    """Return campaigns in preparation with a supplier whose wording is not chosen."""
    rows = Campaign.objects.filter(
        buyer_id__in=own, state=CampaignState.DRAFT, cases__stage=Stage.DRAFT, cases__wording=""
    )
    return rows.distinct().order_by("due_on", "pk")


def sent(own: Iterable[UUID]) -> QuerySet[Campaign]:
    rows = Campaign.objects.filter(buyer_id__in=own).exclude(state=CampaignState.DRAFT)
    return rows.order_by("-launched_at", "pk")


def issued(own: Iterable[UUID]) -> QuerySet[Dossier]:
    """Return audit trails and registers, the newest first."""
    kinds = [DossierKind.DOSSIER, DossierKind.REGISTER]
    rows = Dossier.objects.filter(buyer_id__in=own, kind__in=kinds)
    return rows.order_by("-requested_at", "pk")


def found(own: Iterable[UUID], words: str) -> QuerySet[Case]:
    """Return cases by reference, or by a part of their supplier's name; none for no words."""
    if not words:
        return Case.objects.none()
    named = (
        Q(reference__iexact=words)
        | Q(supplier__name__icontains=words)
        | Q(supplier__name_en__icontains=words)
    )
    rows = Case.objects.filter(named, buyer_id__in=own).select_related("supplier")
    return rows.order_by("supplier__name", "pk")


def trails(case: Case, *, counsel: bool) -> QuerySet[Dossier]:
    """Return the audit trails of a case; the counsel edition for counsel alone."""
    rows = Dossier.objects.filter(chain_id=case.chain_id, kind=DossierKind.DOSSIER)
    if not counsel:
        rows = rows.exclude(edition=Edition.COUNSEL)
    return rows.order_by("-requested_at", "pk")
