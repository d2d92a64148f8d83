"""What the buyer's people do with a case in review: each act named, with a reason."""

from datetime import timedelta

import pytest

from documents.enums import EvidenceState, Grade, Scan
from documents.models import Evidence
from portal import clock, ledger
from portal.access import Conflict, Refused
from portal.enums import Audience, Delivery
from portal.models import Membership, OutboxMessage
from questionnaires.enums import ResponseState
from tests.factories.portal import UserFactory
from tests.questionnaires import personas
from tests.workflows import acts, world
from workflows import actions, calendar, engine, queries
from workflows.enums import EscalationTarget, FindingState, Outcome, ReplyCode, Stage, Verb
from workflows.models import ContactLog, Decision, Finding, Policy, Proof

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return world.world()


def mails(case, purpose):
    found = OutboxMessage.objects.filter(chain_id=case.chain_id, purpose=purpose)
    return sorted(found.values_list("to", flat=True))


def last(case, name):
    events = ledger.events(case, audiences=frozenset(Audience), names=[name])
    return events[-1]


def page(case, by):
    return {"case": case, "task": engine.open_task(case), "by": by}


def obstacles(case):
    return queries.standing(acts.fresh(case)).obstacles


# query


def test_a_query_reopens_the_named_answers_alone_and_sets_both_moments(made):
    case = world.submitted_case(made)
    due_on = clock.today() + timedelta(days=14)

    actions.query(
        **page(case, made.analyst),
        questions=[actions.Question("job_title", "Your full title?")],
        due_on=due_on,
    )

    case = acts.fresh(case)
    assert (case.stage, case.response.state) == (Stage.QUERIED, ResponseState.CORRECTING)
    assert case.due_at == calendar.end_of(due_on, "Asia/Shanghai")
    assert case.lapse_at == calendar.after(
        case.due_at, case.policy.query_days, "CN", "Asia/Shanghai"
    )
    assert (case.next_act_at, case.reviewer) == (case.due_at, made.analyst)
    assert mails(case, "case_queried") == [made.contact.email]
    assert last(case, "case.queried").words["questions"] == "Your full title?"
    decision = Decision.objects.get(case=case, verb=Verb.QUERY)
    assert (decision.by, decision.reason) == (made.analyst, "Your full title?")


@pytest.mark.parametrize("paths", [[], ["nowhere"], ["job_title", "chain[1"]])
def test_a_query_needs_answers_that_exist(made, paths):
    case = world.submitted_case(made)
    before = acts.rows()

    with pytest.raises(Conflict):
        actions.query(
            **page(case, made.analyst),
            questions=[actions.Question(path, "Demo?") for path in paths],
            due_on=clock.today() + timedelta(days=14),
        )

    assert acts.rows() == before


def test_who_reviews_already_stays_the_reviewer(made):
    case = world.submitted_case(made)
    actions.take(case=case, by=made.analyst)
    other = UserFactory(holds=("ANALYST", made.buyer))

    actions.escalate(**page(case, other), to=made.approver, reason="Demo.")

    assert acts.fresh(case).reviewer == made.analyst


# recommend and clear


def test_a_recommendation_names_its_proposer_and_tells_every_approver(made):
    case = world.recommended_case(made)

    assert (case.stage, case.proposed_by, case.last_verb) == (
        Stage.REVIEW,
        made.analyst,
        Verb.RECOMMEND,
    )
    assert mails(case, "case_recommended") == sorted(
        [made.approver.email, made.second_approver.email]
    )
    decision = Decision.objects.get(case=case, verb=Verb.RECOMMEND)
    assert (decision.proposal, decision.is_stale) == (Outcome.CLEAR, False)
    assert queries.last_recommendation(case) == decision


def test_an_approver_who_recommends_as_analyst_is_not_told_to_decide(made):
    Membership.objects.create(
        user=made.approver, organisation=made.buyer, role="ANALYST", since=clock.now()
    )
    made.approver.__dict__.pop("roles", None)
    case = world.judged_case(made)

    actions.recommend(**page(case, made.approver), reason="Demo.")

    assert mails(case, "case_recommended") == [made.second_approver.email]
    with pytest.raises(Refused, match="colleague"):
        actions.clear(**page(case, made.approver), reason="Own proposal.", knows_unscanned=True)


def test_clearing_ends_the_case_with_who_when_and_what_was_proposed(made):
    case = world.cleared_case(made)

    assert case.cleared_at == case.ended_at
    assert case.next_act_at is None
    decision = Decision.objects.get(case=case, verb=Verb.CLEAR)
    assert (decision.by, decision.proposal) == (made.approver, Outcome.CLEAR)
    assert decision.acknowledged_unscanned is True
    assert mails(case, "case_cleared") == [made.contact.email]
    event = last(case, "case.cleared")
    assert event.data["proposed_by"] == str(made.analyst.pk)
    assert event.data["unscanned"] == Evidence.objects.filter(chain=case.chain).count()


def test_files_no_scanner_saw_must_be_known(made):
    case = world.recommended_case(made)
    before = acts.rows()

    with pytest.raises(Conflict, match="not scanned"):
        actions.clear(**page(case, made.approver), reason="Demo.")

    assert acts.rows() == before
    Evidence.objects.filter(chain=case.chain).update(scan=Scan.CLEAN)
    actions.clear(**page(case, made.approver), reason="Demo.")
    assert Decision.objects.get(case=case, verb=Verb.CLEAR).acknowledged_unscanned is False


def spoil_nothing_submitted(made):
    return acts.lapsed(world.acknowledged_case(made))


def spoil_open_finding(made):
    return world.submitted_case(made, personas.agrees_on_conditions)


def spoil_confirmed_finding(made):
    case = world.judged_case(made, personas.agrees_on_conditions)
    actions.judge_finding(
        finding=Finding.objects.get(case=case, key="conditional"),
        by=made.analyst,
        state=FindingState.CONFIRMED,
        reason="Seen.",
    )
    return case


def spoil_proof(made):
    case = world.judged_case(made)
    for proof in Proof.objects.filter(case=case):
        actions.grade_proof(
            proof=proof, by=made.analyst, grade=Grade.C, counts=True, reason="A letter."
        )
    return case


def spoil_proof_that_does_not_count(made):
    case = world.judged_case(made)
    for proof in Proof.objects.filter(case=case):
        actions.grade_proof(
            proof=proof, by=made.analyst, grade=Grade.A, counts=False, reason="Blacked out."
        )
    return case


def spoil_held_file(made):
    case = world.judged_case(made)
    Evidence.objects.filter(chain=case.chain).update(state=EvidenceState.HELD)
    return case


def spoil_constraint(made):
    case = world.judged_case(made)
    actions.set_reply_code(
        case=case, by=made.analyst, code=ReplyCode.LEGAL_CONSTRAINT_CLAIMED, reason="Demo."
    )
    # counsel advises without closing it: the case is back, and still held
    return acts.advised(acts.fresh(case), made.counsel)


SPOILED = {
    spoil_nothing_submitted: "Nothing was submitted yet.",
    spoil_open_finding: "Findings not yet dismissed or remedied: 1.",
    spoil_confirmed_finding: "Findings not yet dismissed or remedied: 1.",
    spoil_proof: "Claims without sufficient proof",
    spoil_proof_that_does_not_count: "Claims without sufficient proof",
    spoil_held_file: "Claims without sufficient proof",
    spoil_constraint: "Counsel has not yet closed a note",
}


@pytest.mark.parametrize("spoil", SPOILED, ids=lambda spoil: spoil.__name__[6:])
def test_nothing_is_recommended_or_cleared_while_something_is_open(made, spoil):
    case = acts.fresh(spoil(made))
    before = acts.rows()

    with pytest.raises(Conflict, match="cannot be cleared yet") as met:
        actions.recommend(**page(case, made.analyst), reason="Demo.")

    assert SPOILED[spoil] in str(met.value)
    assert acts.rows() == before
    assert queries.standing(case).outcome != Outcome.CLEAR


def test_what_opens_after_the_recommendation_stops_the_decision(made):
    case = world.recommended_case(made)
    actions.set_reply_code(
        case=case, by=made.analyst, code=ReplyCode.LEGAL_CONSTRAINT_CLAIMED, reason="Demo."
    )
    case = acts.advised(acts.fresh(case), made.counsel)

    with pytest.raises(Conflict, match="Counsel has not yet closed"):
        actions.clear(**page(case, made.approver), reason="Demo.", knows_unscanned=True)

    actions.set_reply_code(
        case=acts.fresh(case), by=made.counsel, code=ReplyCode.AGREES_PROVES, reason="Closed."
    )
    actions.clear(**page(case, made.approver), reason="Demo.", knows_unscanned=True)
    assert acts.fresh(case).stage == Stage.CLEARED


def test_clearing_closes_what_was_sent_back_and_never_came(made):
    case = acts.lapsed(acts.queried(world.judged_case(made), made.analyst))
    assert case.response.state == ResponseState.CORRECTING

    actions.recommend(**page(case, made.analyst), reason="The first answer is enough.")
    actions.clear(**page(case, made.approver), reason="Agreed.", knows_unscanned=True)

    assert acts.fresh(case).response.state == ResponseState.CLOSED


# escalate


@pytest.mark.parametrize(
    ("who", "target"),
    [("approver", EscalationTarget.APPROVER), ("counsel", EscalationTarget.COUNSEL)],
)
def test_escalating_puts_the_case_before_one_person_by_name(made, who, target):
    case, to = world.submitted_case(made), getattr(made, who)

    actions.escalate(**page(case, made.analyst), to=to, reason="Too grave for me.")

    case = acts.fresh(case)
    assert (case.stage, case.escalated_to, case.escalated_person) == (Stage.REVIEW, target, to)
    assert mails(case, "case_escalated") == [to.email]
    assert queries.is_escalated_last(case)
    assert queries.waiting_for(case).whom == str(to)
    decision = Decision.objects.get(case=case, verb=Verb.ESCALATE)
    assert (decision.to_whom, decision.reason) == (to, "Too grave for me.")
    assert last(case, "case.escalated").data["to"] == str(to.pk)


@pytest.mark.parametrize("who", ["manager", "analyst", "contact", "administrator"])
def test_a_case_is_put_before_an_approver_or_counsel_of_the_buyer_alone(made, who):
    case = world.submitted_case(made)
    before = acts.rows()

    with pytest.raises(Conflict, match="approver or counsel"):
        actions.escalate(**page(case, made.analyst), to=getattr(made, who), reason="Demo.")

    assert acts.rows() == before


def test_an_approver_of_another_buyer_is_none(made):
    other, case = world.world(), world.submitted_case(made)

    with pytest.raises(Conflict, match="approver or counsel"):
        actions.escalate(**page(case, made.analyst), to=other.approver, reason="Demo.")


# advise


def test_advice_is_counsels_alone_and_its_summary_is_for_all(made):
    case = acts.referred(world.submitted_case(made), made.analyst)

    actions.advise(
        **page(case, made.counsel), advice="canary of counsel", summary="Go on as before."
    )

    case = acts.fresh(case)
    assert (case.stage, case.held_from, case.held_at) == (Stage.REVIEW, "", None)
    decision = Decision.objects.get(case=case, verb=Verb.ADVISE)
    assert (decision.reason, decision.counsel_text) == ("Go on as before.", "canary of counsel")
    open_to_all = ledger.events(case, audiences=frozenset({Audience.PERSONAL}))
    assert "canary of counsel" not in str(open_to_all)
    assert "Go on as before." in str(open_to_all)
    assert mails(case, "case_advised") == [made.analyst.email]
    assert mails(case, "case_resumed") == []


def test_a_supplier_is_told_that_its_clock_runs_again(made):
    case = acts.advised(acts.referred(world.issued_case(made), made.analyst), made.counsel)

    assert mails(case, "case_resumed") == [made.contact.email]
    assert case.next_act_at == case.due_at


# judging


@pytest.mark.parametrize("state", list(FindingState))
def test_a_finding_is_judged_with_person_moment_and_reason(made, state):
    case = world.submitted_case(made, personas.agrees_on_conditions)
    finding = Finding.objects.get(case=case, key="conditional")

    judged = actions.judge_finding(finding=finding, by=made.analyst, state=state, reason="Demo.")

    finding.refresh_from_db()
    assert (finding.state, finding.judged_by, finding.reason) == (state, made.analyst, "Demo.")
    assert judged.judged_at is not None
    assert last(case, "finding.judged").data["state"] == state
    blocks = state in {FindingState.OPEN, FindingState.ANSWERED, FindingState.CONFIRMED}
    assert any("Findings" in one for one in obstacles(case)) is blocks


def test_a_note_that_limits_the_reply_is_closed_by_counsel_and_holds_until_then(made):
    case = world.submitted_case(made, personas.legally_bound)
    notes = Finding.objects.filter(case=case, level="counsel")
    assert queries.standing(case).outcome == Outcome.WITH_COUNSEL

    with pytest.raises(Refused, match="Only counsel"):
        actions.judge_finding(
            finding=notes[0], by=made.analyst, state=FindingState.DISMISSED, reason="Demo."
        )
    for note in notes:
        actions.judge_finding(
            finding=note, by=made.counsel, state=FindingState.DISMISSED, reason="Closed."
        )

    assert queries.standing(acts.fresh(case)).is_held is False


def test_the_same_judgement_sent_twice_is_one_event(made):
    case = world.submitted_case(made, personas.agrees_on_conditions)
    finding = Finding.objects.get(case=case, key="conditional")
    proof = Proof.objects.filter(case=case).first()

    for _twice in range(2):
        actions.judge_finding(
            finding=finding, by=made.analyst, state=FindingState.DISMISSED, reason="Demo."
        )
        actions.grade_proof(
            proof=proof, by=made.analyst, grade=Grade.B, counts=True, reason="Demo."
        )
        actions.take(case=case, by=made.analyst)

    for name in ("finding.judged", "proof.graded", "case.taken"):
        assert case.chain.entries.filter(event=name).count() == 1
    proof.refresh_from_db()
    assert (proof.grade, proof.graded_by) == (Grade.B, made.analyst)


def test_confirmed_location_proposes_the_immediate_exit_and_nothing_follows_by_itself(made):
    case = world.submitted_case(made, personas.site_in_the_region)
    for finding in Finding.objects.filter(case=case, clause="B1"):
        actions.judge_finding(
            finding=finding, by=made.analyst, state=FindingState.CONFIRMED, reason="Licence."
        )

    standing = queries.standing(acts.fresh(case))

    assert standing.outcome == Outcome.B1
    assert {one.clause for one in standing.ground} == {"B1"}
    assert (acts.fresh(case).stage, acts.fresh(case).trading) == (Stage.REVIEW, "OPEN")
    assert queries.has_grave_finding(case)


# contacts and proof that came another way


def test_a_logged_contact_says_who_when_and_whether_anybody_was_reached(made):
    case = world.issued_case(made)
    said = acts.contacted(is_reached=False)

    log = actions.log_contact(case=case, by=made.analyst, contacted=said)

    assert (log.by, log.at, log.is_reached, log.note) == (
        made.analyst,
        said.at,
        False,
        "Demo call.",
    )
    assert last(case, "case.contact_logged").data["reached"] is False
    assert queries.is_logged_already(case, made.analyst, said.at, said.note)
    assert not queries.is_logged_already(case, made.approver, said.at, said.note)


def test_proof_that_came_by_mail_is_kept_with_who_and_how(made):
    case = world.submitted_case(made)

    evidence = actions.log_evidence(case=case, by=made.analyst, logged=acts.logged_file())

    assert (evidence.received_by, evidence.received_from) == ("MAIL", "Demo Forwarder")
    proof = Proof.objects.get(case=case, evidence=evidence)
    assert (proof.claim, proof.step, proof.grade) == ("origin", "", "")
    assert last(case, "proof.logged").data["evidence"] == str(evidence.pk)


def test_nothing_is_logged_in_a_case_that_ended_while_the_file_was_stored(made):
    case = world.submitted_case(made)
    stale = acts.fresh(case)
    actions.withdraw(case=case, by=made.manager, reason="Sent in error.")

    with pytest.raises(Conflict, match="not open"):
        actions.log_evidence(case=stale, by=made.analyst, logged=acts.logged_file())

    assert not ContactLog.objects.filter(case=case).exists()
    assert not Proof.objects.filter(case=case, evidence__received_by="MAIL").exists()


# A case keeps the policy it was issued under


def test_a_newer_policy_leaves_the_proposals_of_older_cases_alone(made):
    case = world.submitted_case(made, personas.refuses_without_reason)
    before = queries.standing(case)
    Policy.objects.create(buyer=made.buyer, number=2, b5_limbs="both", created_at=clock.now())

    after = queries.standing(acts.fresh(case))

    assert (after.outcome, after.proposed_code) == (before.outcome, before.proposed_code)
    assert acts.fresh(case).policy.number == 1
    assert set(OutboxMessage.objects.values_list("delivery", flat=True)) == {Delivery.QUEUED}
