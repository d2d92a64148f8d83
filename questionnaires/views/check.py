from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from portal.access import open_to
from portal.http import SignedInRequest
from questionnaires import queries, rules
from questionnaires.definition import split_path
from questionnaires.enums import Progress
from questionnaires.views.evidence import files_of
from questionnaires.views.finding import (
    ANSWERING,
    Page,
    page_for,
    response_for,
    successor_of,
    url_of_path,
    url_of_section,
)


@open_to(*ANSWERING)
@require_GET
def check(request: SignedInRequest, response_id: UUID) -> HttpResponse:
    response = response_for(request, response_id)
    page = page_for(request, response)
    may_edit = rules.may_edit(request.user, response)
    parts = queries.sheet(page.draft)
    context = {
        "response": response,
        "page": page,
        "closed": "" if may_edit else may_edit.sentence,
        "parts": [(part, _groups(page, part, is_open=bool(may_edit))) for part in parts],
        "points": [point for part in parts for point in _points(page, part)],
        "is_ready": page.draft.is_ready,
        "waiting": page.draft.waiting,
        "successor": successor_of(response),
        "unconfirmed": _unconfirmed(page),
    }
    return render(request, "questionnaires/check.html", context)


def _groups(page: Page, part: queries.Part, *, is_open: bool) -> list[dict[str, object]]:
    missing, flaws = set(page.draft.missing), page.draft.flaws
    links: dict[str, list] = {}
    for link in page.draft.links:
        links.setdefault(link.path, []).append(link)
    return [
        {
            "title": group.title,
            "lines": [
                {
                    "line": line,
                    "is_missing": line.path in missing,
                    "flaw": flaws.get(line.path, ""),
                    "files": files_of(links.get(line.path, ()), may_change=False),
                    "url": url_of_path(page.response, page.draft, line.path)
                    if is_open and page.draft.may_change(line.path)
                    else "",
                }
                for line in group.lines
            ],
        }
        for group in part.groups
    ]


def _points(page: Page, part: queries.Part) -> list[dict[str, str]]:
    """What is missing or wrong in one section, each with where it is put right."""
    draft, table = page.draft, part.section.table
    titles = {group.row: group.title for group in part.groups}
    labels = {line.path: line.label for group in part.groups for line in group.lines}
    open_paths = [
        path
        for path in dict.fromkeys([*draft.flaws, *draft.missing])
        if path in labels or (table and path == table)
    ]
    if draft.evaluation.progress[part.key].state == Progress.NOT_STARTED and open_paths:
        # a page nobody has begun is one thing to do, not ten
        url = url_of_section(page.response, part.section)
        return [{"where": part.title, "label": "", "flaw": _("Not started"), "url": url}]
    to_confirm = draft.to_confirm.keys() - draft.earlier_files.keys()
    waiting = [path for path in open_paths if path in to_confirm]
    found = [_to_confirm(page, part, len(waiting))] if waiting else []
    return found + [
        {
            "where": " · ".join(filter(None, [part.title, titles.get(_row(path), "")])),
            "label": labels.get(path, ""),
            "flaw": draft.flaws.get(path, ""),
            "url": url_of_path(page.response, draft, path),
        }
        for path in open_paths
        if path not in waiting
    ]


def _to_confirm(page: Page, part: queries.Part, number: int) -> dict[str, str]:
    """Earlier answers of one section are confirmed together, so they are one thing to do."""
    said = ngettext("To confirm: %(n)d answer", "To confirm: %(n)d answers", number)
    url = url_of_section(page.response, part.section)
    return {"where": part.title, "label": "", "flaw": said % {"n": number}, "url": url}


def _unconfirmed(page: Page) -> list[dict[str, str]]:
    """Answers carried over that may stay empty, and would be lost without a word at signing."""
    draft, definition = page.draft, page.draft.questionnaire
    found = []
    for path in draft.to_confirm:
        if path in draft.missing or path not in draft.visible:
            continue
        key, row = split_path(path)
        question = definition.questions[key]
        title = page.words.rows_of(question.table).get(row, "") if row else ""
        label = " · ".join(filter(None, [title, page.words.text(question.label)]))
        found.append({"label": label, "url": url_of_path(page.response, draft, path)})
    return found


def _row(path: str) -> str:
    return split_path(path)[1]
