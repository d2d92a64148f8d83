"""What follows from a reply, and the buyer's duties: role × stage × reading, decided by hand."""

from uuid import uuid4

import pytest

from portal.enums import Role
from tests.workflows.test_rules import (
    ALIVE,
    BUYER,
    ROLES,
    STAGES,
    answer,
    case,
    home,
    is_plain,
    person,
)
from workflows import outcome, rules
from workflows.enums import ConditionState, DutyKind, DutyState, ReplyCode, TermsState
from workflows.models import Condition, ConfidentialityTerms, Duty
from workflows.models.duty import TERMS

CODES = ["", *ReplyCode]


def table(ask):
    """What a rule answers each role in each stage."""
    return {(role, stage): ask(role, stage) for role in ROLES for stage in STAGES}


def expected(who, stages):
    return {
        (role, stage): ("yes" if stage in stages else "untimely") if role in who else "refused"
        for role in ROLES
        for stage in STAGES
    }


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(
    ("rule", "who", "codes", "stages"),
    [
        ("may_work_on_conditions", {"ANALYST"}, {"AGREES_ON_CONDITIONS"}, {"REVIEW"}),
        (
            "may_read_declined",
            {"ANALYST", "APPROVER", "COUNSEL"},
            {"DECLINES_NO_REASON", "DECLINES_DISAGREES"},
            set(STAGES),
        ),
        ("may_read_reasons", {"APPROVER"}, {"DECLINES_DISAGREES"}, set(STAGES)),
    ],
)
def test_what_a_reading_opens_is_open_while_it_stands(rule, who, codes, stages, code):
    ask = getattr(rules, rule)

    found = table(
        lambda role, stage: answer(ask(person((role, home(role))), case(stage, reply_code=code)))
    )

    assert found == expected(who, stages if code in codes else set())


@pytest.mark.parametrize("code", CODES)
def test_a_constraint_is_closed_by_counsel_where_it_waits(code):
    found = table(
        lambda role, stage: answer(
            rules.may_close_constraint(person((role, home(role))), case(stage, reply_code=code))
        )
    )

    claimed = {"REVIEW"} if code == "LEGAL_CONSTRAINT_CLAIMED" else set()
    assert found == expected({"COUNSEL"}, {"WITH_COUNSEL"} | claimed)


@pytest.mark.parametrize("state", ConditionState)
def test_a_condition_is_answered_once(state):
    condition = Condition(state=state)
    talks = {"reply_code": ReplyCode.AGREES_ON_CONDITIONS}

    found = table(
        lambda role, stage: answer(
            rules.may_answer_condition(person((role, home(role))), case(stage, **talks), condition)
        )
    )

    assert found == expected({"ANALYST"}, {"REVIEW"} if state == "OPEN" else set())


@pytest.mark.parametrize("state", [None, *TermsState])
def test_terms_are_answered_while_they_are_offered(state):
    terms = ConfidentialityTerms(state=state) if state else None

    found = table(
        lambda role, stage: answer(
            rules.may_answer_terms(person((role, home(role))), case(stage), terms)
        )
    )

    open_ = ALIVE if state == "OFFERED" else set()
    assert found == expected({"CONTACT", "SIGNATORY"}, open_)


@pytest.mark.parametrize("is_signed", [True, False])
@pytest.mark.parametrize(
    ("rule", "who"),
    [
        ("may_log_inspection", {"ANALYST"}),
        ("may_release_reasons", {"CONTACT", "SIGNATORY", "COUNSEL"}),
    ],
)
def test_what_rests_on_a_signed_reply_waits_for_one(rule, who, is_signed):
    at = "yesterday" if is_signed else None

    found = table(
        lambda role, stage: answer(
            getattr(rules, rule)(person((role, home(role))), case(stage, submitted_at=at))
        )
    )

    assert found == expected(who, ALIVE if is_signed else set())


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("has_reply", [True, False])
@pytest.mark.parametrize("code", ReplyCode)
def test_a_code_fits_what_is_known_of_the_reply(code, has_reply, counts):
    found = rules.fits_reply(
        case("REVIEW", submitted_at="yesterday" if has_reply else None),
        code,
        silence=outcome.Silence(3, 2, counts, counts),
        silence_counts=counts,
    )

    if code == "NO_REPLY":
        fits = not has_reply and counts
    elif code == "UNREACHABLE":
        fits = not has_reply and not counts
    else:
        fits = has_reply or code == "LEGAL_CONSTRAINT_CLAIMED"
    assert bool(found) is fits
    assert found.late is not fits
    assert fits or is_plain(found.sentence)


# The buyer's duties

HELD_ELSEWHERE = {"ANSWER_CONDITIONS", "OFFER_TERMS", "CALL_ONCE", "READ_REASONS"}


@pytest.mark.parametrize("state", DutyState)
@pytest.mark.parametrize("kind", DutyKind)
def test_a_duty_is_met_by_its_roles_waived_by_an_approver_and_only_while_it_is_open(kind, state):
    duty = Duty(kind=kind, state=state, buyer_id=BUYER)
    is_open = state in {"OPEN", "MISSED"}
    roles = set(TERMS[kind].roles)

    def asked(rule):
        return {role: answer(rule(person((role, home(role))), duty)) for role in ROLES}

    def decided(who, *, opens):
        return {
            role: ("yes" if opens else "untimely") if role in who else "refused" for role in ROLES
        }

    assert roles
    assert asked(rules.may_take_duty) == decided(roles, opens=is_open)
    by_hand = is_open and kind not in HELD_ELSEWHERE
    assert asked(rules.may_meet_duty) == decided(roles, opens=by_hand)
    assert asked(rules.may_waive_duty) == decided({"APPROVER"}, opens=is_open)
    for rule in (rules.may_take_duty, rules.may_meet_duty, rules.may_waive_duty):
        assert answer(rule(person((Role.APPROVER, uuid4())), duty)) == "refused"
        assert is_plain(rule(person(), duty).sentence)


@pytest.mark.parametrize(
    ("rule", "who"),
    [
        ("may_declare_importer", {"COUNSEL", "APPROVER"}),
        ("may_log_denial", {"ANALYST", "APPROVER", "COUNSEL"}),
    ],
)
def test_who_speaks_for_the_company_as_a_whole(rule, who):
    ask = getattr(rules, rule)
    found = {role: answer(ask(person((role, home(role))), BUYER)) for role in ROLES}

    assert found == {role: "yes" if role in who else "refused" for role in ROLES}
