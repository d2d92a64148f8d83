from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from portal.access import open_to
from portal.http import SignedInRequest
from questionnaires import rules
from questionnaires.definition import QuestionType, Section, split_path
from questionnaires.enums import Progress
from questionnaires.views.finding import (
    ANSWERING,
    Page,
    page_for,
    response_for,
    successor_of,
    url_of_path,
    url_of_section,
)

COLOURS = {
    Progress.BLOCKED: "",
    Progress.NOT_STARTED: "",
    Progress.IN_PROGRESS: "harbour",
    Progress.CORRECTION: "amber",
    Progress.READY: "green",
}


@open_to(*ANSWERING)
@require_GET
def overview(request: SignedInRequest, response_id: UUID) -> HttpResponse:
    response = response_for(request, response_id)
    if (successor := successor_of(response)) is not None:
        return redirect("questionnaires:carried", successor.pk)
    page = page_for(request, response)
    may_edit = rules.may_edit(request.user, response)
    sections = page.draft.sections
    context = {
        "response": response,
        "page": page,
        "tasks": [_task(page, section, is_open=bool(may_edit)) for section in sections],
        "corrections": [
            {
                "correction": one,
                "label": _label(page, one.path),
                "url": url_of_path(response, page.draft, one.path),
            }
            for one in page.draft.corrections
        ],
        "closed": "" if may_edit else may_edit.sentence,
        "done": page.draft.ready,
        "total": len(sections),
        "open_requests": _open_requests(page),
        "comments": [comment for comment in page.comments if not comment.path],
        "saved": page.draft.saved,
        "to_confirm": len(page.draft.to_confirm),
    }
    return render(request, "questionnaires/overview.html", context)


def _label(page: Page, path: str) -> str:
    """Name what was sent back: the question, with its row, or the whole table."""
    definition = page.draft.questionnaire
    if path.endswith("[*]"):
        return page.words.text(definition.tables[path.removesuffix("[*]")].title)
    key, row = split_path(path)
    question = definition.questions[key]
    title = page.words.rows_of(question.table).get(row, "") if row else ""
    return ": ".join(filter(None, [title, page.words.text(question.label)]))


def _task(page: Page, section: Section, *, is_open: bool) -> dict[str, object]:
    progress = page.draft.evaluation.progress[section.key]
    state, hint = Progress(progress.state), ""
    label = str(state.label)
    if first := _blocked_by(page, section):
        state, label = Progress.BLOCKED, str(Progress.BLOCKED.label)
        hint = _("Answer “%(section)s” first.") % {"section": page.words.text(first.title)}
    elif section.repeat:
        count = len(page.draft.answers[section.key]["rows"])
        hint = _("Entries: %(count)s") % {"count": count} if count else ""
    if waiting := _to_confirm(page, section):
        said = ngettext("To confirm: %(n)d answer", "To confirm: %(n)d answers", waiting)
        hint = " · ".join(filter(None, [hint, said % {"n": waiting}]))
    elif state == Progress.NOT_STARTED and progress.is_complete:
        label = _("Optional")
    is_linked = is_open and state != Progress.BLOCKED
    return {
        "title": page.words.text(section.title),
        "hint": hint,
        "state": label,
        "colour": COLOURS[state],
        "url": url_of_section(page.response, section) if is_linked else "",
    }


def _to_confirm(page: Page, section: Section) -> int:
    """How many answers carried over into this section wait to be confirmed."""
    mine = {question.key for question in section.questions}
    return sum(split_path(path)[0] in mine for path in page.draft.to_confirm)


def _blocked_by(page: Page, section: Section) -> Section | None:
    """The table whose rows this section must choose from, while it has none."""
    for question in section.questions:
        if question.type != QuestionType.SELECT_ROW or question.required is not True:
            continue
        table = page.draft.questionnaire.tables[question.rows_of]
        if table in page.draft.sections and not page.draft.answers[table.key]["rows"]:
            return table
    return None


def _open_requests(page: Page) -> int:
    files = {
        q.key for q in page.draft.questionnaire.questions.values() if q.type == QuestionType.FILE
    }
    return sum(path.rpartition(".")[2] in files for path in page.draft.missing)
