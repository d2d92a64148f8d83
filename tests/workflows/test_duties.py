"""The buyer's duties: what opens them, who meets or waives them, what they hold, who is told."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from viewflow.workflow.models import Task

from portal import clock, ledger
from portal.access import Conflict, Refused
from portal.models import OutboxMessage
from questionnaires.models import Comment
from tests.factories.questionnaires import SubmissionFactory
from tests.questionnaires import personas
from tests.workflows import acts, leaving, world
from workflows import actions, calendar, engine, ladder, queries, ticks, timers
from workflows.actions import duty_opening
from workflows.enums import DutyKind, DutyState, Ending, Stage
from workflows.models import Case, Duty, Importer, Instruction
from workflows.models.duty import (
    HOLDS_COMPLETION,
    HOLDS_EXIT,
    HOLDS_PLAN,
    TERMS,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return world.world()


def days(case, number):
    return calendar.after(clock.now(), number, case.buyer.country, case.buyer.zone)


def of(case, kind):
    return Duty.objects.get(case=case, kind=kind)


def events(case, name):
    found = ledger.events(case, audiences=frozenset({"PERSONAL"}))
    return [event for event in found if event.name == name]


# The table


def test_every_duty_has_a_clause_a_clock_and_somebody_who_does_it():
    assert set(TERMS) == set(DutyKind)
    without_clock = {kind for kind, terms in TERMS.items() if terms.days is None}
    assert without_clock == {
        DutyKind.DIRECT,
        DutyKind.INSTRUCT,
        DutyKind.ENCOURAGE,
        DutyKind.PAY_ORDERS,
        DutyKind.ASSESS_IMPACT,
        DutyKind.ONE_STANDARD,
    }
    assert all(terms.roles for terms in TERMS.values())


@pytest.mark.parametrize(
    ("kind", "clause", "working_days"),
    [
        (DutyKind.MAP_TIERS, "A", 20),
        (DutyKind.SITE_DILIGENCE, "A2.1", 60),
        (DutyKind.OFFER_SOURCES, "B4", 10),
        (DutyKind.ADJUST_PURCHASING, "B4", 15),
        (DutyKind.ANSWER_QUESTION, "B4", 5),
        (DutyKind.HOLD_GOODS, "C2", 1),
    ],
)
def test_the_clocks_are_those_of_the_note(kind, clause, working_days):
    assert (TERMS[kind].clause, TERMS[kind].days) == (clause, working_days)


def test_what_holds_an_exit_its_plan_and_its_completion_is_told_apart():
    assert not HOLDS_EXIT & HOLDS_PLAN
    assert not HOLDS_EXIT & HOLDS_COMPLETION
    never = {
        DutyKind.MAP_TIERS,
        DutyKind.SITE_DILIGENCE,
        DutyKind.ENCOURAGE,
        DutyKind.ONE_STANDARD,
        DutyKind.HOLD_GOODS,
    }
    assert never == set(DutyKind) - HOLDS_EXIT - HOLDS_PLAN - HOLDS_COMPLETION


# With the instruction


@pytest.mark.parametrize("wording", ["explicit", "traceability"])
def test_direction_instruction_and_encouragement_go_with_the_first_mail(made, wording):
    case = world.issued_case(made, wording=wording)

    found = {one.kind: one for one in Duty.objects.filter(case=case)}

    assert set(found) == {"DIRECT", "INSTRUCT", "ENCOURAGE"}
    for one in found.values():
        assert (one.state, one.settled_by, one.settled_at) == (
            DutyState.MET,
            made.manager,
            one.opened_at,
        )
        assert case.instruction.sha256[:16] in one.proof
    assert {one.kind: one.clause for one in found.values()} == {
        "DIRECT": "B3",
        "INSTRUCT": "B4",
        "ENCOURAGE": "B6",
    }
    assert queries.unmet_duties(case) == []
    assert len(events(case, "case.duties_recorded")) == 1


def test_a_letter_without_words_records_no_duty_and_so_is_not_sent(made):
    case = world.draft_case(made)

    with pytest.raises(Conflict, match="holds no words"):
        duty_opening.record_issue(case, Instruction(title="Demo title", text=" "), made.manager)

    assert Duty.objects.filter(case=case).count() == 0


# Help


@pytest.mark.parametrize(
    ("kinds", "opens"),
    [
        (["source"], {"OFFER_SOURCES": 10}),
        (["price", "lead_time", "volume", "testing", "time"], {"ADJUST_PURCHASING": 15}),
        (["advice"], {"ASSIST_EVIDENCE": 60}),
        (["source", "price"], {"OFFER_SOURCES": 10, "ADJUST_PURCHASING": 15}),
    ],
)
def test_help_asked_for_opens_its_duties(made, kinds, opens):
    case = world.issued_case(made)

    for _time in range(2):
        actions.ask_help(case=case, by=case.contact, kinds=kinds, text="Demo: please.")

    found = Duty.objects.filter(case=case, state=DutyState.OPEN)
    assert {one.kind: one.due_at for one in found} == {
        kind: days(case, number) for kind, number in opens.items()
    }
    assert sorted(code for one in found for code in one.asked) == sorted(kinds)
    assert Comment.objects.filter(response=case.response).count() == 1
    assert len(queries.unmet_duties(case)) == len(opens)
    assert OutboxMessage.objects.filter(purpose="help_asked").count() == 1


def signed(case, *, findings=(), **given):
    """A signed reply of a case that holds these answers on one page."""
    return SubmissionFactory(
        response=case.response,
        snapshot=json.dumps({"sections": {"help": {"answers": given}}}),
        evaluation=json.dumps({"findings": [{"key": key} for key in findings]}),
    )


@pytest.mark.parametrize("given", [{}, {"help": {"declined": "cannot_say"}}, {"help": ["none"]}])
def test_a_reply_that_asks_for_nothing_opens_nothing(made, given):
    case = world.issued_case(made)

    duty_opening.from_submission(case, signed(case, **given), case.contact)

    assert Duty.objects.pending().filter(case=case).count() == 0


def test_help_wanted_in_a_signed_reply_is_read_by_its_question_key(made):
    case = world.issued_case(made)
    given = {"help": ["source", "none", "unknown"], "help_text": "Demo: any other mill?"}

    duty_opening.from_submission(case, signed(case, **given), case.contact)

    duty = of(case, DutyKind.OFFER_SOURCES)
    assert (duty.asked, duty.about) == (["source"], "Demo: any other mill?")


def test_an_offer_is_written_to_the_supplier_in_the_same_act(made):
    case, duty = acts.asked_for_help(made, acts.another(made))

    met = actions.meet_duty(
        duty=duty,
        by=made.analyst,
        how="Two mills were named.",
        proof="List of 3 May",
        tell="Demo Mill One.",
    )

    assert (met.state, met.settled_by, met.proof) == (
        DutyState.MET,
        made.analyst,
        "List of 3 May",
    )
    assert (
        Comment.objects.filter(response=case.response).order_by("at").last().text
        == "Demo Mill One."
    )
    assert OutboxMessage.objects.filter(purpose="case_message", recipient=case.contact).exists()
    again = actions.meet_duty(duty=duty, by=made.analyst, how="Two mills were named.")
    assert again.settled_at == met.settled_at
    with pytest.raises(Conflict, match="already met or waived"):
        actions.waive_duty(duty=duty, by=made.approver, reason="Not needed any more.")


def test_a_waiver_takes_an_approver_and_stands_in_the_ledger_with_its_reason(made):
    case, duty = acts.asked_for_help(made, acts.another(made))

    with pytest.raises(Refused, match="Only an approver"):
        actions.waive_duty(duty=duty, by=made.analyst, reason="We know no other mill.")
    for _time in range(2):
        actions.waive_duty(duty=duty, by=made.approver, reason="We know no other mill.")

    duty.refresh_from_db()
    (event,) = events(case, "duty.waived")
    assert (duty.state, duty.settled_by) == (DutyState.WAIVED, made.approver)
    assert event.words["how"] == "We know no other mill."
    assert [one for one in queries.unmet_duties(case) if "sources" in one] == []


def test_who_takes_a_duty_is_named(made):
    _case, duty = acts.asked_for_help(made, acts.another(made))
    assert queries.duty_owner(duty) == "Analyst"

    for _time in range(2):
        actions.take_duty(duty=duty, by=made.analyst)

    duty.refresh_from_db()
    assert queries.duty_owner(duty) == str(made.analyst)


def test_the_reviewer_owns_what_opens_in_its_case(made):
    case = world.submitted_case(made)
    actions.take(case=case, by=made.analyst)

    actions.ask_help(case=case, by=case.contact, kinds=["source"], text="Demo: please.")

    assert of(case, DutyKind.OFFER_SOURCES).owner == made.analyst


@pytest.mark.parametrize("kind", ["CALL_ONCE", "ANSWER_CONDITIONS", "OFFER_TERMS"])
def test_what_its_own_act_does_is_not_met_by_hand(made, kind):
    case = world.submitted_case(made)
    duty = duty_opening.opened(of=case, kind=DutyKind(kind), by=made.analyst, key="demo")

    with pytest.raises(Conflict, match="met by its own act"):
        actions.meet_duty(duty=duty, by=made.analyst, how="Done by hand.")


# Questions, and the supplier's clock


def test_a_message_of_the_supplier_is_answered_within_five_days(made):
    case = world.issued_case(made)

    for text in ("Demo: which producer?", "Demo: and which form?"):
        actions.write_message(case=case, by=case.contact, text=text)
    duty = of(case, DutyKind.ANSWER_QUESTION)
    assert duty.due_at == days(case, 5)
    actions.write_message(case=case, by=made.analyst, text="Demo: that of the yarn.")

    duty.refresh_from_db()
    assert (duty.state, duty.settled_by) == (DutyState.MET, made.analyst)
    actions.write_message(case=case, by=case.contact, text="Demo: one more question.")
    assert Duty.objects.filter(case=case, kind=DutyKind.ANSWER_QUESTION).count() == 2


def timer_of(case):
    return Task.objects.get(
        process__run__case=case, flow_task_type="TIMER", status="SCHEDULED"
    ).scheduled


def test_while_our_answer_is_late_time_does_not_run_out_and_dates_move_after(made):
    case = acts.reached(world.acknowledged_case(made))
    actions.write_message(case=case, by=case.contact, text="Demo: which producer?")
    asked = of(case, DutyKind.ANSWER_QUESTION)

    with clock.at(case.lapse_at + timedelta(seconds=1)):
        actions.miss_due()
        assert queries.is_paused(case)
        assert timers.fire_due() == 0
        assert acts.fresh(case).stage == Stage.ANSWERING
        later = acts.fresh(case)
        stood = clock.now() - asked.due_at
        actions.write_message(case=later, by=made.analyst, text="Demo: that of the yarn.")

    after = acts.fresh(case)
    assert after.due_at >= later.due_at + stood
    # as long as our answer was late, and out of the quiet time around the new year
    moved = ladder.shifted(
        (later.due_at, later.lapse_at), stood, later.days_to_lapse, later.policy, later.place
    )
    assert (after.due_at, after.lapse_at) == moved
    assert timer_of(after) == after.lapse_at
    assert queries.is_paused(after) is False
    assert len(events(case, "case.clock_moved")) == 1


def test_an_answer_in_time_moves_no_date(made):
    case = world.acknowledged_case(made)
    actions.write_message(case=case, by=case.contact, text="Demo: which producer?")

    actions.write_message(case=case, by=made.analyst, text="Demo: that of the yarn.")

    assert acts.fresh(case).due_at == case.due_at
    assert events(case, "case.clock_moved") == []


# What a reply, a list, a denial and an exit open


def test_a_site_that_is_new_opens_one_duty_and_an_old_one_none(made):
    case = world.submitted_case(made)
    duty = of(case, DutyKind.SITE_DILIGENCE)

    case = world.submit(acts.queried(case, made.analyst))

    assert duty.asked
    assert duty.about
    assert Duty.objects.filter(case=case, kind=DutyKind.SITE_DILIGENCE).count() == 1
    assert queries.unmet_duties(case) == []


def test_documents_shown_for_inspection_only_open_a_duty_to_go_and_see(made):
    case = world.submitted_case(made, personas.wants_confidentiality)

    duty = of(case, DutyKind.INSPECT)

    assert duty.about == "At our office in Shaoxing, Demo Road 1."
    assert duty.due_at == days(case, 20)


@pytest.mark.parametrize("key", ["resold", "fate_unknown"])
def test_denied_goods_in_a_reply_are_told_to_counsel_at_once(made, key):
    case = world.issued_case(made)

    duty_opening.from_submission(case, signed(case, findings=[key]), case.contact)

    assert of(case, DutyKind.HOLD_GOODS).due_at == days(case, 1)
    told = OutboxMessage.objects.get(purpose="goods_denied")
    assert told.recipient == made.counsel


def test_a_denial_of_our_own_is_logged_once_and_told_to_counsel(made):
    for _time in range(2):
        duty = actions.log_denial(
            buyer=made.buyer, by=made.analyst, about="Demo entry 7, held at the port."
        )
    another = actions.log_denial(buyer=made.buyer, by=made.analyst, about="Demo entry 8, too.")

    assert (duty.case, duty.clause, duty.kind) == (None, "C2", "HOLD_GOODS")
    assert another != duty
    assert OutboxMessage.objects.filter(purpose="goods_denied").count() == 2
    with pytest.raises(Refused):
        actions.log_denial(buyer=made.buyer, by=made.manager, about="Demo entry 9.")


def test_a_new_list_asks_to_look_through_the_tiers_anew(made):
    # the world's own list opened the first
    duty = Duty.objects.get(buyer=made.buyer, kind=DutyKind.MAP_TIERS)

    assert (duty.clause, duty.case) == ("A", None)


def test_an_exit_asks_for_its_assessment_and_payment_but_b1_for_none(made):
    case = world.submitted_case(made)
    pay_by = clock.now() + timedelta(days=90)

    duty_opening.open_for_exit(case, made.analyst, immediate=True, key="b1")
    assert queries.unmet_duties(case, HOLDS_PLAN) == []
    duty_opening.open_for_exit(case, made.analyst, immediate=False, key="b5")
    duty_opening.open_for_exit_approved(case, made.approver, key="b5", pay_by=pay_by)

    assert queries.unmet_duties(case, HOLDS_PLAN) == [
        "Assess the impact, give notice (B5): neither met nor waived."
    ]
    assert queries.unmet_duties(case, HOLDS_COMPLETION) == [
        "Pay finished and in-progress orders (B5): neither met nor waived."
    ]
    assert of(case, DutyKind.PAY_ORDERS).due_at == pay_by
    assert queries.unmet_duties(case) == []


def test_once_trade_has_ended_goods_held_back_are_still_owed_and_sites_no_more(made):
    case = leaving.wound_down(made)
    sites = of(case, DutyKind.SITE_DILIGENCE)
    duty_opening.opened(of=case, kind=DutyKind.HOLD_GOODS, by=made.analyst, key="denial")
    duty_opening.question_asked(case, case.contact, key="late")

    actions.complete_exit(
        case=case, task=engine.open_task(case), by=made.approver, reason="All was done."
    )

    assert [one.kind for one in Duty.objects.pending().filter(case=case)] == ["HOLD_GOODS"]
    sites.refresh_from_db()
    assert (sites.state, sites.is_moot, sites.settled_by) == (DutyState.MET, True, made.approver)
    with clock.at(sites.due_at + timedelta(days=1)):
        actions.miss_due()
    late = OutboxMessage.objects.filter(purpose="duty_missed", chain=case.chain)
    assert {mail.recipient for mail in late} == {made.approver, made.second_approver}
    assert len(events(case, "duty.moot")) == 1

    # it comes back one day, and signs the same sites
    frozen = case.response.submissions.latest("number")
    frozen.number += 1
    duty_opening.from_submission(acts.fresh(case), frozen, case.contact)
    again = Duty.objects.pending().get(case=case, kind=DutyKind.SITE_DILIGENCE)
    assert again.asked == sites.asked


@pytest.mark.parametrize("ending", ["", Ending.DISSOLVED])
def test_what_is_withdrawn_or_closed_asks_nothing_more_of_us(made, ending):
    case, duty = acts.asked_for_help(made, acts.another(made))

    if ending:
        proof = leaving.closing_proof(case, made.approver)
        actions.close(
            case=case, by=made.approver, ending=ending, reason=leaving.REASON, proof=proof
        )
    else:
        actions.withdraw(case=case, by=made.manager, reason=leaving.REASON)

    duty.refresh_from_db()
    assert duty.is_moot
    assert not Duty.objects.pending().filter(case=case).exists()


def test_one_act_opens_a_duty_once(made):
    case = world.submitted_case(made)

    found = {
        duty_opening.opened(of=case, kind=DutyKind.INSPECT, by=made.analyst, key="demo").pk
        for _time in range(2)
    }

    assert len(found) == 1


def test_a_campaign_may_owe_something_too(made):
    duty = duty_opening.opened(
        of=made.campaign, kind=DutyKind.MAP_TIERS, by=made.manager, key="demo"
    )

    assert (duty.campaign, duty.buyer, duty.case) == (made.campaign, made.buyer, None)


# Importers


def test_an_importer_holds_one_standard_each_year_until_it_imports_no_more(made):
    for _time in range(2):
        actions.declare_importer(buyer=made.buyer, by=made.counsel, imports=True)
    duty = Duty.objects.get(kind=DutyKind.ONE_STANDARD)
    assert duty.due_at > clock.now() + timedelta(days=360)
    actions.meet_duty(duty=duty, by=made.analyst, how="The same rule in each market.")

    with clock.at(clock.now() + timedelta(days=366)):
        actions.open_yearly()
        actions.open_yearly()
        assert Duty.objects.filter(kind=DutyKind.ONE_STANDARD).count() == 2
        actions.declare_importer(buyer=made.buyer, by=made.approver, imports=False)

    last = Duty.objects.filter(kind=DutyKind.ONE_STANDARD).order_by("opened_at").last()
    assert (last.state, last.is_moot) == (DutyState.MET, True)
    assert Importer.objects.get().imports is False
    with pytest.raises(Refused):
        actions.declare_importer(buyer=made.buyer, by=made.analyst, imports=True)


# The clock


def test_the_tiers_are_mapped_each_year_where_cases_are_under_way(made):
    Duty.objects.all().delete()
    actions.open_yearly()
    assert Duty.objects.count() == 0

    world.issued_case(made)
    for _time in range(2):
        actions.open_yearly()

    assert Duty.objects.filter(kind=DutyKind.MAP_TIERS, case=None).count() == 1


def test_what_is_missed_is_told_to_approvers_then_to_the_administrator_and_moves_nothing(made):
    case, duty = acts.asked_for_help(made, acts.another(made))
    stage = acts.fresh(case).stage

    with clock.at(duty.due_at + timedelta(seconds=1)):
        actions.miss_due()
        actions.miss_due()
        missed_at = clock.now()
    duty.refresh_from_db()
    assert (duty.state, duty.missed_at, duty.told_at) == (DutyState.MISSED, missed_at, None)
    told = OutboxMessage.objects.filter(purpose="duty_missed", chain=case.chain)
    assert {mail.recipient for mail in told} == {made.approver, made.second_approver}
    assert queries.unmet_duties(case)

    with clock.at(missed_at + timedelta(days=5)):
        actions.miss_due()
    duty.refresh_from_db()
    assert duty.told_at is None  # five working days are more than five days

    with clock.at(missed_at + timedelta(days=9)):
        actions.miss_due()
        actions.miss_due()
    still = OutboxMessage.objects.get(purpose="duty_missed_still", chain=case.chain)
    assert still.recipient == made.administrator
    assert acts.fresh(case).stage == stage


def test_a_late_duty_is_still_met(made):
    _case, duty = acts.asked_for_help(made, acts.another(made))
    with clock.at(duty.due_at + timedelta(seconds=1)):
        actions.miss_due()
        actions.meet_duty(duty=duty, by=made.analyst, how="Two mills were named.", tell="Demo.")

    duty.refresh_from_db()
    assert (duty.state, bool(duty.missed_at)) == (DutyState.MET, True)


def test_a_tick_with_nothing_due_costs_four_queries(made):
    case = world.issued_case(made)
    ticks.duties()

    with CaptureQueriesContext(connection) as spent:
        ticks.duties()

    assert len(spent) == 4
    assert acts.fresh(case).stage == Stage.INSTRUCTED


def test_no_clock_of_ours_leads_a_case_anywhere(made):
    case, _duty = acts.asked_for_help(made, acts.another(made))
    before = Case.objects.filter(pk=case.pk).values().get()

    with clock.at(clock.now() + timedelta(days=400)):
        ticks.duties()

    assert Case.objects.filter(pk=case.pk).values().get() == before


# The register


def test_the_register_puts_first_what_is_due_first_and_mine_is_my_roles(made):
    case, duty = acts.asked_for_help(made, acts.another(made))
    own = [made.buyer.pk]

    found = list(queries.duty_register(made.analyst, own, "open"))
    mine = set(queries.duty_register(made.analyst, own, "mine"))
    approvers = set(queries.duty_register(made.approver, own, "mine"))

    moments = [one.due_at for one in found]
    assert moments == sorted(moments)
    assert duty in mine
    assert duty not in approvers
    assert queries.count_mine(made.analyst, own) == len(mine)
    settled = queries.duty_register(made.analyst, own, "settled")
    assert {one.kind for one in settled} == {"DIRECT", "INSTRUCT", "ENCOURAGE"}
    actions.take_duty(duty=duty, by=made.analyst)
    other = set(queries.duty_register(made.approver, own, "mine"))
    assert duty not in other
    assert queries.duties_of(case)[0].is_pending


def test_the_tiers_that_are_late_are_named_for_campaigns(made):
    assert queries.missed_mapping(made.buyer.pk) is None

    with clock.at(clock.now() + timedelta(days=60)):
        actions.miss_due()

    assert queries.missed_mapping(made.buyer.pk).kind == DutyKind.MAP_TIERS
