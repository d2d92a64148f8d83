"""Who may do what around an exit: truth tables over role × stage × same person."""

from itertools import product
from uuid import uuid4

import pytest

from portal.enums import Role
from tests.workflows.test_rules import (
    ROLES,
    STAGES,
    SUPPLIER,
    answer,
    case,
    home,
    is_plain,
    person,
)
from workflows import exit_plan, rules
from workflows.enums import ExitRole, ExitTrack, Stage
from workflows.models import ExitConsent, ExitPlan

BUYER_SIDE = [role for role in ROLES if home(role) != SUPPLIER]


def one(*roles):
    return person(*[(role, home(role)) for role in roles])


def plan(proposer=None, presenter=None, track=ExitTrack.RESPONSIBLE):
    return ExitPlan(
        track=track,
        proposed_by_id=proposer.pk if proposer else uuid4(),
        presented_by_id=presenter.pk if presenter else uuid4(),
    )


def agreed(role, by=None):
    return ExitConsent(role=role, by_id=by.pk if by else uuid4())


# The immediate track


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("track", ["", *ExitTrack])
def test_the_plan_is_written_before_it_is_presented_or_while_48_hours_run(stage, track):
    found = {
        role: answer(rules.may_save_exit_plan(one(role), case(stage, exit_track=track)))
        for role in ROLES
    }

    is_open = stage == "EXIT_REVIEW" or (stage == "EXIT_APPROVAL" and track == ExitTrack.IMMEDIATE)
    decided = dict.fromkeys(ROLES, "refused")
    decided["ANALYST"] = "yes" if is_open else "untimely"
    assert found == decided


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("track", list(ExitTrack))
def test_a_company_replies_to_what_it_knows_of(stage, track):
    """Never to an immediate exit before its notice: it is told nothing of it."""
    found = {
        role: answer(rules.may_reply_to_exit(one(role), case(stage, exit_track=track)))
        for role in ROLES
    }

    knows = stage in {"WINDING_DOWN", "DISENGAGED"} or (
        stage in {"EXIT_REVIEW", "EXIT_APPROVAL"} and track == ExitTrack.RESPONSIBLE
    )
    decided = dict.fromkeys(ROLES, "refused")
    decided |= dict.fromkeys(["CONTACT", "SIGNATORY"], "yes" if knows else "untimely")
    assert found == decided


@pytest.mark.parametrize("stage", STAGES)
def test_no_refusal_to_a_company_names_an_immediate_exit_before_its_notice(stage):
    asked = (
        rules.may_acknowledge, rules.may_refer, rules.may_submit, rules.may_decline,
        rules.may_report,
    )  # fmt: skip
    hidden = case(stage, exit_track=ExitTrack.IMMEDIATE)
    said = {
        rule(one(role), hidden).sentence for rule, role in product(asked, ("CONTACT", "SIGNATORY"))
    }

    assert not any("approval" in sentence for sentence in said)
    expected = Stage.REVIEW if stage == "EXIT_APPROVAL" else Stage(stage)
    assert rules.shown_stage(hidden) == expected
    assert rules.shown_stage(case(stage, exit_track=ExitTrack.RESPONSIBLE)) == Stage(stage)


def test_the_buyers_own_people_read_the_stage_as_it_is():
    hidden = case("EXIT_APPROVAL", exit_track=ExitTrack.IMMEDIATE)

    assert "Exit awaiting approval" in rules.may_refer(one("ANALYST"), hidden).sentence


# Three people


@pytest.mark.parametrize("asked", list(ExitRole))
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("stage", STAGES)
def test_one_agrees_only_in_a_role_that_one_holds(asked, role, stage):
    verdict = rules.may_consent(one(role), case(stage), role=asked, plan=plan(), given=[])

    assert answer(verdict) == ("yes" if role == asked else "refused")


@pytest.mark.parametrize("asked", list(ExitRole))
@pytest.mark.parametrize("stage", ["EXIT_APPROVAL", "WINDING_DOWN"])
def test_whoever_proposed_or_presented_leaves_the_decision_to_others(asked, stage):
    somebody = one(Role.APPROVER, Role.COUNSEL, Role.ANALYST)

    for mine in (plan(proposer=somebody), plan(presenter=somebody)):
        verdict = rules.may_consent(somebody, case(stage), role=asked, plan=mine, given=[])
        assert answer(verdict) == ("refused" if stage == "EXIT_APPROVAL" else "yes")
        assert stage == "WINDING_DOWN" or is_plain(verdict.sentence)


@pytest.mark.parametrize(("first", "second"), list(product(ExitRole, ExitRole)))
@pytest.mark.parametrize("is_same", [True, False])
def test_the_second_word_comes_from_another_person_in_the_other_role(first, second, is_same):
    both = one(Role.APPROVER, Role.COUNSEL)
    given = [agreed(first, both if is_same else None)]

    verdict = rules.may_consent(both, case("EXIT_APPROVAL"), role=second, plan=plan(), given=given)

    may = not is_same and first != second
    assert answer(verdict) == ("yes" if may else "untimely")
    assert may or is_plain(verdict.sentence)


def test_after_two_words_there_is_no_third():
    given = [agreed(role) for role in ExitRole]

    for role in ExitRole:
        verdict = rules.may_consent(
            one(str(role)), case("EXIT_APPROVAL"), role=role, plan=plan(), given=given
        )
        assert answer(verdict) == "untimely"


# Back after an exit


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("role", ROLES)
def test_counsel_concurs_in_what_somebody_else_recommends(stage, role):
    somebody = one(role)
    by_other, by_same = (
        case(stage, proposed_by_id=uuid4()),
        case(stage, proposed_by_id=somebody.pk),
    )

    is_counsel = role == "COUNSEL"
    usual = "yes" if stage == "REVIEW" else "untimely"
    assert answer(rules.may_concur_clear(somebody, by_other)) == (
        usual if is_counsel else "refused"
    )
    assert answer(rules.may_concur_clear(somebody, by_same)) == "refused"


@pytest.mark.parametrize("needs", [True, False])
@pytest.mark.parametrize("who", ["nobody", "another", "the same"])
def test_a_company_that_was_left_is_cleared_by_three(needs, who):
    approver = one(Role.APPROVER, Role.COUNSEL)
    word = {"nobody": None, "another": uuid4(), "the same": approver.pk}[who]

    verdict = rules.may_clear_after_exit(
        approver,
        case("REVIEW", proposed_by_id=uuid4()),
        needs_counsel=needs,
        concurred_by=word,
    )

    decided = {"nobody": "untimely", "another": "yes", "the same": "refused"}[who]
    assert answer(verdict) == (decided if needs else "yes")


def test_counsels_word_does_not_make_up_for_the_rest():
    verdict = rules.may_clear_after_exit(
        one(Role.ANALYST), case("REVIEW"), needs_counsel=True, concurred_by=uuid4()
    )

    assert answer(verdict) == "refused"


# Readiness: can three different people be found at all?


A, B, C, D = (uuid4() for _n in range(4))


@pytest.mark.parametrize(
    ("analysts", "approvers", "counsel", "found"),
    [
        ({A}, {B}, {C}, True),
        (set(), {A, B}, {C}, True),
        ({A}, {B}, set(), False),
        ({A}, set(), {C}, False),
        ({A}, {A}, {C}, False),
        (set(), {A}, {C}, False),
        ({A}, {B}, {B}, False),
        ({A}, {B}, {A}, False),
        ({A}, {B}, {A, B}, False),
        ({A, D}, {B}, {A}, True),
        ({A}, {B, D}, {B}, True),
        ({A, B, C}, {A, B, C}, {A, B, C}, True),
        (set(), set(), set(), False),
    ],
)
def test_three_people_are_found_or_missing(analysts, approvers, counsel, found):
    people = {"proposers": analysts, "approvers": approvers, "counsel": counsel}

    by_trying = any(
        len({one, two, three}) == 3
        for one, two, three in product(analysts | approvers, approvers, counsel)
    )

    assert exit_plan.is_three(**people) is found is by_trying
