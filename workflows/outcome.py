"""What findings, limbs and proofs add up to: pure functions that propose and never decide.

Source: domain note, sections 5 to 7 and 10; reply codes: content note, section 6.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workflows.clauses import HELD, RANK
from workflows.enums import FindingState, Level, Limbs, Outcome, ReplyCode

UNRESOLVED = frozenset({FindingState.OPEN, FindingState.ANSWERED, FindingState.CONFIRMED})
SILENT_LEVELS = frozenset({Level.NOTE, Level.DUTY})
NEEDED_B = 2


def limb_findings(*, agrees: bool, proves: bool, policy: Limbs) -> set[str]:
    """Return which limbs of clause B5 failed, as outcome codes.

    Under `both` a single failed limb is an open point: no exit, but not clear either.
    """
    failed = {name for name, met in (("B5_AGREEMENT", agrees), ("B5_PROOF", proves)) if not met}
    if policy == Limbs.BOTH and len(failed) == 1:
        return {"OPEN_POINT"}
    return failed


def propose(findings: Iterable[str], *, constraint_held: bool) -> Outcome:
    """Return the highest-ranked outcome; what is held waits for counsel and is never clear."""
    live = set(findings) - HELD if constraint_held else set(findings)
    nothing = "WITH_COUNSEL" if constraint_held else "CLEAR"
    return Outcome(min(live, key=RANK.index, default=nothing))


def weight(*, clause: str, limb: str, level: str) -> str:
    """Return the outcome code a finding stands for; empty for notes and plain duties.

    A `counsel` finding holds the reply instead, see `holds`.
    """
    if level in {Level.NOTE, Level.COUNSEL}:
        return ""
    if level == Level.DUTY:
        return clause if clause in {"C1", "C2"} else ""
    if level == Level.EXIT:
        return "B5_AGREEMENT" if clause == "B5" and limb == "agreement" else clause
    if level == Level.REMEDIATE:
        return "B4"
    return "OPEN_POINT"


def holds(*, level: str, state: str) -> bool:
    """Tell whether a finding holds what rests on the supplier's reply until counsel closes it."""
    return level == Level.COUNSEL and state in UNRESOLVED


def blocks_clearing(*, level: str, state: str) -> bool:
    return level not in SILENT_LEVELS and state in UNRESOLVED


@dataclass(frozen=True)
class Piece:
    """One judged piece of evidence for a claim at a production step.

    `digest` is the file's SHA-256 in hex (empty for what was only seen), `number` the
    document's own number.
    """

    claim: str
    step: str
    grade: str
    issuer: str = ""
    digest: str = ""
    number: str = ""
    counts: bool = True


def is_proven(pieces: Iterable[Piece]) -> bool:
    """Apply the B4 rule to the pieces of one claim and step.

    One A, or two independent B. Independent means different issuers; the same file or the
    same number counts once. C never suffices, and laboratory reports only support.
    """
    counted = [piece for piece in pieces if piece.counts]
    if any(piece.grade == "A" for piece in counted):
        return True
    seconds = [piece for piece in counted if piece.grade == "B"]
    return any(
        _are_independent(one, other)
        for index, one in enumerate(seconds)
        for other in seconds[index + 1 :]
    )


def _are_independent(one: Piece, other: Piece) -> bool:
    if not one.issuer.strip() or not other.issuer.strip():
        return False
    same_issuer = one.issuer.casefold().strip() == other.issuer.casefold().strip()
    same_file = bool(one.digest) and one.digest == other.digest
    same_number = bool(one.number) and one.number.casefold() == other.number.casefold()
    return not (same_issuer or same_file or same_number)


def proven(
    asked: Iterable[tuple[str, str]], pieces: Iterable[Piece]
) -> dict[tuple[str, str], bool]:
    """Return for each claim and step that was asked whether the B4 rule holds."""
    known = list(pieces)
    return {
        (claim, step): is_proven(
            piece for piece in known if (piece.claim, piece.step) == (claim, step)
        )
        for claim, step in asked
    }


@dataclass(frozen=True)
class Reply:
    """What the reply code rests on.

    `findings` are keys of the questionnaire's findings; `declined` maps a required
    question's path to the reason given; `replies` maps the two B4 questions to a code.
    """

    findings: frozenset[str]
    declined: Mapping[str, str]
    declined_files: frozenset[str]
    replies: tuple[str, str]
    reasons: frozenset[str]
    sent_to_counsel: bool
    is_proven: bool


YES = frozenset({"agreed", "already"})


def propose_reply_code(reply: Reply) -> ReplyCode | None:
    """Return the first code that fits (content note, section 6), or None: the analyst asks.

    `CONTRADICTED_BY_EVIDENCE` is set by a person only, `NO_REPLY` by the delivery record.
    """
    if _is_constrained(reply):
        return ReplyCode.LEGAL_CONSTRAINT_CLAIMED
    if _wants_terms(reply):
        return ReplyCode.CONFIDENTIAL_NEEDS_TERMS
    if "refused" in reply.replies:
        silent = reply.reasons <= {"no_reason"}
        return ReplyCode.DECLINES_NO_REASON if silent else ReplyCode.DECLINES_DISAGREES
    if "conditions" in reply.replies:
        return ReplyCode.AGREES_ON_CONDITIONS
    if not set(reply.replies) <= YES or "not_said" in reply.findings:
        return None
    return _code_of_agreement(reply)


def _is_constrained(reply: Reply) -> bool:
    return (
        bool(reply.findings & {"limits_law", "refusal_law"})
        or reply.sent_to_counsel
        or any(why in {"law", "safety"} for why in reply.declined.values())
    )


def _wants_terms(reply: Reply) -> bool:
    return bool(reply.findings & {"limits_contract", "refusal_confidential"}) or any(
        reply.declined.get(path) == "confidential" for path in reply.declined_files
    )


def _code_of_agreement(reply: Reply) -> ReplyCode:
    if any(reply.declined.get(path) == "others_hold" for path in reply.declined_files):
        return ReplyCode.AGREES_CANNOT_OBTAIN
    there = any(key.endswith("_there") for key in reply.findings)
    if reply.is_proven and not there:
        return ReplyCode.AGREES_PROVES
    return ReplyCode.AGREES_NO_PROOF_YET
