"""Chapters of a dossier on what was learned elsewhere, on plans and on pauses of trade.

Texts and moments as in `documents.dossier`; names of respondents are empty where the edition
hides them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class SourceItem:
    """A source as recorded: what it is, by whom, what it says about whom, how it weighs."""

    kind: str
    title: str
    publisher: str
    about: str
    says: str
    grade: str
    counts: bool
    cited: str = ""
    address: str = ""
    sha256: str = ""
    recorded_by: str = ""
    recorded_at: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Hearing:
    """A question put to the supplier about a finding, in its wording, and the reply."""

    question: str
    asked_by: str
    asked_at: str
    due: str
    reply: str = ""
    replied_by: str = ""
    replied_at: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class OutsideFinding:
    """A finding upon sources from elsewhere, with its state and the hearing."""

    clause: str
    text: str
    about: str
    scope: str
    state: str
    raised_by: str
    raised_at: str
    sources: tuple[str, ...] = ()
    hearings: tuple[Hearing, ...] = ()
    judged: str = ""
    reason: str = ""


@dataclass(frozen=True)
class PresumptionItem:
    """From when to when the presumption of clause B stood, and what lifted it."""

    raised: str
    raised_at: str
    lifted: str = ""
    lifted_at: str = ""
    reason: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Elsewhere:
    """All that was learned elsewhere, and what became of it."""

    sources: tuple[SourceItem, ...] = ()
    findings: tuple[OutsideFinding, ...] = ()
    presumptions: tuple[PresumptionItem, ...] = ()


@dataclass(frozen=True)
class PlanLine:
    action: str
    cause: str
    owner: str
    step: str = ""
    evidence: str = ""
    help: str = ""


@dataclass(frozen=True)
class PlanStep:
    """A dated step, what was reported for it, and the judgement with its reason."""

    title: str
    due: str
    state: str
    expected: str = ""
    note: str = ""
    files: tuple[str, ...] = ()
    judged: str = ""
    reason: str = ""
    missed_at: str = ""


@dataclass(frozen=True)
class PlanItem:
    """A version of a plan as it was shown, who accepted it, who agreed it, and its steps."""

    number: int
    version: int
    sha256: str
    state: str
    shown: str
    orders: str
    consequence: str
    accepted: str = ""
    agreed: str = ""
    closed: str = ""
    lines: tuple[PlanLine, ...] = ()
    steps: tuple[PlanStep, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pause:
    """A suspension of trade: what, from when to when, why, what would lift it."""

    what: str
    paused: str
    needed: str
    by: str
    at: str
    from_on: str
    reviews: int = 0
    reason: str = ""
    ended: str = ""


@dataclass(frozen=True)
class Remedy:
    """Plans and pauses of trade, oldest first."""

    plans: tuple[PlanItem, ...] = ()
    pauses: tuple[Pause, ...] = ()
