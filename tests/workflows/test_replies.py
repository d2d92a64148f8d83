"""Each reply code leads where the domain note says, and what is held is never clear nor failed."""

from datetime import timedelta

import pytest

from documents.enums import Grade
from portal import clock
from portal.access import Conflict, Refused
from portal.enums import Delivery, Wording
from portal.models import OutboxMessage
from questionnaires.models import Comment
from tests.questionnaires import personas
from tests.workflows import acts, world
from workflows import actions, calendar, engine, queries, timers
from workflows.enums import (
    ConditionState,
    ConstraintOutcome,
    DutyKind,
    DutyState,
    FindingState,
    LetterKind,
    Outcome,
    ReplyCode,
    Stage,
    TermsState,
)
from workflows.models import (
    Case,
    Condition,
    ConfidentialityTerms,
    Decision,
    Duty,
    Finding,
    Inspection,
    Policy,
    Proof,
    ReasonsRelease,
    SentLetter,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return world.world()


def read_as(made, code, persona=personas.clean_weaver, **kwargs):
    case = world.submitted_case(made, persona, **kwargs)
    actions.set_reply_code(case=case, by=made.analyst, code=code, reason="Demo reason.")
    return acts.fresh(case)


def kinds(case, *states):
    rows = Duty.objects.filter(case=case, state__in=states or DutyState)
    return set(rows.values_list("kind", flat=True))


def pending(case):
    return kinds(case, DutyState.OPEN, DutyState.MISSED)


def prove(case, made):
    for proof in Proof.objects.filter(case=case):
        actions.grade_proof(
            proof=proof, by=made.analyst, grade=Grade.A, counts=True, reason="Demo."
        )


def dismiss(case, made, but=()):
    for finding in Finding.objects.filter(case=case).exclude(key__in=but):
        by = made.counsel if finding.level == "counsel" else made.analyst
        actions.judge_finding(
            finding=finding, by=by, state=FindingState.DISMISSED, reason="Demo reason."
        )


# What opens with each code

OPENS = {
    ReplyCode.AGREES_PROVES: (personas.clean_weaver, None, None),
    ReplyCode.AGREES_NO_PROOF_YET: (personas.agrees_without_proof, None, None),
    ReplyCode.AGREES_CANNOT_OBTAIN: (
        personas.others_hold_the_proof,
        DutyKind.ASSIST_EVIDENCE,
        60,
    ),
    ReplyCode.AGREES_ON_CONDITIONS: (
        personas.agrees_on_conditions,
        DutyKind.ANSWER_CONDITIONS,
        15,
    ),
    ReplyCode.CONFIDENTIAL_NEEDS_TERMS: (
        personas.wants_confidentiality,
        DutyKind.OFFER_TERMS,
        15,
    ),
    ReplyCode.DECLINES_NO_REASON: (personas.refuses_without_reason, DutyKind.CALL_ONCE, None),
    ReplyCode.DECLINES_DISAGREES: (personas.refuses_with_reason, DutyKind.READ_REASONS, None),
    ReplyCode.CONTRADICTED_BY_EVIDENCE: (personas.clean_weaver, None, None),
}


@pytest.mark.parametrize("code", OPENS)
def test_a_code_opens_its_duty_and_its_clock(made, code):
    persona, duty, days = OPENS[code]

    case = read_as(made, code, persona)

    of_code = Duty.objects.filter(case=case, reply_code=code)
    assert [one.kind for one in of_code] == ([duty] if duty else [])
    assert (case.reply_code, case.stage) == (code, Stage.REVIEW)
    assert case.reply_code_at is not None
    if days is None:
        assert case.reply_until is None
    else:
        side = case.supplier if code == ReplyCode.AGREES_CANNOT_OBTAIN else case.buyer
        assert case.reply_until == calendar.after(clock.now(), days, side.country, side.zone)
        assert of_code.get().due_at == case.reply_until


def test_every_code_is_told_of_in_one_of_these_tests():
    by_delivery = {ReplyCode.NO_REPLY, ReplyCode.UNREACHABLE}

    assert set(OPENS) | by_delivery | {ReplyCode.LEGAL_CONSTRAINT_CLAIMED} == set(ReplyCode)


def test_another_reading_leaves_nothing_to_do_for_the_one_before(made):
    case = read_as(made, ReplyCode.DECLINES_NO_REASON, personas.refuses_without_reason)

    actions.set_reply_code(
        case=case, by=made.analyst, code=ReplyCode.DECLINES_DISAGREES, reason="Demo reason."
    )

    first = Duty.objects.get(case=case, kind=DutyKind.CALL_ONCE)
    assert (first.state, first.is_moot, first.settled_by) == (DutyState.MET, True, made.analyst)
    assert DutyKind.READ_REASONS in pending(case)


def test_setting_a_code_to_and_fro_owes_the_call_again(made):
    case = read_as(made, ReplyCode.DECLINES_NO_REASON, personas.refuses_without_reason)
    for code in (ReplyCode.DECLINES_DISAGREES, ReplyCode.DECLINES_NO_REASON):
        actions.set_reply_code(case=case, by=made.analyst, code=code, reason="Demo reason.")

    assert DutyKind.CALL_ONCE in pending(case)


def test_the_same_code_twice_is_one_reading(made):
    case = read_as(made, ReplyCode.AGREES_ON_CONDITIONS, personas.agrees_on_conditions)
    before = acts.rows()

    actions.set_reply_code(
        case=case, by=made.analyst, code=ReplyCode.AGREES_ON_CONDITIONS, reason="Demo reason."
    )

    assert acts.rows() == before


def test_a_new_reply_forgets_the_reading_its_clock_and_its_duties(made):
    case = read_as(made, ReplyCode.AGREES_ON_CONDITIONS, personas.agrees_on_conditions)

    case = world.submit(acts.queried(case, made.analyst))

    assert (case.reply_code, case.reply_until, case.reply_code_at) == ("", None, None)
    assert DutyKind.ANSWER_CONDITIONS not in pending(case)


@pytest.mark.parametrize("code", [ReplyCode.AGREES_PROVES, ReplyCode.DECLINES_NO_REASON])
def test_nothing_is_read_into_a_reply_that_never_came(made, code):
    case = acts.lapsed(world.issued_case(made))
    before = acts.rows()

    with pytest.raises(Conflict, match="Nothing was signed yet"):
        actions.set_reply_code(case=case, by=made.analyst, code=code, reason="Demo reason.")

    assert acts.rows() == before


# Held: never clear, never failed


@pytest.mark.parametrize("policy", ["either", "both"])
@pytest.mark.parametrize("proves", [True, False])
@pytest.mark.parametrize(
    ("code", "persona", "limb"),
    [
        (ReplyCode.AGREES_ON_CONDITIONS, personas.agrees_on_conditions, "B5_AGREEMENT"),
        (ReplyCode.CONFIDENTIAL_NEEDS_TERMS, personas.wants_confidentiality, "B5_AGREEMENT"),
        (ReplyCode.AGREES_CANNOT_OBTAIN, personas.others_hold_the_proof, "B5_PROOF"),
    ],
)
def test_what_a_code_holds_is_an_open_point_and_cannot_be_cleared(
    made, code, persona, limb, proves, policy
):
    Policy.objects.update(b5_limbs=policy)
    case = read_as(made, code, persona)
    dismiss(case, made)
    if proves:
        prove(case, made)

    standing = queries.standing(acts.fresh(case))

    assert standing.held_limbs == {limb}
    assert standing.outcome == Outcome.OPEN_POINT
    if limb == "B5_AGREEMENT":
        assert "What the reply asks of us is not settled yet." in standing.obstacles


def test_a_hold_ends_with_its_clock_once_our_part_is_done(made):
    case = read_as(made, ReplyCode.AGREES_ON_CONDITIONS, personas.agrees_on_conditions)
    dismiss(case, made)
    prove(case, made)

    with clock.at(case.reply_until + timedelta(days=30)):
        ours_is_open = queries.standing(acts.fresh(case))
        for condition in queries.conditions(case):
            actions.answer_condition(
                condition=condition,
                by=made.analyst,
                state=ConditionState.ACCEPTED,
                answer="Agreed as you wrote it.",
            )
        ours_is_done = queries.standing(acts.fresh(case))

    assert ours_is_open.held_limbs == {"B5_AGREEMENT"}
    assert ours_is_done.held_limbs == frozenset()


def test_a_known_finding_goes_on_while_a_limb_is_held(made):
    case = read_as(made, ReplyCode.AGREES_ON_CONDITIONS, personas.producer_in_the_region)

    assert queries.standing(case).outcome == Outcome.B1


@pytest.mark.parametrize("code", [ReplyCode.DECLINES_NO_REASON, ReplyCode.DECLINES_DISAGREES])
def test_a_reply_read_as_declined_fails_the_agreement_limb(made, code):
    case = read_as(made, code, personas.refuses_with_reason)
    dismiss(case, made)
    prove(case, made)

    standing = queries.standing(acts.fresh(case))

    assert (standing.agrees, standing.outcome) == (False, Outcome.B5_AGREEMENT)
    assert "The reply was read as declined." in standing.obstacles


# Legal constraint


@pytest.mark.parametrize("policy", ["either", "both"])
def test_a_claimed_constraint_goes_to_counsel_in_the_same_act_and_holds(made, policy):
    Policy.objects.update(b5_limbs=policy)

    case = read_as(made, ReplyCode.LEGAL_CONSTRAINT_CLAIMED, personas.legally_bound)

    standing = queries.standing(case)
    assert (case.stage, case.held_from) == (Stage.WITH_COUNSEL, Stage.REVIEW)
    assert (standing.is_held, standing.outcome) == (True, Outcome.WITH_COUNSEL)
    referral = Decision.objects.get(case=case, verb="REFER")
    assert (referral.by, referral.counsel_text) == (made.analyst, "Demo reason.")
    told = OutboxMessage.objects.get(purpose="case_referred", chain=case.chain)
    assert told.recipient == made.counsel


WAYS = {
    ConstraintOutcome.INSPECTION: {DutyKind.INSPECT},
    ConstraintOutcome.SUBSTITUTE: {DutyKind.ASSIST_EVIDENCE},
    ConstraintOutcome.OTHER_WORDING: set(),
    ConstraintOutcome.NO_LIMIT: set(),
}


def close(case, made, way, **changed):
    return actions.close_constraint(
        **{
            "case": case,
            "task": engine.open_task(case),
            "by": made.counsel,
            "way": way,
            "summary": "We go another way.",
            "advice": "Privileged words.",
            "to_supplier": "We look at your documents where they are.",
            **changed,
        }
    )


@pytest.mark.parametrize("way", ConstraintOutcome)
def test_counsel_closes_a_constraint_with_a_way_on(made, way):
    case = read_as(made, ReplyCode.LEGAL_CONSTRAINT_CLAIMED, personas.legally_bound)
    before = pending(case)

    close(case, made, way)

    case = acts.fresh(case)
    standing = queries.standing(case)
    assert (case.stage, case.reply_code, case.constraint_outcome) == (Stage.REVIEW, "", way)
    assert standing.is_held is False
    assert standing.proposed_code != ReplyCode.LEGAL_CONSTRAINT_CLAIMED
    assert pending(case) - before == WAYS[way]
    states = set(
        Finding.objects.filter(case=case, level="counsel").values_list("state", flat=True)
    )
    assert states == {"DISMISSED" if way == ConstraintOutcome.NO_LIMIT else "REMEDIED"}
    said = Comment.objects.filter(response=case.response, audience="BOTH").order_by("at").last()
    assert said.text == "We look at your documents where they are."
    advice = Decision.objects.get(case=case, verb="ADVISE")
    assert (advice.reason, advice.counsel_text) == ("We go another way.", "Privileged words.")


def test_a_constraint_that_came_back_unclosed_is_closed_in_review(made):
    case = read_as(made, ReplyCode.LEGAL_CONSTRAINT_CLAIMED, personas.legally_bound)
    case = acts.advised(case, made.counsel)
    assert (case.stage, queries.standing(case).is_held) == (Stage.REVIEW, True)

    close(case, made, ConstraintOutcome.NO_LIMIT, to_supplier="")

    assert queries.standing(acts.fresh(case)).is_held is False


def test_other_wording_sends_the_request_anew_and_changes_the_form(made):
    case = read_as(made, ReplyCode.LEGAL_CONSTRAINT_CLAIMED, personas.legally_bound)

    close(case, made, ConstraintOutcome.OTHER_WORDING, to_supplier="The request comes anew.")

    case = acts.fresh(case)
    letter = SentLetter.objects.get(case=case, kind=LetterKind.INSTRUCTION)
    assert (case.wording, case.response.wording) == (Wording.TRACEABILITY,) * 2
    assert (case.wording_by, letter.wording) == (made.counsel, Wording.TRACEABILITY)
    assert queries.instruction_words(case) == letter
    # what was signed stays in the wording it was signed in
    assert queries.latest_submission(case).wording == Wording.EXPLICIT


def test_the_explicit_wording_needs_its_list(made):
    case = read_as(
        made,
        ReplyCode.LEGAL_CONSTRAINT_CLAIMED,
        personas.legally_bound,
        wording=Wording.TRACEABILITY,
    )
    type(made.campaign).objects.update(prohibited_list=None)
    before = acts.rows()

    with pytest.raises(Conflict, match="list of prohibited companies is missing"):
        close(case, made, ConstraintOutcome.OTHER_WORDING)

    assert acts.rows() == before


def test_a_page_of_the_step_before_closes_nothing(made):
    case = read_as(made, ReplyCode.LEGAL_CONSTRAINT_CLAIMED, personas.legally_bound)

    with pytest.raises(Conflict, match="already taken"):
        close(case, made, ConstraintOutcome.NO_LIMIT, task=1)


def test_words_to_a_supplier_keep_to_its_wording(made):
    case = read_as(
        made,
        ReplyCode.LEGAL_CONSTRAINT_CLAIMED,
        personas.legally_bound,
        wording=Wording.TRACEABILITY,
    )
    before = acts.rows()

    with pytest.raises(Conflict, match="say more than the wording"):
        close(case, made, ConstraintOutcome.INSPECTION, to_supplier="About Xinjiang.")

    assert acts.rows() == before


# Conditions


def test_conditions_are_rows_in_the_suppliers_words(made):
    case = read_as(made, ReplyCode.AGREES_ON_CONDITIONS, personas.agrees_on_conditions)

    assert [(one.number, one.text, one.state) for one in queries.conditions(case)] == [
        (1, "Demo text: 4 % on the price.", "OPEN"),
        (2, "Demo text: three weeks more lead time.", "OPEN"),
    ]


def test_each_condition_is_answered_by_itself_and_the_last_tells_the_supplier(made):
    case = read_as(made, ReplyCode.AGREES_ON_CONDITIONS, personas.agrees_on_conditions)
    first, second = queries.conditions(case)

    actions.answer_condition(
        condition=first,
        by=made.analyst,
        state=ConditionState.CHANGED,
        answer="3 %, from January.",
        we_do="Change the price list.",
    )
    assert not OutboxMessage.objects.filter(purpose="conditions_answered").exists()
    assert DutyKind.ANSWER_CONDITIONS in pending(case)
    actions.answer_condition(
        condition=second,
        by=made.analyst,
        state=ConditionState.DECLINED,
        answer="The season does not allow it.",
        we_do="Nothing of this is done.",
    )

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.duty.kind, first.duty.about) == ("KEEP_CONDITION", "Change the price list.")
    assert second.duty is None
    assert DutyKind.ANSWER_CONDITIONS not in pending(case)
    assert OutboxMessage.objects.filter(purpose="conditions_answered").count() == 1
    with pytest.raises(Conflict, match="already answered"):
        actions.answer_condition(
            condition=first, by=made.analyst, state=ConditionState.ACCEPTED, answer="Otherwise."
        )


def test_a_condition_named_elsewhere_is_added_once(made):
    case = read_as(made, ReplyCode.AGREES_ON_CONDITIONS, personas.agrees_on_conditions)

    for _time in range(2):
        actions.add_condition(case=case, by=made.analyst, text="Demo: said in a call.")

    assert [one.number for one in queries.conditions(case)] == [1, 2, 3]


def test_many_conditions_lose_none_of_their_words(made):
    def many(today):
        document = personas.agrees_on_conditions(today)
        personas.answers_of(document, "commitments")["agree_terms"] = "\n".join(
            f"Demo condition {n}" for n in range(40)
        )
        return document

    case = read_as(made, ReplyCode.AGREES_ON_CONDITIONS, many)

    found = queries.conditions(case)
    assert len(found) == 30
    assert found[-1].text.splitlines()[-1] == "Demo condition 39"


# Confidentiality


def test_terms_are_offered_replaced_and_accepted(made):
    case = read_as(made, ReplyCode.CONFIDENTIAL_NEEDS_TERMS, personas.wants_confidentiality)
    first = actions.offer_terms(case=case, by=made.analyst, text="Two people read them.")
    again = actions.offer_terms(case=case, by=made.analyst, text="Two people read them.")
    second = actions.offer_terms(
        case=case, by=made.counsel, text="One person reads them.", is_inspect_only=True
    )

    assert again == first
    first.refresh_from_db()
    assert (first.state, queries.terms(case)) == (TermsState.REPLACED, second)
    assert DutyKind.OFFER_TERMS not in pending(case)
    with pytest.raises(Conflict, match="No terms wait"):
        actions.answer_terms(terms=first, by=case.contact, accepts=True)

    accepted = actions.answer_terms(terms=second, by=case.contact, accepts=True)
    assert (accepted.state, accepted.answered_by) == (TermsState.ACCEPTED, case.contact)
    assert actions.answer_terms(terms=second, by=case.contact, accepts=True) == accepted
    # documents are only looked at: that is ours to do
    assert DutyKind.INSPECT in pending(case)
    purposes = OutboxMessage.objects.filter(chain=case.chain).values_list("purpose", flat=True)
    assert {"terms_offered", "terms_answered"} <= set(purposes)


def test_terms_that_are_not_accepted_say_what_is_needed(made):
    case = read_as(made, ReplyCode.CONFIDENTIAL_NEEDS_TERMS, personas.wants_confidentiality)
    offered = actions.offer_terms(case=case, by=made.analyst, text="Two people read them.")

    actions.answer_terms(terms=offered, by=case.contact, accepts=False, note="No prices, please.")

    standing = queries.terms(case)
    assert (standing.state, standing.note) == (TermsState.DECLINED, "No prices, please.")
    assert ConfidentialityTerms.objects.filter(case=case).count() == 1


def test_what_was_only_seen_counts_like_b_and_never_above(made):
    case = world.submitted_case(made)
    claim = queries.standing(case).claims[0]
    Proof.objects.filter(case=case, claim=claim.claim, step=claim.step).delete()
    place = {"claim": claim.claim, "step": claim.step}

    for issuer in ("Demo Gin", "Demo Carrier"):
        actions.log_inspection(
            case=case, by=made.analyst, seen=acts.seen(**place, issuer=issuer, number=issuer)
        )

    (now,) = [
        one
        for one in queries.standing(case).claims
        if (one.claim, one.step) == (claim.claim, claim.step)
    ]
    assert now.is_proven
    assert [one.issuer for one in now.inspections] == ["Demo Gin", "Demo Carrier"]
    assert Inspection.objects.filter(case=case, grade=Grade.A).count() == 0


def test_an_original_logged_twice_is_one_and_sets_a_recommendation_aside(made):
    case = world.recommended_case(made)

    for _time in range(2):
        actions.log_inspection(case=case, by=made.analyst, seen=acts.seen())

    assert Inspection.objects.filter(case=case).count() == 1
    assert acts.fresh(case).proposed_by is None


# Declined


def test_a_call_that_offered_help_meets_the_duty_to_call_once(made):
    case = read_as(made, ReplyCode.DECLINES_NO_REASON, personas.refuses_without_reason)
    held = queries.unmet_duties(case)

    actions.log_contact(case=case, by=made.analyst, contacted=acts.contacted(is_reached=False))
    actions.log_contact(case=case, by=made.analyst, contacted=acts.contacted())
    assert queries.unmet_duties(case) == held
    offering = actions.Contacted("CALL", clock.now(), True, "Offered two mills.", True)  # noqa: FBT003
    actions.log_contact(case=case, by=made.analyst, contacted=offering)

    assert held == ["Call once and offer help (B5): neither met nor waived."]
    assert queries.unmet_duties(case) == []


def test_who_was_called_already_is_not_owed_a_second_call(made):
    case = world.submitted_case(made, personas.refuses_without_reason)
    offering = actions.Contacted("CALL", clock.now(), True, "Offered two mills.", True)  # noqa: FBT003
    actions.log_contact(case=case, by=made.analyst, contacted=offering)

    actions.set_reply_code(
        case=case, by=made.analyst, code=ReplyCode.DECLINES_NO_REASON, reason="Demo reason."
    )

    assert queries.unmet_duties(case) == []


def test_an_approver_reads_the_reasons_before_an_exit(made):
    case = read_as(made, ReplyCode.DECLINES_DISAGREES, personas.refuses_with_reason)

    with pytest.raises(Refused):
        actions.read_reasons(case=case, by=made.analyst, note="Demo: read.")
    assert queries.unmet_duties(case) == [
        "Read the reasons given for declining (B5): neither met nor waived."
    ]
    actions.read_reasons(case=case, by=made.approver, note="The price is the point.")

    assert queries.unmet_duties(case) == []
    duty = Duty.objects.get(case=case, kind=DutyKind.READ_REASONS)
    assert (duty.settled_by, duty.how) == (made.approver, "The price is the point.")


CANARY = "Demo text: the only other mill asks a fifth more for the same yarn."


def read_by(case, person):
    submission = queries.latest_submission(case)
    return queries.reasons(case, submission, person, "en").text


@pytest.mark.parametrize("by", ["counsel", "contact"])
def test_words_for_counsel_open_to_others_by_counsel_or_by_the_supplier_itself(made, by):
    case = read_as(made, ReplyCode.DECLINES_DISAGREES, personas.refuses_with_reason)
    before = [read_by(case, person) for person in (made.counsel, made.approver, made.analyst)]

    opener = case.contact if by == "contact" else made.counsel
    first = actions.release_reasons(case=case, by=opener, reason="It helps to decide.")
    assert actions.release_reasons(case=case, by=opener) == first

    assert before == [CANARY, "", ""]
    assert [read_by(case, person) for person in (made.approver, made.analyst)] == [CANARY] * 2
    assert first.is_suppliers is (by == "contact")
    assert ReasonsRelease.objects.count() == 1


def test_where_no_words_were_written_there_is_nothing_to_open(made):
    case = read_as(made, ReplyCode.DECLINES_NO_REASON, personas.refuses_without_reason)

    with pytest.raises(Conflict, match="holds no words"):
        actions.release_reasons(case=case, by=made.counsel)


# Without a reply


def silent(case, *, mails=3, addresses=2, reached=True, by=None):
    """Deliver mails to addresses, and log a call; the case lapsed."""
    first = OutboxMessage.objects.filter(chain=case.chain, purpose="case_issued").get()
    first.delivery = Delivery.ACCEPTED
    first.save()
    for number in range(1, mails):
        fields = {f.name: getattr(first, f.name) for f in first._meta.concrete_fields}
        del fields["id"]
        to = "second@supplier.example" if addresses > 1 and number == 1 else first.to
        OutboxMessage.objects.create(**fields | {"key": f"again {number}", "to": to})
    if reached:
        actions.log_contact(case=case, by=by, contacted=acts.contacted())


def run_out(case):
    """Time ran out for a case that a contact reached; the mails of its ladder went nowhere."""
    with clock.at(case.lapse_at + timedelta(seconds=1)):
        assert timers.fire_due() == 1
    return acts.fresh(case)


@pytest.mark.parametrize(
    ("kept", "counts"),
    [
        ({}, True),
        ({"mails": 2}, False),
        ({"addresses": 1}, False),
        ({"reached": False}, False),
    ],
)
def test_silence_counts_by_the_bounce_rule_alone(made, kept, counts):
    case = world.issued_case(made)
    silent(case, **kept, by=made.analyst)
    case = acts.lapsed(case) if kept.get("reached") is False else run_out(case)

    assert queries.silence_counts(case) is counts
    if counts:
        actions.set_reply_code(
            case=case, by=made.analyst, code=ReplyCode.NO_REPLY, reason="Demo reason."
        )
        assert queries.standing(acts.fresh(case)).outcome == Outcome.B5_AGREEMENT
    else:
        with pytest.raises(Conflict, match="Silence does not count yet"):
            actions.set_reply_code(
                case=case, by=made.analyst, code=ReplyCode.NO_REPLY, reason="Demo reason."
            )
        assert queries.standing(case).outcome == Outcome.OPEN_POINT


def test_silence_never_counts_before_time_ran_out_or_of_a_wrong_person(made):
    case = world.issued_case(made)
    silent(case, by=made.analyst)
    assert queries.silence_counts(case) is False

    actions.report_wrong_person(case=case, by=case.contact, note="")
    case = acts.fresh(case)
    case.lapsed_at = clock.now()
    assert queries.silence_counts(case) is False


def test_an_address_that_does_not_answer_is_our_task_until_another_is_found(made):
    case = world.issued_case(made)

    for _time in range(2):
        actions.mark_unreachable(case=case, by=made.analyst, reason="Every mail came back.")
    case = acts.fresh(case)
    assert (case.reply_code, case.stage) == (ReplyCode.UNREACHABLE, Stage.INSTRUCTED)
    assert pending(case) >= {DutyKind.FIND_CONTACT}

    actions.change_contact(
        case=case, by=made.analyst, email="other@supplier.example", name="Demo Other"
    )
    case = acts.fresh(case)
    assert case.reply_code == ""
    assert DutyKind.FIND_CONTACT not in pending(case)


def test_a_contradiction_is_a_persons_to_say_and_is_never_proposed(made):
    case = world.submitted_case(made)
    assert queries.standing(case).proposed_code != ReplyCode.CONTRADICTED_BY_EVIDENCE

    actions.set_reply_code(
        case=case,
        by=made.analyst,
        code=ReplyCode.CONTRADICTED_BY_EVIDENCE,
        reason="The registry says otherwise.",
    )

    assert Case.objects.get(pk=case.pk).stage == Stage.REVIEW


# B6 never counts


@pytest.mark.parametrize("said", [None, "yes", "thinking", "no"])
@pytest.mark.parametrize(
    "persona",
    [personas.clean_weaver, personas.refuses_with_reason, personas.agrees_on_conditions],
)
def test_what_a_supplier_says_of_all_production_changes_no_proposal(made, persona, said):
    def asked(today):
        document = persona(today)
        answers = document.setdefault("encouraged", {"answers": {}})["answers"]
        answers.clear()
        if said:
            answers.update(all_sourcing=said, all_dealings=said)
        return document

    standing = queries.standing(world.submitted_case(made, asked))
    plain = queries.standing(world.submitted_case(made, persona, supplier=acts.another(made)))

    assert (standing.outcome, standing.proposed_code) == (plain.outcome, plain.proposed_code)
    assert len(standing.blocking) == len(plain.blocking)


def test_condition_rows_never_outlive_a_failed_act(made):
    case = world.submitted_case(made, personas.agrees_on_conditions)

    with pytest.raises(Refused):
        actions.set_reply_code(
            case=case,
            by=made.approver,
            code=ReplyCode.AGREES_ON_CONDITIONS,
            reason="Demo reason.",
        )

    assert Condition.objects.count() == 0
