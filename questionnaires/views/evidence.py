"""Files as answers: what is asked for, and one upload at a time."""

from collections.abc import Callable, Iterable
from itertools import groupby
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from documents.enums import EvidenceState
from documents.forms import EvidenceForm
from documents.models import Evidence
from portal.access import open_to, require
from portal.http import SignedInRequest
from questionnaires import actions, queries, rules
from questionnaires.definition import QuestionType
from questionnaires.models import EvidenceLink, Response
from questionnaires.views.finding import (
    ANSWERING,
    Page,
    page_for,
    response_for,
    url_of_path,
    url_of_upload,
)

COLOURS = {
    EvidenceState.RELEASED: "green",
    EvidenceState.HELD: "violet",
    EvidenceState.REFUSED: "red",
}


@open_to(*ANSWERING)
@require_GET
def evidence(request: SignedInRequest, response_id: UUID) -> HttpResponse:
    response = response_for(request, response_id)
    page = page_for(request, response)
    may_edit = bool(rules.may_edit(request.user, response))
    requests = queries.requests(page.draft)
    context = {
        "response": response,
        "page": page,
        "groups": [
            (_claim(page, claim), [_shown(page, one, may_edit=may_edit) for one in found])
            for claim, found in groupby(sorted(requests, key=_by_claim(requests)), _claim_of)
        ],
        "count": len(requests),
        "missing": sum(one.is_missing for one in requests),
        "is_not_scanned": not settings.CLAMD,
        "limit": settings.EVIDENCE_MAX_BYTES,
    }
    return render(request, "questionnaires/evidence.html", context)


def _claim_of(one: queries.Request) -> str:
    return one.claim


def _by_claim(requests: list[queries.Request]) -> Callable[[queries.Request], int]:
    """Claims in the order in which they first come up."""
    order = {claim: place for place, claim in enumerate(dict.fromkeys(r.claim for r in requests))}
    return lambda one: order[one.claim]


def _claim(page: Page, claim: str) -> str:
    claims = page.draft.questionnaire.choices.get("claim")
    if claims and claim in claims.by_code:
        return page.words.text(claims.by_code[claim].label)
    return _("Other documents")


def _shown(page: Page, one: queries.Request, *, may_edit: bool) -> dict[str, object]:
    may_change = may_edit and page.draft.may_change(one.path)
    section_title = page.words.text(one.section.title)
    return {
        "request": one,
        "anchor": _anchor(one.path),
        "where": f"{section_title}: {one.row_title}" if one.row_title else section_title,
        "url": url_of_path(page.response, page.draft, one.path),
        "upload_url": url_of_upload(page.response, one.path, "evidence") if may_change else "",
        "said": page.words.shown(one.question, one.stored)
        if isinstance(one.stored, dict)
        else None,
        "files": files_of(one.links, may_change=may_change),
        "earlier": page.draft.earlier_files.get(one.path, ()) if may_change else (),
    }


def files_of(links: Iterable[EvidenceLink], *, may_change: bool) -> list[dict[str, object]]:
    """Files as the component `file_row` shows them."""
    return [
        {
            "link": link,
            "name": link.evidence.name,
            "state": EvidenceState(link.evidence.state).label,
            "colour": COLOURS.get(EvidenceState(link.evidence.state), "amber"),
            "url": reverse("documents:download", args=[link.evidence_id])
            if link.evidence.state == EvidenceState.RELEASED
            else "",
            "may_remove": may_change,
            "evidence": link.evidence,
            "why": why(link.evidence),
        }
        for link in links
    ]


def why(evidence: Evidence) -> str:
    """Why a file was held or refused, in the reader's language."""
    return str(evidence.get_problem_display()) if evidence.problem else ""


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def upload(request: SignedInRequest, response_id: UUID) -> HttpResponse:
    response = response_for(request, response_id)
    require(rules.may_edit(request.user, response))
    page = page_for(request, response)
    path, back = request.GET.get("for", ""), request.GET.get("back", "")
    asked = next((one for one in queries.requests(page.draft) if one.path == path), None)
    if asked is None or asked.question.type != QuestionType.FILE or not asked.question.evidence:
        raise Http404
    kinds = asked.question.evidence.kinds
    form = EvidenceForm(request.POST or None, request.FILES or None, kinds=kinds)
    there = (
        url_of_path(response, page.draft, path) if back == "section" else _place(response, path)
    )
    if form.is_valid():
        actions.attach(
            response=response,
            path=path,
            file=form.cleaned_data["file"],
            described=form.described(about=path),
            by=request.user,
        )
        messages.success(request, _("We have the file. It is being checked."))
        return redirect(there)
    context = {
        "response": response,
        "page": page,
        "form": form,
        "asked": asked,
        "where": page.words.text(asked.section.title),
        "back_url": there,
        "limit": settings.EVIDENCE_MAX_BYTES,
        "is_about_people": asked.claim == "people",
    }
    return render(request, "questionnaires/upload.html", context)


@open_to(*ANSWERING)
@require_POST
def use_again(request: SignedInRequest, response_id: UUID) -> HttpResponse:
    response = response_for(request, response_id)
    path = request.POST.get("for", "")
    actions.use_again(response=response, path=path, by=request.user)
    messages.success(request, _("The files answer this question again."))
    return redirect(_place(response, path))


def _place(response: Response, path: str) -> str:
    """Where a request for files stands on the page of all of them."""
    return f"{reverse('questionnaires:evidence', args=[response.pk])}#{_anchor(path)}"


def _anchor(path: str) -> str:
    return "f-" + path.replace("[", "-").replace("].", "-")


@open_to(*ANSWERING)
@require_POST
def detach(request: SignedInRequest, response_id: UUID, link_id: UUID) -> HttpResponse:
    response = response_for(request, response_id)
    link = get_object_or_404(response.evidence_links, pk=link_id)
    actions.detach(link=link, by=request.user)
    messages.success(request, _("The file no longer answers this question."))
    if request.POST.get("back") == "section":
        return redirect(url_of_path(response, queries.draft(response), link.path))
    return redirect(_place(response, link.path))
