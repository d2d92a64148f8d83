"""One page of questions: shown, saved, and saved by itself while somebody types."""

import re
from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal.access import open_to
from portal.http import SignedInRequest
from questionnaires import actions, queries, rules
from questionnaires.actions import typed
from questionnaires.actions.signing import COMMITMENTS
from questionnaires.definition import Section
from questionnaires.enums import ResponseState
from questionnaires.forms import SectionForm
from questionnaires.models import Response
from questionnaires.views import table
from questionnaires.views.finding import (
    ANSWERING,
    Page,
    page_for,
    require_section,
    response_for,
    url_of_section,
    url_of_upload,
)

REV = re.compile(r'"(\d{1,9})"')


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def section(request: SignedInRequest, response_id: UUID, key: str) -> HttpResponse:
    response = response_for(request, response_id)
    if (away := _unless_open(request, response)) is not None:
        return away
    if request.method == "POST":
        return _save_and_go(request, response, key)
    page = page_for(request, response)
    asked = page.section(key)
    if asked.repeat:
        return table.show(request, page, asked)
    return _show_or_go_on(request, page, asked)


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def row(request: SignedInRequest, response_id: UUID, key: str, row: str) -> HttpResponse:
    response = response_for(request, response_id)
    if (away := _unless_open(request, response)) is not None:
        return away
    if request.method == "POST":
        return _save_and_go(request, response, key, row)
    page = page_for(request, response)
    return _show_or_go_on(request, page, page.section(key), row)


@open_to(*ANSWERING)
@require_POST
def save(request: SignedInRequest, response_id: UUID, key: str, row: str = "") -> HttpResponse:
    """Answer autosave: 204 with the new ETag, or what kept it from being stored."""
    response = response_for(request, response_id)
    require_section(response, key, row)
    found = REV.fullmatch(request.headers.get("If-Match", "").strip())
    if found is None:
        return JsonResponse({"error": _("Not saved.")}, status=428)
    try:
        document = actions.save_section(
            response=response,
            section=key,
            row=row,
            data=request.POST,
            rev=int(found[1]),
            by=request.user,
            explicit=False,
            language=queries.language(),
        )
    except actions.IdentityNumber as error:
        answer = {"error": _identity_number(), "field": f"id_{error.key}"}
        return JsonResponse(answer, status=422)
    return HttpResponse(status=204, headers={"ETag": f'"{document.rev}"'})


def _unless_open(request: SignedInRequest, response: Response) -> HttpResponse | None:
    """Send a reader of closed answers to where they can be read."""
    verdict = rules.may_edit(request.user, response)
    if verdict or request.method == "POST":
        return None  # the action asks again, and says why not
    return redirect("questionnaires:check", response.pk)


def _save_and_go(
    request: SignedInRequest, response: Response, key: str, row: str = ""
) -> HttpResponse:
    section = require_section(response, key, row)
    rev = request.POST.get("rev", "")
    try:
        actions.save_section(
            response=response,
            section=key,
            row=row,
            data=_filled_in(request, response, section),
            rev=int(rev) if rev.isdigit() else -1,
            by=request.user,
            explicit=True,
            language=queries.language(),
            still_true=_still_true(request, section),
        )
    except actions.IdentityNumber as error:
        page = page_for(request, response)
        errors = {error.key: _identity_number()}
        return _show(request, page, page.section(key), row, typed=request.POST, errors=errors)
    except actions.Behind as behind:
        return _show_both(request, response, key, row, str(behind))
    again = request.POST.get("go", "").partition("again:")[2]
    if again:
        actions.use_again(response=response, path=again, by=request.user)
    return _go(request, response, key, row)


def _still_true(request: SignedInRequest, section: Section) -> list[str]:
    """Keys of answers carried over that the button pressed confirms: one, or all that show."""
    pressed = request.POST.get("go", "").partition("confirm:")[2]
    if pressed == "*":
        asked = set(request.POST.get("asked", "").split())
        return [question.key for question in section.questions if question.key in asked]
    return [question.key for question in section.questions if question.key == pressed]


def _filled_in(request: SignedInRequest, response: Response, section: Section) -> QueryDict:
    """Return what was typed, with the columns of a company named before if that was asked."""
    prefix = request.POST.get("go", "").partition("fill:")[2]
    party = next((p for p in section.parties if p.prefix == prefix), None)
    if party is None:
        return request.POST
    chosen = request.POST.get(f"{prefix}-from", "")
    named = queries.named_parties(queries.draft(response))
    columns = next((one.columns for one in named if one.key == chosen), {})
    data = request.POST.copy()
    for part, value in columns.items():
        data[party.key(part)] = value
    data["asked"] = " ".join([data.get("asked", ""), *map(party.key, columns)])
    return data


def _go(request: HttpRequest, response: Response, key: str, row: str) -> HttpResponse:
    """Go where the button pressed says."""
    there = request.POST.get("go", "")
    if there.startswith("file:"):
        return redirect(url_of_upload(response, there.removeprefix("file:"), "section"))
    if there == "overview":
        return redirect("questionnaires:overview", response.pk)
    args = [response.pk, key, *([row] if row else [])]
    here = reverse("questionnaires:row" if row else "questionnaires:section", args=args)
    asked = len(request.POST.get("asked", "").split())
    then = "&then=next" if there == "next" else ""
    return redirect(f"{here}?saved={asked}{then}")


def _show_or_go_on(
    request: SignedInRequest, page: Page, section: Section, row: str = ""
) -> HttpResponse:
    """After “Save and continue” go on, unless an answer is wrong or brought up a question."""
    if row:
        page.row(section, row)
    form = _form(request, page, section, row)
    saved = request.GET.get("saved", "")
    more = len(form.keys.split()) - int(saved) if saved.isdigit() else 0
    if request.GET.get("then") == "next" and more <= 0 and not form.errors:
        return redirect(_next_url(page, section, row))
    return _show(request, page, section, row, form=form, more=max(more, 0))


def _next_url(page: Page, section: Section, row: str) -> str:
    if row:
        return url_of_section(page.response, section)
    sections = page.draft.sections
    place = sections.index(section) + 1
    if place < len(sections):
        return url_of_section(page.response, sections[place])
    return reverse("questionnaires:check", args=[page.response.pk])


def _form(
    request: SignedInRequest,
    page: Page,
    section: Section,
    row: str,
    *,
    typed: QueryDict | None = None,
    errors: Mapping[str, str] | None = None,
) -> SectionForm:
    is_correcting = page.response.state == ResponseState.CORRECTING
    return SectionForm(
        page.draft,
        section,
        row,
        typed=typed,
        errors=errors,
        comments=page.comments,
        only_open=is_correcting and "all" not in request.GET,
    )


def _show(  # noqa: PLR0913 - the same page after many turns
    request: SignedInRequest,
    page: Page,
    section: Section,
    row: str,
    *,
    form: SectionForm | None = None,
    typed: QueryDict | None = None,
    errors: Mapping[str, str] | None = None,
    more: int = 0,
    conflict: str = "",
    mine: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    form = form or _form(request, page, section, row, typed=typed, errors=errors)
    document = page.draft.documents[section.key]
    sections = page.draft.sections
    args = [page.response.pk, section.key, *([row] if row else [])]
    context = {
        "response": page.response,
        "page": page,
        "section": section,
        "form": form,
        "title": page.row(section, row) if row else page.words.text(section.title),
        "section_title": page.words.text(section.title),
        "intro": page.words.text(section.intro) if not row else "",
        "row": row,
        "rev": document.rev,
        "document": document,
        "number": sections.index(section) + 1,
        "total": len(sections),
        "due_on": page.response.due_on if section.key == COMMITMENTS else None,
        "is_about_people": section.clause == "A3",
        "is_correcting": page.response.state == ResponseState.CORRECTING,
        "shows_all": "all" in request.GET,
        "save_url": reverse(
            "questionnaires:row_save" if row else "questionnaires:section_save", args=args
        ),
        "back_url": url_of_section(page.response, section)
        if row
        else reverse("questionnaires:overview", args=[page.response.pk]),
        "is_saved": "saved" in request.GET,
        "more": more,
        "conflict": conflict,
        "mine": mine,
        "still_missing": [one for one in form.asked if one.is_missing],
    }
    status = 409 if conflict else 422 if errors else 200
    return render(request, "questionnaires/section.html", context, status=status)


def _show_both(
    request: SignedInRequest, response: Response, key: str, row: str, sentence: str
) -> HttpResponse:
    """Show what stands now, and below it what this person typed where it differs."""
    page = page_for(request, response)
    section = page.section(key)
    if row:
        page.row(section, row)
    form = _form(request, page, section, row)
    beside = {asked.question.key: asked for asked in form.asked}
    mine = []
    for name, answer in typed.read(section.questions, request.POST).items():
        if answer == form.stored.get(name):
            continue
        question = page.draft.questionnaire.questions[name]
        shown = page.words.shown(question, answer)
        if name in beside:
            beside[name].mine = shown
        else:
            mine.append((page.words.text(question.label), "\n".join(shown.lines)))
    return _show(request, page, section, row, form=form, conflict=sentence, mine=mine)


def _identity_number() -> str:
    return _(
        "This looks like a resident identity number. We don't store those. Take it out: nothing"
        " on this page was saved."
    )
