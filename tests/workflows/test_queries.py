"""What is read across models: where a case stands, who waits for whom, what each side sees."""

from datetime import timedelta

import pytest

from documents.enums import EvidenceState, Grade, Scan
from documents.models import Evidence
from portal import clock
from portal.enums import Role
from portal.models import Membership
from questionnaires.models import CounselText
from tests.factories.portal import UserFactory
from tests.questionnaires import personas
from tests.workflows import acts, world
from workflows import actions, engine, outcome, queries
from workflows.enums import FindingState, Outcome, ReplyCode, Stage
from workflows.models import Case, Finding, Policy, Proof
from workflows.queries import campaigns
from workflows.queries.waiting import Waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return world.world()


# Standing


def test_nothing_submitted_is_an_open_point_and_proposes_no_code(made):
    standing = queries.standing(world.issued_case(made))

    assert (standing.submission, standing.claims, standing.findings) == (None, [], [])
    assert (standing.outcome, standing.proposed_code) == (Outcome.OPEN_POINT, None)
    assert standing.agrees is False
    assert standing.obstacles == ["Nothing was submitted yet."]


def test_a_draft_has_no_submission(made):
    assert queries.latest_submission(world.draft_case(made)) is None


@pytest.mark.parametrize(
    ("persona", "policy", "proposed"),
    [
        (personas.clean_weaver, "either", Outcome.OPEN_POINT),
        (personas.clean_weaver, "both", Outcome.OPEN_POINT),
        (personas.refuses_without_reason, "either", Outcome.B5_AGREEMENT),
        # nothing is graded yet, so both limbs fail under both readings
        (personas.refuses_without_reason, "both", Outcome.B5_AGREEMENT),
    ],
)
def test_the_limbs_are_read_by_the_policy_of_the_case(made, persona, policy, proposed):
    Policy.objects.update(b5_limbs=policy)

    assert queries.standing(world.submitted_case(made, persona)).outcome == proposed


def test_one_failed_limb_alone_is_an_open_point_under_both(made):
    case = world.submitted_case(made, personas.refuses_without_reason)
    for proof in Proof.objects.filter(case=case):
        actions.grade_proof(
            proof=proof, by=made.analyst, grade=Grade.A, counts=True, reason="Demo."
        )
    assert queries.standing(acts.fresh(case)).proves
    assert queries.standing(acts.fresh(case)).outcome == Outcome.B5_AGREEMENT

    Policy.objects.update(b5_limbs="both")

    assert queries.standing(acts.fresh(case)).outcome == Outcome.OPEN_POINT
    assert queries.standing(acts.fresh(case)).obstacles


def test_missing_proof_is_an_open_point_and_never_an_exit(made):
    standing = queries.standing(world.submitted_case(made))

    assert standing.agrees
    assert not standing.proves
    assert standing.unproven == standing.claims
    assert (standing.outcome, standing.ground) == (Outcome.OPEN_POINT, [])


@pytest.mark.parametrize(
    ("first", "second", "proves"),
    [
        ({"grade": "A"}, {"grade": ""}, True),
        ({"grade": "B", "issuer": "One"}, {"grade": "B", "issuer": "Two"}, True),
        ({"grade": "B", "issuer": "One"}, {"grade": "B", "issuer": "one "}, False),
        (
            {"grade": "B", "issuer": "One", "number": "7"},
            {"grade": "B", "issuer": "Two", "number": "7"},
            False,
        ),
        (
            {"grade": "B", "issuer": "One", "sha256": "a" * 64},
            {"grade": "B", "issuer": "Two", "sha256": "a" * 64},
            False,
        ),
        ({"grade": "A", "counts": False}, {"grade": "B"}, False),
        ({"grade": "A", "state": EvidenceState.HELD}, {"grade": "B"}, False),
    ],
)
def test_two_files_for_one_claim_prove_it_by_the_rule(made, first, second, proves):
    case = world.submitted_case(made)
    claims = {(p.claim, p.step): [] for p in Proof.objects.filter(case=case)}
    for proof in Proof.objects.filter(case=case).order_by("pk"):
        claims[proof.claim, proof.step].append(proof)
    key, proofs = next((key, two) for key, two in claims.items() if len(two) >= 2)
    for proof, given in zip(proofs, (first, second), strict=False):
        for name, value in given.items():
            target = proof if name in {"grade", "counts"} else proof.evidence
            setattr(target, name, value)
            target.save()

    (state,) = [one for one in queries.standing(case).claims if (one.claim, one.step) == key]

    assert state.is_proven is proves


@pytest.mark.parametrize(
    ("persona", "proposed"),
    [
        (personas.site_in_the_region, "Immediate exit"),
        (personas.producer_in_the_region, "End this link at once"),
    ],
)
def test_a_sub_suppliers_location_ends_that_link_and_not_the_trade(made, persona, proposed):
    standing = queries.standing(world.submitted_case(made, persona))

    assert standing.outcome == Outcome.B1
    assert standing.proposes == proposed


@pytest.mark.parametrize("answers", [{}, {"all_sourcing": "yes", "all_dealings": "yes"}])
def test_answers_about_all_production_are_noted_and_change_nothing(made, answers):
    def persona(today):
        given = personas.clean_weaver(today)
        given["encouraged"] = {"answers": answers}
        return given

    standing = queries.standing(world.submitted_case(made, persona))

    assert (standing.outcome, standing.proposed_code) == (
        Outcome.OPEN_POINT,
        ReplyCode.AGREES_NO_PROOF_YET,
    )
    assert [one.key for one in standing.findings] == (["encourage"] if answers else [])
    assert standing.blocking == []


def test_a_case_with_counsel_is_read_as_constrained(made):
    case = acts.referred(world.judged_case(made), made.contact)

    assert queries.standing(case).proposed_code == ReplyCode.LEGAL_CONSTRAINT_CLAIMED


@pytest.mark.parametrize("state", list(FindingState))
def test_a_grave_finding_is_one_of_rank_one_to_three_that_is_unresolved(made, state):
    case = world.submitted_case(made, personas.branch_in_the_region)
    Finding.objects.filter(case=case).update(state=state)

    assert queries.has_grave_finding(case) is (state in outcome.UNRESOLVED)


def test_a_finding_of_another_kind_is_not_grave(made):
    assert not queries.has_grave_finding(world.submitted_case(made, personas.agrees_on_conditions))


def test_files_that_no_scanner_saw_are_counted_if_released(made):
    case = world.submitted_case(made)
    number = Evidence.objects.filter(chain=case.chain).count()
    one, two = Evidence.objects.filter(chain=case.chain)[:2]
    Evidence.objects.filter(pk=one.pk).update(scan=Scan.CLEAN)
    Evidence.objects.filter(pk=two.pk).update(state=EvidenceState.HELD)

    assert queries.unscanned_files(case) == number - 2


# Who waits for whom


def waiting(stage, **fields):
    return queries.waiting_for(Case(stage=stage, **fields))


@pytest.mark.parametrize(
    ("stage", "act", "whom", "ours"),
    [
        (Stage.DRAFT, "prepare and send", "Campaign manager", True),
        (Stage.INSTRUCTED, "acknowledge receipt", "Supplier", False),
        (Stage.ANSWERING, "answer and sign", "Supplier", False),
        (Stage.QUERIED, "answer what was sent back", "Supplier", False),
        (Stage.REVIEW, "review", "Analyst", True),
        (Stage.WITH_COUNSEL, "give advice", "Counsel", True),
        (Stage.REMEDIATION, "carry out the plan", "Supplier", False),
        (Stage.SUSPENDED, "review the suspension", "Approver", True),
        (Stage.EXIT_REVIEW, "answer the reply, present a plan", "Analyst", True),
        (Stage.EXIT_APPROVAL, "decide on the exit", "Approver and counsel", True),
        (Stage.WINDING_DOWN, "carry out the exit plan", "Analyst", True),
        (Stage.DISENGAGED, "", "", False),
        (Stage.CLEARED, "", "", False),
        (Stage.WITHDRAWN, "", "", False),
    ],
)
def test_each_stage_waits_for_somebody_or_for_nobody(stage, act, whom, ours):
    found = waiting(stage)

    assert (found.act, found.whom, found.is_ours) == (act, whom, ours)


def test_every_stage_is_asked_above():
    assert len(Stage) == 14


def test_the_person_is_named_where_one_is_known(made):
    case = world.issued_case(made)
    assert queries.waiting_for(case) == Waiting(
        "acknowledge receipt", made.contact.name, case.due_at
    )

    case = world.submitted_case(made, supplier=acts.another(made))
    actions.take(case=case, by=made.analyst)
    assert queries.waiting_for(acts.fresh(case)).whom == made.analyst.name


def test_the_latest_of_escalation_and_recommendation_says_who_decides(made):
    case = world.recommended_case(made)
    assert queries.waiting_for(case).act == "decide on the recommendation"
    page = {"by": made.analyst, "reason": "Demo."}

    actions.escalate(case=case, task=engine.open_task(case), to=made.counsel, **page)
    case = acts.fresh(case)
    assert queries.waiting_for(case).whom == made.counsel.name

    actions.recommend(case=case, task=engine.open_task(case), **page)
    case = acts.fresh(case)
    assert not queries.is_escalated_last(case)
    assert queries.waiting_for(case).whom == "Approver"


def test_an_act_is_overdue_after_its_moment():
    now = clock.now()
    case = Case(stage=Stage.ANSWERING, due_at=now)

    assert not queries.is_overdue(case, now)
    assert queries.is_overdue(case, now + timedelta(seconds=1))
    assert not queries.is_overdue(Case(stage=Stage.DRAFT), now)


# People


def test_people_hold_the_role_now_and_are_there(made):
    gone, barred = (UserFactory(holds=(Role.ANALYST, made.buyer)) for _n in range(2))
    Membership.objects.filter(user=gone).update(ended_at=clock.now())
    barred.is_active = False
    barred.save()
    both = UserFactory(holds=[(Role.ANALYST, made.buyer), (Role.APPROVER, made.buyer)])

    found = queries.people(made.buyer.pk, Role.ANALYST, Role.APPROVER)

    assert set(found) == {made.analyst, made.approver, made.second_approver, both}
    assert len(found) == 4
    assert list(queries.people(made.supplier.pk, Role.ANALYST)) == []


# What a supplier's people see


def test_a_supplier_sees_the_issued_cases_of_its_own_company_alone(made):
    other = world.world()
    mine, _theirs = world.issued_case(made), world.issued_case(other)
    world.draft_case(made, supplier=acts.another(made))

    assert list(queries.asked_of(made.contact)) == [mine]
    assert list(queries.asked_in_full(made.contact)) == [mine]
    assert list(queries.is_asked(made.contact, mine.response_id)) == [mine]
    assert list(queries.is_asked(other.contact, mine.response_id)) == []
    for somebody in (made.analyst, made.manager, UserFactory()):
        assert list(queries.asked_of(somebody)) == []


def test_a_contributor_answers_for_nobody(made):
    world.issued_case(made)
    helper = UserFactory(holds=(Role.CONTRIBUTOR, made.supplier))

    assert list(queries.asked_of(helper)) == []


def test_mails_of_a_case_are_shown_to_whom_they_went_without_codes(made):
    case = world.submitted_case(made)

    purposes = {mail.purpose for mail in queries.mails_to(case, made.contact)}

    assert purposes == {"case_issued", "case_receipt", "letter"}
    assert list(queries.mails_to(case, made.approver)) == []


def test_receipt_and_instruction_are_found_once_asked_for(made):
    case = world.submitted_case(made)
    submission = case.response.submissions.get()
    assert queries.instruction_of(case) is None

    asked = actions.ask_instruction(case=case, by=made.contact)

    assert queries.instruction_of(case).pk == asked.pk
    assert queries.receipt_of(case, submission).kind == "RECEIPT"
    assert list(queries.submissions(case)) == [submission]


def refusal(**more):
    return {"agree_sourcing": "refused", "agree_dealings": "agreed"} | more


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, None),
        ({"agree_sourcing": "agreed", "agree_dealings": "agreed"}, None),
        (refusal(), ReplyCode.DECLINES_NO_REASON),
        (refusal(why_not=["no_reason"]), ReplyCode.DECLINES_NO_REASON),
        (refusal(why_not=["cost"]), ReplyCode.DECLINES_DISAGREES),
        (refusal(why_not=["law"]), ReplyCode.LEGAL_CONSTRAINT_CLAIMED),
        (refusal(why_not=["safety", "cost"]), ReplyCode.LEGAL_CONSTRAINT_CLAIMED),
        (refusal(why_not=["confidential"]), ReplyCode.CONFIDENTIAL_NEEDS_TERMS),
        (refusal(why_not={"declined": "cannot_say"}), ReplyCode.DECLINES_NO_REASON),
        (
            {"agree_sourcing": {"declined": "cannot_say", "why": "law"}},
            ReplyCode.LEGAL_CONSTRAINT_CLAIMED,
        ),
        (
            {"agree_no_groups": {"declined": "cannot_say"}},
            ReplyCode.DECLINES_NO_REASON,
        ),
    ],
)
def test_a_reply_that_declines_is_read_from_section_five_alone(given, code):
    assert queries.reply_that_declines(given) == code


def test_section_five_is_read_as_it_stands(made):
    case = world.issued_case(made)
    assert queries.commitments_of(case) == {}

    actions.prepare_decline(case=case, by=made.contact)
    world.answer(acts.fresh(case), personas.refuses_with_reason)

    assert queries.commitments_of(acts.fresh(case))["agree_sourcing"] == "refused"


# Signed answers


def test_findings_of_a_decline_rest_on_what_was_signed(made):
    case = world.acknowledged_case(made)
    world.answer(case, personas.site_in_the_region)
    commitments = case.response.documents.get(section="commitments")
    commitments.data = {
        "answers": {
            "agree_sourcing": "refused",
            "agree_dealings": "refused",
            "agree_no_groups": "agreed",
            "why_not": ["no_reason"],
        }
    }
    commitments.save()

    actions.decline(
        case=case,
        task=engine.open_task(case),
        by=case.signatory,
        signature=acts.decline_signature(case, case.signatory),
    )

    standing = queries.standing(acts.fresh(case))
    assert {one.key for one in standing.findings} == {"refused_sourcing", "refused_dealings"}
    assert standing.claims == []
    assert (standing.outcome, standing.proposed_code) == (
        Outcome.B5_AGREEMENT,
        ReplyCode.DECLINES_NO_REASON,
    )


def test_what_counsel_alone_reads_is_no_answer_for_the_desk(made):
    case = world.submitted_case(made, personas.legally_bound)
    texts = CounselText.objects.filter(submission__response=case.response)
    canaries = [one.text for one in texts if len(one.text) > 5]
    assert canaries

    parts = queries.answer_parts(queries.standing(case), [], language="en", counsel=False)

    for canary in canaries:
        assert canary not in str(parts)


def test_what_changed_since_last_time_stands_beside_the_answer(made):
    case = acts.queried(world.submitted_case(made), made.analyst, "job_title")
    document = case.response.documents.get(section="you")
    document.data["answers"]["job_title"] = "Demo head of exports"
    document.save()
    case = world.submit(case)

    parts = queries.answer_parts(queries.standing(case), [], language="en", counsel=False)
    changed = [
        (line.line.path, line.before, line.text)
        for part in parts
        for group in part.groups
        for line in group.lines
        if line.before is not None
    ]

    assert changed == [("job_title", "Demo export manager", "Demo head of exports")]
    (part,) = [part for part in parts if part.changed]
    assert (part.key, part.changed) == ("you", 1)


def test_a_claim_is_named_as_the_questionnaire_names_it(made):
    case = world.submitted_case(made)
    submission = case.response.submissions.get()

    assert queries.claim_label(submission, "origin", "", "en") != "origin"
    assert queries.claim_label(submission, "unheard_of", "", "en") == "unheard_of"
    claims, steps = queries.claims_and_steps(made.campaign.version, "en")
    assert {"origin", "ended"} <= {code for code, _label in claims}
    assert all(label for _code, label in steps)


# Campaigns


def test_buyers_and_suppliers_are_ones_own(made):
    other = world.world(name="Demo Buyer Two GmbH")

    assert list(campaigns.buyers(made.manager, Role.CAMPAIGN_MANAGER)) == [made.buyer]
    assert list(campaigns.buyers(made.analyst, Role.CAMPAIGN_MANAGER)) == []
    assert list(campaigns.suppliers([made.buyer], "")) == [made.supplier]
    assert list(campaigns.suppliers([made.buyer], made.supplier.reference.lower())) == [
        made.supplier
    ]
    assert list(campaigns.suppliers([made.buyer], other.supplier.reference)) == []


def test_progress_is_read_from_the_cases(made):
    world.draft_case(made)
    world.issued_case(made, supplier=acts.another(made))
    world.submitted_case(made, supplier=acts.another(made))

    (row,) = campaigns.with_counts(type(made.campaign).objects.all())

    assert (row.all_cases, row.sent, row.replied) == (3, 2, 1)
    assert campaigns.by_stage(made.campaign) == [
        (Stage.DRAFT, 1),
        (Stage.INSTRUCTED, 1),
        (Stage.REVIEW, 1),
    ]
    (draft,) = campaigns.drafts(made.campaign, 10)
    assert draft.stage == Stage.DRAFT
