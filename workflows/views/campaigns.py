"""Campaigns: prepared, checked, seen as the supplier will, and sent."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from documents.templatetags.printing import country as country_name
from portal import clock
from portal.access import open_to, require
from portal.enums import Language, Role, Wording
from portal.http import SignedInRequest
from portal.models import Organisation
from questionnaires import queries as answers
from questionnaires.definition import Choice, Question, Section, Text
from workflows import actions, calendar, letters, rules
from workflows.enums import CampaignState, Stage
from workflows.forms.campaigns import CampaignForm, PickForm, PreviewForm
from workflows.forms.policies import summary
from workflows.models import Campaign, Case
from workflows.queries import campaigns as queries
from workflows.queries import duties, exits, policies
from workflows.views.found import calendar_notes

READERS = (Role.CAMPAIGN_MANAGER, Role.COUNSEL)
SHOWN = 500


def _found(request: SignedInRequest, campaign_id: UUID) -> Campaign:
    return get_object_or_404(queries.visible(request.user), pk=campaign_id)


def _readiness(found: Campaign) -> list[dict[str, Any]]:
    return [
        {"case": case, "missing": rules.missing_for_issue(case)}
        for case in queries.drafts(found, SHOWN)
    ]


@open_to(*READERS)
@require_GET
def campaigns(request: SignedInRequest) -> HttpResponse:
    rows = queries.with_counts(queries.visible(request.user)).order_by("-created_at", "pk")[:100]
    may_prepare = bool(queries.buyers(request.user, Role.CAMPAIGN_MANAGER))
    return render(
        request,
        "workflows/campaigns/campaigns.html",
        {"campaigns": rows, "may_prepare": may_prepare},
    )


@open_to(Role.CAMPAIGN_MANAGER)
@require_http_methods(["GET", "POST"])
def campaign_new(request: SignedInRequest) -> HttpResponseBase:
    buyer = queries.buyers(request.user, Role.CAMPAIGN_MANAGER)[0]
    versions = list(queries.versions(buyer))
    lists = list(queries.lists([buyer]))
    newest = actions.latest_policy(buyer)
    form = CampaignForm(
        request.POST or None,
        versions=versions,
        lists=lists,
        policies=list(policies.in_force(buyer)),
        initial={"due_on": newest.due_on(clock.today(buyer.zone))},
    )
    if form.is_valid():
        said = form.cleaned_data
        made = actions.create_campaign(
            buyer=buyer,
            by=request.user,
            name=said["name"],
            version=next(one for one in versions if str(one.pk) == said["version"]),
            due_on=said["due_on"],
            prohibited_list=next(
                (one for one in lists if str(one.pk) == said["prohibited_list"]), None
            ),
            policy=said["policy"],
        )
        messages.success(request, _("The campaign is open. Now choose its suppliers."))
        return redirect("workflows:campaign_suppliers", made.pk)
    return render(request, "workflows/campaigns/new.html", {"form": form, "versions": versions})


@open_to(*READERS)
@require_GET
def campaign(request: SignedInRequest, campaign_id: UUID) -> HttpResponse:
    found = _found(request, campaign_id)
    is_draft = found.state == CampaignState.DRAFT
    ready = _readiness(found) if is_draft else []
    stages = queries.by_stage(found)
    total = sum(number for _stage, number in stages)
    waiting = sum(number for stage, number in stages if stage == Stage.DRAFT)
    return render(
        request,
        "workflows/campaigns/campaign.html",
        {
            "campaign": found,
            "is_draft": is_draft,
            "ready": ready,
            "not_ready": [one for one in ready if one["missing"]],
            "without_wording": sum(1 for one in ready if not one["case"].wording),
            "stages": stages,
            "total": total,
            "sent": total - waiting,
            "lacks_three": is_draft and exits.lacks_three(found.buyer_id),
            "problems": _problems(found),
            "late_mapping": duties.missed_mapping(found.buyer_id),
            "may_prepare": rules.may_prepare(request.user, found.buyer_id).allowed,
            "policy": summary(found.policy),
            "newer_policy": policies.in_force(found.buyer)
            .filter(number__gt=found.policy.number)
            .first()
            if is_draft
            else None,
            "calendar_notes": calendar_notes(
                [found.buyer.country, *(one["case"].supplier.country for one in ready)]
            )
            if is_draft
            else [],
            "moved_due_dates": _moved_due_dates(found, ready),
            "is_short": is_draft and found.due_on < _proposed_due(found),
            "may_counsel": request.user.holds(Role.COUNSEL, found.buyer_id),
            "cases": () if is_draft else queries.sent_cases(found, SHOWN),
        },
    )


def _moved_due_dates(found: Campaign, ready: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Countries where the due date lies in a quiet time, each with the day it moves to."""
    countries = sorted({one["case"].supplier.country for one in ready})
    return [
        {"country": country_name(country), "day": calendar.out_of_quiet(found.due_on, country)}
        for country in countries
        if calendar.is_quiet(found.due_on, country)
    ]


def _proposed_due(found: Campaign) -> date:
    return found.policy.due_on(clock.today(found.buyer.zone))


def _problems(found: Campaign) -> list[dict[str, str]]:
    rows = found.slices.exclude(problems=[]).values_list("problems", flat=True)
    return [one for row in rows for one in row]


@open_to(Role.CAMPAIGN_MANAGER)
@require_http_methods(["GET", "POST"])
def campaign_suppliers(request: SignedInRequest, campaign_id: UUID) -> HttpResponseBase:
    found = _found(request, campaign_id)
    require(rules.may_prepare(request.user, found.buyer_id))
    words = request.GET.get("q", "").strip()[:100]
    there = found.cases.values("supplier_id")
    rows = list(queries.suppliers([found.buyer], words).exclude(pk__in=there)[: SHOWN + 1])
    data = request.POST if request.method == "POST" else None
    form = PickForm(data, choices=[str(one.pk) for one in rows])
    if form.is_valid():
        picked = set(form.cleaned_data["suppliers"])
        made = actions.add_suppliers(
            campaign=found,
            by=request.user,
            suppliers=[one for one in rows if str(one.pk) in picked],
        )
        messages.success(request, _("Suppliers added: %d.") % len(made))
        return redirect("workflows:campaign", found.pk)
    return render(
        request,
        "workflows/campaigns/pick.html",
        {
            "campaign": found,
            "form": form,
            "suppliers": rows[:SHOWN],
            "is_cut": len(rows) > SHOWN,
            "words": words,
        },
    )


@open_to(Role.CAMPAIGN_MANAGER)
@require_POST
def campaign_drop(request: SignedInRequest, campaign_id: UUID, case_id: UUID) -> HttpResponseBase:
    found = _found(request, campaign_id)
    case = queries.draft(found, case_id)
    if case is None:
        raise Http404
    actions.withdraw(case=case, by=request.user, reason=_("Taken out before it was sent."))
    messages.success(request, _("%s was taken out of this campaign.") % case.supplier)
    return redirect("workflows:campaign", found.pk)


@open_to(Role.CAMPAIGN_MANAGER)
@require_http_methods(["GET", "POST"])
def campaign_launch(request: SignedInRequest, campaign_id: UUID) -> HttpResponseBase:
    found = _found(request, campaign_id)
    require(rules.may_prepare(request.user, found.buyer_id))
    if request.method == "POST":
        actions.launch(campaign=found, by=request.user)
        messages.success(request, _("The campaign is being sent."))
        return redirect("workflows:campaign", found.pk)
    ready = _readiness(found)
    return render(
        request,
        "workflows/campaigns/launch.html",
        {
            "campaign": found,
            "policy": summary(found.policy),
            "ready": [one for one in ready if not one["missing"]],
            "not_ready": [one for one in ready if one["missing"]],
        },
    )


@open_to(*READERS)
@require_GET
def campaign_preview(request: SignedInRequest, campaign_id: UUID) -> HttpResponse:
    """The instruction and every question, exactly as a supplier will read them."""
    found = _found(request, campaign_id)
    form = PreviewForm(request.GET)
    wording, language = Wording.TRACEABILITY, Language.EN
    if form.is_valid():
        wording = Wording(form.cleaned_data["wording"])
        language = Language(form.cleaned_data["language"])
    case = Case(
        campaign=found,
        buyer=found.buyer,
        supplier=_example(found),
        wording=wording,
        due_at=None,
        prohibited_list=found.prohibited_list,
    )
    letter = letters.instruction(case, language, due_on=found.due_on)
    definition = answers.questionnaire(found.version)
    return render(
        request,
        "workflows/campaigns/preview.html",
        {
            "campaign": found,
            "letter": letter,
            "blocks": letter.text.split("\n\n"),
            "wording": wording,
            "wordings": Wording.choices,
            "chosen": language,
            "spoken": "zh-Hans" if language == Language.ZH else language,
            "languages": Language.choices,
            "sections": [_section(one, wording, language) for one in definition.sections],
        },
    )


def _example(found: Campaign) -> Organisation:
    first = found.cases.select_related("supplier").order_by("pk").first()
    return first.supplier if first else found.buyer


def _section(section: Section, wording: str, language: str) -> dict[str, Any]:
    def text(found: Text | None) -> str:
        return found.of(wording, language) if found else ""

    return {
        "title": text(section.title),
        "intro": text(section.intro),
        "is_table": section.repeat is not None,
        "questions": [
            {
                "label": text(question.label),
                "hint": text(question.hint),
                "is_required": bool(question.required),
                "choices": [text(one.label) for one in _choices(question)],
                "statements": [text(one.label) for one in question.statements],
            }
            for question in section.questions
        ],
    }


def _choices(question: Question) -> tuple[Choice, ...]:
    """Choices worth printing: not the provinces and countries of the world."""
    found = question.choices
    return found.choices if found and not found.external else ()
