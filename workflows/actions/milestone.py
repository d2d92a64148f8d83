"""The steps of an agreed plan: proof is shown, reported, and accepted or not with a reason."""

from collections.abc import Iterable
from uuid import UUID

from django.core.files import File
from django.utils.translation import gettext as _

from documents.actions.evidence import Description
from documents.models import Evidence
from portal import clock, ledger
from portal.access import Conflict, require
from portal.models import User
from workflows import engine, mail, queries, rules
from workflows.actions.finding import goes_stale
from workflows.actions.plan import require_neutral
from workflows.actions.receiving import receive
from workflows.enums import MilestoneState, PlanState, Verb
from workflows.models import Case, Milestone, Plan, Proof


def add_to_step(*, milestone: Milestone, by: User, file: File, described: Description) -> Evidence:
    """Keep a file that shows a step of the plan; it is checked like any other."""
    case = milestone.plan.case
    require(rules.may_show_proof(by, case))
    evidence = receive(case=case, by=by, file=file, described=described)
    with engine.locked(case) as held:
        require(rules.may_show_proof(by, held))
        fresh = Milestone.objects.get(pk=milestone.pk)
        if fresh.state != MilestoneState.OPEN:
            raise Conflict(_("This step is not open any more."))
        fresh.files.add(evidence)
        ledger.record(
            "plan.file_added",
            by=by,
            on=held,
            data={
                "plan": milestone.plan.number,
                "step": fresh.key,
                "evidence": str(evidence.pk),
            },
        )
    return evidence


def report(*, case: Case, task: int, by: User, steps: Iterable[UUID], note: str) -> Case:
    """Say what was done, or that something could not be: the case comes to an analyst.

    `steps` are those that are done; without one it tells that a day cannot be kept.
    """
    wanted = set(steps)
    with engine.holding(case, task, "remediation") as step:
        held = step.process.case
        require(rules.may_report(by, held))
        now = clock.now()
        done = list(
            Milestone.objects.filter(
                plan__case=held,
                plan__closed_at=None,
                pk__in=wanted,
                state=MilestoneState.OPEN,
            )
        )
        if len(done) != len(wanted):
            raise Conflict(_("A step you chose is not open any more. Look at the plan again."))
        for one in done:
            one.state, one.note = MilestoneState.REPORTED, note
            one.reported_by, one.reported_at = by, now
            one.save(update_fields=["state", "note", "reported_by", "reported_at"])
        held.next_act_at = held.ours_by(now, held.policy.review_days)
        entry = ledger.record(
            "case.plan_reported",
            by=by,
            on=held,
            data={"steps": sorted(one.key for one in done)},
            words={"note": note},
        )
        step.finish(by, Verb.REPORT)
        mail.plan_reported(held, entry.seq)
    return held


def judge_milestone(
    *,
    milestone: Milestone,
    by: User,
    accepted: bool,
    reason: str,
    claim: str = "",
    place: str = "",
) -> Milestone:
    """Accept what was shown for a step, or say what is missing; the supplier reads the reason.

    `claim` and `place` (a production step) let the files count as proof, to be graded. When
    every step is accepted the plan is carried out.
    """
    with engine.locked(milestone.plan.case) as held:
        require(rules.may_judge_milestone(by, held))
        fresh = Milestone.objects.select_related("plan").get(pk=milestone.pk)
        if fresh.state != MilestoneState.REPORTED:
            raise Conflict(_("Nothing was reported for this step, or it was judged already."))
        require_neutral(held, [reason])
        fresh.state = MilestoneState.ACCEPTED if accepted else MilestoneState.OPEN
        fresh.reason, fresh.judged_by, fresh.judged_at = reason, by, clock.now()
        fresh.save(update_fields=["state", "reason", "judged_by", "judged_at"])
        entry = ledger.record(
            "plan.step_judged",
            by=by,
            on=held,
            data={"step": fresh.key, "accepted": accepted, "claim": claim, "place": place},
            words={"reason": reason},
        )
        if claim:
            _let_count(held, fresh, claim, place)
        if queries.is_carried_out(fresh.plan):
            _carried_out(held, fresh.plan, by)
        goes_stale(held)
        mail.step_judged(held, entry.seq)
    return fresh


def _let_count(case: Case, milestone: Milestone, claim: str, place: str) -> None:
    for evidence in milestone.files.all():
        Proof.objects.get_or_create(
            buyer_id=case.buyer_id, case=case, evidence=evidence, claim=claim, step=place
        )


def _carried_out(case: Case, plan: Plan, by: User) -> None:
    plan.state, plan.closed_by, plan.closed_at = PlanState.DONE, by, clock.now()
    plan.save(update_fields=["state", "closed_by", "closed_at"])
    ledger.record(
        "plan.closed",
        by=by,
        on=case,
        data={"plan": plan.number, "state": str(plan.state)},
    )
