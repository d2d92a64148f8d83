"""How a response begins, and how a supplier writes in it."""

import copy
import json
import secrets
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from portal import clock, ledger
from portal.access import Conflict, Refused, require
from portal.models import LedgerChain, Organisation, User
from questionnaires import queries, rules
from questionnaires.actions import typed
from questionnaires.actions.reviewing import mark_answered
from questionnaires.definition import QuestionType, Section
from questionnaires.enums import ResponseState
from questionnaires.models import QuestionnaireVersion, Response, SectionDocument

REMOVED_KEPT = 20


class Behind(Conflict):
    """Somebody saved this section in between; `document` is as it stands now."""

    def __init__(self, sentence: str, document: SectionDocument) -> None:
        super().__init__(sentence)
        self.document = document


def open_response(  # noqa: PLR0913 - whose it is, and what is asked in which words
    *,
    buyer: Organisation,
    supplier: Organisation,
    chain: LedgerChain,
    version: QuestionnaireVersion,
    wording: str,
    language: str,
    by: User,
    due_on: date | None = None,
    previous: Response | None = None,
) -> Response:
    """Create a response that nobody has acknowledged; part of the act that issues a case.

    `language` is the supplier's at first; the reader may switch on every page.
    """
    response = Response.objects.create(
        buyer=buyer,
        supplier=supplier,
        chain=chain,
        version=version,
        wording=wording,
        language=language,
        previous=previous,
        zone=supplier.zone or "UTC",
        due_on=due_on,
        opened_at=clock.now(),
        opened_by=by,
    )
    ledger.record(
        "response.opened",
        by=by,
        on=response,
        data={
            "response": str(response.pk),
            "questionnaire": version.key,
            "version": version.version,
            "sha256": version.sha256,
            "wording": str(wording),
            "language": str(language),
        },
    )
    return response


@transaction.atomic
def begin(*, response: Response) -> Response:
    """Let the supplier write: an empty document for each section. Doing it twice is harmless."""
    response = Response.objects.select_for_update().get(pk=response.pk)
    if response.state != ResponseState.WAITING:
        return response
    sections = queries.questionnaire(response.version).sections
    SectionDocument.objects.bulk_create(
        SectionDocument(response=response, section=section.key, data=_empty(section))
        for section in sections
    )
    response.state = ResponseState.OPEN
    response.begun_at = clock.now()
    response.save(update_fields=["state", "begun_at"])
    return response


def _empty(section: Section) -> dict[str, Any]:
    return {"rows": []} if section.repeat else {"answers": {}}


def save_section(  # noqa: PLR0913 - where, what, on which state, by whom and how
    *,
    response: Response,
    section: str,
    data: typed.Typed,
    rev: int,
    by: User,
    explicit: bool,
    language: str,
    row: str = "",
    still_true: Collection[str] = (),
) -> SectionDocument:
    """Keep what was typed in one section, or in one row of a table; it need not be valid.

    `rev` is the number of the save the page was made from; `still_true` are keys whose answer
    carried over is confirmed, unless another was typed. Raises Behind (a Conflict) when
    somebody saved in between, Conflict when the answers are signed, Refused if `by` may not
    or an answer was not sent back, IdentityNumber (nothing is stored). Only an explicit
    save is a ledger event.
    """
    document = _document(response, section)
    require(rules.may_edit(by, document.response))
    asked = queries.questionnaire(document.response.version).section_of[section]
    read = typed.read(asked.questions, data)

    changed: list[str] = []

    def write(content: dict[str, Any]) -> None:
        answers = _answers_of(content, row)
        confirmed = _last_of(content, row)
        for key in still_true:
            if key in confirmed and read.get(key) is None:
                read[key] = confirmed[key]
        changed.extend(
            question.path(row)
            for question in asked.questions
            if question.key in read and read[question.key] != answers.get(question.key)
        )
        _require_sent_back(document.response, changed)
        for key, answer in read.items():
            if answer is None:
                answers.pop(key, None)
            else:
                answers[key] = answer

    try:
        with transaction.atomic():
            _store(document, write, rev=rev, by=by, explicit=explicit, language=language)
            mark_answered(document.response, changed)
    except Behind as behind:
        # the same form sent twice is no conflict
        if not _says_the_same(behind.document, row, read):
            raise
        return behind.document
    return document


def _says_the_same(document: SectionDocument, row: str, read: Mapping[str, Any]) -> bool:
    answers = _answers_of(document.data, row)
    return all(answers.get(key) == answer for key, answer in read.items())


def _document(response: Response, section: str) -> SectionDocument:
    found = (
        SectionDocument.objects.select_related("response__version")
        .defer("response__version__definition")
        .filter(response_id=response.pk, section=section)
        .first()
    )
    if found is None:
        raise Conflict(rules.not_now(response) or _("There is no such section."))
    return found


def _answers_of(content: dict[str, Any], row: str) -> dict[str, Any]:
    if not row:
        answers: dict[str, Any] = content.setdefault("answers", {})
        return answers
    for one in content.get("rows", []):
        if one["id"] == row:
            found: dict[str, Any] = one["answers"]
            return found
    raise Conflict(_("This row was removed. You can bring it back from the list."))


def _last_of(content: Mapping[str, Any], row: str) -> Mapping[str, Any]:
    """What was carried over beside the answers of a page or row."""
    for one in content.get("rows", [content]):
        if one.get("id", "") == row:
            found: Mapping[str, Any] = one.get("last", {})
            return found
    return {}


def _require_sent_back(response: Response, changed: Collection[str]) -> None:
    """After a return for correction only named answers, and what they reveal, may change."""
    if response.state != ResponseState.CORRECTING or not changed:
        return
    may_change = queries.draft(response).may_change
    if not all(may_change(path) for path in changed):
        raise Refused(_("Only the answers that were sent back can be changed."))


def _store(
    document: SectionDocument,
    write: Callable[[dict[str, Any]], None],
    *,
    rev: int,
    by: User,
    explicit: bool,
    language: str,
) -> SectionDocument:
    """Write at `rev` or not at all.

    Each change of a response's state moves all revs on, so a save that began before a
    signature finds nothing to update.
    """
    content = copy.deepcopy(document.data)
    if document.rev == rev:
        write(content)
    moved = SectionDocument.objects.filter(pk=document.pk, rev=rev).update(
        data=content,
        rev=rev + 1,
        updated_by=by,
        updated_at=clock.now(),
        language=language,
    )
    if not moved:
        raise _behind(document)
    document.data, document.rev = content, rev + 1
    document.updated_by, document.updated_at = by, clock.now()
    if explicit:
        ledger.record(
            "response.saved",
            by=by,
            on=document.response,
            data={
                "response": str(document.response_id),
                "section": document.section,
                "rev": document.rev,
                "sha256": _digest(document),
            },
        )
    return document


def _behind(document: SectionDocument) -> Conflict:
    now = SectionDocument.objects.select_related("response", "updated_by").get(pk=document.pk)
    if not now.response.is_open:
        return Conflict(rules.not_now(now.response))
    at = clock.now() if now.updated_at is None else now.updated_at
    sentence = _("%(person)s saved this section at %(time)s, after you opened it.")
    said = {
        "person": now.updated_by or _("Somebody"),
        "time": at.astimezone(ZoneInfo(now.response.zone)).strftime("%H:%M"),
    }
    return Behind(sentence % said, now)


def _digest(document: SectionDocument) -> str:
    text = json.dumps(document.data, sort_keys=True, separators=(",", ":"))
    return ledger.salted(text, document.response.salt)


def change_rows(
    response: Response, section: str, by: User, language: str, write: Callable[[Any], Any]
) -> Any:
    """Change the rows of a table as they stand now; returns what `write` returns."""
    with transaction.atomic():
        document = (
            SectionDocument.objects.select_for_update(of=("self",))
            .select_related("response__version")
            .filter(response_id=response.pk, section=section)
            .first()
        )
        if document is None:
            raise Conflict(rules.not_now(response) or _("There is no such section."))
        # the join may have read the response before the lock was ours
        now = Response.objects.get(pk=response.pk)
        require(rules.may_edit(by, now))
        asked = queries.questionnaire(document.response.version).section_of[section]
        if asked.repeat is None:
            raise Conflict(_("This section has no rows."))
        if now.state == ResponseState.CORRECTING and not queries.draft(now).may_change(
            f"{asked.table}[*]"
        ):
            raise Refused(_("Only the answers that were sent back can be changed."))
        found: list[Any] = []

        def change(content: dict[str, Any]) -> None:
            content.setdefault("rows", [])
            content.setdefault("removed", [])
            found.append(write((content, asked)))

        _store(document, change, rev=document.rev, by=by, explicit=True, language=language)
        mark_answered(now, [f"{asked.table}[*]"])
        return found[0]


def _new_row(answers: dict[str, Any]) -> dict[str, Any]:
    return {"id": secrets.token_hex(4), "answers": answers}


def _require_room(content: dict[str, Any], section: Section) -> None:
    most = section.repeat.max if section.repeat else 0
    if len(content["rows"]) >= most:
        raise Conflict(_("This list is full: it holds %(most)s rows.") % {"most": most})


def _position(content: dict[str, Any], row: str) -> int:
    for position, one in enumerate(content["rows"]):
        if one["id"] == row:
            return position
    raise Conflict(_("This row was removed. You can bring it back from the list."))


def add_row(*, response: Response, section: str, by: User, language: str) -> str:
    """Add an empty row to a table; returns its id. Raises Refused or Conflict."""

    def write(table: tuple[dict[str, Any], Section]) -> str:
        content, asked = table
        _require_room(content, asked)
        content["rows"].append(_new_row({}))
        return str(content["rows"][-1]["id"])

    return str(change_rows(response, section, by, language, write))


def copy_row(*, response: Response, section: str, row: str, by: User, language: str) -> str:
    """Add a row with the answers of another, below it, without its files; returns its id."""

    def write(table: tuple[dict[str, Any], Section]) -> str:
        content, asked = table
        _require_room(content, asked)
        position = _position(content, row)
        files = {q.key for q in asked.questions if q.type == QuestionType.FILE}
        answers = {
            key: answer
            for key, answer in content["rows"][position]["answers"].items()
            if key not in files
        }
        content["rows"].insert(position + 1, _new_row(copy.deepcopy(answers)))
        return str(content["rows"][position + 1]["id"])

    return str(change_rows(response, section, by, language, write))


def remove_row(*, response: Response, section: str, row: str, by: User, language: str) -> None:
    """Take a row out; `restore_row` brings it back with its answers and files."""

    def write(table: tuple[dict[str, Any], Section]) -> None:
        content, _asked = table
        position = _position(content, row)
        taken = content["rows"].pop(position)
        removed = [*content["removed"], {"position": position, "row": taken}]
        content["removed"] = removed[-REMOVED_KEPT:]

    change_rows(response, section, by, language, write)


def restore_row(*, response: Response, section: str, row: str, by: User, language: str) -> None:
    """Undo `remove_row`; of several removals each can be undone, the last twenty are kept."""

    def write(table: tuple[dict[str, Any], Section]) -> None:
        content, asked = table
        for index, taken in enumerate(content["removed"]):
            if taken["row"]["id"] == row:
                _require_room(content, asked)
                content["rows"].insert(taken["position"], taken["row"])
                del content["removed"][index]
                return
        raise Conflict(_("This row can't be brought back any more."))

    change_rows(response, section, by, language, write)
