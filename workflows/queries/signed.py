"""What a signed submission says, read for findings and proof."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portal.enums import Wording
from questionnaires import queries as answers
from questionnaires.definition import Question, Questionnaire, QuestionType, Section, split_path
from questionnaires.models import Submission

DECLINED = "declined"
NAMES = re.compile(r"\$\{([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True)
class Raised:
    """A finding as the evaluator raised it; `text` is {language: sentence}."""

    key: str
    item: str
    clause: str
    limb: str
    level: str
    scope: str
    about: str
    subject: str
    text: Mapping[str, str]


@dataclass(frozen=True)
class Asked:
    """One file question that was visible at signing: claim, step, and the files given."""

    path: str
    claim: str
    step: str
    is_required: bool
    evidence: tuple[str, ...]


def findings_of(submission: Submission) -> list[Raised]:
    """Return what the evaluator said on the day of signing, with the words of that version.

    Of a submission that declines only what rests on the signed section counts: the rest of
    the draft was never signed.
    """
    definition = answers.questionnaire(submission.response.version)
    titles = _titles(submission, definition)
    signed = _signed_questions(submission, definition)
    return [
        Raised(
            key=one["key"],
            item=one["place"],
            clause=one["clause"],
            limb=one["limb"],
            level=one["level"],
            scope=one["scope"],
            about=one["about"],
            subject=titles.get(one["place"], ""),
            text=_text(one, definition),
        )
        for one in json.loads(submission.evaluation)["findings"]
        if _rests_on(one, definition) <= signed
    ]


def _signed_questions(submission: Submission, definition: Questionnaire) -> set[str]:
    return {
        question.key
        for key in submission.content["sections"]
        for question in definition.section_of[key].questions
    }


def _rests_on(found: Mapping[str, str], definition: Questionnaire) -> set[str]:
    rule = definition.finding_of.get(found["key"])
    return set(NAMES.findall(rule.when.source)) if rule else {_key(found["place"])}


def _text(found: Mapping[str, str], definition: Questionnaire) -> dict[str, str]:
    rule = definition.finding_of.get(found["key"])
    if rule is not None:
        return dict(rule.text.explicit)
    question = definition.questions.get(_key(found["place"]))
    label = question.label.explicit if question else {"en": "", "zh-hans": ""}
    return {
        "en": f"A required question was not answered: “{label['en']}”",
        "zh-hans": f"必答问题未作回答：“{label['zh-hans']}”",
    }


def _key(path: str) -> str:
    try:
        return split_path(path)[0]
    except ValueError:
        return ""


def _titles(submission: Submission, definition: Questionnaire) -> dict[str, str]:
    """Name each row that a finding may rest on, in the language that was signed."""
    sections = submission.content["sections"]
    words = answers.Words(definition, submission.wording, submission.language, sections)
    titles = {}
    for table in definition.tables:
        for row, title in words.rows_of(table).items():
            titles[f"{table}[{row}]"] = title
    return titles


def asked_evidence(submission: Submission) -> list[Asked]:
    """Return every file question that was asked, with its claim and production step."""
    definition = answers.questionnaire(submission.response.version)
    return [
        Asked(
            path=question.path(row),
            claim=question.evidence.claim,
            step=_step(question, given),
            is_required=question.required is True or bool(question.required and stored),
            evidence=tuple(one["id"] for one in stored if isinstance(stored, list)),
        )
        for _section, question, row, given, stored in _walk(submission, definition)
        if question.type == QuestionType.FILE and question.evidence is not None
    ]


def _step(question: Question, given: Mapping[str, Any]) -> str:
    request = question.evidence
    if request is None:
        return ""
    if request.step_question:
        found = given.get(request.step_question)
        return found if isinstance(found, str) else ""
    return request.step


def _walk(
    submission: Submission, definition: Questionnaire
) -> Iterator[tuple[Section, Question, str, Mapping[str, Any], Any]]:
    for key, stored in submission.content["sections"].items():
        section = definition.section_of[key]
        rows = stored.get("rows")
        if rows is None:
            rows = [{"id": "", "answers": stored.get("answers", {})}]
        for row in rows:
            for question in section.questions:
                if question.key in row["answers"]:
                    given = row["answers"]
                    yield section, question, row["id"], given, given[question.key] or []


def answers_of(submission: Submission) -> dict[str, Any]:
    """Return the answers outside tables, by question key."""
    found: dict[str, Any] = {}
    for stored in submission.content["sections"].values():
        found |= stored.get("answers", {})
    return found


def declined_of(submission: Submission) -> tuple[dict[str, str], frozenset[str]]:
    """Return required questions not answered, by path with the reason; and which are files."""
    evaluation = json.loads(submission.evaluation)
    required = {one["place"] for one in evaluation["findings"] if one["key"] == DECLINED}
    given = {one["path"]: one["why"] for one in evaluation["declined"]}
    declined = {path: given.get(path, "") for path in required}
    definition = answers.questionnaire(submission.response.version)
    files = frozenset(
        path
        for path in declined
        if (question := definition.questions.get(_key(path)))
        and question.type == QuestionType.FILE
    )
    return declined, files


def claim_label(submission: Submission, claim: str, step: str, language: str) -> str:
    """Name a claim and its production step as the questionnaire names them to its buyer."""
    choices = answers.questionnaire(submission.response.version).choices
    said = [
        choices[name].by_code[code].label.of(Wording.EXPLICIT, language)
        for name, code in (("claim", claim), ("step", step))
        if name in choices and code in choices[name].by_code
    ]
    return ": ".join(said) or claim


def labels_of(submission: Submission, language: str) -> dict[str, str]:
    """Return each answered question's label by path, with its row's title; whole tables too."""
    found = {}
    for part in answers.sheet_of(submission, language=language):
        if part.section.table:
            found[f"{part.section.table}[*]"] = part.title
        for group in part.groups:
            for line in group.lines:
                found[line.path] = f"{group.title}: {line.label}" if group.title else line.label
    return found
