"""Where a case stands: findings, limbs, proof, and what the engine proposes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import cast

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from documents.enums import EvidenceState, Scan
from documents.models import Evidence
from portal.enums import Wording
from questionnaires.enums import SubmissionKind
from questionnaires.models import Submission
from questionnaires.queries.drafts import GONE
from workflows import outcome
from workflows.enums import FindingState, Level, Limbs, Outcome, ReplyCode, Stage
from workflows.models import Case, Finding, Inspection, Proof
from workflows.queries import delivery, plans, replies, signed

AGREEMENT = ("agree_sourcing", "agree_dealings")
REASONS = "why_not"


@dataclass(frozen=True)
class ClaimState:
    """One claim at one production step that proof was asked for, and whether B4's rule holds.

    `earlier` are documents of a round before, used neither by the supplier nor by an analyst
    since: they prove nothing of this one.
    """

    claim: str
    step: str
    is_proven: bool
    proofs: list[Proof] = field(default_factory=list)
    inspections: list[Inspection] = field(default_factory=list)
    earlier: list[Proof] = field(default_factory=list)


@dataclass(frozen=True)
class Standing:
    """Where a case stands: what the engine reads from it, and what it proposes."""

    submission: Submission | None
    findings: list[Finding]
    claims: list[ClaimState]
    is_held: bool
    agrees: bool
    outcome: Outcome
    proposed_code: ReplyCode | None
    held_limbs: frozenset[str] = frozenset()
    agreement_failed_by_code: bool = False
    is_presumed: bool = False

    @property
    def proves(self) -> bool:
        return all(claim.is_proven for claim in self.claims)

    @property
    def unresolved(self) -> list[Finding]:
        return [one for one in self.findings if one.state in outcome.UNRESOLVED]

    @property
    def blocking(self) -> list[Finding]:
        """Findings that stand in the way of clearing."""
        return [
            one
            for one in self.findings
            if outcome.blocks_clearing(level=one.level, state=one.state)
        ]

    @property
    def unproven(self) -> list[ClaimState]:
        return [claim for claim in self.claims if not claim.is_proven]

    @property
    def ground(self) -> list[Finding]:
        """The findings that the proposal rests on; empty where it rests on missing proof."""
        return [one for one in self.unresolved if weight_of(one) == self.outcome]

    @property
    def proposes(self) -> str:
        """What is proposed, in words.

        A sub-supplier's location ends that link, not trade with the supplier (B1; domain note,
        section 3, note 4).
        """
        if self.outcome == Outcome.B1 and all(one.about != "supplier" for one in self.ground):
            return _("End this link at once")
        return str(self.outcome.label)

    @property
    def obstacles(self) -> list[str]:
        """Sentences that say why the case cannot be cleared; empty when nothing is open."""
        found = []
        if self.submission is None:
            found.append(_("Nothing was submitted yet."))
        if self.blocking:
            found.append(_("Findings not yet dismissed or remedied: %d.") % len(self.blocking))
        if self.unproven:
            found.append(_("Claims without sufficient proof: %d.") % len(self.unproven))
        if self.is_held:
            found.append(_("Counsel has not yet closed a note that limits the reply."))
        if "B5_AGREEMENT" in self.held_limbs:
            found.append(_("What the reply asks of us is not settled yet."))
        if self.agreement_failed_by_code:
            found.append(_("The reply was read as declined."))
        if self.is_presumed:
            found.append(_("The presumption of clause B stands until an approver lifts it."))
        return found


def latest_submission(case: Case) -> Submission | None:
    """Return what was signed last since the case was sent or sent anew."""
    if case.response_id is None:
        return None
    rows = Submission.objects.filter(response_id=case.response_id)
    if case.asked_at is not None:
        rows = rows.filter(signed_at__gte=case.asked_at)
    return rows.select_related("response__version").order_by("-number").first()


def standing(case: Case) -> Standing:
    """Work out where a case stands from its findings, proofs and latest submission."""
    findings = Finding.objects.filter(case=case).select_related("judged_by", "raised_by")
    proofs = Proof.objects.filter(case=case).select_related("evidence", "graded_by")
    return assembled(
        case,
        latest_submission(case),
        Ground(
            list(findings.order_by("raised_at", "key", "item")),
            list(proofs.order_by("pk")),
            list(inspections(case)),
            is_open=replies.is_open(case),
            is_spent=partial(plans.is_plan_spent, case),
        ),
    )


@dataclass(frozen=True)
class Ground:
    """What a standing rests on besides the case and its submission.

    `seen` are originals that were inspected; `is_open` tells whether what a reply code
    holds is still held; `is_spent` whether a plan was tried, asked only where that matters.
    """

    findings: list[Finding]
    proofs: list[Proof]
    seen: list[Inspection]
    is_open: bool
    is_spent: Callable[[], bool]


def inspections(case: Case) -> QuerySet[Inspection]:
    """Return the originals that were seen, in the order they were."""
    rows = Inspection.objects.filter(case=case).select_related("by")
    return rows.order_by("seen_on", "logged_at", "pk")


def assembled(
    case: Case,
    submission: Submission | None,
    ground: Ground,
) -> Standing:
    """Work out where a case stands from these alone, read now or replayed."""
    findings = ground.findings
    claims = _claims(case, submission, ground)
    held = case.reply_code == ReplyCode.LEGAL_CONSTRAINT_CLAIMED or any(
        outcome.holds(level=one.level, state=one.state) for one in findings
    )
    codes = _codes(findings)
    declined = case.reply_code in outcome.DECLINES
    agrees = (
        submission is not None
        and "B5_AGREEMENT" not in codes
        and not declined
        and not _is_hollow(case, submission, findings)
    )
    proves = submission is not None and all(claim.is_proven for claim in claims)
    limbs_held = outcome.held_limbs(case.reply_code, is_open=ground.is_open)
    waits = proves or any(map(_has_ungraded, claims)) or not ground.is_spent()
    live = (codes - {"B5_AGREEMENT"}) | _limbs(
        case, submission, agrees=agrees, proves=proves, held=limbs_held, waits=waits
    )
    return Standing(
        submission=submission,
        findings=findings,
        claims=claims,
        is_held=held,
        agrees=agrees,
        outcome=outcome.propose(live, constraint_held=held),
        proposed_code=_proposed_code(case, submission, findings, proves=proves),
        held_limbs=limbs_held,
        agreement_failed_by_code=declined,
        is_presumed=case.presumed_at is not None,
    )


def _is_hollow(case: Case, submission: Submission, findings: list[Finding]) -> bool:
    given = signed.answers_of(submission)
    return outcome.is_hollow(
        neutral=case.wording == Wording.TRACEABILITY,
        replies=[str(given.get(key) or "") for key in AGREEMENT],
        findings=[one.key for one in findings if one.state in outcome.UNRESOLVED],
    )


def _codes(findings: Iterable[Finding]) -> set[str]:
    codes = {weight_of(one) for one in findings if one.state in outcome.UNRESOLVED}
    return codes - {""}


def weight_of(finding: Finding) -> str:
    """Return what a finding stands for; what was learned elsewhere is open until confirmed."""
    if finding.is_outside and finding.state != FindingState.CONFIRMED:
        return "OPEN_POINT"
    return outcome.weight(clause=finding.clause, limb=finding.limb, level=finding.level)


def _limbs(
    case: Case,
    submission: Submission | None,
    *,
    agrees: bool,
    proves: bool,
    held: frozenset[str],
    waits: bool,
) -> set[str]:
    """B5's limbs; the proof limb is an open point while it waits for a plan or a grade.

    Silence that a person found to count fails both; any other silence is an open point.
    """
    if submission is None:
        return set(outcome.LIMBS) if case.reply_code == ReplyCode.NO_REPLY else {"OPEN_POINT"}
    failed = outcome.limb_findings(
        agrees=agrees, proves=proves, policy=Limbs(case.policy.b5_limbs), held=held
    )
    return {"OPEN_POINT" if code == "B5_PROOF" and waits else code for code in failed}


def _has_ungraded(claim: ClaimState) -> bool:
    waiting = (one.evidence.state for one in claim.proofs if one.counts and not one.grade)
    return not claim.is_proven and any(state not in GONE for state in waiting)


def _claims(case: Case, submission: Submission | None, ground: Ground) -> list[ClaimState]:
    if submission is None:
        return []
    files = signed.asked_evidence(submission)
    asked = {(one.claim, one.step) for one in files if one.is_required or one.evidence}
    given = {evidence for one in files for evidence in one.evidence}
    proofs: list[Proof] = []
    earlier: list[Proof] = []
    for proof in ground.proofs:
        is_used = str(proof.evidence_id) in given or _is_of_this_round(case, proof)
        (proofs if is_used else earlier).append(proof)
    begun = case.asked_at
    seen = [one for one in ground.seen if begun is None or one.logged_at >= begun]
    pieces = [_piece(proof) for proof in proofs] + [outcome.Piece(**one.piece) for one in seen]
    holds = outcome.proven(asked, pieces)
    return [
        ClaimState(
            claim,
            step,
            holds[claim, step],
            [proof for proof in proofs if (proof.claim, proof.step) == (claim, step)],
            [one for one in seen if (one.claim, one.step) == (claim, step)],
            [proof for proof in earlier if (proof.claim, proof.step) == (claim, step)],
        )
        for claim, step in sorted(asked)
    ]


def _is_of_this_round(case: Case, proof: Proof) -> bool:
    """Whether a document came, or was graded, since the case was sent or sent anew."""
    touched = proof.graded_at or proof.evidence.received_at
    return case.asked_at is None or touched >= case.asked_at


def _piece(proof: Proof) -> outcome.Piece:
    evidence = proof.evidence
    return outcome.Piece(
        claim=proof.claim,
        step=proof.step,
        grade=proof.grade,
        issuer=evidence.issuer,
        digest=evidence.sha256,
        number=evidence.number,
        counts=proof.counts and evidence.state == EvidenceState.RELEASED,
    )


def _proposed_code(
    case: Case, submission: Submission | None, findings: list[Finding], *, proves: bool
) -> ReplyCode | None:
    if submission is None:
        is_silent = case.lapsed_at or case.put_off_at or case.stall
        return outcome.propose_silence(delivery.silence(case)) if is_silent else None
    given = signed.answers_of(submission)
    declined, declined_files = signed.declined_of(submission)
    replies = cast("tuple[str, str]", tuple(str(given.get(key) or "") for key in AGREEMENT))
    return outcome.propose_reply_code(
        outcome.Reply(
            findings=frozenset(one.key for one in findings if one.state != FindingState.DISMISSED),
            declined=declined,
            declined_files=declined_files,
            replies=replies,
            reasons=_codes_of(given.get(REASONS)),
            sent_to_counsel=case.stage == Stage.WITH_COUNSEL,
            is_constraint_closed=bool(case.constraint_outcome),
            is_proven=proves and submission.kind == SubmissionKind.ATTESTATION,
        )
    )


def _codes_of(stored: object) -> frozenset[str]:
    return frozenset(stored) if isinstance(stored, list) else frozenset()


GRAVE = ("A1", "A2", "A3", "B1", "B2", "B3")


def has_grave_finding(case: Case) -> bool:
    """Whether a finding of rank 1 to 3 is unresolved: such a case cannot be withdrawn."""
    return Finding.objects.filter(
        case=case, clause__in=GRAVE, level=Level.EXIT, state__in=outcome.UNRESOLVED
    ).exists()


def unscanned_files(case: Case) -> int:
    """Count released files that no virus scanner has seen."""
    return (
        Evidence.objects.released().filter(chain_id=case.chain_id, scan=Scan.NOT_SCANNED).count()
    )
