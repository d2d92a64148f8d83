"""Clause B6 never counts: whatever is answered there, nothing else may change."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires.logic import evaluate
from tests.questionnaires import content_cases, sector_cases, sectors
from tests.questionnaires.personas import TODAY
from tests.questionnaires.test_content_2026_1 import CONTENT, changed
from workflows import outcome

ANSWERS = [None, "yes", "no", "thinking", {"declined": "cannot_say", "why": "none"},
           {"declined": "unknown", "why": "law"}, {"raw": "perhaps"}]  # fmt: skip
CASES = content_cases.CASES | sector_cases.CASES
SUPPLIERS = {
    **{name: make(TODAY) for name, make in sectors.ALL.items()},
    **{name: changed(sectors.everything(), case.raises) for name, case in CASES.items()},
}


def proposed(document):
    """What a proposal rests on: the codes that findings stand for, what is held and blocks."""
    found = evaluate(CONTENT, document, TODAY).findings
    codes = {
        outcome.weight(clause=one.clause, limb=one.limb, level=one.level) for one in found
    } - {""}
    held = any(outcome.holds(level=one.level, state="OPEN") for one in found)
    blocking = [one for one in found if outcome.blocks_clearing(level=one.level, state="OPEN")]
    return outcome.propose(codes, constraint_held=held), codes, held, blocking


def with_encouragement(document, sourcing, dealings):
    changed_ = copy.deepcopy(document)
    given_ = {"all_sourcing": sourcing, "all_dealings": dealings}
    changed_["encouraged"] = {
        "answers": {key: value for key, value in given_.items() if value is not None}
    }
    return changed_


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(sorted(SUPPLIERS)), st.sampled_from(ANSWERS), st.sampled_from(ANSWERS))
def test_no_answer_to_the_encouragement_changes_a_proposal(name, sourcing, dealings):
    document = SUPPLIERS[name]
    without = with_encouragement(document, None, None)

    assert proposed(with_encouragement(document, sourcing, dealings)) == proposed(without)


@pytest.mark.parametrize("key", sorted(CONTENT.finding_of))
def test_a_finding_under_b6_is_a_note_and_weighs_nothing(key):
    rule = CONTENT.finding_of[key]
    if rule.clause == "B6":
        assert rule.level == "note"
    if rule.level == "note":
        assert outcome.weight(clause=rule.clause, limb=rule.limb, level=rule.level) == ""
        assert not outcome.blocks_clearing(level=rule.level, state="OPEN")
