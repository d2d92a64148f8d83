"""The one way a clock moves a case: at its moment, once, to a person, and only if reached."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from viewflow.workflow import STATUS
from viewflow.workflow.models import Task

from portal import clock, ledger, ticks
from portal.access import Conflict
from portal.enums import Delivery
from portal.models import Heartbeat, OutboxMessage
from questionnaires.enums import OPEN_STATES, ResponseState
from tests.workflows import acts, world
from tests.workflows.test_engine import a_ledger_that_is_full, stands
from workflows import actions, engine, ladder, moves, timers
from workflows.enums import Stage
from workflows.models import ContactLog

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def made():
    return world.world()


@pytest.fixture
def case(made):
    """A case that was acknowledged, whose contact was reached, its ladder climbed."""
    return acts.climbed(world.acknowledged_case(made))


def sweep(at):
    with clock.at(at):
        return timers.fire_due()


def events(case, name):
    return case.chain.entries.filter(event=name).count()


def armed(case):
    return Task.objects.get(process__run__case=case, status=STATUS.SCHEDULED)


@pytest.mark.parametrize("stage", ["INSTRUCTED", "ANSWERING", "QUERIED"])
def test_time_runs_out_at_its_moment_and_the_case_comes_to_review(made, stage):
    case = acts.climbed(
        {
            "INSTRUCTED": world.issued_case,
            "ANSWERING": world.acknowledged_case,
            "QUERIED": lambda made: acts.queried(world.submitted_case(made), made.analyst),
        }[stage](made)
    )
    moment = case.lapse_at

    assert sweep(moment - SECOND) == 0
    assert acts.fresh(case).stage == stage
    assert sweep(moment) == 1

    case = acts.fresh(case)
    assert (case.stage, case.lapsed_at) == (Stage.REVIEW, moment)
    assert stands(case)
    assert events(case, "case.lapsed") == 1
    told = OutboxMessage.objects.filter(purpose="case_lapsed", chain_id=case.chain_id)
    assert [mail.recipient for mail in told] == [made.analyst]
    assert ledger.verify(case.chain).is_intact


def test_after_three_days_off_all_that_is_due_fires_once(made):
    cases = [acts.climbed(world.issued_case(made, supplier=acts.another(made))) for _n in range(3)]
    moment = cases[0].lapse_at + timedelta(days=3)

    assert sweep(moment) == 3
    assert sweep(moment) == 0
    assert [events(case, "case.lapsed") for case in cases] == [1, 1, 1]
    assert {acts.fresh(case).stage for case in cases} == {Stage.REVIEW}


def test_more_than_a_slice_is_fired_in_one_go(made, monkeypatch):
    cases = [acts.climbed(world.issued_case(made, supplier=acts.another(made))) for _n in range(3)]
    monkeypatch.setattr(timers, "SLICE", 2)

    assert sweep(cases[0].lapse_at) == 3


def test_no_time_left_means_nothing_is_begun(case, monkeypatch):
    monkeypatch.setattr(timers, "SECONDS", -1)

    assert sweep(case.lapse_at) == 0
    assert acts.fresh(case).stage == Stage.ANSWERING


def test_a_lapse_takes_nothing_away(made, case):
    world.answer(case)
    kept = list(case.response.documents.order_by("section").values_list("section", "data"))

    assert sweep(case.lapse_at) == 1

    case = acts.fresh(case)
    assert case.response.state in OPEN_STATES
    assert list(case.response.documents.order_by("section").values_list("section", "data")) == kept
    case = world.submit(case)
    assert (case.stage, case.lapsed_at, case.response.state) == (
        Stage.REVIEW,
        None,
        ResponseState.SUBMITTED,
    )
    assert events(case, "case.submitted") == 1


def test_unread_before_time_ran_out_it_can_be_acknowledged_and_answered_late(made):
    case = acts.lapsed(world.issued_case(made))

    for _twice in range(2):
        actions.acknowledge_late(case=case, by=case.contact)

    case = acts.fresh(case)
    assert (case.stage, case.response.state) == (Stage.REVIEW, ResponseState.OPEN)
    assert events(case, "case.acknowledged") == 1
    actions.name_signatory(case=case, by=case.contact, email=case.contact.email, name="Demo")
    world.answer(case)
    assert world.submit(acts.fresh(case)).lapsed_at is None
    with pytest.raises(Conflict):
        actions.acknowledge_late(case=case, by=case.contact)


# Silence counts only if delivery was accepted (README point 38)


def test_what_nobody_received_is_put_off_and_fires_once_it_was_accepted(made):
    case = world.issued_case(made)
    moment = case.lapse_at

    assert sweep(moment) == 0

    off = acts.fresh(case)
    assert (off.stage, off.put_off_at, off.lapsed_at) == (Stage.INSTRUCTED, moment, None)
    assert off.lapse_at > moment
    assert stands(off)
    assert events(case, "case.lapse_put_off") == 1
    assert sweep(off.lapse_at - SECOND) == 0
    assert events(case, "case.lapse_put_off") == 1
    acts.climbed(case)
    assert sweep(acts.fresh(case).lapse_at) == 1
    assert acts.fresh(case).stage == Stage.REVIEW


@pytest.mark.parametrize("delivery", [one for one in Delivery if one != Delivery.ACCEPTED])
def test_no_other_answer_of_a_mail_server_counts(made, delivery):
    case = world.issued_case(made)
    OutboxMessage.objects.filter(chain_id=case.chain_id).update(delivery=delivery)

    assert sweep(case.lapse_at) == 0
    assert acts.fresh(case).stage == Stage.INSTRUCTED


@pytest.mark.parametrize(("is_reached", "fired"), [(True, 1), (False, 0)])
def test_a_logged_call_counts_if_it_reached_a_person(made, is_reached, fired):
    case = world.issued_case(made)

    actions.log_contact(
        case=case, by=made.analyst, contacted=acts.contacted(is_reached=is_reached)
    )

    assert sweep(case.lapse_at) == fired
    assert ContactLog.objects.get(case=case).is_reached is is_reached


def test_what_the_wrong_person_received_reached_nobody(made):
    case = acts.reached(world.issued_case(made))
    actions.report_wrong_person(case=case, by=case.contact, note="I left.")

    assert sweep(case.lapse_at) == 0

    actions.change_contact(
        case=case, by=made.analyst, email="next@supplier.example", name="Demo Next"
    )
    case = acts.fresh(case)
    assert (case.stage, case.wrong_person_at) == (Stage.INSTRUCTED, None)
    assert moves.is_reached(case) is False
    assert sweep(case.lapse_at) == 0
    assert sweep(acts.climbed(case).lapse_at) == 1


def test_it_is_put_off_to_a_working_day_of_the_supplier(made):
    case = world.issued_case(made)

    with clock.at(case.lapse_at):
        later = moves.put_off(case)

    local = later.astimezone(ZoneInfo("Asia/Shanghai"))
    assert (local.hour, local.minute, local.second) == (0, 0, 0)
    assert later - case.lapse_at >= timedelta(days=1)


# Failing, and being overtaken


def test_what_fails_is_undone_and_tried_later_and_later(case, caplog):
    moment = case.lapse_at
    before = acts.rows()

    with a_ledger_that_is_full():
        tried = []
        for _try in range(7):
            at = armed(case).scheduled
            assert sweep(at) == 0
            tried.append((armed(case).scheduled - at).total_seconds() / 60)
        during = acts.rows()

    assert tried == [2, 4, 8, 16, 32, 60, 60]
    changed = {label for label in before if before[label] != during[label]}
    assert changed == {"viewflow.Task"}
    assert "deadline" in caplog.text
    assert acts.rows() == before
    assert sweep(moment) == 1
    assert events(case, "case.lapsed") == 1


def test_a_deadline_that_failed_fires_once_the_fault_is_gone(case):
    with clock.at(case.lapse_at):
        timers._back_off(armed(case).pk)
    later = armed(case).scheduled

    assert later == case.lapse_at + timedelta(minutes=2)
    assert sweep(later - SECOND) == 0
    assert sweep(later) == 1


def test_one_that_fails_hinders_no_other(made):
    broken, sound = (
        acts.climbed(world.issued_case(made, supplier=acts.another(made))) for _n in range(2)
    )
    # its human task is gone, as a faulty repair would leave it
    Task.objects.filter(process__run__case=broken, status=STATUS.NEW).update(status=STATUS.DONE)
    Task.objects.filter(pk=armed(broken).pk).update(scheduled=broken.lapse_at - SECOND)

    assert sweep(broken.lapse_at) == 1

    assert acts.fresh(broken).stage == Stage.INSTRUCTED
    assert armed(broken).data == {"attempts": 1}
    assert acts.fresh(sound).stage == Stage.REVIEW


def test_backing_off_from_what_was_disarmed_meanwhile_changes_nothing(case):
    timer = armed(case)
    Task.objects.filter(pk=timer.pk).update(status=STATUS.CANCELED)
    before = acts.rows()

    timers._back_off(timer.pk)

    assert acts.rows() == before


def test_what_is_disarmed_by_an_act_never_fires(made, case):
    moment = case.lapse_at
    world.answer(case)
    case = world.submit(case)

    assert sweep(moment + timedelta(days=30)) == 0
    assert events(case, "case.lapsed") == 0


# Counsel holds the clock; a query sets a new one


@pytest.mark.parametrize("days", [1, 9, 40])
def test_while_counsel_has_it_the_clock_stands_still(made, case, days):
    due, lapse, now = case.due_at, case.lapse_at, clock.now()
    with clock.at(now):
        acts.referred(case, made.analyst)
    assert sweep(lapse + timedelta(days=100)) == 0

    with clock.at(now + timedelta(days=days)):
        case = acts.advised(case, made.counsel)

    held = timedelta(days=days)
    assert (case.due_at, case.lapse_at) == ladder.shifted(
        (due, lapse), held, case.policy.lapse_days, case.policy, case.place
    )
    assert case.due_at >= due + held
    assert case.lapse_at >= lapse + held
    assert stands(case)
    case = acts.climbed(case)
    assert sweep(case.lapse_at - SECOND) == 0
    assert sweep(case.lapse_at) == 1


def test_questions_sent_back_set_new_moments(made):
    case = world.submitted_case(made)
    old = case.lapse_at
    with clock.at(old + timedelta(days=60)):
        case = acts.queried(case, made.analyst)
        assert timers.fire_due() == 0

    assert case.due_at > old + timedelta(days=60)
    assert case.lapse_at > case.due_at
    assert armed(case).scheduled == case.lapse_at
    case = acts.climbed(case)
    assert sweep(case.lapse_at) == 1


# The tick


def test_the_tick_fires_deadlines_and_leaves_a_heartbeat(case):
    with clock.at(case.lapse_at):
        assert ticks.run() == []

    assert acts.fresh(case).stage == Stage.REVIEW
    assert Heartbeat.objects.get(name="tick").failed == ""


def test_a_deadline_is_one_transaction(case):
    with clock.at(case.lapse_at), transaction.atomic():
        assert timers.fire_due() == 1
        transaction.set_rollback(True)

    assert acts.fresh(case).stage == Stage.ANSWERING
    assert armed(case).scheduled == case.lapse_at
    assert connection.in_atomic_block
    assert engine.open_task(case) is not None
