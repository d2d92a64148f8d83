"""What a questionnaire is, once loaded: frozen, complete, with every rule compiled.

Language codes are Django's, in small letters (`en`, `zh-hans`); the file writes `zh-Hans`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from questionnaires.expressions import Expression

PATH = re.compile(
    r"(?:(?P<table>[a-z][a-z0-9_]*)\[(?P<row>[^\[\]]+)\]\.)?(?P<key>[a-z][a-z0-9_]*)"
)


class QuestionType(StrEnum):
    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    SELECT_ONE = "select_one"
    SELECT_MULTIPLE = "select_multiple"
    SELECT_ROW = "select_row"  # written `select_one ${question}` in the file
    FILE = "file"
    NOTE = "note"
    DECLARATION = "declaration"


class MayDecline(StrEnum):
    ANY = "any"
    CANNOT_SAY = "cannot_say"
    NO = "no"


class Lines(StrEnum):
    """How much room a text is given."""

    ONE = "one"
    SEVERAL = "several"


class Prefill(StrEnum):
    NEVER = "never"
    CONFIRM = "confirm"
    BUYER = "buyer"


class SeenBy(StrEnum):
    ALL = "all"
    COUNSEL = "counsel"


class Level(StrEnum):
    """What a finding proposes (content note, section 1)."""

    EXIT = "exit"
    REMEDIATE = "remediate"
    COUNSEL = "counsel"
    DUTY = "duty"
    FOLLOW_UP = "follow_up"
    NOTE = "note"


class Scope(StrEnum):
    OWN_PRODUCTS = "own_products"
    ANY_PRODUCTION = "any_production"


class About(StrEnum):
    SUPPLIER = "supplier"
    LINK = "link"
    BUYER = "buyer"


class PartyRole(StrEnum):
    """As what a company named in an answer is screened."""

    OWN_COMPANY = "own_company"
    FACILITY = "facility"
    SUBSIDIARY = "subsidiary"
    OWNER = "owner"
    SUB_SUPPLIER = "sub_supplier"
    INPUT_SOURCE = "input_source"
    LABOUR_AGENT = "labour_agent"


@dataclass(frozen=True, slots=True)
class Text:
    """What a reader sees, in both wordings; each maps a language code to its text."""

    explicit: Mapping[str, str]
    traceability: Mapping[str, str]

    def of(self, wording: str, language: str) -> str:
        """The text in one wording (`explicit`, `traceability`) and language (any case).

        Raises KeyError where it is missing: there is no language to fall back to.
        """
        texts = self.traceability if wording == "traceability" else self.explicit
        return texts[language.lower()]

    @property
    def is_worded_twice(self) -> bool:
        """Whether the two wordings differ."""
        return self.explicit != self.traceability


@dataclass(frozen=True, slots=True)
class Choice:
    code: str
    label: Text
    group: str = ""


@dataclass(frozen=True, slots=True)
class ChoiceList:
    """A list to choose from; `external` names the standard it is taken from, or is empty."""

    key: str
    by_code: Mapping[str, Choice]
    external: str = ""

    @property
    def choices(self) -> tuple[Choice, ...]:
        return tuple(self.by_code.values())


@dataclass(frozen=True, slots=True)
class EvidenceRequest:
    """What a file must show: claim, step (a code, or a question of the same row), kinds."""

    claim: str
    kinds: tuple[str, ...]
    step: str = ""  # code of a production step
    step_question: str = ""  # key of the question that names the step
    months: int | None = None  # how long it stays fresh


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a declaration, ticked by itself."""

    code: str
    label: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question. `table` is the key of the repeat it stands in, or empty."""

    key: str
    type: QuestionType
    label: Text
    section: str
    table: str = ""
    hint: Text | None = None
    choices: ChoiceList | None = None  # of select_one and select_multiple
    rows_of: str = ""  # of select_row: the table whose rows are offered
    relevant: Expression | None = None
    required: Expression | bool = False
    constraint: Expression | None = None
    message: Text | None = None
    format: str = ""  # uscc, hs_code, email
    lines: Lines | None = None  # of a text; None where its author did not say
    may_decline: MayDecline = MayDecline.ANY
    prefill: Prefill = Prefill.NEVER
    seen_by: SeenBy = SeenBy.ALL
    evidence: EvidenceRequest | None = None
    statements: tuple[Statement, ...] = ()
    prefix: str = ""  # of the party this is a column of
    part: str = ""  # which column: country, province, name, name_en, code, address

    def path(self, row: str = "") -> str:
        """Where the answer stands: `key`, or `table[row id].key`."""
        return f"{self.table}[{row}].{self.key}" if self.table else self.key


@dataclass(frozen=True, slots=True)
class Party:
    """A company asked for, whose columns stand in questions `<prefix>_country` and so on."""

    prefix: str
    role: PartyRole
    section: str
    table: str = ""
    label: Text | None = None  # stands above its columns
    hint: Text | None = None

    def key(self, part: str) -> str:
        return f"{self.prefix}_{part}"


@dataclass(frozen=True, slots=True)
class Repeat:
    """A table: how many rows it may have, and the template of a row's title."""

    key: str
    min: int
    max: int
    item_title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One page and one stored document."""

    key: str
    title: Text
    questions: tuple[Question, ...]
    intro: Text | None = None
    clause: str = ""
    relevant: Expression | None = None
    repeat: Repeat | None = None
    parties: tuple[Party, ...] = ()

    @property
    def table(self) -> str:
        """The key of its repeat; empty for an ordinary page."""
        return self.repeat.key if self.repeat else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRule:
    """What is raised for the buyer when `when` holds, for each row of the table `each`."""

    key: str
    level: Level
    scope: Scope
    about: About
    when: Expression
    text: Text
    clause: str = ""
    limb: str = ""
    each: str = ""


@dataclass(frozen=True, kw_only=True)
class Questionnaire:
    """A loaded definition; `text` is its canonical JSON, `sha256` that text's hash in hex."""

    key: str
    version: str
    languages: tuple[str, ...]
    choices: Mapping[str, ChoiceList]
    sections: tuple[Section, ...]
    findings: tuple[FindingRule, ...]
    basis: Mapping[str, str] = field(default_factory=dict)  # title, date
    changes: Mapping[str, str] = field(default_factory=dict)  # place of a label: reason
    text: str = ""
    sha256: str = ""

    @cached_property
    def section_of(self) -> Mapping[str, Section]:
        """Sections by key."""
        return {section.key: section for section in self.sections}

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """All questions by key, in file order."""
        return {q.key: q for section in self.sections for q in section.questions}

    @cached_property
    def tables(self) -> Mapping[str, Section]:
        """Sections that are tables, by the key of their repeat."""
        return {section.table: section for section in self.sections if section.repeat}

    @cached_property
    def finding_of(self) -> Mapping[str, FindingRule]:
        return {rule.key: rule for rule in self.findings}

    @cached_property
    def parties(self) -> tuple[Party, ...]:
        return tuple(party for section in self.sections for party in section.parties)


def split_path(path: str) -> tuple[str, str]:
    """Question key and row id (empty outside a table) of a path; ValueError if it is none."""
    if not (found := PATH.fullmatch(path)):
        raise ValueError(f"not a path: {path!r}")
    return found["key"], found["row"] or ""
