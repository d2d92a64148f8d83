"""What the supplier does with its case, and how the buyer sends and withdraws it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import Max

from documents.models import Dossier
from portal import clock, ledger
from portal.access import Conflict, Refused
from portal.enums import Audience, Role, Wording
from portal.models import Membership, OutboxMessage, User
from questionnaires.enums import ResponseState
from questionnaires.models import Comment
from tests.factories.portal import UserFactory
from tests.questionnaires import personas
from tests.workflows import acts, world
from tests.workflows.test_engine import a_ledger_that_is_full
from workflows import actions, calendar, engine
from workflows.enums import CampaignState, FindingState, ReplyCode, Stage, Verb
from workflows.models import Case, Decision, Finding, Instruction

pytestmark = pytest.mark.django_db

ALL = frozenset(Audience)


@pytest.fixture
def made():
    return world.world()


def mails(case, purpose):
    return sorted(
        OutboxMessage.objects.filter(chain_id=case.chain_id, purpose=purpose).values_list(
            "to", flat=True
        )
    )


def last(case, audiences=ALL):
    return ledger.events(case, audiences=audiences)[-1]


# issue


def test_issuing_sends_the_exact_words_sets_the_clocks_and_invites_the_contact(made):
    supplier = world.new_supplier(made.buyer, language="zh-hans")
    case = world.draft_case(made, supplier=supplier, wording=Wording.TRACEABILITY)
    now = clock.now()

    with clock.at(now):
        actions.issue(case=case, by=made.manager)

    case = acts.fresh(case)
    assert (case.stage, case.last_verb, case.issued_at) == (Stage.INSTRUCTED, Verb.ISSUE, now)
    assert case.due_at == calendar.end_of(made.campaign.due_on, "Asia/Shanghai")
    assert case.lapse_at == calendar.after(
        case.due_at, case.policy.lapse_days, "CN", "Asia/Shanghai"
    )
    assert case.next_act_at == case.due_at
    assert case.contact.email == supplier.contact_email
    assert case.response.state == ResponseState.WAITING
    words = Instruction.objects.get(case=case)
    assert (words.wording, words.language) == (Wording.TRACEABILITY, "zh-hans")
    assert mails(case, "case_issued") == [supplier.contact_email]
    (event,) = [one for one in ledger.events(case, audiences=ALL) if one.name == "case.issued"]
    assert event.data["instruction"] == words.sha256
    assert event.data["due"] == ledger.moment(case.due_at)


def test_a_contact_known_at_this_supplier_is_not_invited_again(made):
    case = world.issued_case(made)

    assert case.contact == made.contact
    assert (
        not Membership.objects.filter(user=made.contact)
        .exclude(organisation=made.supplier)
        .exists()
    )
    assert User.objects.filter(email=made.contact.email).count() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"wording": ""}, "Counsel has not recorded the wording."),
        ({"supplier.contact_email": ""}, "No contact address is known."),
        (
            {"campaign.prohibited_list": None},
            "The list of prohibited companies is missing.",
        ),
    ],
)
def test_what_is_not_ready_is_not_sent(made, change, sentence):
    case = world.draft_case(made)
    for path, value in change.items():
        *way, name = path.split(".")
        target = getattr(case, way[0]) if way else case
        setattr(target, name, value)
        target.save()
    before = acts.rows()

    with pytest.raises(Conflict, match=sentence):
        actions.issue(case=case, by=made.manager)

    assert acts.rows() == before


# acknowledge, sign


def test_acknowledging_is_a_receipt_and_opens_the_form(made):
    case = world.issued_case(made)
    now = clock.now()

    with clock.at(now):
        actions.acknowledge(case=case, task=engine.open_task(case), by=case.contact)

    case = acts.fresh(case)
    assert (case.stage, case.acknowledged_at) == (Stage.ANSWERING, now)
    assert case.response.state == ResponseState.OPEN
    assert case.response.submissions.count() == 0
    assert [event.name for event in ledger.events(case, audiences=ALL)[-2:]] == [
        "case.acknowledged",
        "letter.sent",
    ]
    assert case.letters.get().text.startswith("Thank you. On ")


def test_submitting_freezes_raises_findings_tells_both_sides_and_asks_for_a_receipt(made):
    case = world.submitted_case(made, personas.agrees_on_conditions)

    assert (case.stage, case.signatory, case.reply_code) == (Stage.REVIEW, made.contact, "")
    assert case.submitted_at is not None
    assert case.response.state == ResponseState.SUBMITTED
    assert set(Finding.objects.filter(case=case).values_list("key", "state")) == {
        ("conditional", FindingState.OPEN),
        ("encourage", FindingState.OPEN),
    }
    assert mails(case, "case_receipt") == [made.contact.email]
    assert mails(case, "case_submitted") == [made.analyst.email]
    assert Dossier.objects.filter(chain=case.chain).count() == 1
    submission = case.response.submissions.get()
    (event,) = [e for e in ledger.events(case, audiences=ALL) if e.name == "case.submitted"]
    assert event.data["sha256"] == submission.sha256
    assert event.words["title"] == "Director"


def test_a_wrong_code_signs_nothing_and_a_right_one_still_does(made):
    case = world.acknowledged_case(made)
    world.answer(case)
    signature = world.signature(case, case.signatory)
    wrong = actions.Signature(**{**vars(signature), "code": "0000-0000"})
    page = {"case": case, "task": engine.open_task(case), "by": case.signatory}
    before = acts.rows()

    with pytest.raises(actions.WrongCode):
        actions.submit(**page, signature=wrong)
    assert acts.rows() == before

    actions.submit(**page, signature=signature)
    assert acts.fresh(case).stage == Stage.REVIEW


def test_answers_changed_since_the_code_was_asked_for_are_not_signed(made):
    case = world.acknowledged_case(made)
    world.answer(case)
    signature = world.signature(case, case.signatory)
    document = case.response.documents.get(section="you")
    document.data["answers"]["job_title"] = "Demo manager of something else"
    document.save()
    before = acts.rows()

    with pytest.raises(Conflict):
        actions.submit(
            case=case, task=engine.open_task(case), by=case.signatory, signature=signature
        )

    assert acts.rows() == before


def test_the_same_code_signs_once(made):
    case = world.submitted_case(made)
    signature = world.signature(acts.queried(case, made.analyst), case.signatory)
    case = acts.fresh(case)
    given = {"by": case.signatory, "signature": signature}
    actions.submit(case=case, task=engine.open_task(case), **given)

    with pytest.raises(actions.WrongCode):
        actions.submit(case=acts.fresh(case), task=engine.open_task(case), **given)


def test_answering_what_was_sent_back_keeps_both_submissions(made):
    case = world.submit(acts.queried(world.submitted_case(made), made.analyst))

    assert [one.number for one in case.response.submissions.order_by("number")] == [1, 2]
    assert case.stage == Stage.REVIEW
    assert mails(case, "case_receipt") == [made.contact.email] * 2


# What was raised before


def settle(made, persona_after, *, state):
    case = world.submitted_case(made, personas.agrees_on_conditions)
    finding = Finding.objects.get(case=case, key="conditional")
    if state != FindingState.OPEN:
        actions.judge_finding(finding=finding, by=made.analyst, state=state, reason="Demo.")
    case = acts.queried(acts.fresh(case), made.analyst, "agree_sourcing", "agree_dealings")
    world.answer(case, persona_after)
    world.submit(case)
    finding.refresh_from_db()
    return finding


@pytest.mark.parametrize(
    ("state", "after"),
    [
        (FindingState.OPEN, FindingState.OPEN),
        (FindingState.DISMISSED, FindingState.OPEN),
        (FindingState.CONFIRMED, FindingState.CONFIRMED),
        (FindingState.REMEDIED, FindingState.REMEDIED),
    ],
)
def test_what_is_raised_again_opens_anew_unless_it_was_settled(made, state, after):
    finding = settle(made, personas.agrees_on_conditions, state=state)

    assert finding.state == after
    assert Finding.objects.filter(case=finding.case, key="conditional").count() == 1


@pytest.mark.parametrize(
    ("state", "after"),
    [
        (FindingState.OPEN, FindingState.ANSWERED),
        (FindingState.DISMISSED, FindingState.DISMISSED),
        (FindingState.CONFIRMED, FindingState.CONFIRMED),
    ],
)
def test_what_is_raised_no_more_is_answered_and_never_gone(made, state, after):
    assert settle(made, personas.clean_weaver, state=state).state == after


# decline


@pytest.mark.parametrize("from_stage", ["INSTRUCTED", "ANSWERING", "QUERIED"])
def test_declining_signs_section_five_alone_and_brings_the_case_to_review(made, from_stage):
    if from_stage == "INSTRUCTED":
        case = world.issued_case(made)
        actions.name_signatory(case=case, by=case.contact, email=case.contact.email, name="Demo")
        actions.prepare_decline(case=case, by=case.contact)
        case = acts.fresh(case)
    elif from_stage == "ANSWERING":
        case = world.acknowledged_case(made)
    else:
        case = acts.queried(
            world.submitted_case(made), made.analyst, "agree_sourcing", "agree_dealings"
        )
    assert case.stage == from_stage
    world.answer(case, personas.refuses_without_reason)

    actions.decline(
        case=case,
        task=engine.open_task(case),
        by=case.signatory,
        signature=acts.decline_signature(case, case.signatory),
    )

    case = acts.fresh(case)
    submission = case.response.submissions.order_by("-number").first()
    assert (case.stage, case.last_verb) == (Stage.REVIEW, Verb.DECLINE)
    assert case.declined_at == case.submitted_at
    assert list(submission.content["sections"]) == ["commitments"]
    assert "case.declined" in {one.name for one in ledger.events(case, audiences=ALL)}
    assert mails(case, "case_submitted")[-1:] == [made.analyst.email]
    assert acts.unfinished(case) == [("review", "NEW")]


# refer


@pytest.mark.parametrize("who", ["contact", "analyst", "approver"])
def test_a_note_to_counsel_is_counsels_alone(made, who):
    case = world.issued_case(made)
    by, canary = getattr(made, who), "canary for counsel alone"

    actions.refer(case=case, task=engine.open_task(case), by=by, note=canary)

    case = acts.fresh(case)
    assert (case.stage, case.held_from) == (Stage.WITH_COUNSEL, Stage.INSTRUCTED)
    assert mails(case, "case_referred") == [made.counsel.email]
    open_words = [
        one.words for one in ledger.events(case, audiences=frozenset({Audience.PERSONAL}))
    ]
    assert canary not in str(open_words)
    if who == "contact":
        assert Comment.objects.get(response=case.response).audience == "COUNSEL"
        assert not Decision.objects.filter(case=case).exists()
    else:
        decision = Decision.objects.get(case=case)
        assert (decision.verb, decision.by, decision.counsel_text) == (Verb.REFER, by, canary)
        assert canary not in decision.reason


# who signs, who is written to


def test_naming_oneself_needs_no_mail_and_naming_a_colleague_does(made):
    case = world.issued_case(made)

    actions.name_signatory(case=case, by=case.contact, email=case.contact.email, name="Demo")
    assert acts.fresh(case).signatory == case.contact
    assert not OutboxMessage.objects.filter(purpose="invitation").exists()

    actions.name_signatory(
        case=case, by=case.contact, email=" Chief@Supplier.Example ", name="Demo Chief"
    )
    case = acts.fresh(case)
    assert case.signatory.email == "chief@supplier.example"
    assert OutboxMessage.objects.get(purpose="invitation").to == "chief@supplier.example"
    assert not case.signatory.holds(Role.SIGNATORY, case.supplier_id)


def test_naming_the_same_person_again_changes_nothing(made):
    case = world.acknowledged_case(made)
    before = acts.rows()

    actions.name_signatory(case=case, by=case.contact, email=case.contact.email, name="Other")

    assert acts.rows() == before


def test_a_contact_who_is_no_signatory_yet_becomes_one_by_naming_itself(made):
    case = world.issued_case(made)
    Membership.objects.filter(user=case.contact, role=Role.SIGNATORY).delete()
    contact = User.objects.get(pk=case.contact_id)
    assert not contact.holds(Role.SIGNATORY, case.supplier_id)

    actions.name_signatory(case=case, by=contact, email=contact.email, name="Demo")

    assert User.objects.get(pk=contact.pk).holds(Role.SIGNATORY, case.supplier_id)


def test_no_address_is_no_signatory(made):
    case = world.issued_case(made)
    before = acts.rows()

    with pytest.raises(ValidationError):
        actions.name_signatory(case=case, by=case.contact, email="not an address", name="Demo")

    assert acts.rows() == before


def test_the_wrong_person_says_so_once_and_the_buyer_is_told(made):
    case = world.issued_case(made)

    for _twice in range(2):
        actions.report_wrong_person(case=case, by=case.contact, note="I left.")

    assert mails(case, "wrong_person") == sorted([made.manager.email, made.analyst.email])
    assert acts.fresh(case).wrong_person_at is not None
    assert acts.fresh(case).stage == Stage.INSTRUCTED
    with pytest.raises(Refused):
        actions.report_wrong_person(case=case, by=made.analyst, note="Not mine to say.")


def test_another_contact_is_written_to_and_the_first_one_may_come_back(made):
    case = world.issued_case(made)
    first = case.contact
    change = {"case": case, "by": made.manager}

    actions.change_contact(**change, email="Next@Supplier.Example", name=" Demo Next ")
    after = acts.fresh(case)
    assert (after.contact.email, after.supplier.contact_name) == (
        "next@supplier.example",
        "Demo Next",
    )
    actions.change_contact(**change, email=first.email, name=first.name)

    assert acts.fresh(case).contact == first
    assert mails(case, "case_issued") == sorted([first.email, first.email, after.contact.email])


# messages


def test_a_message_goes_to_the_other_side_and_is_told_without_its_text(made):
    case = world.acknowledged_case(made)

    actions.write_message(case=case, by=case.contact, text="Canary question?")
    assert mails(case, "case_message") == [made.analyst.email]
    actions.write_message(case=case, by=made.analyst, text="Canary answer.")

    assert mails(case, "case_message") == sorted([made.analyst.email, made.contact.email])
    bodies = OutboxMessage.objects.filter(purpose="case_message").values_list("body", flat=True)
    assert "Canary" not in "".join(bodies)
    assert list(
        Comment.objects.filter(response=case.response)
        .order_by("at")
        .values_list("text", flat=True)
    ) == ["Canary question?", "Canary answer."]


def test_the_same_message_sent_twice_is_one(made):
    case = world.issued_case(made)

    for text in ("One", "One", "Two", "One"):
        actions.write_message(case=case, by=case.contact, text=text)

    assert [one.text for one in Comment.objects.order_by("at")] == ["One", "Two", "One"]


# withdraw


def test_a_draft_is_withdrawn_without_a_run_or_a_mail(made):
    case = world.draft_case(made)

    actions.withdraw(case=case, by=made.manager, reason="A duplicate.")

    case = acts.fresh(case)
    assert (case.stage, case.last_verb, case.next_act_at) == (
        Stage.WITHDRAWN,
        Verb.WITHDRAW,
        None,
    )
    assert case.ended_at is not None
    assert mails(case, "case_withdrawn") == []
    assert last(case).words["reason"] == "A duplicate."


def test_a_supplier_is_told_of_the_end_and_can_write_no_more(made):
    case = world.acknowledged_case(made)

    actions.withdraw(case=case, by=made.manager, reason="Sent in error.")

    case = acts.fresh(case)
    assert mails(case, "case_withdrawn") == [made.contact.email]
    assert case.response.state == ResponseState.CLOSED
    assert Decision.objects.get(case=case, verb=Verb.WITHDRAW).reason == "Sent in error."


GRAVE = [
    (personas.site_in_the_region, "B1"),
    (personas.branch_in_the_region, "B2"),
    (personas.takes_part_in_transfers, "B3"),
]


@pytest.mark.parametrize(("persona", "clause"), GRAVE)
def test_a_case_with_a_grave_finding_cannot_be_withdrawn_until_it_is_dismissed(
    made, persona, clause
):
    case = world.submitted_case(made, persona)
    before = acts.rows()

    with pytest.raises(Conflict, match="must be decided"):
        actions.withdraw(case=case, by=made.manager, reason="Sent in error.")
    assert acts.rows() == before

    for finding in Finding.objects.filter(case=case, clause=clause, level="exit"):
        actions.judge_finding(
            finding=finding, by=made.analyst, state=FindingState.DISMISSED, reason="No."
        )
    actions.withdraw(case=case, by=made.manager, reason="Sent in error.")
    assert acts.fresh(case).stage == Stage.WITHDRAWN


# the supplier's own copies


def test_the_list_opens_under_its_neutral_name_and_that_is_an_event(made):
    case = world.issued_case(made)

    opened, name = actions.open_list(case=case, by=case.contact)
    with opened:
        held = opened.read()

    assert held == b"name\nDemo Prohibited Company\n"
    assert name == f"{case.reference}-companies-{clock.today():%Y-%m-%d}.csv"
    assert last(case).data["sha256"] == made.prohibited_list.sha256
    with pytest.raises(Refused):
        actions.open_list(case=case, by=made.analyst)


def test_a_strange_ending_is_left_off_and_a_lost_file_is_told(made):
    case = world.issued_case(made)
    listed = made.prohibited_list
    listed.file_name = "list.../..%2f"
    listed.save()

    opened, name = actions.open_list(case=case, by=case.contact)
    opened.close()
    assert name.endswith(f"{listed.dated_on:%Y-%m-%d}")

    listed.stored_as = "nowhere"
    listed.save()
    with pytest.raises(Conflict, match="does not hold this file"):
        actions.open_list(case=acts.fresh(case), by=case.contact)


def test_a_list_that_was_opened_without_an_event_is_not_given_out(made):
    case = world.issued_case(made)

    with (
        a_ledger_that_is_full(),
        pytest.raises(DatabaseError, match="ledger is full"),
        transaction.atomic(),
    ):
        actions.open_list(case=case, by=case.contact)

    assert not case.chain.entries.filter(event="case.list_opened").exists()


def test_a_copy_that_says_the_same_is_written_once(made):
    case = world.submitted_case(made)
    submission = case.response.submissions.get()

    first = actions.ask_instruction(case=case, by=case.contact)
    again = actions.ask_instruction(case=case, by=case.contact)
    receipt = actions.ask_receipt(case=case, submission=submission, by=case.contact)

    assert first.pk == again.pk
    assert receipt.chain_id == case.chain_id
    for ask in (
        lambda: actions.ask_instruction(case=case, by=made.analyst),
        lambda: actions.ask_receipt(case=case, submission=submission, by=UserFactory()),
    ):
        with pytest.raises(Refused):
            ask()


def test_moments_of_a_case_follow_one_another(made):
    case = world.cleared_case(made)

    moments = [case.created_at, case.issued_at, case.acknowledged_at, case.submitted_at]
    moments += [case.cleared_at]
    assert moments == sorted(moments)
    assert case.campaign.state == CampaignState.DRAFT
    assert Case.objects.aggregate(last=Max("cleared_at"))["last"] == case.ended_at
    assert case.lapse_at - case.due_at > timedelta(days=case.policy.lapse_days)
    assert case.reply_code in {"", *ReplyCode}
