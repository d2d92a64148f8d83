"""How many queries each act of an exit may cost: measured, plus two (README point 23)."""

import pytest

from tests.workflows import acts, world
from tests.workflows.leaving_acts import LEAVING
from tests.workflows.test_budgets import spent, within

pytestmark = pytest.mark.django_db

MOST = {
    "propose_exit": 82,
    "propose_immediate_exit": 64,
    "save_exit_plan": 12,
    "reply_to_exit": 34,
    "answer_exit_reply": 20,
    "present_plan": 42,
    "accept_reply": 78,
    "agree_to_exit": 26,
    "approve_exit": 61,
    "approve_immediate_exit": 63,
    "return_exit": 71,
    "return_immediate_exit": 61,
    "meet_exit_point": 17,
    "look_at_exit": 14,
    "agree_to_halt": 26,
    "halt_exit": 74,
    "complete_exit": 48,
    "review_exit": 14,
    "open_reentry": 52,
    "concur_clear": 29,
    "set_trading": 34,
    "close": 46,
    "submit_during_exit": 101,
}


def test_every_act_of_an_exit_has_its_budget():
    assert set(MOST) == set(LEAVING)


@pytest.mark.parametrize("name", LEAVING)
def test_an_act_of_an_exit_costs_no_more_than_it_did(name):
    made = world.world()
    ready = LEAVING[name](made, acts.another(made))
    ready.by = type(ready.by).objects.get(pk=ready.by.pk)  # roles not yet read, as in a request

    within(spent(lambda: ready.do(by=ready.by)), MOST[name])
