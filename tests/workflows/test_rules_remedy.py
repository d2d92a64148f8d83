"""Each rule on sources, hearings, plans and pauses: role by stage, and the sentence it gives."""

from uuid import UUID

import pytest

from portal import clock
from portal.enums import Role
from tests.factories.portal import UserFactory
from workflows import rules
from workflows.enums import Stage
from workflows.models import Case

S = Stage
BUYER, SUPPLIER = UUID(int=1), UUID(int=2)
SIDES = {Role.CONTACT, Role.SIGNATORY, Role.CONTRIBUTOR}
SENT = set(Stage) - {S.DRAFT, S.WITHDRAWN}
RULES = {
    "may_record_source": ({Role.ANALYST}, SENT),
    "may_note_finding": ({Role.ANALYST}, {S.REVIEW, S.REMEDIATION, S.SUSPENDED}),
    "may_raise": (
        {Role.ANALYST},
        {
            S.INSTRUCTED,
            S.ANSWERING,
            S.QUERIED,
            S.WITH_COUNSEL,
            S.CLEARED,
            S.REVIEW,
            S.REMEDIATION,
            S.SUSPENDED,
        },
    ),
    "may_ask_supplier": (
        {Role.ANALYST},
        {S.REVIEW, S.REMEDIATION, S.SUSPENDED, S.EXIT_REVIEW},
    ),
    "may_reply": (
        {Role.CONTACT, Role.SIGNATORY},
        SENT - {S.CLEARED, S.DISENGAGED},
    ),
    "may_lift_presumption": ({Role.APPROVER}, {S.REVIEW}),
    "may_draft_plan": ({Role.ANALYST}, {S.REVIEW, S.SUSPENDED}),
    "may_close_plan": ({Role.APPROVER}, {S.REVIEW, S.SUSPENDED}),
    "may_remark_plan": (
        {Role.CONTACT, Role.SIGNATORY},
        {S.REVIEW, S.SUSPENDED, S.REMEDIATION},
    ),
    "may_accept_plan": ({Role.SIGNATORY}, {S.REVIEW, S.SUSPENDED}),
    "may_show_proof": ({Role.CONTACT, Role.SIGNATORY}, {S.REMEDIATION}),
    "may_judge_milestone": ({Role.ANALYST}, {S.REVIEW}),
    "may_review_suspension": ({Role.APPROVER}, {S.SUSPENDED}),
}


def person(role):
    found = UserFactory.build(pk=UUID(int=9))
    found.roles = {SUPPLIER if role in SIDES else BUYER: {role}}
    return found


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("stage", Stage)
def test_each_rule_holds_for_its_people_at_its_stages(rule, role, stage):
    people, stages = RULES[rule]
    case = Case(stage=stage, buyer_id=BUYER, supplier_id=SUPPLIER, presumed_at=clock.now())

    verdict = getattr(rules, rule)(person(role), case)

    assert verdict.allowed == (role in people and stage in stages)
    assert verdict.late == (role in people and stage not in stages)
    assert bool(verdict.sentence) != verdict.allowed


@pytest.mark.parametrize("rule", RULES)
def test_the_same_role_at_the_other_side_or_elsewhere_is_nobody(rule):
    people, stages = RULES[rule]
    case = Case(
        stage=next(iter(stages)), buyer_id=BUYER, supplier_id=SUPPLIER, presumed_at=clock.now()
    )
    for role in people:
        stranger = UserFactory.build(pk=UUID(int=9))
        stranger.roles = {BUYER if role in SIDES else SUPPLIER: {role}, UUID(int=7): {role}}
        assert getattr(rules, rule)(stranger, case).late is False
        assert not getattr(rules, rule)(stranger, case)


def test_no_presumption_means_nothing_to_lift():
    case = Case(stage=S.REVIEW, buyer_id=BUYER, supplier_id=SUPPLIER)

    verdict = rules.may_lift_presumption(person(Role.APPROVER), case)

    assert (verdict.late, verdict.sentence) == (True, "No presumption stands over this case.")


@pytest.mark.parametrize(
    ("lapsed", "left_open", "stage", "is_open"),
    [
        (False, False, S.REVIEW, False),
        (True, False, S.REVIEW, True),
        (False, True, S.REVIEW, True),
        (True, True, S.REVIEW, True),
        (True, True, S.REMEDIATION, False),
    ],
)
def test_the_form_is_open_in_review_after_time_or_a_finding(lapsed, left_open, stage, is_open):
    now = clock.now()
    case = Case(
        stage=stage,
        buyer_id=BUYER,
        supplier_id=SUPPLIER,
        lapsed_at=now if lapsed else None,
        left_open_at=now if left_open else None,
    )

    assert rules.may_still_answer(case) == is_open
    assert bool(rules.may_submit_late(person(Role.SIGNATORY), case)) == is_open


@pytest.mark.parametrize("rule", ["is_carried", "nothing_missing"])
def test_what_is_missing_is_said_in_full(rule):
    verdict = getattr(rules, rule)(["One thing.", "Another."])

    assert verdict.late
    assert verdict.sentence.endswith("One thing. Another.")
    assert getattr(rules, rule)([])
