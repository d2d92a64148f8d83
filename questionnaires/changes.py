"""What two versions of a questionnaire differ in, and what that does to open answers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from questionnaires.definition import (
    ChoiceList,
    EvidenceRequest,
    FindingRule,
    Question,
    Questionnaire,
    Section,
    Text,
)
from questionnaires.expressions import Expression, Name, walk


class ChangeClass(StrEnum):
    """From the mildest to the gravest."""

    MINOR = "minor"
    ADDED = "added"
    REMOVED = "removed"
    MEANING = "meaning"
    BREAKING = "breaking"


class Carry(StrEnum):
    """What an upgrade does with the answer to a question of the new version."""

    OPEN = "open"  # new: there is nothing to carry
    CARRIED = "carried"
    CONFIRM = "confirm"  # shown as last answer, counts once confirmed


@dataclass(frozen=True, slots=True)
class Change:
    """One difference at a dotted place; `questions` are those whose answers it touches."""

    kind: ChangeClass
    place: str
    questions: tuple[str, ...] = ()
    old: str = ""
    new: str = ""
    reason: str = ""  # of a label named in the new version's `changes`


@dataclass(frozen=True, slots=True)
class Difference:
    """All changes from one version to the next, in the order of the new one."""

    changes: tuple[Change, ...]
    carry: dict[str, Carry]  # by key of each question of the new version

    @property
    def is_publishable(self) -> bool:
        """False where a key changed its type, table or codes: that needs a new key."""
        return all(change.kind is not ChangeClass.BREAKING for change in self.changes)


def compare(old: Questionnaire, new: Questionnaire) -> Difference:
    """Compare two versions of one questionnaire."""
    changes = (
        *_sections(old, new),
        *_questions(old, new),
        *_choices(old, new),
        *_findings(old, new),
    )
    return Difference(changes, _carry(old, new, changes))


def _carry(
    old: Questionnaire, new: Questionnaire, changes: tuple[Change, ...]
) -> dict[str, Carry]:
    changed = {
        key for change in changes if change.kind is ChangeClass.MEANING for key in change.questions
    }
    return {
        key: Carry.OPEN
        if key not in old.questions
        else Carry.CONFIRM
        if key in changed
        else Carry.CARRIED
        for key in new.questions
    }


def _source(rule: object) -> str:
    if isinstance(rule, Expression):
        return rule.source
    return "true" if rule else ""


def _request(evidence: EvidenceRequest | None) -> str:
    if evidence is None:
        return ""
    step = evidence.step or evidence.step_question
    return f"{evidence.claim} {step} {', '.join(evidence.kinds)} {evidence.months or ''}".strip()


def _plain(value: object) -> str:
    return "" if value is None else str(value)


Read = Callable[[Any], Any]
MEANING, MINOR, BREAKING = ChangeClass.MEANING, ChangeClass.MINOR, ChangeClass.BREAKING

# What is compared, and of what class a difference in it is.
OF_SECTION: dict[str, tuple[Read, ChangeClass]] = {
    "repeat.key": (lambda section: section.table, BREAKING),
    "relevant": (lambda section: _source(section.relevant), MEANING),
    "repeat.min": (lambda section: section.repeat and section.repeat.min, MEANING),
    "repeat.max": (lambda section: section.repeat and section.repeat.max, MEANING),
    "clause": (lambda section: section.clause, MINOR),
    "repeat.item_title": (lambda section: section.repeat and section.repeat.item_title, MINOR),
}
OF_QUESTION: dict[str, tuple[Read, ChangeClass]] = {
    "type": (lambda question: question.type.value, BREAKING),
    "table": (lambda question: question.table, BREAKING),
    "rows_of": (lambda question: question.rows_of, BREAKING),
    "relevant": (lambda question: _source(question.relevant), MEANING),
    "required": (lambda question: _source(question.required), MEANING),
    "constraint": (lambda question: _source(question.constraint), MEANING),
    "format": (lambda question: question.format, MEANING),
    "may_decline": (lambda question: question.may_decline.value, MEANING),
    "seen_by": (lambda question: question.seen_by.value, MEANING),
    "evidence": (lambda question: _request(question.evidence), MEANING),
    "section": (lambda question: question.section, MINOR),
    "prefill": (lambda question: question.prefill.value, MINOR),
    "lines": (lambda question: question.lines or "", MINOR),
}
OF_FINDING: dict[str, tuple[Read, ChangeClass]] = {
    "when": (lambda rule: rule.when.source, MEANING),
    "level": (lambda rule: rule.level.value, MEANING),
    "clause": (lambda rule: rule.clause, MEANING),
    "limb": (lambda rule: rule.limb, MEANING),
    "scope": (lambda rule: rule.scope.value, MEANING),
    "about": (lambda rule: rule.about.value, MEANING),
    "each": (lambda rule: rule.each, MEANING),
}


def _aspects(
    of: dict[str, tuple[Read, ChangeClass]],
    place: str,
    pair: tuple[object, object],
    questions: tuple[str, ...],
) -> Iterator[Change]:
    for name, (read, kind) in of.items():
        old, new = read(pair[0]), read(pair[1])
        if old != new:
            yield Change(kind, f"{place}.{name}", questions, _plain(old), _plain(new))


def _text(
    definition: Questionnaire,
    place: str,
    pair: tuple[Text | None, Text | None],
    questions: tuple[str, ...] = (),
) -> Iterator[Change]:
    """A changed label is a change of meaning unless the new version says why it is not.

    Whoever signs reads one language, so a translation counts like the original.
    """
    old, new = pair
    was, becomes = _both(old), _both(new)
    if was == becomes:
        return
    reason = definition.changes.get(place, "")
    kind = ChangeClass.MINOR if reason else ChangeClass.MEANING
    yield Change(kind, place, questions, _said(was), _said(becomes), reason)


def _both(text: Text | None) -> dict[str, dict[str, str]]:
    if text is None:
        return {}
    return {"explicit": dict(text.explicit), "traceability": dict(text.traceability)}


def _said(texts: dict[str, dict[str, str]]) -> str:
    """All wordings and languages of a text, one line each, for the reader of the difference."""
    return "\n".join(
        f"{wording} {language}: {text}"
        for wording, of_wording in texts.items()
        for language, text in of_wording.items()
    )


def _sections(old: Questionnaire, new: Questionnaire) -> Iterator[Change]:
    for key in old.section_of.keys() - new.section_of.keys():
        yield Change(ChangeClass.REMOVED, f"sections.{key}")
    for key, section in new.section_of.items():
        place, before = f"sections.{key}", old.section_of.get(key)
        if before is None:
            yield Change(ChangeClass.ADDED, place)
            continue
        questions = tuple(question.key for question in section.questions)
        yield from _aspects(OF_SECTION, place, (before, section), questions)
        yield from _text(new, f"{place}.title", (before.title, section.title), questions)
        yield from _text(new, f"{place}.intro", (before.intro, section.intro), questions)
        yield from _parties(new, before, section)
    shared = [key for key in old.section_of if key in new.section_of]
    if shared != [key for key in new.section_of if key in old.section_of]:
        yield Change(ChangeClass.MINOR, "sections")


def _parties(new: Questionnaire, before: Section, section: Section) -> Iterator[Change]:
    known = {party.prefix: party for party in before.parties}
    for party in section.parties:
        place = f"sections.{section.key}.parties.{party.prefix}"
        if was := known.get(party.prefix):
            columns = tuple(q.key for q in section.questions if q.prefix == party.prefix)
            if was.role is not party.role:
                yield Change(
                    ChangeClass.MEANING, f"{place}.role", columns, was.role.value, party.role.value
                )
            yield from _text(new, f"{place}.label", (was.label, party.label), columns)


def _questions(old: Questionnaire, new: Questionnaire) -> Iterator[Change]:
    for key in old.questions:
        if key not in new.questions:
            yield Change(ChangeClass.REMOVED, f"questions.{key}", (key,))
    for key, question in new.questions.items():
        if before := old.questions.get(key):
            yield from _question(new, before, question)
        else:
            yield Change(ChangeClass.ADDED, f"questions.{key}", (key,))
    shared = [key for key in old.questions if key in new.questions]
    if shared != [key for key in new.questions if key in old.questions]:
        yield Change(ChangeClass.MINOR, "questions")


def _question(new: Questionnaire, before: Question, question: Question) -> Iterator[Change]:
    place, touched = f"questions.{question.key}", (question.key,)
    yield from _aspects(OF_QUESTION, place, (before, question), touched)
    yield from _text(new, f"{place}.label", (before.label, question.label), touched)
    for name in ("hint", "message"):
        was, becomes = _both(getattr(before, name)), _both(getattr(question, name))
        if was != becomes:
            yield Change(ChangeClass.MINOR, f"{place}.{name}", touched, _said(was), _said(becomes))
    if before.choices and question.choices and before.choices.key != question.choices.key:
        yield from _codes(f"{place}.type", before.choices, question.choices, touched)
    yield from _statements(new, before, question)


def _statements(new: Questionnaire, before: Question, question: Question) -> Iterator[Change]:
    place, touched = f"questions.{question.key}.statements", (question.key,)
    known = {statement.code: statement for statement in before.statements}
    for statement in question.statements:
        at = f"{place}.{statement.code}"
        if was := known.pop(statement.code, None):
            yield from _text(new, f"{at}.label", (was.label, statement.label), touched)
        else:
            yield Change(ChangeClass.MEANING, at, touched)
    for code in known:
        yield Change(ChangeClass.BREAKING, f"{place}.{code}", touched)


def _codes(
    place: str, old: ChoiceList, new: ChoiceList, questions: tuple[str, ...]
) -> Iterator[Change]:
    for code in old.by_code:
        if code not in new.by_code:
            yield Change(ChangeClass.BREAKING, f"{place}.{code}", questions)
    for code in new.by_code:
        if code not in old.by_code:
            yield Change(ChangeClass.ADDED, f"{place}.{code}", questions)


def _choices(old: Questionnaire, new: Questionnaire) -> Iterator[Change]:
    for key, choices in new.choices.items():
        before = old.choices.get(key)
        asked = tuple(
            question.key
            for question in new.questions.values()
            if question.choices and question.choices.key == key and question.key in old.questions
        )
        if before is None or not asked:
            continue
        yield from _codes(f"choices.{key}", before, choices, asked)
        for code, choice in choices.by_code.items():
            if was := before.by_code.get(code):
                place = f"choices.{key}.{code}.label"
                yield from _text(new, place, (was.label, choice.label), asked)


def _named_in(rule: FindingRule) -> tuple[str, ...]:
    names = [node.key for node in walk(rule.when.tree) if isinstance(node, Name)]
    return tuple(dict.fromkeys(names))


def _findings(old: Questionnaire, new: Questionnaire) -> Iterator[Change]:
    for key, rule in old.finding_of.items():
        if key not in new.finding_of:
            yield Change(ChangeClass.MEANING, f"findings.{key}", _named_in(rule))
    for key, rule in new.finding_of.items():
        place, before = f"findings.{key}", old.finding_of.get(key)
        if before is None:
            yield Change(ChangeClass.MEANING, place, _named_in(rule))
            continue
        yield from _aspects(OF_FINDING, place, (before, rule), _named_in(rule))
        # Only the buyer reads it: a text of a finding changes no supplier's answer.
        yield from _text(new, f"{place}.text", (before.text, rule.text))
