"""Counsel's room: wordings to choose, replies to advise on, records to take away."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from documents import actions as documents
from documents.enums import Edition
from portal import clock
from portal.access import open_to, require
from portal.enums import Role
from portal.http import SignedInRequest
from workflows import actions, collect, engine, rules
from workflows.enums import Stage
from workflows.forms.campaigns import AdviceForm, DossierForm, ListForm, WordingForm
from workflows.models import Case
from workflows.queries import campaigns as queries
from workflows.queries import counsel as room
from workflows.queries import policies

SHOWN = 200
DOSSIERS = (Role.COUNSEL, Role.OUTSIDE_COUNSEL, Role.ANALYST, Role.APPROVER)


@open_to(Role.COUNSEL)
@require_GET
def counsel(request: SignedInRequest) -> HttpResponse:
    own = _own(request)
    words = request.GET.get("q", "").strip()[:100]
    return render(
        request,
        "workflows/counsel/room.html",
        {
            "waiting": room.waiting(request.user, own)[:SHOWN],
            "now": clock.now(),
            "policies": policies.proposed(own),
            "drafts": room.without_wording(own)[:SHOWN],
            "campaigns": room.sent(own)[:20],
            "issued": room.issued(own)[:20],
            "words": words,
            "found": room.found(own, words)[:50],
        },
    )


def _own(request: SignedInRequest) -> list[UUID]:
    return [one.pk for one in queries.buyers(request.user, Role.COUNSEL)]


@open_to(Role.COUNSEL)
@require_http_methods(["GET", "POST"])
def campaign_wording(request: SignedInRequest, campaign_id: UUID) -> HttpResponseBase:
    rows = queries.visible(request.user).filter(buyer_id__in=_own(request))
    found = get_object_or_404(rows, pk=campaign_id)
    drafts = queries.drafts(found, SHOWN)
    form = WordingForm(request.POST or None, drafts=drafts)
    if form.is_valid():
        said = form.cleaned_data
        picked = [case for case in drafts if str(case.pk) in said["cases"]]
        done = actions.choose_wording(
            cases=picked,
            by=request.user,
            wording=said["wording"],
            reason=said["reason"],
            note=said["note"],
        )
        messages.success(request, _("The wording was recorded for %d suppliers.") % done)
        return redirect("workflows:campaign_wording", found.pk)
    return render(
        request,
        "workflows/counsel/wording.html",
        {"campaign": found, "form": form, "drafts": drafts},
    )


@open_to(Role.COUNSEL, Role.OUTSIDE_COUNSEL)
@require_http_methods(["GET", "POST"])
def case_advise(request: SignedInRequest, case_id: UUID) -> HttpResponseBase:
    rows = Case.objects.visible_to(request.user).select_related("supplier", "response", "policy")
    case = get_object_or_404(rows, pk=case_id)
    require(rules.may_advise(request.user, case))
    form = AdviceForm(request.POST or None, initial={"task": engine.open_task(case)})
    if form.is_valid():
        actions.advise(case=case, by=request.user, **form.cleaned_data)
        messages.success(request, _("The case is back where it was; its clocks were moved."))
        return redirect("workflows:case", case.pk)
    return render(request, "workflows/counsel/advise.html", {"case": case, "form": form})


@open_to(*DOSSIERS)
@require_http_methods(["GET", "POST"])
def case_dossier(request: SignedInRequest, case_id: UUID) -> HttpResponseBase:
    """Ask for the audit trail in an edition, and find those issued before."""
    rows = Case.objects.visible_to(request.user).exclude(stage=Stage.DRAFT)
    related = ("supplier", "buyer", "chain", "policy", "response", "campaign__version")
    case = get_object_or_404(rows.select_related(*related), pk=case_id)
    require(rules.may_download_dossier(request.user, case, counsel=False))
    may_counsel = rules.may_download_dossier(request.user, case, counsel=True).allowed
    form = DossierForm(
        request.POST or None,
        initial={"language": request.user.language},
        since=case.created_at.astimezone(ZoneInfo(case.buyer.zone)).date(),
        zone=case.buyer.zone,
    )
    if form.is_valid():
        wants_counsel = request.POST.get("edition") == Edition.COUNSEL
        require(rules.may_download_dossier(request.user, case, counsel=wants_counsel))
        edition = Edition.COUNSEL if wants_counsel else Edition.WORKING
        documents.request_dossier(
            chain=case.chain,
            buyer=case.buyer,
            supplier=case.supplier,
            content=collect.dossier(case, edition=edition, **form.cleaned_data),
            by=request.user,
        )
        messages.success(request, _("The document is being written. It appears below."))
        return redirect("workflows:case_dossier", case.pk)
    return render(
        request,
        "workflows/counsel/dossier.html",
        {
            "case": case,
            "form": form,
            "may_counsel": may_counsel,
            "issued": room.trails(case, counsel=may_counsel)[:50],
        },
    )


@open_to(Role.COUNSEL)
@require_POST
def campaign_register(request: SignedInRequest, campaign_id: UUID) -> HttpResponseBase:
    rows = queries.visible(request.user).filter(buyer_id__in=_own(request))
    found = get_object_or_404(rows, pk=campaign_id)
    documents.request_dossier(
        chain=found.buyer.chain,
        buyer=found.buyer,
        supplier=None,
        content=collect.register(found, language=request.user.language),
        by=request.user,
    )
    messages.success(request, _("The register is being written. It appears in counsel's room."))
    return redirect("workflows:counsel")


@open_to(Role.COUNSEL, Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def lists(request: SignedInRequest) -> HttpResponseBase:
    """The dated lists of prohibited companies (clause B4, second sentence)."""
    buyer = queries.buyers(request.user, Role.COUNSEL, Role.ADMINISTRATOR)[0]
    form = ListForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        actions.upload_list(buyer=buyer, by=request.user, **form.cleaned_data)
        messages.success(request, _("The list was kept with its fingerprint."))
        return redirect("workflows:lists")
    return render(
        request,
        "workflows/counsel/lists.html",
        {"form": form, "lists": queries.lists([buyer])[:SHOWN]},
    )
