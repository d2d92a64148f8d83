"""The one evaluator: all that follows from the answers, computed anew each time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from questionnaires.definition import (
    About,
    FindingRule,
    Level,
    Question,
    Questionnaire,
    QuestionType,
    Scope,
    Section,
    split_path,
)
from questionnaires.enums import Progress
from questionnaires.expressions import Row, State, Value
from questionnaires.logic.reading import Flaw, declined, format_flaw, is_empty, value_of

EVALUATOR = "1"  # rises when the same answers would be judged differently
COUNSELS_REASONS = frozenset({"law", "safety"})

Answers = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Invalid:
    """An answer that cannot stand; of too many rows, `path` is the key of the table."""

    path: str
    flaw: Flaw


@dataclass(frozen=True, slots=True)
class Declined:
    """What was said instead of an answer; `why` may be empty."""

    path: str
    said: str  # unknown, cannot_say
    why: str
    was_required: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """What the buyer is told. `declined` is raised by itself and has a path, no rule."""

    key: str
    level: Level
    scope: Scope
    about: About
    clause: str = ""
    limb: str = ""
    table: str = ""
    row: str = ""
    path: str = ""

    @property
    def place(self) -> str:
        """The path of the answer, or `table[row]`; empty for the response as a whole."""
        return self.path or (f"{self.table}[{self.row}]" if self.row else "")


@dataclass(frozen=True, slots=True)
class SectionProgress:
    """How far a visible section is. Counts are of visible questions that take an answer."""

    state: Progress
    asked: int
    required: int
    answered: int  # of the required ones, declined or answered
    is_complete: bool  # nothing missing, nothing invalid: it doesn't keep from submitting


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What follows from the answers. Paths are in file order."""

    visible: tuple[str, ...]
    sections: tuple[str, ...]  # keys of the visible ones
    missing: tuple[str, ...]  # paths, or the key of a table with too few rows
    invalid: tuple[Invalid, ...]
    declined: tuple[Declined, ...]
    findings: tuple[Finding, ...]
    progress: Mapping[str, SectionProgress]  # by section key

    @property
    def is_complete(self) -> bool:
        """Whether the response may be signed as it stands."""
        return not self.missing and not self.invalid

    def as_data(self) -> dict[str, Any]:
        """Plain data of texts, for the frozen record of a submission."""
        return {
            "evaluator": EVALUATOR,
            "missing": list(self.missing),
            "invalid": [{"path": item.path, "flaw": item.flaw.value} for item in self.invalid],
            "declined": [
                {"path": item.path, "said": item.said, "why": item.why} for item in self.declined
            ],
            "findings": [
                {
                    "key": finding.key,
                    "level": finding.level.value,
                    "scope": finding.scope.value,
                    "about": finding.about.value,
                    "clause": finding.clause,
                    "limb": finding.limb,
                    "place": finding.place,
                }
                for finding in self.findings
            ],
        }


@dataclass(slots=True)
class Tally:
    """Counts of one section while it is walked."""

    asked: int = 0
    required: int = 0
    answered: int = 0
    is_table: bool = False
    is_touched: bool = False
    is_flawed: bool = False
    is_short: bool = False

    def progress(self, *, is_sent_back: bool) -> SectionProgress:
        return SectionProgress(
            state=self.state(is_sent_back=is_sent_back),
            asked=self.asked,
            required=self.required,
            answered=self.answered,
            is_complete=not (self.is_flawed or self.is_short),
        )

    def state(self, *, is_sent_back: bool) -> Progress:
        if self.is_flawed or is_sent_back:
            return Progress.CORRECTION
        if not self.is_touched and (self.asked or self.is_table):
            return Progress.NOT_STARTED
        return Progress.IN_PROGRESS if self.is_short else Progress.READY


@dataclass(slots=True)
class Walk:
    """One pass over a definition in file order: a rule knows only what came before it."""

    definition: Questionnaire
    answers: Answers
    state: State
    tally: Tally = field(default_factory=Tally)
    visible: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    invalid: list[Invalid] = field(default_factory=list)
    declined: list[Declined] = field(default_factory=list)
    tallies: dict[str, Tally] = field(default_factory=dict)
    row_ids: dict[str, set[str]] = field(default_factory=dict)

    def section(self, section: Section) -> None:
        state = self.state
        state.row = Row()
        if section.relevant and not section.relevant.holds(state):
            return
        self.tally = self.tallies[section.key] = Tally()
        document = self.answers.get(section.key) or {}
        if section.repeat:
            self.table(section, document.get("rows") or ())
        else:
            self.questions(section, document.get("answers") or {}, state.top, "")

    def table(self, section: Section, rows: Collection[Mapping[str, Any]]) -> None:
        repeat = section.repeat
        if repeat is None:
            return
        self.tally.is_table = True
        seen = self.state.rows[repeat.key] = []
        for stored in rows:
            row = self.state.row = Row(str(stored.get("id", "")))
            self.questions(section, stored.get("answers") or {}, row, f"{repeat.key}[{row.id}].")
            seen.append(row)
        self.row_ids[repeat.key] = {row.id for row in seen}
        self.tally.is_touched = bool(seen)
        if len(seen) < repeat.min:
            self.short(repeat.key)
        if len(seen) > repeat.max:
            self.flawed(repeat.key, Flaw.TOO_MANY_ROWS)

    def questions(
        self, section: Section, answers: Mapping[str, Any], row: Row, prefix: str
    ) -> None:
        for question in section.questions:
            if question.relevant is not None and not question.relevant.run(self.state):
                continue
            path = prefix + question.key
            self.visible.append(path)
            if question.type is not QuestionType.NOTE:
                self.tally.asked += 1
                self.answer(question, answers.get(question.key), row, path)

    def answer(self, question: Question, stored: object, row: Row, path: str) -> None:
        required = question.required
        if not isinstance(required, bool):
            required = required.holds(self.state)
        self.tally.required += required
        if is_empty(stored):
            if required:
                self.short(path)
            return
        self.tally.is_touched = True
        if isinstance(stored, dict) and "declined" in stored:
            self.decline(question, stored, row, path, required=required)
            return
        value, flaw = value_of(question, stored, self.row_ids.get(question.rows_of, ()))
        if value is not None:
            row.values[question.key] = value
            flaw = flaw or self.judge(question, value, row)
        if flaw:
            self.flawed(path, flaw)
        elif required and (value is None or not _is_whole(question, value)):
            self.short(path)
        else:
            self.tally.answered += required

    def judge(self, question: Question, value: Value, row: Row) -> Flaw | None:
        if flaw := format_flaw(question, value, row.values):
            return flaw
        if question.constraint is None:
            return None
        self.state.value = value
        return None if question.constraint.run(self.state) else Flaw.CONSTRAINT

    def decline(
        self, question: Question, stored: Mapping[str, Any], row: Row, path: str, *, required: bool
    ) -> None:
        if not (said := declined(question, stored)):
            self.flawed(path, Flaw.MUST_BE_ANSWERED)
            return
        row.declined[question.key] = said[0]
        self.declined.append(Declined(path, *said, was_required=required))
        self.tally.answered += required

    def short(self, path: str) -> None:
        self.missing.append(path)
        self.tally.is_short = True

    def flawed(self, path: str, flaw: Flaw) -> None:
        self.invalid.append(Invalid(path, flaw))
        self.tally.is_flawed = True

    def findings(self) -> list[Finding]:
        found = [_of_declined(item) for item in self.declined if item.was_required]
        for rule in self.definition.findings:
            if not rule.each:
                self.state.row = Row()
                if rule.when.run(self.state):
                    found.append(_of_rule(rule))
                continue
            for row in self.state.rows.get(rule.each, ()):
                self.state.row = row
                if rule.when.run(self.state):
                    found.append(_of_rule(rule, row.id))
        return found


def _is_whole(question: Question, value: Value) -> bool:
    """A declaration is made when every statement is ticked."""
    if question.type is not QuestionType.DECLARATION:
        return True
    return isinstance(value, tuple) and len(value) == len(question.statements)


def _of_declined(item: Declined) -> Finding:
    level = Level.COUNSEL if item.why in COUNSELS_REASONS else Level.FOLLOW_UP
    return Finding("declined", level, Scope.OWN_PRODUCTS, About.SUPPLIER, path=item.path)


def _of_rule(rule: FindingRule, row: str = "") -> Finding:
    return Finding(
        key=rule.key,
        level=rule.level,
        scope=rule.scope,
        about=rule.about,
        clause=rule.clause,
        limb=rule.limb,
        table=rule.each,
        row=row,
    )


def _sections_of(definition: Questionnaire, paths: Collection[str]) -> set[str]:
    keys = {split_path(path)[0] for path in paths}
    return {definition.questions[key].section for key in keys if key in definition.questions}


def evaluate(
    definition: Questionnaire,
    answers: Answers,
    today: date,
    *,
    sent_back: Collection[str] = (),
) -> Evaluation:
    """What follows from the answers to a questionnaire. Pure: no clock, no database.

    `answers` maps section keys to `{"answers": {question: value}}`, of a table to
    `{"rows": [{"id": …, "answers": {…}}]}`. A value is text (dates ISO, decimals as text),
    a whole number, a list of codes or evidence ids, a dict of ticked statements,
    `{"declined": "unknown" | "cannot_say", "why": …}` or `{"raw": what was typed}`.
    `today` is the date in the supplier's time zone. `sent_back` are the paths of answers
    returned for correction and not yet given again.
    """
    walk = Walk(definition, answers, State(today.isoformat()))
    for section in definition.sections:
        walk.section(section)
    returned = _sections_of(definition, sent_back)
    return Evaluation(
        visible=tuple(walk.visible),
        sections=tuple(walk.tallies),
        missing=tuple(walk.missing),
        invalid=tuple(walk.invalid),
        declined=tuple(walk.declined),
        findings=tuple(walk.findings()),
        progress={
            key: tally.progress(is_sent_back=key in returned)
            for key, tally in walk.tallies.items()
        },
    )
