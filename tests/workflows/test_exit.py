"""An exit step by step: what it may rest on, who decides it, what takes it back."""

from datetime import timedelta

import pytest

from documents.enums import Grade
from portal import clock, ledger
from portal.access import Conflict, Refused
from portal.enums import Role, Wording
from portal.models import OutboxMessage
from questionnaires.enums import ResponseState
from tests.factories.portal import MembershipFactory, UserFactory
from tests.questionnaires import personas
from tests.workflows import acts, leaving, remedies, world
from tests.workflows.test_engine import stands
from workflows import actions, clauses, engine, queries, timers
from workflows.enums import (
    Ending,
    ExitRole,
    ExitTrack,
    FindingState,
    LetterKind,
    Limbs,
    Outcome,
    ReplyCode,
    Stage,
    Trading,
    Verb,
)
from workflows.models import (
    Case,
    Closure,
    Decision,
    ExitConsent,
    ExitPlan,
    ExitReview,
    Finding,
    Policy,
    SentLetter,
)
from workflows.queries import exits

pytestmark = pytest.mark.django_db

REASON = leaving.REASON


@pytest.fixture
def made():
    return world.world()


def letters(case):
    """The kinds of the letters since the supplier acknowledged the instruction."""
    rows = SentLetter.objects.filter(case=case).exclude(kind=LetterKind.ACKNOWLEDGEMENT)
    return list(rows.order_by("written_at").values_list("kind", flat=True))


def events(case, *prefixes):
    rows = case.chain.entries.order_by("seq").values_list("event", flat=True)
    return [one for one in rows if one.startswith(prefixes)]


def told(case, purpose="exit_told"):
    rows = OutboxMessage.objects.filter(chain_id=case.chain_id, purpose=purpose)
    return set(rows.values_list("recipient_id", flat=True))


def propose(made, case, ground=Outcome.B3, by=None):
    return actions.propose_exit(
        case=case,
        task=engine.open_task(case),
        by=by or made.analyst,
        proposal=leaving.proposal(ground),
    )


def grounds(case):
    case = acts.fresh(case)
    return [one.outcome for one in exits.grounds(case, queries.standing(case))]


# What an exit may rest on


def test_a_finding_that_nobody_confirmed_is_no_ground(made):
    case = world.submitted_case(made, personas.takes_part_in_transfers)
    before = acts.rows()

    assert grounds(case) == []
    with pytest.raises(Conflict, match="not confirmed"):
        propose(made, case)
    assert acts.rows() == before

    case = leaving.confirmed(made, case, "B3")
    assert grounds(case) == [Outcome.B3]
    with pytest.raises(Conflict, match="not confirmed"):
        propose(made, case, Outcome.B2)


@pytest.mark.parametrize("limbs", list(Limbs))
def test_a_confirmed_refusal_is_a_ground_as_the_policy_reads_b5(made, limbs):
    case = leaving.refused(made)
    Policy.objects.filter(pk=case.policy_id).update(b5_limbs=limbs)

    # the proof limb waits for a plan, so alone the refusal is an open point under "both"
    assert grounds(case) == ([Outcome.B5_AGREEMENT] if limbs == Limbs.EITHER else [])


def test_no_reply_at_all_fails_both_limbs_once_a_person_read_it_so(made):
    case = leaving.silent(made)
    assert grounds(case) == []

    actions.set_reply_code(case=case, by=made.analyst, code=ReplyCode.NO_REPLY, reason=REASON)

    assert grounds(case) == [Outcome.B5_AGREEMENT, Outcome.B5_PROOF]
    case = acts.fresh(case)
    propose(made, case, Outcome.B5_PROOF)
    assert leaving.plan_of(case).limb == "proof"
    assert stands(case)
    # nobody answered: the form is as open as it was
    assert acts.fresh(case).response.state == ResponseState.OPEN


def test_the_proof_limb_is_a_ground_only_after_a_plan_was_agreed(made):
    case = world.submitted_case(made)
    assert not queries.standing(case).proves
    assert grounds(case) == []

    # while it runs, nothing is spent
    case = remedies.reported(remedies.planned(made, case), "s1")
    assert grounds(case) == []

    actions.close_plan(case=case, by=made.approver, reason=REASON)

    assert grounds(case) == [Outcome.B5_PROOF]


def test_the_engine_proposes_the_proof_limb_once_plan_and_grades_are_spent(made):
    case = remedies.reported(remedies.planned(made, world.submitted_case(made)), "s1")

    def proposed():
        for finding in queries.standing(case).blocking:
            actions.judge_finding(
                finding=finding, by=made.analyst, state=FindingState.DISMISSED, reason=REASON
            )
        return queries.standing(acts.fresh(case)).outcome

    assert proposed() == Outcome.OPEN_POINT
    actions.close_plan(case=case, by=made.approver, reason=REASON)
    assert proposed() == Outcome.OPEN_POINT  # documents wait for a grade
    for claim in queries.standing(case).claims:
        for proof in claim.proofs:
            actions.grade_proof(
                proof=proof, by=made.analyst, grade="C", counts=True, reason=REASON
            )

    assert proposed() == Outcome.B5_PROOF
    # what was tried a round ago is no try of this one
    Case.objects.filter(pk=case.pk).update(asked_at=clock.now() + timedelta(seconds=1))
    assert not queries.is_plan_spent(acts.fresh(case))


def test_what_counsel_holds_stands_in_the_way_of_b5_and_not_of_b3(made):
    refusing = leaving.refused(made)
    Case.objects.filter(pk=refusing.pk).update(reply_code=ReplyCode.LEGAL_CONSTRAINT_CLAIMED)
    placing = leaving.transfers(made, supplier=acts.another(made))
    Case.objects.filter(pk=placing.pk).update(reply_code=ReplyCode.LEGAL_CONSTRAINT_CLAIMED)

    with pytest.raises(Conflict, match="Counsel has not yet closed"):
        propose(made, acts.fresh(refusing), Outcome.B5_AGREEMENT)

    propose(made, acts.fresh(placing))
    assert acts.fresh(placing).stage == Stage.EXIT_REVIEW


def test_an_immediate_exit_rests_on_the_companys_own_confirmed_location(made):
    case = world.submitted_case(made, personas.site_in_the_region)
    page = {"by": made.analyst, "proposal": leaving.proposal(Outcome.B1)}
    with pytest.raises(Conflict, match="not confirmed"):
        actions.propose_immediate_exit(case=case, task=engine.open_task(case), **page)

    elsewhere = world.submitted_case(
        made, personas.producer_in_the_region, supplier=acts.another(made)
    )
    elsewhere = leaving.confirmed(made, elsewhere, "B1")
    assert Finding.objects.filter(case=elsewhere, clause="B1", state="CONFIRMED").exists()
    with pytest.raises(Conflict, match="not confirmed"):
        actions.propose_immediate_exit(case=elsewhere, task=engine.open_task(elsewhere), **page)


def test_no_clock_and_no_engine_leads_into_an_exit_or_on_in_it(made):
    """All that time may do is done, a year on: every exit stands where people left it."""
    cases = [
        leaving.proposed(made),
        leaving.immediate(made, whole=False, supplier=acts.another(made)),
        leaving.approved(made, supplier=acts.another(made)),
        leaving.transfers(made, supplier=acts.another(made)),
    ]
    before = [(one.stage, one.trading, one.proposed_by_id) for one in cases]

    with clock.at(clock.now() + timedelta(days=400)):
        assert timers.fire_due() == 0

    fresh = [acts.fresh(one) for one in cases]
    assert [(one.stage, one.trading, one.proposed_by_id) for one in fresh] == before
    assert all(stands(one) for one in cases)


# Proposing


def test_proposing_asks_for_a_reply_and_decides_nothing(made):
    case = leaving.proposed(made)
    plan = leaving.plan_of(case)

    assert (case.stage, case.trading, case.exit_track) == (
        Stage.EXIT_REVIEW,
        Trading.OPEN,
        ExitTrack.RESPONSIBLE,
    )
    assert (plan.ground, plan.clause, plan.limb) == ("B3", "B3", "")
    assert {one["clause"] for one in plan.findings} == {"B3"}
    assert "transfer" in {one["key"] for one in plan.findings}
    assert plan.reply_by_at == exits.reply_by(case)
    assert case.next_act_at > plan.reply_by_at
    assert letters(case) == [LetterKind.EXIT_PROPOSAL]
    letter = SentLetter.objects.get(case=case, kind=LetterKind.EXIT_PROPOSAL)
    assert "B3" in letter.text
    assert told(case) == {
        made.approver.pk, made.second_approver.pk, made.counsel.pk,
    }  # fmt: skip
    # what was signed is open again, for whoever changes their mind
    assert case.response.state == ResponseState.OPEN
    assert stands(case)


def test_in_traceability_wording_the_letters_name_no_clause(made):
    case = leaving.approved(made, wording=Wording.TRACEABILITY)

    texts = SentLetter.objects.filter(case=case).values_list("text", flat=True)
    assert letters(case) == [LetterKind.EXIT_PROPOSAL, LetterKind.DISENGAGEMENT]
    assert not any("B3" in text or "Call to Action" in text for text in texts)


def test_an_immediate_exit_has_48_hours_and_says_nothing_to_the_company(made):
    case = leaving.located(made)
    with clock.at(clock.now()):
        actions.propose_immediate_exit(
            case=case,
            task=engine.open_task(case),
            by=made.analyst,
            proposal=leaving.proposal(Outcome.B1),
        )
        case = acts.fresh(case)
        due = clock.now() + timedelta(hours=clauses.IMMEDIATE_HOURS)

    assert (case.stage, case.next_act_at) == (Stage.EXIT_APPROVAL, due)
    assert letters(case) == []
    to_supplier = OutboxMessage.objects.filter(
        chain_id=case.chain_id, recipient=case.contact, written_at__gte=case.proposed_at
    )
    assert not to_supplier.exists()
    assert set(leaving.plan_of(case).not_applicable) == {"before", "leaving", "staying"}


# The plan


def test_a_plan_is_saved_at_any_time_and_counts_its_saves(made):
    case = leaving.proposed(made)

    plan = actions.save_exit_plan(
        case=case, by=made.analyst, values={"leverage": "Talks."}, not_applicable={}, rev=0
    )
    with pytest.raises(actions.PlanBehind, match="saved this plan after") as behind:
        actions.save_exit_plan(
            case=case, by=made.analyst, values={"leverage": "Other."}, not_applicable={}, rev=0
        )

    assert (plan.rev, behind.value.plan.rev, behind.value.plan.leverage) == (1, 1, "Talks.")
    assert len(plan.lacks()) > 20
    assert len(events(case, "exit_plan.saved")) == 1


def test_a_plan_is_presented_once_it_is_whole_and_the_reply_answered(made):
    case = leaving.proposed(made)
    page = {"by": made.analyst, "reason": REASON}

    def present():
        return actions.present_plan(
            case=case, task=engine.open_task(case), rev=leaving.plan_of(case).rev, **page
        )

    with pytest.raises(Conflict, match="If we leave: How many people"):
        present()
    case = leaving.written(made, case)
    with pytest.raises(Conflict, match="may still reply"):
        present()
    case = leaving.replied(made, case, answer=False)
    with pytest.raises(Conflict, match="not answered yet: 1"):
        present()
    actions.answer_exit_reply(
        case=case, by=made.analyst, reply=leaving.first_reply(case), text="We read it."
    )
    present()

    case = acts.fresh(case)
    assert (case.stage, leaving.plan_of(case).presented_by) == (
        Stage.EXIT_APPROVAL,
        made.analyst,
    )
    with pytest.raises(Conflict):
        actions.save_exit_plan(
            case=case, by=made.analyst, values={"leverage": "x"}, not_applicable={}, rev=1
        )


def test_silence_counts_only_once_the_letter_was_accepted_or_a_contact_reached(made):
    case = leaving.written(made, leaving.proposed(made))
    plan = leaving.plan_of(case)
    later = plan.reply_by_at + timedelta(seconds=1)

    def waits():
        return exits.why_not_presented(case, plan, exits.replies(plan), later)

    assert "reach it" in waits()[0]
    leaving.letter_accepted(case)
    assert waits() == []


def test_a_contact_that_reached_the_company_stands_for_the_letter(made):
    case = leaving.written(made, leaving.proposed(made))
    plan = leaving.plan_of(case)
    actions.log_contact(case=case, by=made.analyst, contacted=acts.contacted())

    later = plan.reply_by_at + timedelta(seconds=1)
    assert exits.why_not_presented(case, plan, [], later) == []


def test_words_that_the_wording_must_not_say_keep_a_plan_from_being_presented(made):
    case = leaving.written(made, leaving.proposed(made, wording=Wording.TRACEABILITY))
    plan = leaving.plan_of(case)
    plan.notice_text, plan.payment = "Goods from Xinjiang.", "Paid by the UFLPA."
    plan.save()

    assert {one.name for one in actions.exit_lacks(case, plan)} == {"notice_text", "payment"}
    assert any("Xinjiang" in one.sentence for one in actions.exit_lacks(case, plan))


def test_days_that_have_passed_keep_a_plan_from_being_decided(made):
    case = leaving.presented(made)
    plan = leaving.plan_of(case)
    plan.ends_on = plan.last_order_on - timedelta(days=1)
    plan.save()
    assert [one.name for one in actions.exit_lacks(case, plan)] == ["ends_on"]

    with clock.at(clock.now() + timedelta(days=90)), pytest.raises(Conflict, match="has passed"):
        leaving.approve(case, made.approver)


def test_on_the_immediate_track_what_does_not_apply_needs_its_reason(made):
    case = leaving.immediate(made, whole=False)
    plan = leaving.plan_of(case)
    assert {one.name for one in plan.lacks()} >= {"stock", "severance", "reentry_b1"}
    assert not {one.name for one in plan.lacks()} & {"leaving_who", "leverage", "last_order_on"}

    with pytest.raises(Conflict, match="Winding down"):
        leaving.approve(case, made.approver)
    actions.save_exit_plan(
        case=case, by=made.analyst, values={}, not_applicable={"before": "B1."}, rev=0
    )

    assert "leaving_who" in {one.name for one in leaving.plan_of(case).lacks()}


# Three people


def test_an_exit_takes_three_people_in_either_order(made):
    case = leaving.approve(leaving.presented(made), made.counsel, ExitRole.COUNSEL)

    assert case.stage == Stage.EXIT_APPROVAL
    assert letters(case) == [LetterKind.EXIT_PROPOSAL]

    case = leaving.approve(case, made.second_approver)

    assert (case.stage, case.trading) == (Stage.WINDING_DOWN, Trading.OPEN)
    people = ExitConsent.objects.filter(plan__case=case).values_list("role", "by_id")
    assert set(people) == {("COUNSEL", made.counsel.pk), ("APPROVER", made.second_approver.pk)}
    assert letters(case)[-1] == LetterKind.DISENGAGEMENT
    assert case.response.state == ResponseState.SUBMITTED
    assert case.next_act_at <= clock.now() + timedelta(days=8)
    assert stands(case)
    assert ledger.verify(case.chain).is_intact


@pytest.mark.parametrize("pair", ["proposer", "presenter", "approver twice", "both roles"])
def test_two_of_the_three_being_one_person_is_refused(made, pair):
    """The rule, as the action asks it: no page stands before it."""
    everybody = UserFactory(
        holds=[(role, made.buyer) for role in (Role.ANALYST, Role.APPROVER, Role.COUNSEL)]
    )
    if pair == "proposer":
        made.analyst, proposer = everybody, everybody
        case = leaving.presented(made)
        assert case.proposed_by == proposer
    elif pair == "presenter":
        case = leaving.replied(made, leaving.written(made, leaving.proposed(made)))
        actions.present_plan(
            case=case,
            task=engine.open_task(case),
            by=everybody,
            reason=REASON,
            rev=leaving.plan_of(case).rev,
        )
        case = acts.fresh(case)
    else:
        case = leaving.approve(leaving.presented(made), everybody)
    before = acts.rows()

    role = ExitRole.COUNSEL if pair == "both roles" else ExitRole.APPROVER
    with pytest.raises((Refused, Conflict)):
        leaving.approve(case, everybody, role)

    assert acts.rows() == before
    assert acts.fresh(case).stage == Stage.EXIT_APPROVAL


def test_a_person_agrees_once_and_a_role_agrees_once(made):
    case = leaving.agreed(made)

    with pytest.raises(Conflict, match="You agreed already"):
        leaving.approve(case, made.approver)
    with pytest.raises(Conflict, match="counsel's concurrence is missing"):
        leaving.approve(case, made.second_approver)
    with pytest.raises(Refused, match="do not hold the role"):
        leaving.approve(case, made.second_approver, ExitRole.COUNSEL)


def test_an_approver_who_was_removed_meanwhile_is_refused(made):
    case = leaving.presented(made)
    made.approver.memberships.update(ended_at=clock.now())
    removed = type(made.approver).objects.get(pk=made.approver.pk)

    with pytest.raises(Refused, match="Only an approver and counsel"):
        leaving.approve(case, removed)


def test_agreeing_to_a_plan_that_was_saved_since_is_a_conflict(made):
    case = leaving.immediate(made)
    word = leaving.word(case)
    actions.save_exit_plan(
        case=case, by=made.analyst, values={"stock": "In Demo Port."}, not_applicable={}, rev=1
    )

    with pytest.raises(Conflict, match="changed since you opened it"):
        actions.approve_exit(case=case, task=engine.open_task(case), by=made.approver, word=word)

    case = leaving.written(made, case)
    case = leaving.approve(case, made.approver)
    with pytest.raises(Conflict, match="agreed to this plan already"):
        actions.save_exit_plan(
            case=case, by=made.analyst, values={"stock": "Else."}, not_applicable={}, rev=3
        )


def test_an_immediate_exit_ends_trade_with_its_notice(made):
    case = leaving.approved(made, at_once=True)

    assert (case.stage, case.trading) == (Stage.WINDING_DOWN, Trading.ENDED)
    assert letters(case) == [LetterKind.EXIT_NOTICE]
    assert stands(case)


def test_proof_that_comes_in_meanwhile_leaves_a_proposed_exit_as_it_is(made):
    case = leaving.agreed(made)

    actions.log_evidence(case=case, by=made.analyst, logged=acts.logged_file())

    case = acts.fresh(case)
    assert case.proposed_by == made.analyst
    assert leaving.approve(case, made.counsel, ExitRole.COUNSEL).stage == Stage.WINDING_DOWN


def test_a_letter_other_than_the_one_read_is_not_sent(made):
    case = leaving.agreed(made)
    before = acts.rows()

    with pytest.raises(Conflict, match="changed since it was shown"):
        actions.approve_exit(
            case=case,
            task=engine.open_task(case),
            by=made.counsel,
            word=leaving.word(case, ExitRole.COUNSEL),
            seen="0" * 64,
        )

    assert acts.rows() == before


# Taken back


@pytest.mark.parametrize("who", ["approver", "counsel"])
def test_either_returns_an_exit_also_after_the_other_agreed(made, who):
    case = leaving.presented(made)
    other = {"approver": "counsel", "counsel": "approver"}[who]
    case = leaving.approve(case, getattr(made, other), ExitRole(other.upper()))

    actions.return_exit(
        case=case,
        task=engine.open_task(case),
        by=getattr(made, who),
        reason=REASON,
        advice="A word apart.",
        facts=leaving.HALTED,
    )

    case, plan = acts.fresh(case), leaving.plan_of(case)
    assert (case.stage, case.proposed_by, case.exit_track) == (Stage.REVIEW, None, "")
    assert (plan.ended_as, exits.plan_of(case)) == (Verb.RETURN_EXIT, None)
    assert letters(case)[-1] == LetterKind.EXIT_HALTED
    assert case.response.state == ResponseState.SUBMITTED
    assert case.last_verb == Verb.RETURN_EXIT
    assert stands(case)
    counsel_text = Decision.objects.get(case=case, verb=Verb.RETURN_EXIT).counsel_text
    assert counsel_text == "A word apart."


def test_an_immediate_exit_returned_is_told_to_nobody_outside(made):
    case = leaving.immediate(made)
    actions.return_exit(case=case, task=engine.open_task(case), by=made.counsel, reason=REASON)

    assert (acts.fresh(case).stage, letters(case)) == (Stage.REVIEW, [])


def test_a_reply_is_accepted_only_where_there_is_one(made):
    case = leaving.proposed(made)
    page = {"by": made.approver, "reason": REASON, "facts": leaving.HALTED}
    with pytest.raises(Conflict, match="has not replied"):
        actions.accept_reply(case=case, task=engine.open_task(case), **page)

    case = leaving.replied(made, case)
    actions.accept_reply(case=case, task=engine.open_task(case), **page)

    assert acts.fresh(case).stage == Stage.REVIEW
    assert letters(case) == [LetterKind.EXIT_PROPOSAL, LetterKind.EXIT_HALTED]
    assert stands(case)


def test_an_exit_proposed_again_carries_over_what_was_written(made):
    case = leaving.presented(made)
    actions.return_exit(
        case=case,
        task=engine.open_task(case),
        by=made.counsel,
        reason=REASON,
        facts=leaving.HALTED,
    )
    propose(made, acts.fresh(case), by=made.approver)

    plan = leaving.plan_of(case)
    assert ExitPlan.objects.filter(case=case).count() == 2
    assert (plan.leaving_who, plan.reply_weighed, plan.rev) == (
        "Demo words on leaving who.",
        "",
        0,
    )
    assert plan.presented_at is None
    assert exits.consents(plan, Verb.APPROVE_EXIT) == []
    # this time an approver proposed, so the other one decides
    case = leaving.replied(made, leaving.written(made, acts.fresh(case)))
    actions.present_plan(
        case=case, task=engine.open_task(case), by=made.analyst, reason=REASON, rev=1
    )
    with pytest.raises(Refused, match="You proposed this"):
        leaving.approve(acts.fresh(case), made.approver)
    assert leaving.approve(acts.fresh(case), made.second_approver).stage == Stage.EXIT_APPROVAL


@pytest.mark.parametrize("stage", ["EXIT_REVIEW", "EXIT_APPROVAL", "immediate"])
def test_a_signed_answer_takes_an_exit_back_until_it_is_approved(made, stage):
    build = {
        "EXIT_REVIEW": leaving.proposed,
        "EXIT_APPROVAL": leaving.agreed,
        "immediate": leaving.immediate,
    }[stage]
    case = build(made)
    assert rules_say_open(case)
    world.answer(case)

    case = world.submit(case)

    assert (case.stage, case.proposed_by, case.exit_track) == (Stage.REVIEW, None, "")
    assert leaving.plan_of(case).ended_as == Verb.SUBMIT_LATE
    assert (case.last_verb, case.response.state) == (Verb.SUBMIT_LATE, ResponseState.SUBMITTED)
    assert stands(case)
    assert told(case) >= {made.approver.pk, made.counsel.pk}


def rules_say_open(case):
    from workflows import rules

    return rules.may_still_answer(case)


def test_a_company_that_refused_may_agree_by_the_whole_form(made):
    """It had signed section 5 alone; until the exit is approved everything is open to it."""
    case = leaving.proposed(made, Outcome.B5_AGREEMENT)
    world.answer(case)

    case = world.submit(case)

    assert case.stage == Stage.REVIEW
    assert case.response.submissions.count() == 2
    assert queries.standing(case).outcome != Outcome.B5_AGREEMENT or Finding.objects.filter(
        case=case, state=FindingState.CONFIRMED
    )


def test_after_approval_nothing_can_be_signed_and_what_was_typed_is_kept(made):
    case = leaving.agreed(made)
    world.answer(case)
    signature = world.signature(case, case.signatory)
    task = engine.open_task(case)
    case = leaving.approve(case, made.counsel, ExitRole.COUNSEL)

    with pytest.raises(Conflict):
        actions.submit(case=case, task=task, by=case.signatory, signature=signature)

    assert acts.fresh(case).stage == Stage.WINDING_DOWN
    assert case.response.documents.exclude(data={"answers": {}}).exists()


# Winding down


def test_halting_takes_an_approver_and_counsel(made):
    case = leaving.approved(made)
    page = {"task": engine.open_task(case), "word": leaving.word(case)}
    actions.halt_exit(case=case, by=made.approver, **page)

    assert acts.fresh(case).stage == Stage.WINDING_DOWN
    with pytest.raises(Conflict, match="You agreed already"):
        actions.halt_exit(case=case, by=made.approver, **page)
    second = {
        "case": case,
        "task": engine.open_task(case),
        "by": made.counsel,
        "word": leaving.word(case, ExitRole.COUNSEL),
    }
    with pytest.raises(Conflict, match="read the letter"):
        actions.halt_exit(**second)
    actions.halt_exit(**second, facts=leaving.HALTED | {"was_notified": True})

    case = acts.fresh(case)
    assert (case.stage, leaving.plan_of(case).ended_as) == (Stage.REVIEW, Verb.HALT_EXIT)
    assert letters(case)[-1] == LetterKind.EXIT_HALTED
    assert "is halted" in SentLetter.objects.filter(case=case).latest("written_at").text
    assert stands(case)


def test_a_company_that_never_answered_finds_its_form_open_after_a_halt(made):
    case = leaving.unanswered(made)
    propose(made, case, Outcome.B5_AGREEMENT)
    case = leaving.replied(made, leaving.written(made, acts.fresh(case)))
    actions.present_plan(
        case=case, task=engine.open_task(case), by=made.analyst, reason=REASON, rev=1
    )
    case = leaving.approve(acts.fresh(case), made.approver)
    case = leaving.approve(case, made.counsel, ExitRole.COUNSEL)
    assert case.response.state == ResponseState.CLOSED

    for by, role in ((made.approver, ExitRole.APPROVER), (made.counsel, ExitRole.COUNSEL)):
        actions.halt_exit(
            case=case,
            task=engine.open_task(case),
            by=by,
            word=leaving.word(case, role),
            facts=leaving.HALTED | {"was_notified": True},
        )

    case = acts.fresh(case)
    assert (case.stage, case.response.state) == (Stage.REVIEW, ResponseState.OPEN)
    assert rules_say_open(case)
    assert stands(case)


def test_an_exit_is_complete_once_the_checklist_is_met_and_somebody_looked(made):
    case = leaving.approved(made)

    def complete():
        actions.complete_exit(
            case=case, task=engine.open_task(case), by=made.approver, reason=REASON
        )

    with pytest.raises(Conflict, match=r"Invoices are paid; .*weekly look"):
        complete()
    for key in ("notice", "orders", "invoices", "severance", "stock", "links"):
        actions.meet_exit_point(case=case, by=made.analyst, key=key, applies=True, note=REASON)
    with pytest.raises(Conflict, match=r"^Still missing: The weekly look"):
        complete()
    actions.look_at_exit(case=case, by=made.analyst, note=REASON)
    with clock.at(clock.now() + timedelta(days=8)), pytest.raises(Conflict, match="weekly look"):
        complete()
    complete()

    case = acts.fresh(case)
    assert (case.stage, case.trading) == (Stage.DISENGAGED, Trading.ENDED)
    reviews = list(ExitReview.objects.filter(plan__case=case).order_by("months"))
    assert [one.months for one in reviews] == [3, 6, 12]
    assert case.next_act_at == reviews[0].due_at
    assert stands(case)


def test_a_point_met_again_keeps_its_last_note_and_no_other_point_is_known(made):
    case = leaving.approved(made)
    act = {"case": case, "by": made.analyst, "key": "invoices"}
    actions.meet_exit_point(**act, applies=True, note="Paid in June, says the bank.")
    actions.meet_exit_point(**act, applies=True, note="Paid in June, says the bank.")
    step = actions.meet_exit_point(**act, applies=False, note="Nothing was owed at all.")

    assert (step.applies, step.note) == (False, "Nothing was owed at all.")
    assert len(events(case, "exit_plan.point_met")) == 2
    with pytest.raises(Conflict, match="no point of the checklist"):
        actions.meet_exit_point(case=case, by=made.analyst, key="x", applies=True, note=REASON)


# Afterwards


def test_effects_are_looked_at_when_they_are_due_and_once(made):
    case = leaving.left(made)
    first = leaving.review(case, 3)
    act = {"case": case, "by": made.analyst, "review": first, "effects": leaving.effects()}

    with pytest.raises(Conflict, match="too early"):
        actions.review_exit(**act)
    with clock.at(first.due_at):
        actions.review_exit(**act)
        with pytest.raises(Conflict, match="done already"):
            actions.review_exit(**act)

    assert acts.fresh(case).next_act_at == leaving.review(case, 6).due_at
    case = leaving.reviewed(made, case, 6, 12)
    assert case.next_act_at is None
    assert queries.waiting_for(case).act == ""


def test_reentry_waits_for_graded_proof_and_the_review_after_six_months(made):
    case = leaving.left(made)
    page = {"case": case, "by": made.approver, "reason": REASON, "facts": leaving.REENTRY}

    with pytest.raises(Conflict, match=r"No record of grade A.* six months"):
        actions.open_reentry(**page)
    case = leaving.reviewed(made, case, 3, 6)
    with pytest.raises(Conflict, match="No record of grade A"):
        actions.open_reentry(**page)
    # on a responsible exit there is no mistake about a location to speak of
    with pytest.raises(Conflict, match="No record of grade A"):
        actions.open_reentry(**page, is_mistake=True)
    leaving.proven(made, case)
    actions.open_reentry(**page)

    case = acts.fresh(case)
    assert (case.stage, case.ended_at, case.exit_track) == (Stage.REVIEW, None, "")
    assert letters(case)[-1] == LetterKind.REENTRY
    assert case.trading == Trading.ENDED
    assert stands(case)


def test_a_mistake_about_the_location_opens_the_way_back_at_any_time(made):
    case = leaving.left(made, at_once=True)
    page = {
        "case": case,
        "by": made.approver,
        "reason": REASON,
        "facts": leaving.REENTRY,
        "is_mistake": True,
    }
    with pytest.raises(Conflict, match="Nobody has shown"):
        actions.open_reentry(**page)

    leaving.replied(made, case, answer=False, is_mistake=True)
    assert told(case) >= {made.analyst.pk, made.approver.pk, made.counsel.pk}
    actions.open_reentry(**page)

    assert acts.fresh(case).stage == Stage.REVIEW


def clear(case, by):
    actions.clear(
        case=case, task=engine.open_task(case), by=by, reason=REASON, knows_unscanned=True
    )
    return acts.fresh(case)


def test_a_company_that_was_left_is_cleared_by_two_and_counsel(made):
    case = leaving.recommended_again(made)
    both = UserFactory(holds=[(Role.APPROVER, made.buyer), (Role.COUNSEL, made.buyer)])

    with pytest.raises(Conflict, match="counsel must concur first"):
        clear(case, made.approver)
    actions.concur_clear(case=case, task=engine.open_task(case), by=both, reason=REASON)
    with pytest.raises(Refused, match="You concurred as counsel"):
        clear(case, both)
    # a new recommendation takes a new word
    actions.recommend(
        case=acts.fresh(case), task=engine.open_task(case), by=made.analyst, reason=REASON
    )
    with pytest.raises(Conflict, match="counsel must concur first"):
        clear(acts.fresh(case), made.approver)
    case = acts.fresh(case)
    actions.concur_clear(case=case, task=engine.open_task(case), by=made.counsel, reason=REASON)
    case = clear(case, made.approver)

    assert case.stage == Stage.CLEARED
    assert exits.reentered(case) is None
    assert stands(case)


def test_counsel_concurs_only_after_a_reentry(made):
    case = world.recommended_case(made)

    with pytest.raises(Conflict, match="had not ended"):
        actions.concur_clear(
            case=case, task=engine.open_task(case), by=made.counsel, reason=REASON
        )


# The reply


def test_a_reply_is_kept_once_with_its_files_and_a_word_for_counsel(made):
    case = leaving.proposed(made)
    kept = actions.keep_reply_file(
        case=case,
        by=case.contact,
        file=acts.logged_file().file,
        described=acts.logged_file().described,
    )
    reply = actions.Reply("We changed agency.", files=[kept], for_counsel="CANARY for counsel.")

    first = actions.reply_to_exit(case=case, by=case.contact, reply=reply)
    again = actions.reply_to_exit(case=case, by=case.contact, reply=reply)

    assert first == again
    assert [one.pk for one in first.files.all()] == [kept.pk]
    assert told(case) >= {made.analyst.pk, made.counsel.pk}
    comment = case.response.comments.get(audience="COUNSEL")
    assert comment.text == "CANARY for counsel."
    assert acts.fresh(case).next_act_at > clock.now()


def test_a_reply_is_answered_once_and_told_to_the_company(made):
    case = leaving.replied(made, leaving.proposed(made))
    said = leaving.first_reply(case)

    act = {"case": case, "by": made.analyst, "reply": said}
    assert actions.answer_exit_reply(**act, text="We read it: thanks.").answered_at
    with pytest.raises(Conflict, match="answered already"):
        actions.answer_exit_reply(**act, text="Another answer to it.")
    assert told(case, "exit_reply_answered") == {case.contact_id}


def test_a_late_reply_is_read_by_all_who_decide(made):
    case = leaving.agreed(made)
    OutboxMessage.objects.filter(chain_id=case.chain_id).delete()

    actions.reply_to_exit(
        case=case, by=case.contact, reply=actions.Reply("One more thing came to light.")
    )

    assert told(case) == {
        made.analyst.pk, made.approver.pk, made.second_approver.pk, made.counsel.pk,
    }  # fmt: skip
    # it takes nothing back: a signed answer does
    assert acts.fresh(case).stage == Stage.EXIT_APPROVAL


# Orders


@pytest.mark.parametrize("wanted", list(Trading))
def test_one_approver_stops_orders_at_a_confirmed_location_and_undoes_it(made, wanted):
    case = leaving.located(made)
    act = {"case": case, "by": made.approver, "reason": REASON}

    if wanted not in {Trading.NO_NEW_ORDERS, Trading.OPEN}:
        with pytest.raises(Conflict):
            actions.set_trading(**act, trading=wanted)
        return
    actions.set_trading(**act, trading=Trading.NO_NEW_ORDERS)
    assert acts.fresh(case).trading == Trading.NO_NEW_ORDERS
    actions.set_trading(**act, trading=Trading.OPEN)

    case = acts.fresh(case)
    assert (case.trading, case.stage) == (Trading.OPEN, Stage.REVIEW)
    assert len(events(case, "case.trading_set")) == 2


def test_orders_are_not_stopped_without_a_ground(made):
    case = world.submitted_case(made)

    with pytest.raises(Conflict, match="can't be set"):
        actions.set_trading(
            case=case, by=made.approver, trading=Trading.NO_NEW_ORDERS, reason=REASON
        )


@pytest.mark.parametrize(
    ("stage", "now", "located", "choices"),
    [
        ("REVIEW", "OPEN", False, []),
        ("REVIEW", "OPEN", True, ["NO_NEW_ORDERS"]),
        ("REVIEW", "NO_NEW_ORDERS", False, ["OPEN"]),
        ("REVIEW", "ENDED", True, []),
        ("EXIT_REVIEW", "OPEN", False, ["NO_NEW_ORDERS"]),
        ("EXIT_APPROVAL", "NO_NEW_ORDERS", False, ["OPEN"]),
        ("WINDING_DOWN", "OPEN", False, ["NO_NEW_ORDERS", "PAUSED", "ENDED"]),
        ("DISENGAGED", "PAUSED", False, ["ENDED"]),
        ("DISENGAGED", "ENDED", False, []),
        ("CLEARED", "ENDED", False, ["OPEN"]),
        ("CLEARED", "OPEN", False, []),
    ],
)
def test_what_may_be_set_for_orders(stage, now, located, choices):
    case = Case(stage=stage, trading=now)

    assert exits.trading_choices(case, is_located=located) == choices


# Other endings


@pytest.mark.parametrize("ending", list(Ending))
def test_a_case_is_closed_with_a_document_that_shows_why(made, ending):
    case = world.acknowledged_case(made)
    proof = leaving.closing_proof(case, made.approver)

    actions.close(case=case, by=made.approver, ending=ending, reason=REASON, proof=proof)

    case = acts.fresh(case)
    assert (case.stage, case.last_verb) == (Stage.WITHDRAWN, Verb.CLOSE)
    assert Closure.objects.get(case=case).proof == proof
    assert letters(case) == [LetterKind.WITHDRAWAL]
    assert case.response.state == ResponseState.CLOSED
    assert stands(case)


def test_a_document_of_another_case_closes_nothing(made):
    case = world.acknowledged_case(made)
    other = world.acknowledged_case(made, supplier=acts.another(made))
    proof = leaving.closing_proof(other, made.approver)
    before = acts.rows()

    with pytest.raises(Conflict, match="not kept"):
        actions.close(
            case=case, by=made.approver, ending=Ending.DUPLICATE, reason=REASON, proof=proof
        )

    assert acts.rows() == before


def end_otherwise(made, case, act):
    if act == "withdraw":
        actions.withdraw(case=case, by=made.manager, reason=REASON)
        return
    proof = leaving.closing_proof(case, made.approver)
    actions.close(case=case, by=made.approver, ending=Ending.DISSOLVED, reason=REASON, proof=proof)


@pytest.mark.parametrize("act", ["close", "withdraw"])
def test_with_a_grave_finding_a_case_is_neither_closed_nor_withdrawn(made, act):
    case = leaving.proposed(made)

    with pytest.raises(Conflict, match="must be decided"):
        end_otherwise(made, case, act)
    assert acts.fresh(case).stage == Stage.EXIT_REVIEW


@pytest.mark.parametrize("act", ["close", "withdraw"])
def test_during_an_exit_for_a_refusal_a_case_may_still_end_otherwise(made, act):
    case = leaving.proposed(made, Outcome.B5_AGREEMENT)

    end_otherwise(made, case, act)

    case = acts.fresh(case)
    assert (case.stage, case.exit_track, case.proposed_by) == (Stage.WITHDRAWN, "", None)
    assert exits.plan_of(case) is None
    assert stands(case)


# Readiness


def test_a_buyer_learns_on_day_one_that_three_people_are_missing(made):
    assert not exits.lacks_three(made.buyer.pk)

    made.counsel.memberships.update(ended_at=clock.now())
    assert exits.lacks_three(made.buyer.pk)
    MembershipFactory(user=made.approver, organisation=made.buyer, role=Role.COUNSEL)
    assert not exits.lacks_three(made.buyer.pk)
    made.second_approver.memberships.update(ended_at=clock.now())
    assert exits.lacks_three(made.buyer.pk)


def test_a_grade_is_set_while_a_company_shows_that_the_cause_ended(made):
    case = leaving.proven(made, leaving.left(made))

    assert case.proofs.filter(grade=Grade.A, graded_at__gt=leaving.plan_of(case).completed_at)
