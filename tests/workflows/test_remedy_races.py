"""Two at once over a plan: real threads, real connections, real commits."""

from datetime import timedelta

import pytest

from portal import clock, ledger
from portal.access import Conflict
from tests.workflows import acts, remedies, world
from tests.workflows.test_engine import stands
from workflows import actions, engine, plans, queries, timers
from workflows.enums import LetterKind, MilestoneState, Stage
from workflows.models import Inquiry, Milestone, Plan, PlanVersion

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def made():
    return world.world()


def conflicts(said):
    return sum(isinstance(one, Conflict) for one in said)


def test_a_plan_changed_while_it_is_accepted_is_not_accepted_unread(made):
    case = world.submitted_case(made)
    version = remedies.shown(made, case)
    acceptance = remedies.acceptance(version, case.signatory)
    changed = remedies.content(orders="Nothing is paused.")
    actions.draft_plan(case=case, by=made.analyst, content=changed)
    sha256 = plans.digest(case.pk, changed)

    accepted, shown = acts.at_once(
        lambda: actions.accept_plan(version=version, by=case.signatory, acceptance=acceptance),
        lambda: actions.show_plan(case=case, by=made.analyst, sha256=sha256),
    )

    assert not isinstance(shown, Conflict)
    first, second = PlanVersion.objects.order_by("number")
    assert (first.accepted_at is None) == isinstance(accepted, Conflict)
    assert second.accepted_at is None
    case = acts.fresh(case)
    for one in (first, second):
        with pytest.raises(Conflict):
            actions.agree_plan(
                case=case,
                task=engine.open_task(case),
                by=made.approver,
                sha256=one.sha256,
                reason="Good.",
            )
    assert stands(case)


def test_a_plan_agreed_while_another_version_is_shown_is_the_one_both_accepted(made):
    case = world.submitted_case(made)
    version = remedies.accepted(made, case)
    case = acts.fresh(case)
    changed = remedies.content(orders="Nothing is paused.")
    actions.draft_plan(case=case, by=made.analyst, content=changed)
    shown = engine.open_task(case)
    sha256 = plans.digest(case.pk, changed)

    agreed, changed = acts.at_once(
        lambda: actions.agree_plan(
            case=case, task=shown, by=made.approver, sha256=version.sha256, reason="Good."
        ),
        lambda: actions.show_plan(case=case, by=made.analyst, sha256=sha256),
    )

    assert conflicts([agreed, changed]) == 1
    plan = Plan.objects.get()
    if isinstance(agreed, Conflict):
        assert (plan.agreed, acts.fresh(case).stage) == (None, Stage.REVIEW)
    else:
        assert (plan.agreed, acts.fresh(case).stage) == (version, Stage.REMEDIATION)
    assert stands(case)


def test_a_step_missed_in_the_moment_it_is_reported_is_one_or_the_other(made):
    case = remedies.planned(made, world.submitted_case(made))
    shown, moment = engine.open_task(case), case.lapse_at + timedelta(seconds=1)
    steps = [one.pk for one in remedies.steps(case) if one.key == "s1"]

    def sweep():
        with clock.at(moment):
            return timers.fire_due()

    reported, fired = acts.at_once(
        lambda: actions.report(case=case, task=shown, by=case.contact, steps=steps, note="Done."),
        sweep,
    )

    step = Milestone.objects.get(key="s1")
    assert isinstance(reported, Conflict) == (fired == 1)
    assert (step.missed_at is None) == (fired == 0)
    assert step.state == (MilestoneState.OPEN if fired else MilestoneState.REPORTED)
    assert acts.fresh(case).stage == Stage.REVIEW
    events = case.chain.entries.filter(event__in=["case.plan_reported", "case.milestone_missed"])
    assert events.count() == 1
    assert stands(case)
    assert ledger.verify(case.chain).is_intact


def test_of_two_approvers_who_suspend_at_once_one_does(made):
    case = world.submitted_case(made)
    shown = engine.open_task(case)

    said = acts.at_once(
        *(
            lambda by=by: actions.suspend(case=case, task=shown, by=by, pause=remedies.pause())
            for by in (made.approver, made.second_approver)
        )
    )

    assert conflicts(said) == 1
    assert queries.suspension_of(case) is not None
    assert case.letters.filter(kind=LetterKind.SUSPENSION).count() == 1
    assert stands(case)


def test_a_question_asked_twice_at_once_goes_out_once(made):
    case = world.submitted_case(made)
    finding = remedies.finding(made, case)
    shown = engine.open_task(case)

    said = acts.at_once(
        *[
            lambda: actions.ask_supplier(
                case=case,
                task=shown,
                by=made.analyst,
                finding=finding,
                question=remedies.QUESTION,
            )
        ]
        * 3
    )

    assert conflicts(said) == 2
    sent = case.letters.filter(kind=LetterKind.INQUIRY)
    assert Inquiry.objects.count() == sent.count() == 1


def test_a_reply_given_twice_at_once_counts_once(made):
    case = world.submitted_case(made)
    inquiry = remedies.ask(made, remedies.finding(made, case))

    said = acts.at_once(
        *(
            lambda text=text: actions.reply_to_inquiry(inquiry=inquiry, by=case.contact, text=text)
            for text in ("One reply.", "Another reply.")
        )
    )

    assert conflicts(said) == 1
    assert case.chain.entries.filter(event="inquiry.replied").count() == 1


def test_a_finding_raised_and_answers_submitted_at_once_never_lose_the_answers(made):
    case = world.acknowledged_case(made)
    world.answer(case)
    shown = engine.open_task(case)
    signature = world.signature(case, case.signatory)
    raised = remedies.raised(remedies.source(made, case))

    submitted, found = acts.at_once(
        lambda: actions.submit(case=case, task=shown, by=case.signatory, signature=signature),
        lambda: actions.raise_finding(case=case, task=shown, by=made.analyst, raised=raised),
    )

    assert conflicts([submitted, found]) == 1
    case = acts.fresh(case)
    assert case.stage == Stage.REVIEW
    # whoever was second finds the way still open
    assert (case.left_open_at is None) == isinstance(found, Conflict)
    assert stands(case)
