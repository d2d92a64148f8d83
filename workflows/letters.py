"""The words of every letter to a supplier, by kind, wording and language; kept once sent.

A letter is made of the two companies' names, the case's reference and the facts of its kind,
so that the same facts give the same words before and after the act that sends it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils import translation

from portal.enums import Wording
from portal.models import User
from questionnaires.static_checks.texts import leaks
from workflows.enums import LetterKind
from workflows.models import Case


@dataclass(frozen=True)
class Letter:
    """A title and paragraphs parted by empty lines.

    A paragraph that begins with `# ` is a heading, one with `- ` an item of a list.
    `sha256` is that of `data`, in hex.
    """

    title: str
    text: str

    @property
    def data(self) -> bytes:
        """The exact bytes that are kept: title, newline and text."""
        return f"{self.title}\n{self.text}".encode()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


class Sort(Enum):
    """What a fact is: WORDS are paragraphs as typed, each line one; LINE stands in a sentence."""

    DAY = date
    MOMENT = datetime
    COUNT = int
    FLAG = bool
    LINE = "line"
    WORDS = "words"


@dataclass(frozen=True)
class Fact:
    """One thing a letter says. What is not `is_needed` may be left out, empty or None."""

    name: str
    sort: Sort
    is_needed: bool = True


def _facts(needed: Mapping[str, Sort], **given: Sort) -> tuple[Fact, ...]:
    return (
        *(Fact(name, sort) for name, sort in needed.items()),
        *(Fact(name, sort, is_needed=False) for name, sort in given.items()),
    )


DAY, MOMENT, COUNT, FLAG = Sort.DAY, Sort.MOMENT, Sort.COUNT, Sort.FLAG
LINE, WORDS = Sort.LINE, Sort.WORDS
# `speaker` is the person who speaks for the buyer; `clause` is shown in explicit wording alone.
FACTS: Mapping[LetterKind, tuple[Fact, ...]] = {
    LetterKind.INSTRUCTION: _facts({"due_on": DAY}, list_title=LINE, list_dated_on=DAY),
    # without `due_on` the day has passed and the form is open all the same
    LetterKind.ACKNOWLEDGEMENT: _facts({"received_at": MOMENT}, answers=LINE, due_on=DAY),
    LetterKind.QUERY: _facts({"questions": COUNT, "due_on": DAY}, speaker=LINE),
    # `question`: what was learned elsewhere, asked in words of the buyer's own
    LetterKind.INQUIRY: _facts({"question": WORDS, "reply_by": DAY}, speaker=LINE),
    LetterKind.EXTENSION: _facts({"due_on": DAY}, was_due_on=DAY, note=WORDS, speaker=LINE),
    # an approver writes after reminders had no answer; `lapse_on` is when a person looks at it
    LetterKind.OVERDUE: _facts({"was_due_on": DAY, "lapse_on": DAY}, note=WORDS, speaker=LINE),
    # `steps`: one a line, with its day; `help`: what the buyer does; `orders`: meanwhile
    LetterKind.PLAN: _facts(
        {"from_on": DAY, "until_on": DAY, "steps": WORDS, "orders": WORDS},
        help=WORDS,
        speaker=LINE,
    ),
    # `paused`: which orders; `needed`: what would lift the pause
    LetterKind.SUSPENSION: _facts(
        {"from_on": DAY, "paused": WORDS, "needed": WORDS, "review_on": DAY},
        ground=WORDS,
        speaker=LINE,
    ),
    LetterKind.RESUMPTION: _facts({"from_on": DAY}, orders=WORDS, speaker=LINE),
    # `ground` in plain words; `orders`: what applies to them until the decision
    LetterKind.EXIT_PROPOSAL: _facts(
        {"ground": WORDS, "reply_by": DAY, "orders": WORDS}, speaker=LINE, clause=LINE
    ),
    # `owed`: goods on their way and money, where counsel has settled what to say
    LetterKind.EXIT_NOTICE: _facts(
        {"ground": WORDS, "from_on": DAY}, owed=WORDS, speaker=LINE, clause=LINE
    ),
    # `was_notified`: notice had been given, so this halts it; else a proposal is returned
    LetterKind.EXIT_HALTED: _facts(
        {"was_notified": FLAG, "from_on": DAY, "orders": WORDS}, reason=WORDS, speaker=LINE
    ),
    # `notice`: the plan's neutral notice text; `payment`: what is owed and when it is paid
    LetterKind.DISENGAGEMENT: _facts(
        {"notice_on": DAY, "last_order_on": DAY, "payment": WORDS, "reentry": WORDS},
        ends_on=DAY,
        notice=WORDS,
        goods=WORDS,
        people=WORDS,
        speaker=LINE,
        clause=LINE,
    ),
    # `needed`: what is to be shown; `orders`: what applies to them until the decision
    LetterKind.REENTRY: _facts(
        {"from_on": DAY, "needed": WORDS}, orders=WORDS, due_on=DAY, speaker=LINE
    ),
    LetterKind.WITHDRAWAL: _facts({}, note=WORDS, speaker=LINE),
}


def write(kind: LetterKind, case: Case, language: str, facts: Mapping[str, object]) -> Letter:
    """Write a letter of a case in its wording; of the case it reads names and reference alone.

    `facts` are those of FACTS[kind]: days as `date`, moments aware. Raises ValueError for a
    fact that is missing, unknown or of another sort.
    """
    context = _checked(kind, facts) | {
        "buyer": case.buyer,
        "supplier": case.supplier,
        "zone": case.supplier.zone,
        "reference": case.reference,
    }
    with translation.override(language):
        written = render_to_string(f"workflows/letters/{kind.lower()}_{case.wording}.txt", context)
    # between two Chinese sentences stands no space
    pieces = [" ".join(one.split()).replace("。 ", "。") for one in written.strip().split("\n\n")]
    title, *rest = pieces
    return Letter(title, "\n\n".join(piece for piece in rest if piece))


def stored(kind: LetterKind, facts: Mapping[str, object]) -> dict[str, Any]:
    """Return checked facts as JSON holds them: days and moments in ISO 8601."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in _checked(kind, facts).items()
    }


def restored(kind: LetterKind, kept: Mapping[str, Any]) -> dict[str, object]:
    """Return facts as `write` takes them, from what `stored` gave."""
    sorts = {one.name: one.sort for one in FACTS[kind]}
    return {
        name: sorts[name].value.fromisoformat(value)
        if value and sorts[name] in {DAY, MOMENT}
        else value
        for name, value in kept.items()
    }


def forbidden(kind: LetterKind, case: Case, facts: Mapping[str, object]) -> dict[str, list[str]]:
    """Return, by fact, typed words that the case's wording must not say; its names aside.

    In traceability wording nothing names the region, the law or a clause (domain note, 4).
    """
    found = {}
    for one in FACTS[kind]:
        if one.sort not in {LINE, WORDS} or one.name == "clause":
            continue
        if words := says_too_much(case, str(facts.get(one.name) or "")):
            found[one.name] = words
    return found


def says_too_much(case: Case, text: str) -> list[str]:
    """Return the words of a text that the case's wording must not say; its names aside."""
    if case.wording != Wording.TRACEABILITY:
        return []
    for name in filter(None, (case.supplier.name, case.supplier.name_en, case.supplier.address)):
        text = text.replace(name, "")
    return list(dict.fromkeys(leaks(text)))


def _checked(kind: LetterKind, facts: Mapping[str, object]) -> dict[str, Any]:
    known = FACTS[kind]
    if strange := set(facts) - {one.name for one in known}:
        raise ValueError(f"{kind}: {sorted(strange)} is no fact of this letter")
    return {one.name: _value(kind, one, facts.get(one.name)) for one in known}


def _value(kind: LetterKind, fact: Fact, value: object) -> object:
    if value in (None, ""):
        if fact.is_needed:
            raise ValueError(f"{kind}: {fact.name} is missing")
        return "" if fact.sort in {LINE, WORDS} else None
    wanted = str if fact.sort in {LINE, WORDS} else fact.sort.value
    if type(value) is not wanted:
        raise ValueError(f"{kind}: {fact.name} is {value!r}")
    if fact.sort is LINE:
        return " ".join(str(value).split())
    return _paragraphs(str(value)) if fact.sort is WORDS else value


def _paragraphs(typed: str) -> str:
    """Make each line a paragraph; none can pass for a heading of ours."""
    lines = [" ".join(line.split()).lstrip("#").strip() for line in typed.splitlines()]
    return "\n\n".join(line for line in lines if line)


def instruction(case: Case, language: str, *, due_on: date | None = None) -> Letter:
    """Write what a supplier is instructed, in the case's wording.

    `due_on` is by default the day of `case.due_at` in the supplier's zone.

    Clause B4, first and second sentence, and B3, second sentence, in explicit wording; in
    traceability wording the same is asked neutrally and no clause is named (domain note, 4).
    """
    return write(LetterKind.INSTRUCTION, case, language, instruction_facts(case, due_on=due_on))


def instruction_facts(case: Case, *, due_on: date | None = None) -> dict[str, object]:
    """Return what an instruction is made of, as the case stands."""
    listed = case.prohibited_list
    return {
        "due_on": due_on or day_of(case.due_at, case),
        "list_title": listed.title if listed else "",
        "list_dated_on": listed.dated_on if listed else None,
    }


def query_facts(questions: int, due_on: date, by: User) -> dict[str, object]:
    """Return what the letter with questions says: how many, by when, and who asks."""
    return {"questions": questions, "due_on": due_on, "speaker": by.name}


def day_of(at: datetime | None, case: Case) -> date | None:
    """Return the supplier's day of a moment, as its letters name it."""
    return at.astimezone(ZoneInfo(case.supplier.zone)).date() if at else None
