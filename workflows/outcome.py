"""What findings, limbs and proofs add up to: pure functions that propose and never decide.

Source: domain note, sections 5 to 7 and 10; reply codes: content note, section 6.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workflows.clauses import ADDRESSES_FOR_SILENCE, HELD, MAILS_FOR_SILENCE, RANK
from workflows.enums import (
    FindingState,
    Level,
    Limbs,
    Outcome,
    ReplyCode,
    SourceKind,
    SubjectKind,
)

UNRESOLVED = frozenset({FindingState.OPEN, FindingState.ANSWERED, FindingState.CONFIRMED})
SILENT_LEVELS = frozenset({Level.NOTE, Level.DUTY})
NEEDED_B = 2
# what a finding under clause A leads to when it concerns the supplier itself (section 3)
PROPOSES = {"A1": "B2", "A2": "B2", "A3": "B3", "A4": "B4"}
PRESUMING = frozenset({*PROPOSES, "B1", "B2", "B3", "B4"})


LIMBS = frozenset({"B5_AGREEMENT", "B5_PROOF"})
# what each code says of a limb (domain note, section 6)
DECLINES = frozenset({ReplyCode.DECLINES_NO_REASON, ReplyCode.DECLINES_DISAGREES})
TALKS = frozenset({ReplyCode.AGREES_ON_CONDITIONS, ReplyCode.CONFIDENTIAL_NEEDS_TERMS})


def limb_findings(
    *, agrees: bool, proves: bool, policy: Limbs, held: frozenset[str] = frozenset()
) -> set[str]:
    """Return which limbs of clause B5 failed, as outcome codes.

    Under `both` a single failed limb is an open point: no exit, but not clear either. A limb
    that is `held` while its reply code's clock runs neither failed nor is it met.
    """
    named = (("B5_AGREEMENT", agrees), ("B5_PROOF", proves))
    failed = {name for name, met in named if not met and name not in held}
    if policy == Limbs.BOTH and len(failed) == 1:
        failed = {"OPEN_POINT"}
    return failed | ({"OPEN_POINT"} if held else set())


def held_limbs(code: str, *, is_open: bool) -> frozenset[str]:
    """Return the limbs that a confirmed reply code holds; `is_open` while its talks go on.

    `LEGAL_CONSTRAINT_CLAIMED` holds more than a limb, see `propose`.
    """
    if not is_open:
        return frozenset()
    if code in TALKS:
        return frozenset({"B5_AGREEMENT"})
    if code == ReplyCode.AGREES_CANNOT_OBTAIN:
        return frozenset({"B5_PROOF"})
    return frozenset()


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
        if clause == "B5" and limb == "agreement":
            return "B5_AGREEMENT"
        return PROPOSES.get(clause, clause)
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
class Told:
    """One source of a finding from elsewhere; `digest` is its file's SHA-256, if it has one."""

    kind: str
    grade: str
    publisher: str
    digest: str = ""
    counts: bool = True


CREDIBLE = frozenset({"A", "B"})
# where something lies is confirmed from these alone (domain note, section 5)
SHOWS_PLACE = frozenset({SourceKind.LICENCE, SourceKind.REGISTRY, SourceKind.SHIPPING})


def carrying(told: Iterable[Told]) -> list[Told]:
    """Return the sources that may carry a finding; a declaration alone never does."""
    return [one for one in told if one.counts and one.grade in CREDIBLE]


def is_credible(told: Iterable[Told]) -> bool:
    """Tell whether the evidence is credible under B3: two independent sources, or one record.

    Independent means different publishers; the same file counts once. The one record is an
    official one of grade A.
    """
    counted = carrying(told)
    if any(one.kind == SourceKind.OFFICIAL and one.grade == "A" for one in counted):
        return True
    pieces = [Piece("", "", one.grade, one.publisher, one.digest) for one in counted]
    return any(
        _are_independent(one, other)
        for index, one in enumerate(pieces)
        for other in pieces[index + 1 :]
    )


def shows_place(told: Iterable[Told]) -> bool:
    """Tell whether a licence, registry or shipping record says where something lies (B1)."""
    return any(one.kind in SHOWS_PLACE for one in carrying(told))


def presumes(*, clause: str, level: str) -> bool:
    """Tell whether a confirmed finding raises the presumption of clause B."""
    return clause in PRESUMING and level in {Level.EXIT, Level.REMEDIATE}


def level_of(*, clause: str, about: str) -> Level:
    """Return the level of a finding from elsewhere (domain note, section 3, note 1).

    What concerns a sub-supplier is a matter of B4 for the supplier that buys from it, and
    so is the origin of an input.
    """
    if about in {SubjectKind.LINK, SubjectKind.INPUT} or clause in {"A4", "B4"}:
        return Level.REMEDIATE
    return Level.EXIT


@dataclass(frozen=True)
class Reply:
    """What the reply code rests on.

    `findings` are keys of the questionnaire's findings; `declined` maps a required
    question's path to the reason given; `replies` maps the two B4 questions to a code.
    `is_constraint_closed`: counsel closed what limited this very reply.
    """

    findings: frozenset[str]
    declined: Mapping[str, str]
    declined_files: frozenset[str]
    replies: tuple[str, str]
    reasons: frozenset[str]
    sent_to_counsel: bool
    is_proven: bool
    is_constraint_closed: bool = False


YES = frozenset({"agreed", "already"})


# what a supplier itself lists in the Region as a source of our goods
LISTED_THERE = frozenset(
    {"input_there", "producer_there", "sub_there", "sub_ops_there"}
    | {f"{pack}_there" for pack in ("cot", "sil", "tom", "pvc", "alu")}
)


def is_hollow(*, neutral: bool, replies: Iterable[str], findings: Iterable[str]) -> bool:
    """Tell whether a yes ends nothing: it names as its own what would have to end.

    "Only what we listed", while a listed place lies in the Region, is no agreement to end
    anything; nor, in either wording, is "already so" (content note, section 1). `findings`
    are the unresolved ones; once they are settled the yes counts again.
    """
    empty = YES if neutral else frozenset({"already"})
    return bool(LISTED_THERE & set(findings)) and bool(empty & set(replies))


def propose_reply_code(reply: Reply) -> ReplyCode | None:
    """Return the first code that fits (content note, section 6), or None: the analyst asks.

    `CONTRADICTED_BY_EVIDENCE` is set by a person only, `NO_REPLY` by the delivery record.
    """
    if _is_constrained(reply) and not reply.is_constraint_closed:
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


@dataclass(frozen=True)
class Silence:
    """What was done to reach a supplier that did not reply (domain note, section 8).

    `accepted` counts messages a mail server took and that did not come back, `addresses`
    the addresses they went to. A relay's acceptance proves nothing by itself, so a contact
    that reached a person is needed beside it.
    """

    accepted: int
    addresses: int
    is_called: bool
    is_reached: bool

    @property
    def is_complete(self) -> bool:
        return (
            self.accepted >= MAILS_FOR_SILENCE
            and self.addresses >= ADDRESSES_FOR_SILENCE
            and self.is_called
            and self.is_reached
        )


def propose_silence(silence: Silence) -> ReplyCode | None:
    """Return how no reply is to be read; None while a person was reached and more is owed."""
    if silence.is_complete:
        return ReplyCode.NO_REPLY
    return None if silence.is_reached else ReplyCode.UNREACHABLE
