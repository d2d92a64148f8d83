"""What a submission raises: findings, and one proof to grade for each file and claim."""

from portal import clock, ledger
from questionnaires.models import Submission
from workflows import queries
from workflows.enums import FindingState
from workflows.models import Case, Finding, Proof
from workflows.outcome import UNRESOLVED


def from_submission(case: Case, submission: Submission) -> None:
    """Write the findings of the evaluator, and prepare proofs for grading; the case is held.

    What was raised before and is raised no more becomes "answered"; what was dismissed and
    is raised again opens anew, since the answers it rested on were signed again.
    """
    raised = {(one.key, one.item): one for one in queries.findings_of(submission)}
    # what a person raised upon other sources is not the answers' to settle
    from_answers = Finding.objects.filter(case=case, submission__isnull=False)
    known = {(one.key, one.item): one for one in from_answers}
    now = clock.now()
    fresh = [
        Finding(
            buyer_id=case.buyer_id,
            case=case,
            submission=submission,
            key=one.key,
            item=one.item,
            clause=one.clause,
            limb=one.limb,
            level=one.level,
            scope=one.scope,
            about=one.about,
            subject=one.subject[:200],
            text=dict(one.text),
            raised_at=now,
        )
        for place, one in raised.items()
        if place not in known
    ]
    Finding.objects.bulk_create(fresh)
    for place, finding in known.items():
        _settle_known(finding, submission, is_raised=place in raised)
    _prepare_proofs(case, submission)
    if fresh:
        ledger.record(
            "case.findings_raised",
            by="installation",
            on=case,
            data={"findings": sorted({one.key for one in fresh}), "number": submission.number},
        )


def _settle_known(finding: Finding, submission: Submission, *, is_raised: bool) -> None:
    before = finding.state
    if is_raised and finding.state in {FindingState.DISMISSED, FindingState.ANSWERED}:
        finding.state = FindingState.OPEN
        finding.submission = submission
    elif not is_raised and finding.state in UNRESOLVED - {FindingState.CONFIRMED}:
        finding.state = FindingState.ANSWERED
    if finding.state != before:
        finding.save(update_fields=["state", "submission"])


def _prepare_proofs(case: Case, submission: Submission) -> None:
    wanted = [
        Proof(
            buyer_id=case.buyer_id,
            case=case,
            evidence_id=evidence,
            claim=asked.claim,
            step=asked.step,
        )
        for asked in queries.asked_evidence(submission)
        for evidence in asked.evidence
    ]
    Proof.objects.bulk_create(wanted, ignore_conflicts=True)
