"""Who may do what: every rule × stage × role × same person, decided here by hand.

The tables name stages and roles one by one: a new stage or role fails until it is decided.
"""

import inspect
import re
from uuid import UUID, uuid4

import pytest

from portal.access import ALLOWED
from portal.enums import Role, Wording
from portal.models import Organisation, User
from tests.workflows.test_rules_remedy import RULES as OF_REMEDIES
from workflows import rules, transitions
from workflows.enums import (
    ExtensionState,
    Level,
    PolicyState,
    ReplyCode,
    RungKind,
    Stage,
    Verb,
)
from workflows.models import Campaign, Case, Extension, Policy

BUYER, SUPPLIER = UUID(int=1), UUID(int=2)

STAGES = [
    "DRAFT",
    "INSTRUCTED",
    "ANSWERING",
    "REVIEW",
    "QUERIED",
    "WITH_COUNSEL",
    "REMEDIATION",
    "SUSPENDED",
    "EXIT_REVIEW",
    "EXIT_APPROVAL",
    "WINDING_DOWN",
    "DISENGAGED",
    "CLEARED",
    "WITHDRAWN",
]
ROLES = [
    "CONTACT",
    "CONTRIBUTOR",
    "SIGNATORY",
    "CAMPAIGN_MANAGER",
    "ANALYST",
    "APPROVER",
    "COUNSEL",
    "OUTSIDE_COUNSEL",
    "ADMINISTRATOR",
    "OPERATOR",
]
AT_SUPPLIER = {"CONTACT", "CONTRIBUTOR", "SIGNATORY"}

ALL = set(STAGES)
WAITING = {"INSTRUCTED", "ANSWERING", "QUERIED"}
OPEN = ALL - {"DRAFT", "CLEARED", "WITHDRAWN"}
ALIVE = OPEN - {"DISENGAGED"}
TO_END = ALL - {
    "EXIT_APPROVAL", "WINDING_DOWN", "DISENGAGED", "CLEARED", "WITHDRAWN",
}  # fmt: skip

IN_EXIT = {"EXIT_REVIEW", "EXIT_APPROVAL"}

# per rule: who may, and in which stages
DECIDED = {
    "may_issue": ({"CAMPAIGN_MANAGER"}, {"DRAFT"}),
    "may_acknowledge": ({"CONTACT", "SIGNATORY"}, {"INSTRUCTED"}),
    "may_acknowledge_late": ({"CONTACT", "SIGNATORY"}, IN_EXIT),
    "may_answer": ({"CONTACT", "SIGNATORY"}, {"ANSWERING", "QUERIED"} | IN_EXIT),
    "may_submit": ({"SIGNATORY"}, {"ANSWERING", "QUERIED"}),
    "may_submit_late": ({"SIGNATORY"}, IN_EXIT),
    "may_decline": ({"SIGNATORY"}, WAITING),
    "may_prepare_decline": ({"CONTACT", "SIGNATORY"}, WAITING),
    "may_lapse": (set(), set()),
    "may_refer": ({"CONTACT", "SIGNATORY", "ANALYST", "APPROVER"}, WAITING | {"REVIEW"}),
    "may_advise": ({"COUNSEL"}, {"WITH_COUNSEL"}),
    "may_query": ({"ANALYST"}, {"REVIEW"}),
    "may_recommend": ({"ANALYST"}, {"REVIEW"}),
    "may_escalate": ({"ANALYST"}, {"REVIEW"}),
    "may_judge": ({"ANALYST"}, {"REVIEW"}),
    "may_log": ({"ANALYST"}, OPEN),
    "may_clear": ({"APPROVER"}, set()),
    "may_withdraw": ({"CAMPAIGN_MANAGER"}, TO_END),
    "may_close": ({"APPROVER"}, TO_END - {"DRAFT"}),
    "may_raise_finding": ({"ANALYST"}, WAITING | {"WITH_COUNSEL", "CLEARED"}),
    "may_agree_plan": ({"APPROVER"}, {"REVIEW"}),
    "may_report": ({"CONTACT"}, {"REMEDIATION"}),
    "may_suspend": ({"APPROVER"}, {"REVIEW", "REMEDIATION"}),
    "may_resume": ({"APPROVER"}, {"SUSPENDED"}),
    "may_propose_exit": ({"ANALYST", "APPROVER"}, {"REVIEW", "REMEDIATION", "SUSPENDED"}),
    "may_propose_immediate_exit": (
        {"ANALYST", "APPROVER"},
        {"REVIEW", "REMEDIATION", "SUSPENDED"},
    ),
    "may_accept_reply": ({"APPROVER"}, {"EXIT_REVIEW"}),
    "may_present_plan": ({"ANALYST"}, {"EXIT_REVIEW"}),
    "may_approve_exit": ({"APPROVER", "COUNSEL"}, set()),
    "may_return_exit": ({"APPROVER", "COUNSEL"}, {"EXIT_APPROVAL"}),
    "may_complete_exit": ({"APPROVER"}, {"WINDING_DOWN"}),
    "may_halt_exit": ({"APPROVER", "COUNSEL"}, {"WINDING_DOWN"}),
    "may_open_reentry": ({"APPROVER"}, {"DISENGAGED"}),
    "may_renew": ({"ANALYST"}, {"CLEARED"}),
    "may_take_time": ({"CONTACT", "SIGNATORY"}, WAITING),
    "may_ask_time": ({"CONTACT", "SIGNATORY"}, WAITING),
    "may_give_time": ({"ANALYST"}, WAITING),
    "may_write_second": ({"ANALYST", "CAMPAIGN_MANAGER"}, WAITING),
    "may_chase": ({"APPROVER"}, set()),
    "may_log_bounce": ({"ANALYST", "CAMPAIGN_MANAGER"}, ALL),
    "may_take": ({"ANALYST"}, OPEN),
    "may_change_contact": ({"CAMPAIGN_MANAGER", "ANALYST"}, WAITING),
    "may_offer_version": ({"CAMPAIGN_MANAGER", "ANALYST"}, {"INSTRUCTED", "ANSWERING"}),
    "may_change_version": ({"CONTACT", "SIGNATORY"}, {"ANSWERING"}),
    "may_write_message": ({"CONTACT", "SIGNATORY", "ANALYST"}, ALL - {"WITHDRAWN"}),
    "may_set_reply_code": ({"ANALYST"}, {"REVIEW"}),
    "may_mark_unreachable": ({"ANALYST"}, WAITING),
    "may_close_constraint": ({"COUNSEL"}, {"WITH_COUNSEL"}),
    "may_offer_terms": ({"ANALYST", "COUNSEL"}, ALIVE),
    "may_ask_help": ({"CONTACT", "SIGNATORY"}, ALIVE),
    # without a reading of the reply, and before anything was signed, nothing follows from it
    "may_work_on_conditions": ({"ANALYST"}, set()),
    "may_log_inspection": ({"ANALYST"}, set()),
    "may_read_declined": ({"ANALYST", "APPROVER", "COUNSEL"}, set()),
    "may_read_reasons": ({"APPROVER"}, set()),
    "may_choose_wording": ({"COUNSEL"}, {"DRAFT"}),
    "may_name_signatory": ({"CONTACT", "SIGNATORY"}, ALL - {"CLEARED", "WITHDRAWN"}),
    "may_take_copy": ({"CONTACT", "SIGNATORY"}, ALL),
    "may_read_letters": (
        {"CONTACT", "SIGNATORY", "CAMPAIGN_MANAGER", "ANALYST", "APPROVER", "COUNSEL"},
        ALL,
    ),
    "may_open_list": ({"CONTACT", "SIGNATORY"}, ALL),
    "may_save_exit_plan": ({"ANALYST"}, {"EXIT_REVIEW"}),
    "may_reply_to_exit": ({"CONTACT", "SIGNATORY"}, {"WINDING_DOWN", "DISENGAGED"}),
    "may_answer_exit_reply": ({"ANALYST"}, IN_EXIT | {"WINDING_DOWN", "DISENGAGED"}),
    "may_wind_down": ({"ANALYST"}, {"WINDING_DOWN"}),
    "may_review_exit": ({"ANALYST"}, {"DISENGAGED"}),
    "may_set_trading": ({"APPROVER"}, ALL - WAITING - {"DRAFT", "WITHDRAWN"}),
    "may_grade_proof": ({"ANALYST"}, {"REVIEW", "DISENGAGED"}),
    "may_concur_clear": ({"COUNSEL"}, set()),
}
# verbs whose rule asks more than the table says; each has a test of its own below
BY_MORE = {Verb.CLEAR, Verb.SUBMIT_LATE, Verb.LAPSE, Verb.APPROVE_EXIT}
# rules that ask something besides person and case; each has a test of its own below
WITH_MORE = {
    "may_judge_finding", "may_download_dossier", "may_prepare", "may_upload_list",
    "may_still_answer",
    "may_change_policy", "may_switch_limbs", "may_settle_policy", "may_withdraw_policy",
    "may_use_policy",
    "may_answer_condition", "may_answer_terms", "may_release_reasons",
    "may_take_duty", "may_meet_duty", "may_waive_duty", "may_declare_importer", "may_log_denial",
    "may_consent", "may_clear_after_exit",
    "may_answer_wish",
}  # fmt: skip


def person(*pairs):
    """Somebody who holds these roles: (role, organisation)."""
    user = User(email="person@example.com")
    held = {}
    for role, organisation in pairs:
        held.setdefault(organisation, set()).add(role)
    user.__dict__["roles"] = held
    return user


def case(stage="REVIEW", **fields):
    """A case as the tables see it: issued, explicit, with list and answers, not lapsed."""
    given = {
        "wording": Wording.EXPLICIT,
        "prohibited_list_id": uuid4(),
        "response_id": uuid4(),
        "issued_at": "long ago",
        "due_at": "soon",
        "stage": stage,
    }
    return Case(buyer_id=BUYER, supplier_id=SUPPLIER, **(given | fields))


def home(role):
    return SUPPLIER if role in AT_SUPPLIER else BUYER


def answer(verdict):
    if verdict:
        return "yes"
    return "untimely" if verdict.late else "refused"


def expected(rule, role, stage):
    who, stages = DECIDED[rule]
    if role not in who:
        return "refused"
    return "yes" if stage in stages else "untimely"


def is_plain(sentence):
    """A sentence for a reader: no code, no placeholder, no underscore."""
    return bool(
        re.fullmatch(r"[A-Z].*[.]", sentence)
        and not re.search(r"[A-Z]{2,}|[_%{}]", sentence.replace("B4", "").replace("B5", ""))
    )


def test_every_stage_role_and_rule_is_decided():
    in_code = {
        name
        for name, found in vars(rules).items()
        if name.startswith("may_") and inspect.isfunction(found)
    }

    assert list(Stage) == STAGES
    assert list(Role) == ROLES
    assert in_code == set(DECIDED) | WITH_MORE | set(OF_REMEDIES)


@pytest.mark.parametrize("rule", DECIDED)
def test_the_table_holds_for_every_role_and_stage(rule):
    ask = getattr(rules, rule)
    found = {
        (role, stage): answer(ask(person((role, home(role))), case(stage)))
        for role in ROLES
        for stage in STAGES
    }

    assert found == {
        (role, stage): expected(rule, role, stage) for role in ROLES for stage in STAGES
    }


@pytest.mark.parametrize("rule", DECIDED)
def test_a_role_elsewhere_or_on_the_other_side_opens_nothing(rule):
    ask = getattr(rules, rule)
    for role in ROLES:
        other_side = BUYER if home(role) == SUPPLIER else SUPPLIER
        for somebody in (person(), person((role, uuid4())), person((role, other_side))):
            assert {answer(ask(somebody, case(stage))) for stage in STAGES} == {"refused"}


@pytest.mark.parametrize("rule", DECIDED)
def test_every_refusal_is_a_sentence_without_machine_words(rule):
    ask = getattr(rules, rule)
    verdicts = [ask(person((role, home(role))), case(stage)) for role in ROLES for stage in STAGES]

    assert [one.sentence for one in verdicts if not one and not is_plain(one.sentence)] == []
    assert {one.sentence for one in verdicts if one} <= {""}


def test_each_verb_of_the_table_of_transitions_that_has_a_rule_agrees_with_it():
    for line in transitions.TABLE:
        rule = f"may_{line.verb.lower()}"
        if rule not in DECIDED or line.verb in BY_MORE:
            continue
        who, stages = DECIDED[rule]
        doers = transitions.doers(line.verb) - {transitions.CLOCK}
        assert (who, stages) == (doers, transitions.sources(line.verb))


# What a lapse leaves open


@pytest.mark.parametrize("rule", ["may_acknowledge_late", "may_answer", "may_submit_late"])
@pytest.mark.parametrize("stage", STAGES)
def test_after_a_lapse_the_form_stays_open_in_review_and_until_an_exit_is_approved(rule, stage):
    lapsed = case(stage, lapsed_at="yesterday")
    who, usual = DECIDED[rule]
    found = {
        role: answer(getattr(rules, rule)(person((role, home(role))), lapsed)) for role in who
    }

    is_open = stage == "REVIEW" or stage in usual
    assert found == dict.fromkeys(who, "yes" if is_open else "untimely")
    assert rules.may_still_answer(lapsed) is (stage in IN_EXIT | {"REVIEW"})


def test_before_a_lapse_something_is_still_to_answer_only_until_an_exit_is_approved():
    assert {stage for stage in STAGES if rules.may_still_answer(case(stage))} == IN_EXIT


# Two persons clear


@pytest.mark.parametrize("stage", STAGES)
def test_clearing_takes_a_recommendation_by_somebody_else(stage):
    approver, both = (
        person((Role.APPROVER, BUYER)),
        person((Role.APPROVER, BUYER), (Role.ANALYST, BUYER)),
    )
    by_other = case(stage, proposed_by_id=uuid4())
    by_same = case(stage, proposed_by_id=both.pk)

    assert answer(rules.may_clear(approver, by_other)) == (
        "yes" if stage == "REVIEW" else "untimely"
    )
    assert answer(rules.may_clear(both, by_same)) == "refused"
    assert answer(rules.may_clear(approver, case(stage))) == "untimely"
    assert "colleague" in rules.may_clear(both, by_same).sentence


@pytest.mark.parametrize(
    ("role", "answered"),
    [(role, "yes" if role == "APPROVER" else "refused") for role in ROLES],
)
def test_only_an_approver_clears_what_is_recommended(role, answered):
    recommended = case("REVIEW", proposed_by_id=uuid4())

    assert answer(rules.may_clear(person((role, home(role))), recommended)) == answered


def test_what_is_open_is_said_when_clearing_is_refused():
    verdict = rules.nothing_open(["One thing.", "Another."])

    assert (verdict.allowed, verdict.late) == (False, True)
    assert verdict.sentence == "This cannot be cleared yet. One thing. Another."
    assert rules.nothing_open([]) == ALLOWED


# Three persons end a trade


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("role", [Role.APPROVER, Role.COUNSEL])
def test_approving_an_exit_takes_a_proposal_by_somebody_else(stage, role):
    one = person((role, BUYER))
    by_other, by_same = case(stage, proposed_by_id=uuid4()), case(stage, proposed_by_id=one.pk)

    assert answer(rules.may_approve_exit(one, by_other)) == (
        "yes" if stage == "EXIT_APPROVAL" else "untimely"
    )
    assert answer(rules.may_approve_exit(one, by_same)) == "refused"
    assert answer(rules.may_approve_exit(one, case(stage))) == "untimely"
    assert is_plain(rules.may_approve_exit(one, by_same).sentence)
    assert is_plain(rules.may_approve_exit(one, case("EXIT_APPROVAL")).sentence)


# Rules that ask more than person and stage


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("stage", STAGES)
def test_a_note_that_limits_the_reply_is_counsels_to_close(level, stage):
    found = {
        role: answer(rules.may_judge_finding(person((role, home(role))), case(stage), level))
        for role in ROLES
    }

    judge = Role.COUNSEL if level == Level.COUNSEL else Role.ANALYST
    stages = {"REVIEW", "WITH_COUNSEL"} if level == Level.COUNSEL else {"REVIEW"}
    decided = dict.fromkeys(ROLES, "refused")
    decided[judge] = "yes" if stage in stages else "untimely"
    assert found == decided


@pytest.mark.parametrize("stage", STAGES)
def test_a_claimed_constraint_is_lifted_by_counsel_alone(stage):
    claimed = case(stage, reply_code=ReplyCode.LEGAL_CONSTRAINT_CLAIMED)
    found = {
        role: answer(rules.may_set_reply_code(person((role, home(role))), claimed))
        for role in ROLES
    }

    decided = dict.fromkeys(ROLES, "refused")
    decided[Role.COUNSEL] = "yes" if stage in OPEN else "untimely"
    assert found == decided


@pytest.mark.parametrize(
    ("counsel", "who"), [(True, {"COUNSEL"}), (False, {"COUNSEL", "ANALYST", "APPROVER"})]
)
def test_who_downloads_which_edition(counsel, who):
    found = {
        role
        for role in ROLES
        if rules.may_download_dossier(person((role, home(role))), case(), counsel=counsel)
    }

    assert found == who


def test_who_prepares_campaigns_and_uploads_lists():
    def who(rule):
        return {role for role in ROLES if rule(person((role, BUYER)), BUYER)}

    assert who(rules.may_prepare) == {"CAMPAIGN_MANAGER"}
    assert who(rules.may_upload_list) == {"COUNSEL", "ADMINISTRATOR"}
    for rule in (rules.may_prepare, rules.may_upload_list):
        verdict = rule(person((Role.ANALYST, BUYER)), BUYER)
        assert answer(verdict) == "refused"
        assert is_plain(verdict.sentence)


def test_who_changes_the_policy_and_who_concurs():
    def who(rule, about):
        return {role for role in ROLES if rule(person((role, BUYER)), about)}

    waits = Policy(buyer_id=BUYER, state=PolicyState.PROPOSED, created_by_id=uuid4())

    assert who(rules.may_change_policy, BUYER) == {"APPROVER", "ADMINISTRATOR"}
    assert who(rules.may_switch_limbs, BUYER) == {"APPROVER"}
    assert who(rules.may_settle_policy, waits) == {"COUNSEL"}
    assert who(rules.may_withdraw_policy, waits) == {"APPROVER"}


@pytest.mark.parametrize("stage", STAGES)
def test_an_approver_writes_the_overdue_letter_once_the_ladder_came_to_it(stage):
    approver = person((Role.APPROVER, BUYER))
    expected = "yes" if stage in WAITING else "untimely"

    assert answer(rules.may_chase(approver, case(stage, chase=RungKind.APPROVER))) == expected
    assert answer(rules.may_chase(approver, case(stage, chase=RungKind.PHONE))) == "untimely"


@pytest.mark.parametrize("state", ExtensionState)
@pytest.mark.parametrize("stage", ["ANSWERING", "REVIEW"])
def test_a_wish_is_answered_once_and_while_the_clock_runs(state, stage):
    wish = Extension(state=state, case=case(stage))
    found = {
        role: answer(rules.may_answer_wish(person((role, home(role))), wish)) for role in ROLES
    }

    fine = state == ExtensionState.ASKED and stage == "ANSWERING"
    assert found.pop("ANALYST") == ("yes" if fine else "untimely")
    assert set(found.values()) == {"refused"}


def test_after_time_ran_out_the_sentence_says_that_the_form_is_open():
    late = case("REVIEW", lapsed_at="yesterday")

    verdict = rules.may_take_time(person((Role.CONTACT, SUPPLIER)), late)

    assert "open all the same" in verdict.sentence


def test_nothing_came_back_before_anything_was_sent():
    analyst = person((Role.ANALYST, BUYER))

    assert answer(rules.may_log_bounce(analyst, case("DRAFT", issued_at=None))) == "untimely"


@pytest.mark.parametrize("stall", ["", "REFUSED"])
@pytest.mark.parametrize("stage", sorted(WAITING))
def test_with_the_supplier_a_reading_waits_for_a_mail_that_did_not_arrive(stage, stall):
    found = rules.may_set_reply_code(person((Role.ANALYST, BUYER)), case(stage, stall=stall))

    assert answer(found) == ("yes" if stall else "untimely")


@pytest.mark.parametrize("state", PolicyState)
def test_only_what_waits_is_settled_and_only_what_is_in_force_is_used(state):
    policy = Policy(buyer_id=BUYER, state=state, created_by_id=uuid4())
    waits = "yes" if state == PolicyState.PROPOSED else "untimely"
    counsel, approver = person((Role.COUNSEL, BUYER)), person((Role.APPROVER, BUYER))

    assert answer(rules.may_settle_policy(counsel, policy)) == waits
    assert answer(rules.may_withdraw_policy(approver, policy)) == waits
    used = "yes" if state == PolicyState.IN_FORCE else "untimely"
    assert answer(rules.may_use_policy(policy, BUYER)) == used
    assert answer(rules.may_use_policy(policy, SUPPLIER)) == "refused"
    policy.created_by_id = counsel.pk
    assert answer(rules.may_settle_policy(counsel, policy)) == "refused"


@pytest.mark.parametrize(
    "fields", [{"wording": Wording.TRACEABILITY}, {"prohibited_list_id": None}]
)
def test_no_list_goes_with_the_neutral_wording(fields):
    assert answer(rules.may_open_list(person((Role.CONTACT, SUPPLIER)), case(**fields))) == (
        "untimely"
    )


def test_nobody_is_written_to_before_it_was_sent():
    analyst = person((Role.ANALYST, BUYER))

    assert answer(rules.may_change_contact(analyst, case("INSTRUCTED", issued_at=None))) == (
        "untimely"
    )
    assert answer(rules.may_write_message(analyst, case("DRAFT", response_id=None))) == "untimely"


def test_a_buyers_person_is_told_from_a_suppliers():
    found = {role for role in ROLES if rules.is_buyers(person((role, home(role))), case())}

    assert found == {
        "CAMPAIGN_MANAGER", "ANALYST", "APPROVER", "COUNSEL", "OUTSIDE_COUNSEL", "ADMINISTRATOR",
    }  # fmt: skip


# What `issue` needs


READY = {"wording": Wording.EXPLICIT, "wording_by_id": uuid4(), "contact": "c@supplier.example"}


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({}, []),
        ({"wording": ""}, ["Counsel has not recorded the wording."]),
        ({"wording_by_id": None}, ["Counsel has not recorded the wording."]),
        ({"contact": ""}, ["No contact address is known."]),
        ({"listed": None}, ["The list of prohibited companies is missing."]),
        ({"listed": None, "wording": Wording.TRACEABILITY}, []),
        (
            {"wording": Wording.EXPLICIT, "wording_by_id": None, "contact": "", "listed": None},
            [
                "Counsel has not recorded the wording.",
                "No contact address is known.",
                "The list of prohibited companies is missing.",
            ],
        ),
    ],
)
def test_what_is_missing_before_it_can_be_sent(change, missing):
    given = READY | {"listed": uuid4()} | change
    draft = Case(
        buyer_id=BUYER,
        stage=Stage.DRAFT,
        wording=given["wording"],
        wording_by_id=given["wording_by_id"],
        supplier=Organisation(pk=SUPPLIER, contact_email=given["contact"]),
        campaign=Campaign(prohibited_list_id=given["listed"]),
    )

    verdict = rules.is_ready(draft)

    assert rules.missing_for_issue(draft) == missing
    assert answer(verdict) == ("untimely" if missing else "yes")
    assert verdict.sentence == " ".join(missing)
