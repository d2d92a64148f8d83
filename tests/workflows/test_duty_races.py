"""Two at once over what the buyer owes: real threads, each on a connection of its own."""

import pytest

from portal import clock, ledger
from portal.access import Conflict
from tests.workflows import acts, world
from workflows import actions, queries
from workflows.enums import ConditionState, DutyState
from workflows.models import Duty

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def made():
    return world.world()


def names(case):
    found = ledger.events(case, audiences=frozenset())
    return [event.name for event in found if event.name.startswith("duty.")]


def test_meeting_and_waiving_at_once_settle_a_duty_once(made):
    case, duty = acts.asked_for_help(made, made.supplier)

    said = acts.at_once(
        lambda: actions.meet_duty(
            duty=duty, by=made.analyst, how="Two mills named.", tell="Demo."
        ),
        lambda: actions.waive_duty(duty=duty, by=made.approver, reason="No mill is known."),
    )

    assert sum(isinstance(one, Conflict) for one in said) == 1
    duty.refresh_from_db()
    assert duty.state in {DutyState.MET, DutyState.WAIVED}
    assert sum(name in {"duty.met", "duty.waived"} for name in names(case)) == 1
    assert ledger.verify(case.chain).is_intact


def test_the_sweep_and_a_person_leave_a_duty_settled_and_tell_of_it_once(made):
    case, duty = acts.asked_for_help(made, made.supplier)
    late = clock.now().replace(year=clock.now().year + 1)

    def sweep():
        with clock.at(late):
            return actions.miss_due()

    acts.at_once(
        sweep,
        sweep,
        lambda: actions.meet_duty(
            duty=duty, by=made.analyst, how="Two mills named.", tell="Demo."
        ),
    )

    duty.refresh_from_db()
    assert duty.state == DutyState.MET
    missed = [
        event.data["duty"]
        for event in ledger.events(case, audiences=frozenset())
        if event.name == "duty.missed"
    ]
    assert len(missed) == len(set(missed))
    assert ledger.verify(case.chain).is_intact


def test_one_condition_answered_by_two_has_one_answer(made):
    case = acts.on_conditions(made, made.supplier)
    condition = queries.conditions(case)[0]

    said = acts.at_once(
        lambda: actions.answer_condition(
            condition=condition,
            by=made.analyst,
            state=ConditionState.ACCEPTED,
            answer="Agreed as written.",
        ),
        lambda: actions.answer_condition(
            condition=condition,
            by=made.analyst,
            state=ConditionState.DECLINED,
            answer="Not this season.",
        ),
    )

    assert sum(isinstance(one, Conflict) for one in said) == 1


def test_a_message_sent_by_two_opens_one_question(made):
    case = world.issued_case(made)

    acts.at_once(
        lambda: actions.write_message(case=case, by=case.contact, text="Demo: which form?"),
        lambda: actions.write_message(case=case, by=case.contact, text="Demo: which yarn?"),
    )

    assert Duty.objects.pending().filter(case=case, kind="ANSWER_QUESTION").count() == 1
