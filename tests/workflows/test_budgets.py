"""How many queries each act may cost: measured, plus two (README point 23).

Counted with the statements that open and close its transaction; a mail to each of two
people, no virus scanner.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal import clock, ticks
from tests.workflows import acts, acts_remedy, world
from workflows import engine, ladder, reminders, timers
from workflows import ticks as ticks_of_workflows

pytestmark = pytest.mark.django_db

MOST = {
    "issue": 42,
    "acknowledge": 35,
    "submit": 75,
    "submit_late": 75,
    "decline": 65,
    "query": 46,
    "recommend": 31,
    "escalate": 27,
    "clear": 39,
    "refer": 31,
    "advise": 30,
    "withdraw": 44,
    "log_contact": 14,
    "take_time": 30,
    "ask_time": 20,
    "give_time": 25,
    "grant_time": 26,
    "refuse_time": 20,
    "write_second_contact": 34,
    "chase": 22,
    "log_bounce": 30,
    "renew": 48,
    "judge_finding": 17,
    "grade_proof": 12,
    "record_source": 11,
    "raise_finding": 33,
    "ask_supplier": 26,
    "reply_to_inquiry": 25,
    "show_plan": 20,
    "accept_plan": 38,
    "agree_plan": 40,
    "report": 26,
    "judge_milestone": 28,
    "suspend": 36,
    "resume": 33,
    "set_reply_code": 11,
    "set_reply_code_of_law": 36,
    "mark_unreachable": 16,
    "close_constraint": 75,
    "answer_condition": 21,
    "offer_terms": 23,
    "answer_terms": 24,
    "log_inspection": 16,
    "release_reasons": 29,
    "ask_help": 34,
    "meet_duty": 27,
    "waive_duty": 12,
}
ACTS = acts.ACTS | acts_remedy.ACTS


@pytest.fixture
def made():
    return world.world()


def spent(act):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        act()
    return len(queries)


def within(number, most):
    """At most as many as allowed; far fewer means that the figure wants to be lowered."""
    assert most - 4 <= number <= most, f"{number} queries, {most} allowed"


@pytest.mark.parametrize("name", MOST)
def test_an_act_costs_no_more_than_it_did(made, name):
    ready = ACTS[name](made, acts.another(made))
    ready.by = type(ready.by).objects.get(pk=ready.by.pk)  # roles not yet read, as in a request

    within(spent(lambda: ready.do(by=ready.by)), MOST[name])


def test_looking_for_the_open_task_is_one_query(made):
    case = world.issued_case(made)

    assert spent(lambda: engine.open_task(case)) == 1


def test_a_sweep_with_nothing_due_is_one_query(made):
    acts.reached(world.issued_case(made))

    assert spent(timers.fire_due) == 1
    assert spent(reminders.climb_due) == 1
    assert spent(reminders.tell_missed) == 1
    assert spent(ticks_of_workflows.renew_due) == 1


def test_what_a_fired_deadline_costs(made):
    cases = [acts.climbed(world.issued_case(made, supplier=acts.another(made))) for _n in "ab"]

    with clock.at(cases[0].lapse_at):
        within(spent(timers.fire_due), 1 + 2 * 24)


def test_what_a_rung_costs(made):
    case = acts.reached(world.issued_case(made))
    step = ladder.steps(case.due_at, 21, case.policy, case.place)[0]

    with clock.at(step.at):
        within(spent(reminders.climb_due), 26)


def test_what_a_deadline_put_off_costs(made):
    case = world.issued_case(made)

    with clock.at(case.lapse_at):
        # the ladder stops on the way, and three people are told
        within(spent(timers.fire_due), 29)


def test_a_tick_with_nothing_to_do_stays_small(made, settings):
    acts.reached(world.issued_case(made))
    settings.TICKS = ["workflows.timers.fire_due"]
    ticks.run()

    # the sweep's own, and the heartbeat: found, held, written
    within(spent(ticks.run), 7)
