"""Two at once, with real threads, real connections and real commits."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings as real_settings
from django.db import connection
from django.db.models.functions import Now
from viewflow.workflow import STATUS
from viewflow.workflow.models import Task

from portal import clock, ledger, work
from portal.access import Conflict
from portal.enums import Role, WorkState
from portal.models import OutboxMessage
from tests.factories.portal import UserFactory
from tests.workflows import acts, world
from tests.workflows.test_engine import stands
from workflows import actions, engine, tasks, timers
from workflows.enums import CampaignState, Stage
from workflows.models import CampaignSlice, Case, CaseRun, Decision, Instruction

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def made():
    return world.world()


def conflicts(said):
    return sum(isinstance(one, Conflict) for one in said)


def events(case, *names):
    return list(
        case.chain.entries.filter(event__in=names).order_by("seq").values_list("event", flat=True)
    )


def test_of_eight_approvers_who_clear_at_once_one_decides(made):
    approvers = [UserFactory(holds=(Role.APPROVER, made.buyer)) for _n in range(8)]
    case = world.recommended_case(made)
    shown = engine.open_task(case)

    said = acts.at_once(
        *(
            lambda by=by: actions.clear(
                case=case, task=shown, by=by, reason="Demo.", knows_unscanned=True
            )
            for by in approvers
        )
    )

    assert (len(said), conflicts(said)) == (8, 7)
    assert acts.fresh(case).stage == Stage.CLEARED
    assert stands(case)
    assert Decision.objects.filter(case=case, verb="CLEAR").count() == 1
    assert events(case, "case.cleared") == ["case.cleared"]
    assert ledger.verify(case.chain).is_intact


def test_reviewers_who_decide_differently_at_once_never_both_count(made):
    case = world.judged_case(made)
    page = {"case": case, "task": engine.open_task(case), "by": made.analyst}

    said = acts.at_once(
        lambda: actions.recommend(**page, reason="Nothing is open."),
        lambda: actions.escalate(**page, to=made.approver, reason="Demo."),
        lambda: acts.queried(case, made.analyst),
        lambda: actions.refer(**page, note="Demo."),
    )

    # a query opened with the task of the moment may follow one that stays in review
    done = events(case, "case.recommended", "case.escalated", "case.queried", "case.referred")
    assert conflicts(said) == 4 - len(done)
    assert len(done) == 1 or done[1:] == ["case.queried"]
    assert stands(case)


def test_a_recommendation_and_a_late_answer_at_once_leave_no_stale_recommendation(made):
    case = acts.lapsed(acts.queried(world.judged_case(made), made.analyst))
    shown = engine.open_task(case)
    signature = world.signature(case, case.signatory)

    recommended, submitted = acts.at_once(
        lambda: actions.recommend(case=case, task=shown, by=made.analyst, reason="Demo."),
        lambda: actions.submit(case=case, task=shown, by=case.signatory, signature=signature),
    )

    assert conflicts([recommended, submitted]) == 1
    after = acts.fresh(case)
    if isinstance(submitted, Conflict):
        assert (after.proposed_by, after.lapsed_at) == (made.analyst, case.lapsed_at)
    else:
        assert (after.proposed_by, after.lapsed_at) == (None, None)
    assert stands(case)


def test_a_late_answer_sent_twice_returns_the_case_to_review_once(made):
    case = acts.lapsed(world.acknowledged_case(made))
    world.answer(case)
    shown = engine.open_task(case)
    signature = world.signature(case, case.signatory)

    said = acts.at_once(
        *[lambda: actions.submit(case=case, task=shown, by=case.signatory, signature=signature)]
        * 2
    )

    assert conflicts(said) == 1
    case = acts.fresh(case)
    assert (case.stage, case.lapsed_at) == (Stage.REVIEW, None)
    assert case.response.submissions.count() == 1
    assert events(case, "case.lapsed", "case.submitted") == ["case.lapsed", "case.submitted"]
    assert stands(case)


def test_withdrawing_and_submitting_at_once_never_both_count(made):
    case = world.acknowledged_case(made)
    world.answer(case)
    shown = engine.open_task(case)
    signature = world.signature(case, case.signatory)

    withdrawn, submitted = acts.at_once(
        lambda: actions.withdraw(case=case, by=made.manager, reason="Sent in error."),
        lambda: actions.submit(case=case, task=shown, by=case.signatory, signature=signature),
    )

    # withdrawing is possible after a submission, never the other way round
    assert not isinstance(withdrawn, Conflict)
    assert acts.fresh(case).stage == Stage.WITHDRAWN
    submissions = case.response.submissions.count()
    assert submissions == (0 if isinstance(submitted, Conflict) else 1)
    assert acts.unfinished(case) == []
    assert stands(case)


def test_a_step_and_the_sweep_never_both_take_the_case(made):
    case = acts.climbed(world.acknowledged_case(made))
    shown, moment = engine.open_task(case), case.lapse_at

    def sweep():
        with clock.at(moment):
            return timers.fire_due()

    referred, fired = acts.at_once(
        lambda: actions.refer(case=case, task=shown, by=case.contact, note="Demo."), sweep
    )

    assert isinstance(referred, Conflict) == (fired == 1)
    assert len(events(case, "case.referred", "case.lapsed")) == 1
    assert stands(case)


def test_two_sweeps_fire_each_deadline_once(made):
    cases = [acts.climbed(world.issued_case(made, supplier=acts.another(made))) for _n in range(4)]
    moment = max(case.lapse_at for case in cases)

    def sweep():
        with clock.at(moment):
            return timers.fire_due()

    fired = acts.at_once(sweep, sweep, sweep)

    assert sum(fired) == 4
    for case in cases:
        assert events(case, "case.lapsed") == ["case.lapsed"]
        assert stands(case)
    assert OutboxMessage.objects.filter(purpose="case_lapsed").count() == 4


def test_the_sweep_passes_by_what_somebody_holds_and_takes_it_next_time(made):
    held, free = (
        acts.climbed(world.issued_case(made, supplier=acts.another(made))) for _n in range(2)
    )

    def sweep():
        with clock.at(held.lapse_at), acts.impatient():
            return timers.fire_due()

    with acts.held_elsewhere(held):
        first = sweep()

    # SQLite has one writer: there a held case holds up all
    assert first == (0 if connection.vendor == "sqlite" else 1)
    assert first + sweep() == 2
    assert stands(held)
    assert stands(free)


@pytest.mark.parametrize("delay_first", [True, False])
def test_a_deadline_moved_inside_the_sweep_is_not_fired(made, delay_first):
    """The sweep reads what is due, then the case's clock is moved before it holds the case."""
    case = acts.climbed(world.issued_case(made))
    moment = case.lapse_at
    later = moment + timedelta(days=10)

    def move():
        with engine.locked(case) as held:
            held.lapse_at = later
            held.save(update_fields=["lapse_at"])
            Task.objects.filter(process__run__case=held, status=STATUS.SCHEDULED).update(
                scheduled=later
            )

    def sweep():
        with clock.at(moment):
            return timers.fire_due()

    if delay_first:
        move()
        fired = sweep()
    else:
        _moved, fired = acts.at_once(move, sweep)

    assert len(events(case, "case.lapsed")) == fired
    if delay_first:
        assert fired == 0
    stage = Stage.REVIEW if fired else Stage.INSTRUCTED
    assert acts.fresh(case).stage == stage


def test_of_two_launches_one_sends(made):
    for _n in range(3):
        world.draft_case(made, supplier=acts.another(made))

    said = acts.at_once(*[lambda: actions.launch(campaign=made.campaign, by=made.manager)] * 2)

    assert conflicts(said) == 1
    made.campaign.refresh_from_db()
    assert made.campaign.state == CampaignState.LAUNCHING
    assert CampaignSlice.objects.count() == 1
    assert made.buyer.chain.entries.filter(event="campaign.launched").count() == 1


# Issuing in slices


def launched(made, number):
    cases = [world.draft_case(made, supplier=acts.another(made)) for _n in range(number)]
    actions.launch(campaign=made.campaign, by=made.manager)
    return cases


def each_issued_once(cases):
    ids = [case.pk for case in cases]
    assert set(Case.objects.filter(pk__in=ids).values_list("stage", flat=True)) == {
        Stage.INSTRUCTED
    }
    assert CaseRun.objects.filter(case__in=ids).count() == len(ids)
    assert Instruction.objects.filter(case__in=ids).count() == len(ids)
    assert OutboxMessage.objects.filter(purpose="case_issued").count() == len(ids)
    for case in cases:
        assert events(case, "case.issued") == ["case.issued"]
        assert stands(case)


def test_a_slice_issued_by_two_workers_and_again_is_issued_once(made):
    cases = launched(made, 3)
    (cut,) = CampaignSlice.objects.all()

    acts.at_once(*[lambda: tasks.issue_slice.call(str(cut.pk))] * 2)
    tasks.issue_slice.call(str(cut.pk))

    each_issued_once(cases)
    cut.refresh_from_db()
    assert (cut.work_state, cut.attempts, cut.problems) == (WorkState.DONE, 1, [])
    made.campaign.refresh_from_db()
    assert made.campaign.state == CampaignState.LAUNCHED


@pytest.mark.parametrize("_try", range(4))
def test_of_two_last_slices_done_at_once_one_calls_the_campaign_sent(made, _try):
    for _n in range(4):
        CampaignSlice.objects.create(campaign=made.campaign, number=_n, cases=[])
    campaign = made.campaign
    campaign.state, campaign.launched_by = CampaignState.LAUNCHING, made.manager
    campaign.launched_at = clock.now()
    campaign.save()

    acts.at_once(
        *(lambda pk=str(cut.pk): tasks.issue_slice.call(pk) for cut in CampaignSlice.objects.all())
    )

    campaign.refresh_from_db()
    assert campaign.state == CampaignState.LAUNCHED


# the worker's own end, in the middle of its third case and with nothing committed of it
DIES = """
import os, signal
import django
django.setup()
from django.db import connection
connection.settings_dict.update({settings!r})
from portal.models import Organisation
from workflows import actions, engine, tasks
number, real = 0, engine.start
def start(case, by, reason=""):
    global number
    number += 1
    run = real(case, by, reason)
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return run
engine.start = start
tasks.issue_slice.call({pk!r})
"""


def test_a_worker_killed_in_mid_slice_is_taken_over_and_each_case_is_issued_once(made):
    cases = launched(made, 5)
    (cut,) = CampaignSlice.objects.all()
    settings = {"NAME": str(connection.settings_dict["NAME"])}
    program = DIES.format(pk=str(cut.pk), settings=settings)

    died = subprocess.run(
        [sys.executable, "-c", program],
        cwd=real_settings.BASE_DIR,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "VAR_DIR": str(real_settings.VAR_DIR),
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert died.returncode == -signal.SIGKILL, died.stderr
    cut.refresh_from_db()
    assert (cut.work_state, cut.attempts) == (WorkState.RUNNING, 1)
    ids = [case.pk for case in cases]
    assert Case.objects.filter(pk__in=ids, stage=Stage.INSTRUCTED).count() == 2
    assert work.claim(CampaignSlice, cut.pk) is None

    CampaignSlice.objects.update(lease_until=Now() - timedelta(seconds=1))
    tasks.issue_slice.call(str(cut.pk))

    each_issued_once(cases)
    cut.refresh_from_db()
    assert (cut.work_state, cut.attempts, cut.problems) == (WorkState.DONE, 2, [])
    assert ledger.verify().is_intact
