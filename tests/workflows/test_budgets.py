"""How many queries each act may cost: measured, plus two (README point 23).

Counted with the statements that open and close its transaction; a mail to each of two
people, no virus scanner.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal import clock, ticks
from tests.workflows import acts, world
from workflows import engine, timers

pytestmark = pytest.mark.django_db

MOST = {
    "issue": 39,
    "acknowledge": 23,
    "submit": 68,
    "submit_late": 68,
    "decline": 65,
    "query": 42,
    "recommend": 31,
    "escalate": 27,
    "clear": 36,
    "refer": 31,
    "advise": 30,
    "withdraw": 40,
    "log_contact": 10,
    "judge_finding": 17,
    "grade_proof": 12,
}


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
    ready = acts.ACTS[name](made, acts.another(made))
    ready.by = type(ready.by).objects.get(pk=ready.by.pk)  # roles not yet read, as in a request

    within(spent(lambda: ready.do(by=ready.by)), MOST[name])


def test_looking_for_the_open_task_is_one_query(made):
    case = world.issued_case(made)

    assert spent(lambda: engine.open_task(case)) == 1


def test_a_sweep_with_nothing_due_is_one_query(made):
    acts.reached(world.issued_case(made))

    assert spent(timers.fire_due) == 1


def test_what_a_fired_deadline_costs(made):
    cases = [acts.reached(world.issued_case(made, supplier=acts.another(made))) for _n in "ab"]

    with clock.at(cases[0].lapse_at):
        within(spent(timers.fire_due), 1 + 2 * 22)


def test_what_a_deadline_put_off_costs(made):
    case = world.issued_case(made)

    with clock.at(case.lapse_at):
        within(spent(timers.fire_due), 14)


def test_a_tick_with_nothing_to_do_stays_small(made, settings):
    acts.reached(world.issued_case(made))
    settings.TICKS = ["workflows.timers.fire_due"]
    ticks.run()

    # the sweep's own, and the heartbeat: found, held, written
    within(spent(ticks.run), 7)
