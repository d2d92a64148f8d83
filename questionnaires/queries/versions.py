"""What a newer version, or another year, makes of a draft: stays, is confirmed, falls away."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import Q

from portal.enums import Wording
from questionnaires import logic
from questionnaires.changes import Carry, Change, ChangeClass, compare
from questionnaires.definition import (
    Prefill,
    Question,
    Questionnaire,
    QuestionType,
    Section,
    split_path,
)
from questionnaires.models import EvidenceLink, QuestionnaireVersion, Response
from questionnaires.queries.definitions import is_signing, language, questionnaire
from questionnaires.queries.drafts import Draft
from questionnaires.queries.words import Shown, Words

NOT_CARRIED = frozenset({QuestionType.DECLARATION, QuestionType.NOTE})


class Fate(StrEnum):
    """What becomes of one stored answer."""

    STAYS = "stays"
    CONFIRM = "confirm"
    LEFT = "left"


class Moved(NamedTuple):
    """One stored answer, at its path, with what becomes of it."""

    path: str
    key: str
    row: str
    stored: Any
    fate: Fate


@dataclass
class Carried:
    """A draft in the shape of another version. Nothing of it is stored yet.

    `documents` maps section keys to data; `links` are those that go on answering their path.
    """

    answers: list[Moved]
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    links: list[EvidenceLink] = field(default_factory=list)

    def of(self, fate: Fate) -> list[Moved]:
        return [one for one in self.answers if one.fate is fate]


def newest(response: Response) -> QuestionnaireVersion | None:
    """The version this buyer would send today, if it is newer than that of the response."""
    mine = QuestionnaireVersion.objects.filter(pk=response.version_id).values("key")
    rows = QuestionnaireVersion.objects.filter(Q(buyer=None) | Q(buyer_id=response.buyer_id))
    found = rows.filter(key__in=mine).light().order_by("-published_at", "-version").first()
    return None if found is None or found.pk == response.version_id else found


def carried(draft: Draft, new: Questionnaire) -> Carried:
    """Work out what a draft becomes under another version of its questionnaire.

    Keys are for ever, so an answer stays where its key, type, table and codes are the same;
    where the meaning changed it is to be confirmed (questionnaires note, section 5).
    """
    old = draft.questionnaire
    carry = compare(old, new).carry
    found = Carried(
        [
            Moved(path, key, row, stored, _fate(old, new, carry, key, stored, is_open=is_open))
            for path, key, row, stored, is_open in _stored(draft)
        ]
    )
    found.documents = {section.key: _document(draft, section, found) for section in new.sections}
    staying = {one.path for one in found.of(Fate.STAYS)}
    found.links = [link for link in draft.links if link.path in staying]
    return found


def asked_anew(draft: Draft) -> Carried:
    """Work out what is left of a draft when all of it is asked for another time.

    What its question says may hold on (`prefill`) is to be confirmed, and files may be used
    again. All else is given anew, commitments above all; so are tables of which nothing holds
    on, with their rows (questionnaires note, section 7; content note, section 1).
    """
    lasting = {
        section.key
        for section in draft.questionnaire.sections
        if section.repeat is None or any(map(_may_hold_on, section.questions))
    }
    found = Carried(
        [
            Moved(path, key, row, stored, _fate_anew(draft, lasting, key, stored))
            for path, key, row, stored, _is_open in _stored(draft)
        ]
    )
    for section in draft.questionnaire.sections:
        keeps = section.key in lasting
        found.documents[section.key] = _document(draft, section, found) if keeps else {"rows": []}
    return found


def _may_hold_on(question: Question) -> bool:
    return question.prefill is not Prefill.NEVER


def _fate_anew(draft: Draft, lasting: Collection[str], key: str, stored: Any) -> Fate:
    question = draft.questionnaire.questions[key]
    if _may_hold_on(question):
        return Fate.CONFIRM
    is_offered = question.section in lasting and _is_files(question, stored)
    return Fate.CONFIRM if is_offered else Fate.LEFT


def _stored(draft: Draft) -> Iterator[tuple[str, str, str, Any, bool]]:
    """Every answer and file of a draft, hidden ones too; the last is whether it was confirmed."""
    for section in draft.questionnaire.sections:
        found = draft.answers[section.key]
        for row in found.get("rows", ({"id": "", "answers": found.get("answers", {})},)):
            for question in section.questions:
                path = question.path(row["id"])
                if question.type in NOT_CARRIED:
                    continue
                if question.key in row["answers"]:
                    yield path, question.key, row["id"], row["answers"][question.key], True
                elif path in draft.carried:
                    yield path, question.key, row["id"], draft.carried[path], False


def _fate(
    old: Questionnaire,
    new: Questionnaire,
    carry: Mapping[str, Carry],
    key: str,
    stored: Any,
    *,
    is_open: bool,
) -> Fate:
    was, becomes = old.questions[key], new.questions.get(key)
    if becomes is None or not _fits(was, becomes, stored):
        return Fate.LEFT
    return Fate.STAYS if is_open and carry[key] is Carry.CARRIED else Fate.CONFIRM


def _fits(was: Question, becomes: Question, stored: Any) -> bool:
    if (was.type, was.table, was.rows_of) != (becomes.type, becomes.table, becomes.rows_of):
        return False
    if becomes.choices is None or isinstance(stored, Mapping):
        return True
    codes = [stored] if isinstance(stored, str) else stored
    return set(codes) <= set(becomes.choices.by_code)


def _document(draft: Draft, section: Section, found: Carried) -> dict[str, Any]:
    mine = {question.key: question for question in section.questions}
    of_row: dict[str, list[Moved]] = {}
    for one in found.answers:
        if one.key in mine and one.fate is not Fate.LEFT:
            of_row.setdefault(one.row, []).append(one)
    if section.repeat is None:
        return _page(of_row.get("", []), mine)
    before = draft.questionnaire.tables.get(section.table)
    rows = draft.answers[before.key]["rows"] if before else []
    return {"rows": [{"id": r["id"], **_page(of_row.get(r["id"], []), mine)} for r in rows]}


def _page(moved: Sequence[Moved], mine: Mapping[str, Question]) -> dict[str, Any]:
    """Answers of one page or row; files that stay are links, not data."""
    answers = {
        one.key: one.stored
        for one in moved
        if one.fate is Fate.STAYS and not _is_files(mine[one.key], one.stored)
    }
    last = {one.key: one.stored for one in moved if one.fate is Fate.CONFIRM}
    return {"answers": answers, **({"last": last} if last else {})}


def _is_files(question: Question, stored: Any) -> bool:
    return question.type is QuestionType.FILE and isinstance(stored, list)


# As a person reads it


@dataclass(frozen=True)
class Told:
    """One answer in words, below the title of its row."""

    path: str
    row_title: str
    label: str
    shown: Shown
    files: int = 0


@dataclass(frozen=True)
class Chapter:
    """What one section has of it: answers in words, or labels of questions that are new."""

    key: str
    title: str
    told: Sequence[Told] = ()
    labels: Sequence[str] = ()
    count: int = 0
    is_new: bool = False


@dataclass(frozen=True)
class Comparison:
    """A draft beside another version, in the words of its reader."""

    stays: Sequence[Chapter]
    confirm: Sequence[Chapter]
    new: Sequence[Chapter]
    left: Sequence[Chapter]

    @property
    def staying(self) -> int:
        return sum(chapter.count for chapter in self.stays)

    @property
    def confirming(self) -> int:
        return sum(chapter.count for chapter in self.confirm)

    @property
    def leaving(self) -> int:
        return sum(chapter.count for chapter in self.left)


def comparison(draft: Draft, version: QuestionnaireVersion) -> Comparison:
    """Set a draft beside another version: what its supplier is shown before and after."""
    new = questionnaire(version)
    found = carried(draft, new)
    answers = _as_if_confirmed(found, new)
    said = Words(new, draft.response.wording, language(), answers)
    return Comparison(
        stays=_chapters(found.of(Fate.STAYS), said, draft),
        confirm=_chapters(found.of(Fate.CONFIRM), said, draft),
        new=_new(draft, new, answers, said),
        left=_chapters(found.of(Fate.LEFT), draft.words, draft),
    )


def _as_if_confirmed(found: Carried, new: Questionnaire) -> dict[str, dict[str, Any]]:
    """Answers as they would be once all is confirmed, files with them."""
    kept: dict[tuple[str, str], dict[str, Any]] = {}  # by section and row
    for one in found.answers:
        if one.fate is not Fate.LEFT:
            place = new.questions[one.key].section, one.row
            kept.setdefault(place, {})[one.key] = one.stored
    return {
        key: {
            "rows": [
                {"id": row["id"], "answers": kept.get((key, row["id"]), {})}
                for row in data["rows"]
            ]
        }
        if "rows" in data
        else {"answers": kept.get((key, ""), {})}
        for key, data in found.documents.items()
    }


def _chapters(moved: Sequence[Moved], words: Words, draft: Draft) -> list[Chapter]:
    found = []
    for section in words.definition.sections:
        mine = {question.key: question for question in section.questions}
        told = [
            _told(one, mine[one.key], words)
            for one in moved
            if one.key in mine and one.path in draft.visible
        ]
        if told:
            found.append(Chapter(section.key, words.text(section.title), told, count=len(told)))
    return found


def _told(one: Moved, question: Question, words: Words) -> Told:
    is_files = _is_files(question, one.stored)
    return Told(
        path=one.path,
        row_title=words.rows_of(question.table).get(one.row, "") if one.row else "",
        label=words.text(question.label),
        shown=Shown() if is_files else words.shown(question, one.stored),
        files=len(one.stored) if is_files else 0,
    )


def _new(
    draft: Draft, new: Questionnaire, answers: Mapping[str, Any], words: Words
) -> list[Chapter]:
    """Sections and questions that come up under the new version, given these answers."""
    result = logic.evaluate(new, answers, draft.today)
    asked = {_key(path) for path in result.visible}
    before = draft.questionnaire
    found = []
    for section in new.sections:
        if section.key not in result.sections or is_signing(section):
            continue
        is_new = section.key not in before.section_of
        # of a table without rows nothing is visible yet
        shown = [q for q in section.questions if q.key in asked or (is_new and section.repeat)]
        labels = [words.text(q.label) for q in shown if q.key not in before.questions]
        if labels:
            found.append(
                Chapter(
                    section.key,
                    words.text(section.title),
                    labels=labels,
                    count=len(labels),
                    is_new=is_new,
                )
            )
    return found


def _key(path: str) -> str:
    return split_path(path)[0]


# For the buyer, who does not read a draft


@dataclass(frozen=True)
class Revision:
    """What sets two versions apart, without a look at anybody's answers."""

    sections: Sequence[Chapter]  # new ones
    added: Sequence[Chapter]  # new questions in known sections
    changed: Sequence[Chapter]  # answers to these are confirmed anew
    removed: Sequence[Chapter]


def revision(old: Questionnaire, new: Questionnaire) -> Revision:
    """Say what a newer version asks beyond an older one, in the reader's language."""
    difference = compare(old, new)
    known = set(old.section_of)
    open_ = {key for key, carry in difference.carry.items() if carry is Carry.OPEN}
    confirm = {key for key, carry in difference.carry.items() if carry is Carry.CONFIRM}
    removed = {key for one in difference.changes if _is_removal(one) for key in one.questions}
    return Revision(
        sections=[one for one in _labelled(new, open_, known) if one.is_new],
        added=[one for one in _labelled(new, open_, known) if not one.is_new],
        changed=_labelled(new, confirm, known),
        removed=_labelled(old, removed, known),
    )


def _is_removal(change: Change) -> bool:
    return change.kind is ChangeClass.REMOVED


def _labelled(definition: Questionnaire, keys: set[str], known: set[str]) -> list[Chapter]:
    def said(text: Any) -> str:
        return str(text.of(Wording.EXPLICIT, language()))

    found = []
    for section in definition.sections:
        labels = [said(q.label) for q in section.questions if q.key in keys]
        if labels:
            is_new = section.key not in known
            found.append(
                Chapter(
                    section.key,
                    said(section.title),
                    labels=labels,
                    count=len(labels),
                    is_new=is_new,
                )
            )
    return found
