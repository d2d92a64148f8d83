"""All that a PDF can say, as frozen dataclasses: collected above, rendered without a query.

Texts stand here in the language of the document, as a reader reads them; codes are those
of `documents.enums`. Moments are ISO 8601 in UTC (`2026-11-20T14:05:00Z`), days are
`2026-11-20`, hashes are 64 hex digits, sizes are bytes. Empty means "not there".
"""

import hashlib
import json
import types
import typing
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from typing import Any, Literal

from documents.chapters import Elsewhere, Remedy
from documents.enums import DossierKind, Edition
from documents.owed import Condition, Duty, Inspected, Promise

VERSION = 1


@dataclass(frozen=True)
class Imprint:
    """What every document says of itself.

    `reference` is the case's or campaign's short reference, `service` the name the reader
    knows this service by, `zone` an IANA name for times of day, `place` its English name
    ("Shanghai"). `software` names this program, and is empty where nobody may read that
    name. `cut` and `head` are the last ledger entry covered and its hash. `number` and `at`
    are filled in when the document is asked for. `as_of` is the moment up to which it tells,
    empty for one that tells all. `clock_note` is printed on documents of a
    demonstration.
    """

    language: Literal["en", "zh-hans"]
    reference: str
    service: str
    buyer: str
    zone: str = "UTC"
    place: str = "UTC"
    cut: int = 0
    head: str = ""
    software: str = ""
    number: int = 0
    at: str = ""
    as_of: str = ""
    clock_note: str = ""


@dataclass(frozen=True)
class Party:
    """A company or site; `role` says what it is to the case ("Buyer", "Supplier", "Site")."""

    role: str
    name: str
    name_en: str = ""
    country: str = ""
    registration: str = ""
    address: str = ""


@dataclass(frozen=True)
class Person:
    """A person and what they were; `signed_in_by` is the method (mailed code, one-time code)."""

    name: str
    role: str
    organisation: str
    title: str = ""
    authority: str = ""
    signed_in_by: str = ""


@dataclass(frozen=True)
class Clause:
    """Where one clause stands; each text is a sentence or empty."""

    clause: str
    asked: str = ""
    answered: str = ""
    evidence: str = ""
    finding: str = ""
    decided: str = ""


@dataclass(frozen=True)
class Limb:
    """One condition of a rule, whether it is met ("met", "open", "failed"), and why."""

    name: str
    state: Literal["met", "open", "failed"]
    why: str = ""


@dataclass(frozen=True)
class Standing:
    """Where a case stands; `tone` colours the word, which always stands beside it."""

    stage: str
    sentence: str
    tone: Literal["done", "due", "late", "counsel"] = "due"
    clauses: tuple[Clause, ...] = ()
    limbs: tuple[Limb, ...] = ()
    policy: str = ""
    wording: str = ""
    wording_by: str = ""


@dataclass(frozen=True)
class Block:
    """A piece of running text: a heading, a paragraph, or an item of a list."""

    text: str
    kind: Literal["heading", "paragraph", "item", "number"] = "paragraph"


@dataclass(frozen=True)
class Step:
    """One thing that happened on a day, and what is known of it."""

    name: str
    at: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Instructed:
    """The instruction as it was sent, and what became of it."""

    blocks: tuple[Block, ...]
    version: str
    sha256: str
    language: str
    list_version: str = ""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Posted:
    """A letter sent after the instruction; `blocks` is empty where the edition leaves them out."""

    kind: str
    title: str
    at: str
    language: str
    wording: str
    sha256: str
    by: str = ""
    blocks: tuple[Block, ...] = ()
    arrival: tuple[str, ...] = ()


@dataclass(frozen=True)
class Statement:
    """One statement as it was shown to the signatory, in `language`."""

    number: str
    text: str
    language: str = ""
    sha256: str = ""
    answer: str = ""


@dataclass(frozen=True)
class Attestation:
    """Who signed what, when, and how they proved to be at their mailbox."""

    signatory: Person
    at: str
    method: str
    sha256: str
    statements: tuple[Statement, ...]
    result: str = ""
    number: int = 1


@dataclass(frozen=True)
class Answer:
    """A question as shown and its answer; `before` is what an earlier submission said."""

    number: str
    question: str
    answer: str
    before: str = ""
    findings: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class AnswerSection:
    title: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class EvidenceItem:
    """One file; codes are values of EvidenceKind, EvidenceState, Scan and ReceivedBy.

    `grade` is a letter or empty; `proposed` says that no reviewer set it. `reason` is why
    it was graded, held, released or refused so.
    """

    number: str
    name: str
    kind: str
    state: str
    sha256: str
    size: int
    scan: str
    grade: str = ""
    proposed: bool = False
    issuer: str = ""
    issued_on: str = ""
    document_number: str = ""
    received_at: str = ""
    received_by: str = "PORTAL"
    received_from: str = ""
    scan_database: str = ""
    asked_in: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Message:
    at: str
    by: str
    text: str


@dataclass(frozen=True)
class Thread:
    """Something asked for, and what was said about it."""

    subject: str
    messages: tuple[Message, ...]
    state: str = ""
    due: str = ""


@dataclass(frozen=True)
class Contact:
    """A mail, reminder, call or letter, and what is known of its arrival."""

    at: str
    what: str
    to: str
    result: str = ""


@dataclass(frozen=True)
class Decision:
    """What one person decided or proposed, with the reason they gave."""

    at: str
    what: str
    by: str
    role: str
    reason: str = ""
    counsel_note: str = ""


@dataclass(frozen=True)
class Lines:
    """A part of a plan: each line a label and what was written; `skipped` says why it is empty."""

    title: str
    lines: tuple[Step, ...] = ()
    skipped: str = ""


@dataclass(frozen=True)
class Exit:
    """One exit from its proposal to its reviews; `people` are those who proposed and agreed.

    `replies` hold what the supplier said and was answered, `checks` the checklist and weekly
    looks of winding down, `reviews` the effects after 3, 6 and 12 months.
    """

    track: str
    ground: str
    state: str
    findings: tuple[str, ...] = ()
    people: tuple[Decision, ...] = ()
    plan: tuple[Lines, ...] = ()
    replies: tuple[Thread, ...] = ()
    checks: tuple[Step, ...] = ()
    reviews: tuple[Thread, ...] = ()


@dataclass(frozen=True)
class Picture:
    """An SVG, and the same in words for whoever cannot see it."""

    svg: str
    alt: str


@dataclass(frozen=True)
class Event:
    """One ledger entry as a sentence."""

    seq: int
    at: str
    sentence: str
    hash: str


@dataclass(frozen=True)
class Anchor:
    """A head known outside this installation."""

    at: str
    authority: str
    root: str


@dataclass(frozen=True)
class Dossier:
    """A case from its first event to `imprint.cut`, in one of the buyer's two editions.

    Parts that do not exist yet are left empty and then not printed.
    """

    imprint: Imprint
    edition: Literal["COUNSEL", "WORKING"]
    buyer: Party
    supplier: Party
    standing: Standing
    opened_at: str = ""
    parties: tuple[Party, ...] = ()
    people: tuple[Person, ...] = ()
    instructed: Instructed | None = None
    letters: tuple[Posted, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    answers: tuple[AnswerSection, ...] = ()
    evidence: tuple[EvidenceItem, ...] = ()
    threads: tuple[Thread, ...] = ()
    contacts: tuple[Contact, ...] = ()
    decisions: tuple[Decision, ...] = ()
    conditions: tuple[Condition, ...] = ()
    promises: tuple[Promise, ...] = ()
    inspected: tuple[Inspected, ...] = ()
    duties: tuple[Duty, ...] = ()
    elsewhere: Elsewhere | None = None
    remedy: Remedy | None = None
    exits: tuple[Exit, ...] = ()
    closed: tuple[Step, ...] = ()
    charts: tuple[Picture, ...] = ()
    events: tuple[Event, ...] = ()
    anchors: tuple[Anchor, ...] = ()

    kind = DossierKind.DOSSIER


@dataclass(frozen=True)
class Count:
    name: str
    number: int


@dataclass(frozen=True)
class Registered:
    """One supplier's line in a campaign's register."""

    reference: str
    supplier: str
    country: str = ""
    wording: str = ""
    instructed_at: str = ""
    delivery: str = ""
    acknowledged_at: str = ""
    replied_at: str = ""
    reply: str = ""
    stage: str = ""
    decision: str = ""
    decided_at: str = ""
    decided_by: str = ""


@dataclass(frozen=True)
class Register:
    """Who was instructed in a campaign, who replied, what was decided."""

    imprint: Imprint
    campaign: str
    questionnaire: str
    due: str
    launched_at: str = ""
    list_version: str = ""
    counts: tuple[Count, ...] = ()
    lines: tuple[Registered, ...] = ()
    edition: Literal["COUNSEL", "WORKING"] = "COUNSEL"

    kind = DossierKind.REGISTER


@dataclass(frozen=True)
class Receipt:
    """What a supplier handed in and signed, in its own wording; it says nothing more.

    `title` and `next_steps` come in the response's wording.
    """

    imprint: Imprint
    supplier: Party
    attestation: Attestation
    title: str = ""
    next_steps: tuple[Block, ...] = ()
    answers: tuple[AnswerSection, ...] = ()
    evidence: tuple[EvidenceItem, ...] = ()
    edition: Literal["SUPPLIER"] = "SUPPLIER"

    kind = DossierKind.RECEIPT


@dataclass(frozen=True)
class Letter:
    """A letter of a buyer to a supplier, in the wording counsel chose; `sent` is when it went."""

    imprint: Imprint
    supplier: Party
    title: str
    blocks: tuple[Block, ...]
    due: str = ""
    sender: Person | None = None
    address: str = ""
    version: str = ""
    sha256: str = ""
    sent: str = ""
    edition: Literal["SUPPLIER"] = "SUPPLIER"

    kind = DossierKind.LETTER


@dataclass(frozen=True)
class Instruction(Letter):
    """The letter by which a buyer asks a supplier."""

    kind = DossierKind.INSTRUCTION


Content = Dossier | Register | Receipt | Letter | Instruction
KINDS: dict[str, type[Content]] = {
    DossierKind.DOSSIER: Dossier,
    DossierKind.REGISTER: Register,
    DossierKind.RECEIPT: Receipt,
    DossierKind.INSTRUCTION: Instruction,
    DossierKind.LETTER: Letter,
}


def to_json(content: Content) -> str:
    """Return canonical JSON: equal contents give equal text."""
    body = {"v": VERSION, "kind": str(content.kind), "content": asdict(content)}
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def from_json(text: str) -> Content:
    """Return the content that `to_json` wrote. Raises ValueError for anything else."""
    body = json.loads(text)
    if body.get("v") != VERSION or body.get("kind") not in KINDS:
        raise ValueError(f"not a document of version {VERSION}: {str(body)[:60]}")
    return typing.cast("Content", _built(KINDS[body["kind"]], body["content"]))


def _built(kind: Any, value: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin is tuple:
        inner = typing.get_args(kind)[0]
        return tuple(_built(inner, one) for one in value)
    if origin in {types.UnionType, typing.Union}:
        inner = next(one for one in typing.get_args(kind) if one is not type(None))
        return None if value is None else _built(inner, value)
    return _record(kind, value) if is_dataclass(kind) else value


def _record(kind: Any, value: dict[str, Any]) -> Any:
    hints = typing.get_type_hints(kind)
    if unknown := set(value) - {one.name for one in fields(kind)}:
        raise ValueError(f"{kind.__name__} has no {sorted(unknown)}")
    return kind(**{name: _built(hints[name], part) for name, part in value.items()})


def substance(content: Content) -> str:
    """Return a hash of what a content says, whatever its number, moment and ledger position.

    Two requests with equal substance are served the same file.
    """
    still = replace(content.imprint, number=0, at="", cut=0, head="")
    content = replace(content, imprint=still)
    if isinstance(content, Dossier):
        content = replace(content, events=())
    return hashlib.sha256(to_json(content).encode()).hexdigest()


def edition_of(content: Content) -> Edition:
    return Edition(content.edition)
