"""Counsel's room: wordings to choose, replies to advise on, records to take away."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from documents import actions as documents
from documents.enums import DossierKind, Edition
from documents.models import Dossier
from portal.access import open_to, require
from portal.enums import Role
from portal.http import SignedInRequest
from workflows import actions, collect, engine, rules
from workflows.enums import CampaignState, Stage
from workflows.forms.campaigns import AdviceForm, DossierForm, ListForm, WordingForm
from workflows.models import Campaign, Case, ProhibitedList
from workflows.queries import campaigns as queries

SHOWN = 200
DOSSIERS = (Role.COUNSEL, Role.ANALYST, Role.APPROVER)


@open_to(Role.COUNSEL)
@require_GET
def counsel(request: SignedInRequest) -> HttpResponse:
    own = [one.pk for one in queries.buyers(request.user, Role.COUNSEL)]
    cases = Case.objects.filter(buyer_id__in=own).select_related("supplier", "campaign")
    held = Q(stage=Stage.WITH_COUNSEL)
    mine = Q(escalated_person=request.user, stage=Stage.REVIEW)
    drafts = Campaign.objects.filter(
        buyer_id__in=own, state=CampaignState.DRAFT, cases__stage=Stage.DRAFT, cases__wording=""
    )
    words = request.GET.get("q", "").strip()[:100]
    found = cases.filter(
        Q(reference__iexact=words)
        | Q(supplier__name__icontains=words)
        | Q(supplier__name_en__icontains=words)
    )
    return render(
        request,
        "workflows/counsel/room.html",
        {
            "waiting": cases.filter(held | mine).order_by("next_act_at", "pk")[:SHOWN],
            "drafts": drafts.distinct().order_by("due_on", "pk")[:SHOWN],
            "campaigns": Campaign.objects.filter(buyer_id__in=own)
            .exclude(state=CampaignState.DRAFT)
            .order_by("-launched_at", "pk")[:20],
            "issued": Dossier.objects.filter(
                buyer_id__in=own, kind__in=[DossierKind.DOSSIER, DossierKind.REGISTER]
            ).order_by("-requested_at", "pk")[:20],
            "words": words,
            "found": found.order_by("supplier__name", "pk")[:50] if words else (),
        },
    )


@open_to(Role.COUNSEL)
@require_http_methods(["GET", "POST"])
def campaign_wording(request: SignedInRequest, campaign_id: UUID) -> HttpResponseBase:
    own = [one.pk for one in queries.buyers(request.user, Role.COUNSEL)]
    found = get_object_or_404(Campaign.objects.filter(buyer_id__in=own), pk=campaign_id)
    drafts = list(
        found.cases.filter(stage=Stage.DRAFT)
        .select_related("supplier", "wording_by")
        .order_by("supplier__country", "supplier__name", "pk")
    )
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


@open_to(Role.COUNSEL)
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
    form = DossierForm(request.POST or None, initial={"language": request.user.language})
    if form.is_valid():
        wants_counsel = request.POST.get("edition") == Edition.COUNSEL
        require(rules.may_download_dossier(request.user, case, counsel=wants_counsel))
        edition = Edition.COUNSEL if wants_counsel else Edition.WORKING
        documents.request_dossier(
            chain=case.chain,
            buyer=case.buyer,
            supplier=case.supplier,
            content=collect.dossier(case, edition=edition, language=form.cleaned_data["language"]),
            by=request.user,
        )
        messages.success(request, _("The document is being written. It appears below."))
        return redirect("workflows:case_dossier", case.pk)
    issued = Dossier.objects.filter(chain=case.chain, kind=DossierKind.DOSSIER)
    if not may_counsel:
        issued = issued.exclude(edition=Edition.COUNSEL)
    return render(
        request,
        "workflows/counsel/dossier.html",
        {
            "case": case,
            "form": form,
            "may_counsel": may_counsel,
            "issued": issued.order_by("-requested_at", "pk")[:50],
        },
    )


@open_to(Role.COUNSEL)
@require_POST
def campaign_register(request: SignedInRequest, campaign_id: UUID) -> HttpResponseBase:
    own = [one.pk for one in queries.buyers(request.user, Role.COUNSEL)]
    rows = Campaign.objects.filter(buyer_id__in=own)
    related = ("buyer__chain", "version", "prohibited_list")
    found = get_object_or_404(rows.select_related(*related), pk=campaign_id)
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
    rows = ProhibitedList.objects.filter(buyer=buyer).select_related("uploaded_by")
    return render(
        request,
        "workflows/counsel/lists.html",
        {"form": form, "lists": rows.order_by("-dated_on", "-uploaded_at")[:SHOWN]},
    )
