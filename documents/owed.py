"""What a dossier says of the buyer's duties, and of what a reply led to."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Duty:
    """What the buyer owed: when it opened, by when, how it ended and by whom.

    `state` is a word, `tone` colours it; `how` is what was done, or why it was waived.
    """

    clause: str
    what: str
    opened_at: str
    state: str
    tone: Literal["done", "due", "late", "counsel"] = "due"
    about: str = ""
    owner: str = ""
    due_at: str = ""
    missed_at: str = ""
    settled_at: str = ""
    settled_by: str = ""
    how: str = ""
    proof: str = ""


@dataclass(frozen=True)
class Condition:
    """A condition a supplier named, and the buyer's answer to it."""

    number: str
    text: str
    state: str
    answer: str = ""
    answered_at: str = ""
    answered_by: str = ""


@dataclass(frozen=True)
class Promise:
    """Confidentiality terms: their text as offered, its hash, and what became of them."""

    text: str
    redaction: str
    sha256: str
    state: str
    offered_at: str
    offered_by: str
    is_inspect_only: bool = False
    answered_at: str = ""
    note: str = ""


@dataclass(frozen=True)
class Inspected:
    """An original that was seen and not handed over; it stays out of the customs file.

    `kind` is a value of EvidenceKind, `grade` a letter.
    """

    claim: str
    kind: str
    grade: str
    counts: bool
    place: str
    seen_on: str
    by: str
    issuer: str = ""
    document_number: str = ""
    issued_on: str = ""
    quantity: str = ""
    note: str = ""
