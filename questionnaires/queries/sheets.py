"""Whole responses as they are shown: drafts, signed texts, requests for evidence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import translation

from documents.enums import EvidenceKind
from documents.models import Evidence
from questionnaires.definition import Question, Questionnaire, QuestionType, Section
from questionnaires.models import EvidenceLink, Submission
from questionnaires.queries.definitions import questionnaire
from questionnaires.queries.drafts import Draft
from questionnaires.queries.words import Shown, Words


@dataclass(frozen=True)
class Line:
    """One question with its answer; `stored` is the answer as kept."""

    path: str
    question: Question
    label: str
    shown: Shown
    stored: Any = None
    files: Sequence[Evidence] = ()


@dataclass(frozen=True)
class Group:
    """The answers of a page, or of one row with its title."""

    lines: Sequence[Line]
    title: str = ""
    row: str = ""


@dataclass(frozen=True)
class Part:
    """One section of a sheet."""

    key: str
    title: str
    groups: Sequence[Group]
    section: Section


def sheet(draft: Draft) -> list[Part]:
    """Every visible question of a draft with its answer, in the reader's language."""
    return _sheet(draft.tree(), draft.words, draft.files)


def sheet_of(
    submission: Submission,
    *,
    language: str,
    wording: str | None = None,
    counsel: bool = False,
) -> list[Part]:
    """What was signed, in words; `counsel` opens what only counsel reads. Three queries.

    `submission.response.version` should be loaded. `wording` is by default the one signed.
    """
    definition = questionnaire(submission.response.version)
    tree = submission.content["sections"]
    ids = set(_file_ids(tree))
    files = {str(one.pk): one for one in Evidence.objects.filter(pk__in=ids)}
    by_path = {
        path: [files[pk] for pk in found if pk in files]
        for path, found in _files_by_path(tree, definition)
    }
    if counsel:
        opened = dict(submission.counsel_texts.values_list("path", "text"))
        tree = _unsealed(tree, definition, opened)
    with translation.override(language):
        words = Words(definition, wording or submission.wording, language.lower(), tree)
        return _sheet(tree, words, by_path)


def _sheet(
    tree: Mapping[str, Any], words: Words, files: Mapping[str, Sequence[Evidence]]
) -> list[Part]:
    parts = []
    # a snapshot is canonical JSON, so its own order is the alphabet's
    for section in words.definition.sections:
        key = section.key
        if key not in tree:
            continue
        stored = tree[key]
        groups = [
            Group(
                lines=_lines(section, row["answers"], row["id"], words, files),
                title=words.rows_of(section.table)[row["id"]],
                row=row["id"],
            )
            for row in stored.get("rows", ())
        ]
        if section.repeat is None:
            groups = [Group(_lines(section, stored["answers"], "", words, files))]
        parts.append(Part(key, words.text(section.title), groups, section))
    return parts


def _lines(
    section: Section,
    answers: Mapping[str, Any],
    row: str,
    words: Words,
    files: Mapping[str, Sequence[Evidence]],
) -> list[Line]:
    lines = []
    for question in section.questions:
        if question.key not in answers:
            continue
        path, stored = question.path(row), answers[question.key]
        is_file = question.type == QuestionType.FILE and isinstance(stored, list)
        shown = Shown() if is_file else words.shown(question, stored)
        label = words.text(question.label)
        lines.append(Line(path, question, label, shown, stored, files.get(path, ())))
    return lines


def _files_by_path(
    tree: Mapping[str, Any], definition: Questionnaire
) -> Iterable[tuple[str, list[str]]]:
    for key, stored in tree.items():
        section = definition.section_of[key]
        rows = stored.get("rows") or [{"id": "", "answers": stored.get("answers", {})}]
        for row in rows:
            for question in section.questions:
                answer = row["answers"].get(question.key)
                if question.type == QuestionType.FILE and isinstance(answer, list):
                    yield question.path(row["id"]), [one["id"] for one in answer]


def _file_ids(tree: Mapping[str, Any]) -> Iterable[str]:
    for stored in tree.values():
        for row in stored.get("rows") or [{"answers": stored.get("answers", {})}]:
            for answer in row["answers"].values():
                if isinstance(answer, list):
                    yield from (one["id"] for one in answer if isinstance(one, Mapping))


def _unsealed(
    tree: Mapping[str, Any], definition: Questionnaire, texts: Mapping[str, str]
) -> dict[str, Any]:
    def opened(answers: Mapping[str, Any], row: str) -> dict[str, Any]:
        return {
            key: texts.get(definition.questions[key].path(row), answer)
            if isinstance(answer, Mapping) and "sealed" in answer
            else answer
            for key, answer in answers.items()
        }

    found: dict[str, Any] = {}
    for key, stored in tree.items():
        if "rows" in stored:
            rows = [
                {"id": r["id"], "answers": opened(r["answers"], r["id"])} for r in stored["rows"]
            ]
            found[key] = {"rows": rows}
        else:
            found[key] = {"answers": opened(stored["answers"], "")}
    return found


@dataclass(frozen=True)
class Request:
    """One file question that is asked at present, with what has come for it."""

    path: str
    section: Section
    row: str
    row_title: str
    question: Question
    label: str
    hint: str
    kinds: Sequence[str]
    links: Sequence[EvidenceLink]
    stored: Any
    is_missing: bool
    claim: str
    step: str


def requests(draft: Draft) -> list[Request]:
    """Every visible file question, in the order of the questionnaire."""
    words = draft.words
    missing = set(draft.missing)
    by_path: dict[str, list[EvidenceLink]] = {}
    for link in draft.links:
        by_path.setdefault(link.path, []).append(link)
    found = []
    for part in sheet(draft):
        for group in part.groups:
            step = _steps(group)
            for line in group.lines:
                if line.question.type != QuestionType.FILE or not line.question.evidence:
                    continue
                asked = line.question.evidence
                found.append(
                    Request(
                        path=line.path,
                        section=part.section,
                        row=group.row,
                        row_title=group.title,
                        question=line.question,
                        label=line.label,
                        hint=words.text(line.question.hint),
                        kinds=[str(EvidenceKind(kind).label) for kind in asked.kinds],
                        links=by_path.get(line.path, ()),
                        stored=line.stored,
                        is_missing=line.path in missing,
                        claim=asked.claim,
                        step=step.get(asked.step_question, ""),
                    )
                )
    return found


def _steps(group: Group) -> Mapping[str, str]:
    return {
        line.question.key: ", ".join(line.shown.lines)
        for line in group.lines
        if line.question.type == QuestionType.SELECT_ONE
    }
