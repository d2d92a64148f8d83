"""Keys, evidence, prefill, findings, pages: all that is no rule and no text."""

import re
from collections.abc import Iterator

from documents.enums import GRADE_OF
from questionnaires.definition import (
    About,
    EvidenceRequest,
    FindingRule,
    Level,
    Prefill,
    Question,
    QuestionType,
    Section,
)
from questionnaires.loader import Draft, Problem
from questionnaires.static_checks.texts import all_texts

# The clauses of the Call to Action that a section or a finding may serve.
CLAUSES = frozenset(["A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4", "B5", "B6", "C1", "C2"])
COMMITMENTS = frozenset({"B3", "B4", "B5", "B6"})  # answered anew each time
CLAIMS = frozenset({"origin", "place", "people", "ended", "relation", "upstream", "denied"})
QUESTIONS_ON_A_PAGE = 8
GRADES = {str(kind.value): str(grade.value) for kind, grade in GRADE_OF.items()}
NAMED = re.compile(r"\$\{([^{}]*)\}")
UNPREFILLED = frozenset({QuestionType.FILE, QuestionType.DECLARATION})


def check(draft: Draft) -> Iterator[Problem]:
    yield from _duplicates(draft)
    for section in draft.definition.sections:
        yield from _section(draft, section)
        for question in section.questions:
            place = f"questions.{question.key}"
            for text, is_warning in _question(section, question):
                yield draft.problem(place, text, is_warning=is_warning)
            if question.evidence:
                yield from _evidence(draft, question, question.evidence)
    for rule in draft.definition.findings:
        for text in _finding(draft, rule):
            yield draft.problem(f"findings.{rule.key}", text)
    yield from _changes(draft)


def _duplicates(draft: Draft) -> Iterator[Problem]:
    definition = draft.definition
    sections = definition.sections
    # Questions and tables share one name space: a path begins with either.
    names = [
        *((f"questions.{q.key}", q.key) for section in sections for q in section.questions),
        *((f"sections.{s.key}.repeat.key", s.table) for s in sections if s.repeat),
    ]
    yield from _twice(draft, names, "a question or table")
    yield from _twice(draft, [(f"sections.{s.key}", s.key) for s in sections], "a section")
    rules = [(f"findings.{rule.key}", rule.key) for rule in definition.findings]
    # The evaluator raises `declined` by itself.
    yield from _twice(draft, [("findings", "declined"), *rules], "a finding")
    parties = [(f"sections.{p.section}.parties.{p.prefix}", p.prefix) for p in definition.parties]
    yield from _twice(draft, parties, "a party")
    for question in definition.questions.values():
        place = f"questions.{question.key}.statements"
        codes = [(place, statement.code) for statement in question.statements]
        yield from _twice(draft, codes, "a statement")


def _twice(draft: Draft, names: list[tuple[str, str]], what: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, name in names:
        if name in seen:
            yield draft.problem(place, f"the key {name!r} already names {what}")
        seen.add(name)


def _section(draft: Draft, section: Section) -> Iterator[Problem]:
    place = f"sections.{section.key}"
    if section.clause and section.clause not in CLAUSES:
        yield draft.problem(f"{place}.clause", f"there is no clause {section.clause!r}")
    if section.repeat:
        own = {question.key for question in section.questions}
        for name in NAMED.findall(section.repeat.item_title):
            if name not in own:
                yield draft.problem(
                    f"{place}.repeat.item_title", f"{name!r} is no question of this table"
                )
        if section.repeat.min > section.repeat.max:
            yield draft.problem(f"{place}.repeat.min", "more than the most rows allowed")
        return
    # A party is one block on the page.
    blocks = {question.prefix or question.key for question in section.questions}
    if len(blocks) > QUESTIONS_ON_A_PAGE:
        yield draft.problem(
            place,
            f"{len(blocks)} questions on one page; at most {QUESTIONS_ON_A_PAGE} read well",
            is_warning=True,
        )


def _question(section: Section, question: Question) -> Iterator[tuple[str, bool]]:
    kind = question.type
    for is_wrong, text in (
        (
            kind is QuestionType.FILE and not question.evidence,
            "a file question says under `evidence` which kinds it takes",
        ),
        (
            kind is not QuestionType.FILE and question.evidence,
            "`evidence` stands on file questions only",
        ),
        (
            (kind is QuestionType.DECLARATION) != bool(question.statements),
            "`statements` stand on a declaration, and a declaration has them",
        ),
        (
            kind is not QuestionType.TEXT and question.format,
            "`format` stands on text questions only",
        ),
        (
            kind is not QuestionType.TEXT and question.lines,
            "`lines` stands on text questions only",
        ),
        (
            kind is QuestionType.NOTE and (question.required or question.constraint),
            "a note takes no answer, so nothing can be required of it",
        ),
        (
            question.message and not question.constraint,
            "a message without a constraint is never shown",
        ),
    ):
        if is_wrong:
            yield text, False
    yield from _prefill(section, question)
    if question.constraint and not question.message:
        yield "a constraint without a message: the reader gets a general sentence", True


def _prefill(section: Section, question: Question) -> Iterator[tuple[str, bool]]:
    if question.prefill is Prefill.NEVER:
        return
    if question.type in UNPREFILLED:
        yield f"a {question.type} is never prefilled", False
    if section.clause in COMMITMENTS:
        yield f"an answer under clause {section.clause} is never prefilled", False


def _evidence(draft: Draft, question: Question, request: EvidenceRequest) -> Iterator[Problem]:
    place = f"questions.{question.key}.evidence"
    if request.claim not in CLAIMS:
        yield draft.problem(f"{place}.claim", f"there is no claim {request.claim!r}")
    for kind in request.kinds:
        if kind not in GRADES:
            yield draft.problem(f"{place}.kinds", f"the kind {kind!r} has no grade")
    steps = draft.definition.choices.get("step")
    if request.step and not (steps and request.step in steps.by_code):
        yield draft.problem(
            f"{place}.step", f"{request.step!r} is no production step and no question"
        )
    if request.step_question:
        named = draft.definition.questions[request.step_question]
        if named.table not in {"", question.table}:
            yield draft.problem(
                f"{place}.step", f"{request.step_question!r} stands in another table"
            )


def _finding(draft: Draft, rule: FindingRule) -> Iterator[str]:
    if rule.clause and rule.clause not in CLAUSES:
        yield f"there is no clause {rule.clause!r}"
    if rule.each and rule.each not in draft.definition.tables:
        yield f"there is no table {rule.each!r}"
    if rule.clause == "B5" and rule.about is not About.BUYER and not rule.limb:
        yield "a finding under B5 names its limb, agreement or proof"
    if rule.limb and rule.clause != "B5":
        yield "only a finding under B5 has a limb"
    if rule.clause == "B6" and rule.level is not Level.NOTE:
        yield "a finding under B6 is a note: encouragement never counts against anyone"
    if (rule.about is About.BUYER) != (rule.level is Level.DUTY):
        yield "what is about the buyer is a duty, and a duty is about the buyer"


def _changes(draft: Draft) -> Iterator[Problem]:
    places = {said.place for said in all_texts(draft)}
    for place in draft.definition.changes:
        if place not in places:
            yield draft.problem("changes", f"no text stands at {place!r}")
