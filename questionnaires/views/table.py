"""A table: its rows by title, and what can be done with them."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.access import open_to
from portal.http import SignedInRequest
from questionnaires import actions, queries
from questionnaires.definition import QuestionType, Section
from questionnaires.enums import Progress, ResponseState
from questionnaires.views.finding import ANSWERING, Page, response_for, url_of_section


def show(request: SignedInRequest, page: Page, section: Section) -> HttpResponse:
    document = page.draft.documents[section.key]
    sections = page.draft.sections
    place = sections.index(section)
    removed = {taken["row"]["id"]: taken["row"] for taken in document.data.get("removed", ())}
    context = {
        "response": page.response,
        "page": page,
        "section": section,
        "title": page.words.text(section.title),
        "intro": page.words.text(section.intro),
        "number": place + 1,
        "total": len(sections),
        "rows": _rows(page, section),
        "may_add": page.draft.may_change(f"{section.table}[*]"),
        "is_full": section.repeat is not None
        and len(document.data.get("rows", ())) >= section.repeat.max,
        "removed": [
            {"id": key, "title": _title_of(page, section, taken)}
            for key, taken in reversed(removed.items())
        ],
        "just_removed": request.GET.get("removed", ""),
        "is_about_people": section.clause == "A3",
        "is_correcting": page.response.state == ResponseState.CORRECTING,
        "correction": page.draft.correction_at(f"{section.table}[*]"),
        "flaw": page.draft.flaws.get(section.table, ""),
        "is_short": section.table in page.draft.missing,
        "to_confirm": _to_confirm(page, section),
        "next_url": url_of_section(page.response, sections[place + 1])
        if place + 1 < len(sections)
        else reverse("questionnaires:check", args=[page.response.pk]),
    }
    return render(request, "questionnaires/table.html", context)


def _rows(page: Page, section: Section) -> list[dict[str, object]]:
    draft = page.draft
    flawed = {path.partition(".")[0] for path in draft.flaws}
    missing = {path.partition(".")[0] for path in draft.missing}
    marked = {c.path.partition(".")[0] for c in draft.corrections if not c.answered_at}
    rows: list[dict[str, object]] = []
    for stored in draft.answers[section.key]["rows"]:
        place = f"{section.table}[{stored['id']}]"
        state = Progress.READY
        if place in flawed or place in marked:
            state = Progress.CORRECTION
        elif place in missing:
            state = Progress.IN_PROGRESS if stored["answers"] else Progress.NOT_STARTED
        rows.append(
            {
                "id": stored["id"],
                "title": page.words.rows_of(section.table)[stored["id"]],
                "state": state.label,
                "colour": {"READY": "green", "CORRECTION": "amber"}.get(state, "harbour"),
                "url": url_of_section(page.response, section, stored["id"]),
            }
        )
    return rows


def _to_confirm(page: Page, section: Section) -> list[dict[str, object]]:
    """What was carried over and is not confirmed yet, row by row, in words."""
    rows: list[dict[str, object]] = []
    for row, title in page.words.rows_of(section.table).items():
        told = [
            (page.words.text(question.label), page.words.shown(question, waiting))
            for question in section.questions
            if (waiting := page.draft.to_confirm.get(question.path(row))) is not None
            and question.type != QuestionType.FILE
        ]
        if told:
            rows.append({"title": title, "told": told})
    return rows


def _title_of(page: Page, section: Section, row: dict[str, object]) -> str:
    reader = page.words.reader
    only = {section.key: {"rows": [row]}}
    return type(reader)(
        reader.definition, {**reader.answers, **only}, reader.wording, reader.language
    ).row_title(section.table, str(row["id"]))


@open_to(*ANSWERING)
@require_POST
def add(request: SignedInRequest, response_id: UUID, key: str) -> HttpResponse:
    response = response_for(request, response_id)
    row = actions.add_row(
        response=response, section=key, by=request.user, language=queries.language()
    )
    return redirect("questionnaires:row", response.pk, key, row)


@open_to(*ANSWERING)
@require_POST
def confirm(request: SignedInRequest, response_id: UUID, key: str) -> HttpResponse:
    response = response_for(request, response_id)
    actions.confirm_rows(
        response=response, section=key, by=request.user, language=queries.language()
    )
    messages.success(request, _("Confirmed. These answers count again."))
    return redirect("questionnaires:section", response.pk, key)


@open_to(*ANSWERING)
@require_POST
def copy(request: SignedInRequest, response_id: UUID, key: str, row: str) -> HttpResponse:
    response = response_for(request, response_id)
    new = actions.copy_row(
        response=response, section=key, row=row, by=request.user, language=queries.language()
    )
    return redirect("questionnaires:row", response.pk, key, new)


@open_to(*ANSWERING)
@require_POST
def remove(request: SignedInRequest, response_id: UUID, key: str, row: str) -> HttpResponse:
    response = response_for(request, response_id)
    actions.remove_row(
        response=response, section=key, row=row, by=request.user, language=queries.language()
    )
    there = reverse("questionnaires:section", args=[response.pk, key])
    return redirect(f"{there}?{urlencode({'removed': row})}")


@open_to(*ANSWERING)
@require_POST
def restore(request: SignedInRequest, response_id: UUID, key: str, row: str) -> HttpResponse:
    response = response_for(request, response_id)
    actions.restore_row(
        response=response, section=key, row=row, by=request.user, language=queries.language()
    )
    return redirect("questionnaires:section", response.pk, key)
