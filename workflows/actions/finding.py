"""Judging findings and proof: an analyst, each time with a reason (README point 32)."""

from dataclasses import dataclass

from django.core.files import File

from documents.actions.evidence import Arrival, Description
from documents.models import Evidence
from portal import clock, ledger
from portal.access import require
from portal.models import User
from workflows import engine, outcome, queries, rules
from workflows.actions.receiving import receive
from workflows.enums import FindingState, Stage, Verb
from workflows.models import Case, Decision, Finding, Presumption, Proof


def goes_stale(case: Case) -> None:
    """Empty a standing recommendation, and open the review anew (README point 31).

    An exit that is proposed is no recommendation: it stands until a person takes it back.
    """
    if case.proposed_by_id is not None and not case.exit_track:
        case.proposed_by = case.proposed_at = None
        case.save(update_fields=["proposed_by", "proposed_at"])
        Decision.objects.filter(case=case, verb=Verb.RECOMMEND).update(is_stale=True)
        ledger.record("case.recommendation_stale", by="installation", on=case)
    if case.stage == Stage.REVIEW:
        engine.renew_review(case)


def judge_finding(*, finding: Finding, by: User, state: FindingState, reason: str) -> Finding:
    """Confirm, dismiss or call remedied, with a reason.

    What law or safety limits is closed by counsel alone. What was learned elsewhere is
    confirmed only upon enough sources and once the supplier was heard. Raises Refused, Conflict.
    """
    with engine.locked(finding.case) as held:
        fresh = Finding.objects.get(pk=finding.pk)
        require(rules.may_judge_finding(by, held, fresh.level))
        if (fresh.state, fresh.reason, fresh.judged_by_id) == (state, reason, by.pk):
            return fresh  # the same form sent twice
        if state == FindingState.CONFIRMED:
            require(rules.is_carried(queries.missing_for_confirmation(fresh)))
        fresh.state, fresh.reason = state, reason
        fresh.judged_by, fresh.judged_at = by, clock.now()
        fresh.save(update_fields=["state", "reason", "judged_by", "judged_at"])
        ledger.record(
            "finding.judged",
            by=by,
            on=held,
            data={
                "finding": str(fresh.pk),
                "key": fresh.key,
                "state": str(state),
            },
            words={"reason": reason},
        )
        if state == FindingState.CONFIRMED:
            _presume(held, fresh, by)
            goes_stale(held)
    return fresh


def _presume(case: Case, finding: Finding, by: User) -> None:
    """Let clause B's presumption stand over a case, once; only a decision lifts it."""
    if case.presumed_at is not None:
        return
    if not outcome.presumes(clause=finding.clause, level=finding.level):
        return
    case.presumed_at = clock.now()
    case.save(update_fields=["presumed_at"])
    Presumption.objects.create(
        buyer_id=case.buyer_id,
        case=case,
        finding=finding,
        raised_by=by,
        raised_at=case.presumed_at,
    )
    ledger.record(
        "case.presumption_raised",
        by=by,
        on=case,
        data={"finding": str(finding.pk), "clause": finding.clause},
    )


def grade_proof(*, proof: Proof, by: User, grade: str, counts: bool, reason: str) -> Proof:
    """Set how much a file proves for its claim and step (domain note, section 10)."""
    with engine.locked(proof.case) as held:
        require(rules.may_grade_proof(by, held))
        fresh = Proof.objects.get(pk=proof.pk)
        known = (fresh.grade, fresh.counts, fresh.reason, fresh.graded_by_id)
        if known == (grade, counts, reason, by.pk):
            return fresh  # the same form sent twice
        fresh.grade, fresh.counts, fresh.reason = grade, counts, reason
        fresh.graded_by, fresh.graded_at = by, clock.now()
        fresh.save(update_fields=["grade", "counts", "reason", "graded_by", "graded_at"])
        ledger.record(
            "proof.graded",
            by=by,
            on=held,
            data={
                "evidence": str(fresh.evidence_id),
                "claim": fresh.claim,
                "step": fresh.step,
                "grade": grade,
                "counts": counts,
            },
            words={"reason": reason},
        )
    return fresh


@dataclass(frozen=True)
class LoggedFile:
    """A file that came by mail or post: what it is, for which claim and step, and how it came."""

    file: File
    described: Description
    arrival: Arrival
    claim: str
    step: str = ""


def log_evidence(*, case: Case, by: User, logged: LoggedFile) -> Evidence:
    """Keep proof that did not come through the portal, with who and how.

    The file is stored before the case is held: no storage call waits inside its lock.
    """
    require(rules.may_log(by, case))
    evidence = receive(
        case=case, by=by, file=logged.file, described=logged.described, arrival=logged.arrival
    )
    with engine.locked(case) as held:
        require(rules.may_log(by, held))
        Proof.objects.get_or_create(
            buyer_id=held.buyer_id,
            case=held,
            evidence=evidence,
            claim=logged.claim,
            step=logged.step,
        )
        ledger.record(
            "proof.logged",
            by=by,
            on=held,
            data={
                "evidence": str(evidence.pk),
                "claim": logged.claim,
                "step": logged.step,
            },
        )
        goes_stale(held)
    return evidence
