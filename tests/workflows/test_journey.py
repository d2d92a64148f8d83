"""The main path through actions: instruct, answer, prove, sign, decide."""

import pytest

from portal import ledger
from portal.models import LedgerChain
from questionnaires.enums import ResponseState
from tests.questionnaires import personas
from tests.workflows import world
from workflows import engine, queries
from workflows.enums import Outcome, ReplyCode, Stage

pytestmark = pytest.mark.django_db


def test_a_case_goes_from_instruction_to_cleared():
    made = world.world()

    case = world.cleared_case(made)

    assert case.stage == Stage.CLEARED
    assert case.cleared_at is not None
    assert engine.open_task(case) is None
    assert case.response.state == ResponseState.SUBMITTED
    assert ledger.verify().broken == []


def test_a_clean_and_proven_reply_proposes_clear():
    case = world.judged_case(world.world())

    standing = queries.standing(case)

    assert standing.obstacles == []
    assert standing.outcome == Outcome.CLEAR
    assert standing.proposed_code == ReplyCode.AGREES_PROVES


@pytest.mark.parametrize(
    ("persona", "outcome", "code"),
    [
        (personas.producer_in_the_region, Outcome.B1, ReplyCode.AGREES_NO_PROOF_YET),
        (personas.refuses_without_reason, Outcome.B5_AGREEMENT, ReplyCode.DECLINES_NO_REASON),
        (personas.refuses_with_reason, Outcome.B5_AGREEMENT, ReplyCode.DECLINES_DISAGREES),
        (personas.legally_bound, Outcome.WITH_COUNSEL, ReplyCode.LEGAL_CONSTRAINT_CLAIMED),
        (
            personas.wants_confidentiality,
            Outcome.OPEN_POINT,
            ReplyCode.CONFIDENTIAL_NEEDS_TERMS,
        ),
        (personas.others_hold_the_proof, Outcome.OPEN_POINT, ReplyCode.AGREES_CANNOT_OBTAIN),
        (personas.agrees_on_conditions, Outcome.OPEN_POINT, ReplyCode.AGREES_ON_CONDITIONS),
        (personas.site_in_the_region, Outcome.B1, ReplyCode.AGREES_NO_PROOF_YET),
        (personas.branch_in_the_region, Outcome.B2, ReplyCode.AGREES_NO_PROOF_YET),
        (personas.takes_part_in_transfers, Outcome.B3, ReplyCode.AGREES_NO_PROOF_YET),
    ],
)
@pytest.mark.parametrize("wording", ["explicit", "traceability"])
def test_each_reply_proposes_its_outcome_in_both_wordings(persona, outcome, code, wording):
    case = world.submitted_case(world.world(), persona, wording=wording)

    standing = queries.standing(case)

    assert standing.outcome == outcome
    assert standing.proposed_code == code


def test_nothing_but_its_own_chain_tells_of_a_case():
    both = world.two_worlds()

    events = ledger.events(both.case, audiences=frozenset())

    assert {str(both.other.manager.pk)}.isdisjoint(
        {str(event.actor.get("user")) for event in events}
    )
    assert LedgerChain.objects.get(pk=both.case.chain_id).length == len(events)
