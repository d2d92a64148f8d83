"""A supplier's pages: each works, refuses, hides and counts; then the acts one by one."""

from datetime import timedelta

import pytest
from django.urls import reverse

from documents.actions import dossier as documents
from documents.enums import EvidenceState
from documents.models import Dossier, Evidence
from portal import clock, ledger
from portal.enums import Role, Wording
from portal.models import Invitation, OutboxMessage, StepUp, User
from questionnaires.enums import CommentAudience, ResponseState, SubmissionKind
from questionnaires.models import Comment, SectionDocument
from tests.factories.portal import MembershipFactory, OrganisationFactory, UserFactory
from tests.questionnaires import personas
from tests.workflows import acts, world
from workflows import actions, engine
from workflows.enums import ReplyCode, Stage
from workflows.models import Case

pytestmark = pytest.mark.django_db

HOSTILE = "𠮷野 \u202eevil\u202c <b>bold</b> 🙂 'q' \"d\" مرحبا"
OF_CASE = [
    "request",
    "request_genuine",
    "request_wrong_person",
    "request_signatory",
    "request_refer",
    "request_message",
    "request_decline",
    "request_instruction",
    "request_companies",
    "request_receipt",
]
OF_ANSWERS = [
    "request_sign",
    "request_sign_code",
    "request_decline_sign",
    "request_decline_code",
]


def url(name, case, *args):
    of = case.response_id if name in OF_ANSWERS else case.pk
    return reverse(f"workflows:{name}", args=[of, *args])


def text_of(answer):
    return answer.content.decode()


def fresh(case):
    return Case.objects.get(pk=case.pk)


def at_supplier(case, *roles):
    return UserFactory(holds=[(role, case.supplier) for role in roles])


@pytest.fixture
def made():
    return world.world()


@pytest.fixture
def issued(made):
    return world.issued_case(made)


@pytest.fixture
def answering(made):
    return world.acknowledged_case(made)


@pytest.fixture
def ready(answering):
    world.answer(answering)
    return answering


@pytest.fixture
def as_contact(client, made):
    client.force_login(made.contact)
    client.get("/")  # the first request of a session writes when it began
    return client


# Each page: works, refuses, hides, and takes no other method ------------------------------


@pytest.mark.parametrize("wording", Wording.values)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_shows_in_both_wordings_and_languages(as_contact, made, wording, language):
    case = world.acknowledged_case(made, wording=wording)
    world.answer(case)
    as_contact.cookies["django_language"] = language

    for name in [*OF_CASE, "request_sign", "request_decline_sign"]:
        answer = as_contact.get(url(name, case))

        assert answer.status_code == expected_status(name, wording), name
        if answer.streaming:
            b"".join(answer.streaming_content)
        elif answer.status_code == 200:
            assert "<h1" in text_of(answer)


def expected_status(name, wording):
    if name == "request_receipt":
        return 302  # nothing was signed yet
    return 409 if name == "request_companies" and wording == Wording.TRACEABILITY else 200


def audience():
    yield "workflows:requests"
    yield from (f"workflows:{name}" for name in [*OF_CASE, *OF_ANSWERS])


@pytest.mark.parametrize("role", [Role.ANALYST, Role.COUNSEL, Role.CAMPAIGN_MANAGER])
def test_the_buyers_people_do_not_open_a_suppliers_pages(client, issued, role, monkeypatch):
    person = UserFactory(holds=(role, issued.buyer))
    client.force_login(person)
    monkeypatch.setattr("portal.sign_in.needs_second_factor", lambda user: False)

    for name in [*OF_CASE, *OF_ANSWERS]:
        answer = client.get(url(name, issued))

        assert answer.status_code == 403
        assert "This page is not open to your role." in text_of(answer)


def test_a_buyers_person_who_serves_another_supplier_finds_nothing_here(
    client, issued, monkeypatch
):
    elsewhere = OrganisationFactory(supplier=True)
    person = UserFactory(holds=[(Role.ANALYST, issued.buyer), (Role.CONTACT, elsewhere)])
    client.force_login(person)
    monkeypatch.setattr("portal.sign_in.needs_second_factor", lambda user: False)

    found = {client.get(url(name, issued)).status_code for name in [*OF_CASE, *OF_ANSWERS]}

    assert found == {404}


def test_a_contributor_is_refused_with_the_sentence(client, issued):
    client.force_login(at_supplier(issued, Role.CONTRIBUTOR))

    for name in [*OF_CASE, *OF_ANSWERS]:
        answer = client.get(url(name, issued))

        assert answer.status_code == 403
        assert "This page is not open to your role." in text_of(answer)


def test_another_companys_contact_finds_nothing(client, issued):
    stranger = UserFactory(holds=(Role.CONTACT, OrganisationFactory(supplier=True)))
    client.force_login(stranger)

    for name in [*OF_CASE, *OF_ANSWERS]:
        assert client.get(url(name, issued)).status_code == 404
    assert client.post(url("request_acknowledge", issued), {"task": "1"}).status_code == 404
    assert client.post(url("request_receipt_of", issued, 1)).status_code == 404


def test_a_draft_is_not_known_to_its_supplier(as_contact, made):
    case = world.draft_case(made)

    assert as_contact.get(reverse("workflows:request", args=[case.pk])).status_code == 404
    assert "Nothing is asked of you" in text_of(as_contact.get("/requests/"))


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("request", "post"),
        ("request_acknowledge", "get"),
        ("request_genuine", "post"),
        ("request_companies", "post"),
        *((name, "delete") for name in [*OF_CASE[2:8], "request_receipt", *OF_ANSWERS]),
    ],
)
def test_no_page_takes_another_method(as_contact, issued, name, method):
    assert getattr(as_contact, method)(url(name, issued)).status_code == 405
    assert as_contact.post("/requests/").status_code == 405


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("request", 16),
        ("request_genuine", 6),
        ("request_wrong_person", 5),
        ("request_signatory", 5),
        ("request_refer", 6),
        ("request_message", 6),
        ("request_decline", 6),
        ("request_instruction", 6),
        ("request_sign", 9),
    ],
)
def test_what_a_page_costs(as_contact, ready, name, count, django_assert_num_queries):
    page = url(name, ready)
    as_contact.get(page)

    with django_assert_num_queries(count):
        as_contact.get(page)


@pytest.mark.parametrize("count", [2, 4])
def test_the_list_of_requests_costs_the_same_however_long(
    client, made, count, django_assert_num_queries
):
    person = made.contact
    for _number in range(count):
        supplier = world.new_supplier(made.buyer)
        world.issued_case(made, supplier=supplier)
        MembershipFactory(user=person, organisation=supplier, role=Role.CONTACT)
    client.force_login(person)
    client.get("/")

    with django_assert_num_queries(5):
        answer = client.get("/requests/")

    assert text_of(answer).count("govuk-task-list__item ") == count


def test_one_request_is_opened_straight_away(as_contact, issued):
    assert as_contact.get("/requests/").headers["Location"] == url("request", issued)


# Acknowledging ----------------------------------------------------------------------------


def test_a_new_request_says_what_to_do_first(as_contact, issued):
    answer = as_contact.get(url("request", issued))

    assert "Say that you have it" in text_of(answer)
    assert "It is a receipt and agrees to nothing." in text_of(answer)
    assert "(Shanghai)" in text_of(answer)


def test_acknowledging_moves_the_case_once(as_contact, issued):
    task = engine.open_task(issued)

    answer = as_contact.post(url("request_acknowledge", issued), {"task": task}, follow=True)
    again = as_contact.post(url("request_acknowledge", issued), {"task": task})

    assert "Demo Contact answers for" in text_of(answer)
    assert fresh(issued).stage == Stage.ANSWERING
    assert again.status_code == 409
    assert len([one for one in events(issued) if one == "case.acknowledged"]) == 1


def events(case):
    return [event.name for event in ledger.events(case, audiences=frozenset())]


@pytest.mark.parametrize("task", ["", "x", "0", "9" * 30, "-1"])
def test_a_step_that_is_none_is_a_conflict(as_contact, issued, task):
    answer = as_contact.post(url("request_acknowledge", issued), {"task": task})

    assert answer.status_code == 409
    assert fresh(issued).stage == Stage.INSTRUCTED


# Wrong person, signatory, counsel, messages ---------------------------------------------------


def test_the_wrong_person_says_so_once(as_contact, issued):
    for _time in range(2):
        answer = as_contact.post(
            url("request_wrong_person", issued), {"note": HOSTILE}, follow=True
        )

    assert "Thank you, we were told" in text_of(answer)
    assert fresh(issued).wrong_person_at is not None
    assert events(issued).count("case.wrong_person") == 1
    assert OutboxMessage.objects.filter(purpose="wrong_person").count() == 2


def test_the_wrong_person_is_sent_to_the_signatory_only_while_one_can_be_named(as_contact, issued):
    path, signatory = url("request_wrong_person", issued), url("request_signatory", issued)

    assert signatory in as_contact.get(path).text
    Case.objects.filter(pk=issued.pk).update(stage=Stage.WITHDRAWN)
    assert signatory not in as_contact.get(path).text


def test_a_note_on_the_wrong_person_that_is_too_long_comes_back(as_contact, issued):
    answer = as_contact.post(url("request_wrong_person", issued), {"note": "x" * 10_000})

    assert answer.status_code == 200
    assert "x" * 10_000 in text_of(answer)
    assert fresh(issued).wrong_person_at is None


def test_a_contact_names_itself(client, issued):
    contact = at_supplier(issued, Role.CONTACT)
    client.force_login(contact)

    client.post(url("request_signatory", issued), {"who": "me"})

    assert fresh(issued).signatory == contact
    assert User.objects.get(pk=contact.pk).holds(Role.SIGNATORY, issued.supplier_id)


def test_a_colleague_is_named_once_and_invited_once(as_contact, issued, made):
    domain = made.contact.email.partition("@")[2]
    named = {"who": "colleague", "name": "示例签署人", "email": f"boss@{domain}"}

    for _time in range(2):
        answer = as_contact.post(url("request_signatory", issued), named, follow=True)

    assert f"An invitation goes to boss@{domain}." in text_of(answer)
    assert fresh(issued).signatory.email == f"boss@{domain}"
    assert Invitation.objects.filter(role=Role.SIGNATORY).count() == 1
    assert OutboxMessage.objects.filter(purpose="invitation").count() == 1


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"who": ""}, "Say who signs."),
        ({"name": ""}, "Type the name of the colleague."),
        ({"email": ""}, "Type the mail address of the colleague."),
        ({"email": "boss"}, "Type a mail address"),
        ({"email": "boss@elsewhere.example"}, "outside your own mail domain"),
        ({"name": "Boss\u202egnp"}, "on one line"),
    ],
)
def test_a_signatory_that_cannot_be_named_is_explained_at_the_field(
    as_contact, issued, changed, sentence
):
    named = {"who": "colleague", "name": "Boss", "email": "boss@supplier.example"}

    answer = as_contact.post(url("request_signatory", issued), named | changed)

    assert answer.status_code == 200
    assert sentence in text_of(answer)
    assert fresh(issued).signatory is None


def test_a_note_to_counsel_is_counsels_alone(as_contact, answering, made):
    task = engine.open_task(answering)
    sent = {"task": task, "note": f"CANARY {HOSTILE}"}

    answer = as_contact.post(url("request_refer", answering), sent, follow=True)
    again = as_contact.post(url("request_refer", answering), sent)

    assert "Your note is with counsel." in text_of(answer)
    assert "CANARY" not in text_of(answer)
    assert again.status_code == 409
    assert fresh(answering).stage == Stage.WITH_COUNSEL
    comment = Comment.objects.get(audience=CommentAudience.COUNSEL)
    assert comment.text.startswith("CANARY")
    assert "CANARY" not in "".join(OutboxMessage.objects.values_list("body", flat=True))


def test_messages_go_back_and_forth_and_are_escaped(as_contact, answering, made):
    long = (HOSTILE + "\n") * 200
    for _time in range(2):
        answer = as_contact.post(
            url("request_message", answering), {"text": long[:10_000]}, follow=True
        )
    actions.write_message(case=answering, by=made.analyst, text="CANARY reply")
    hub = text_of(as_contact.get(url("request", answering)))

    assert "Your message was sent." in text_of(answer)
    assert Comment.objects.filter(by=made.contact).count() == 1
    assert "CANARY reply" in hub
    assert "<b>bold</b>" not in hub
    assert "&lt;b&gt;bold&lt;/b&gt;" in hub
    assert "𠮷" in hub


@pytest.mark.parametrize("text", ["", "   ", "x" * 10_001, "a\x00b"])
def test_a_message_that_cannot_be_sent_comes_back(as_contact, answering, text):
    answer = as_contact.post(url("request_message", answering), {"text": text})

    assert answer.status_code == 200
    assert "There is a problem" in text_of(answer)
    assert Comment.objects.count() == 0


def test_a_withdrawn_request_can_be_read_and_nothing_else(as_contact, answering, made):
    actions.withdraw(case=answering, by=made.manager, reason="Sent in error.")

    assert "This request was withdrawn" in text_of(as_contact.get(url("request", answering)))
    assert as_contact.get(url("request_message", answering)).status_code == 200
    assert as_contact.post(url("request_message", answering), {"text": "x"}).status_code == 409
    for name in ("request_refer", "request_decline", "request_signatory", "request_sign"):
        assert as_contact.get(url(name, answering)).status_code == 409


def test_only_mails_of_this_person_and_no_codes_prove_a_mail(as_contact, ready):
    asked(as_contact, ready)

    answer = text_of(as_contact.get(url("request_genuine", ready)))

    assert f"A request from {ready.buyer.name}" in answer
    assert "Your code" not in answer


# The instruction ---------------------------------------------------------------------------------


def test_the_instruction_is_shown_to_the_letter_and_written_on_demand(as_contact, issued):
    page = url("request_instruction", issued)
    first = text_of(as_contact.get(page))

    as_contact.post(page)
    again = as_contact.post(page, follow=True)
    dossier = Dossier.objects.get(kind="INSTRUCTION")
    documents.write(dossier.pk)
    ready = text_of(as_contact.get(page))

    assert "concerns forced labour in the Uyghur Region" in first
    assert "Prepare the PDF" in first
    assert "The PDF is being prepared" in text_of(again)
    assert reverse("documents:dossier", args=[dossier.pk]) in ready
    opened = as_contact.get(reverse("documents:dossier", args=[dossier.pk]))
    assert b"".join(opened.streaming_content).startswith(b"%PDF")


def test_an_instruction_that_could_not_be_written_is_asked_for_again(as_contact, issued):
    page = url("request_instruction", issued)
    as_contact.post(page)
    Dossier.objects.update(state="FAILED")

    assert "could not be written last time" in text_of(as_contact.get(page))
    as_contact.post(page)

    assert Dossier.objects.filter(kind="INSTRUCTION").count() == 2


def test_who_reads_the_other_language_gets_a_reading_aid(as_contact, issued):
    as_contact.cookies["django_language"] = "zh-hans"

    answer = text_of(as_contact.get(url("request", issued)))

    assert 'lang="en"' in answer
    assert "concerns forced labour in the Uyghur Region" in answer
    assert answer.count("govuk-details__summary-text") == 2


def test_the_list_of_companies_goes_with_the_explicit_wording(as_contact, issued):
    answer = as_contact.get(url("request_companies", issued))

    assert b"".join(answer.streaming_content) == b"name\nDemo Prohibited Company\n"
    assert f"{issued.reference}-companies-" in answer.headers["Content-Disposition"]
    assert "case.list_opened" in events(issued)


# Signing ---------------------------------------------------------------------------------------


def typed(case, **changes):
    given = {
        "task": engine.open_task(case),
        "name": "示例签署人 𠮷",
        "title": "Director",
        "authority": "Legal representative",
    }
    ticks = {f"tick_{code}": "on" for code in personas.STATEMENTS}
    return given | ticks | changes


def asked(client, case, page="request_sign", **changes):
    """Send page 1, and return the code that was mailed."""
    answer = client.post(url(page, case), typed(case, **changes))
    assert answer.status_code == 302, text_of(answer)
    return world.code_in_mail(StepUp.objects.latest("asked_at"))


def test_signing_takes_statements_a_name_and_a_code_bound_to_them(as_contact, ready):
    code = asked(as_contact, ready)
    digits = StepUp.objects.get().content_hash[:8]
    page = text_of(as_contact.get(url("request_sign_code", ready)))

    answer = as_contact.post(url("request_sign_code", ready), {"code": code}, follow=True)

    submission = ready.response.submissions.get()
    assert digits in page
    assert digits in OutboxMessage.objects.get(purpose="step_up").body
    assert submission.sha256.startswith(digits)
    assert submission.signatory_name == "示例签署人 𠮷"
    assert len(submission.content["statements"]) == len(personas.STATEMENTS)
    assert fresh(ready).stage == Stage.REVIEW
    assert "Submission 1" in text_of(answer)
    assert "(UTC)" in text_of(answer)
    assert "(Shanghai)" in text_of(answer)
    assert "It is being written" in text_of(answer)


def test_what_is_signed_is_in_the_language_it_was_read_in(as_contact, ready):
    as_contact.cookies["django_language"] = "zh-hans"

    code = asked(as_contact, ready)
    as_contact.cookies["django_language"] = "en"
    page = text_of(as_contact.get(url("request_sign_code", ready)))
    as_contact.post(url("request_sign_code", ready), {"code": code})

    submission = ready.response.submissions.get()
    assert submission.language == "zh-hans"
    assert submission.content["statements"][0]["text"].startswith("本公司")
    assert submission.content["statements"][0]["text"] in page


def test_a_statement_left_open_keeps_what_was_typed(as_contact, ready):
    answer = as_contact.post(url("request_sign", ready), typed(ready, tick_d4=""))

    assert answer.status_code == 200
    assert "Tick this statement to sign." in text_of(answer)
    assert "示例签署人 𠮷" in text_of(answer)
    assert StepUp.objects.count() == 0


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": ""}, "Type your full name."),
        ({"title": " "}, "Type your position."),
        ({"authority": ""}, "Say why you may sign for the company."),
        ({"name": "a\u202eb"}, "on one line"),
        ({"title": "x" * 10_000}, "at most 200 characters"),
    ],
)
def test_who_signs_is_asked_for_properly(as_contact, ready, changed, sentence):
    answer = as_contact.post(url("request_sign", ready), typed(ready, **changed))

    assert answer.status_code == 200
    assert sentence in text_of(answer)


def test_a_save_in_between_is_a_conflict_and_nothing_typed_is_lost(as_contact, ready):
    code = asked(as_contact, ready)
    document = SectionDocument.objects.get(response=ready.response, section="you")
    document.data["answers"]["job_title"] = "Changed meanwhile"
    document.save()

    answer = as_contact.post(url("request_sign_code", ready), {"code": code}, follow=True)

    assert "The answers changed since you were shown them." in text_of(answer)
    assert "Nothing you typed here is lost." in text_of(answer)
    assert "示例签署人 𠮷" in text_of(answer)
    assert text_of(answer).count("checked") >= len(personas.STATEMENTS)
    assert fresh(ready).stage == Stage.ANSWERING
    assert ready.response.submissions.count() == 0


def test_a_save_in_between_shows_before_the_code_is_typed(as_contact, ready):
    asked(as_contact, ready)
    SectionDocument.objects.filter(response=ready.response, section="recruitment").update(data={})

    answer = as_contact.get(url("request_sign_code", ready), follow=True)

    assert "Some questions are still open." in text_of(answer)
    assert "示例签署人 𠮷" in text_of(answer)


def test_signing_waits_for_files_that_are_judged(as_contact, ready):
    Evidence.objects.filter(pk=Evidence.objects.first().pk).update(
        state=EvidenceState.RECEIVED, judged_at=None
    )

    hub = text_of(as_contact.get(url("request", ready)))
    answer = as_contact.post(url("request_sign", ready), typed(ready), follow=True)

    assert "files are being checked" in hub
    assert "Some files are still being checked." in text_of(answer)
    assert "示例签署人 𠮷" in text_of(answer)
    assert StepUp.objects.count() == 0


def test_a_wrong_code_is_told_at_the_field_and_counted(as_contact, ready):
    code = asked(as_contact, ready)
    wrong = "1" * 8 if code.replace("-", "") != "1" * 8 else "2" * 8

    answer = as_contact.post(url("request_sign_code", ready), {"code": wrong})

    assert answer.status_code == 200
    assert "This is not the code. You have 4 tries left." in text_of(answer)
    assert as_contact.post(url("request_sign_code", ready), {"code": code}).status_code == 302


def test_only_the_newest_code_counts(as_contact, ready):
    first = asked(as_contact, ready)
    as_contact.post(url("request_sign_code", ready), {"again": "1"})
    second = world.code_in_mail(StepUp.objects.latest("asked_at"))

    if first != second:
        refused = as_contact.post(url("request_sign_code", ready), {"code": first})
        assert "This is not the code." in text_of(refused)
    as_contact.post(url("request_sign_code", ready), {"code": second})

    assert fresh(ready).stage == Stage.REVIEW


def test_too_many_codes_lead_back_with_all_that_was_typed(as_contact, ready):
    for _time in range(10):
        asked(as_contact, ready)

    answer = as_contact.post(url("request_sign", ready), typed(ready), follow=True)

    assert "Too many codes were asked for." in text_of(answer)
    assert "示例签署人 𠮷" in text_of(answer)


def test_the_same_signature_sent_twice_signs_once(as_contact, ready):
    code = asked(as_contact, ready)

    first = as_contact.post(url("request_sign_code", ready), {"code": code})
    again = as_contact.post(url("request_sign_code", ready), {"code": code})

    assert first.headers["Location"] == again.headers["Location"]
    assert ready.response.submissions.count() == 1
    assert events(ready).count("case.submitted") == 1


def test_a_step_taken_meanwhile_is_a_conflict(as_contact, ready):
    answer = as_contact.post(url("request_sign", ready), typed(ready, task="1"))

    assert answer.status_code == 409
    assert "This step was already taken." in text_of(answer)


def test_the_code_page_without_a_code_leads_to_the_first(as_contact, ready):
    answer = as_contact.get(url("request_sign_code", ready))

    assert answer.headers["Location"] == url("request_sign", ready)


def test_a_contact_who_does_not_sign_is_led_to_name_somebody(client, ready):
    client.force_login(at_supplier(ready, Role.CONTACT))
    Case.objects.update(signatory=None)

    hub = text_of(client.get(url("request", ready)))
    shown = client.get(url("request_sign", ready), follow=True)
    refused = client.post(url("request_sign", ready), typed(ready))

    assert "Name the person who signs" in hub
    assert "Only the signatory of the company signs." in text_of(shown)
    assert refused.status_code == 403
    assert "Only the signatory named by the company may sign." in text_of(refused)


def test_a_contact_waits_for_the_signatory_it_named(client, ready, made):
    client.force_login(at_supplier(ready, Role.CONTACT))

    hub = text_of(client.get(url("request", ready)))

    assert f"{made.contact} signs next" in hub


def test_nothing_is_signed_before_receipt_was_confirmed(as_contact, issued):
    assert as_contact.get(url("request_sign", issued)).status_code == 409


def test_open_questions_keep_the_code_from_being_sent(as_contact, answering):
    page = text_of(as_contact.get(url("request_sign", answering)))
    answer = as_contact.post(url("request_sign", answering), typed(answering), follow=True)

    assert "Some questions are still open." in page
    assert "Some questions are still open." in text_of(answer)
    assert StepUp.objects.count() == 0


# Receipts ----------------------------------------------------------------------------------------


def test_a_receipt_has_its_pdf_once_it_is_written(as_contact, ready):
    case = world.submit(ready)
    dossier = Dossier.objects.get(kind="RECEIPT")
    documents.write(dossier.pk)
    dossier.refresh_from_db()

    page = text_of(as_contact.get(url("request_receipt", case)))

    assert reverse("documents:dossier", args=[dossier.pk]) in page
    assert dossier.sha256[:8] in page
    assert case.response.submissions.get().sha256[:8] in page
    assert "acts next, by" in page


def test_a_receipt_that_could_not_be_written_is_asked_for_again(as_contact, ready):
    case = world.submit(ready)
    Dossier.objects.update(state="FAILED")

    assert "It could not be written." in text_of(as_contact.get(url("request_receipt", case)))
    as_contact.post(url("request_receipt", case))

    assert "It is being written" in text_of(as_contact.get(url("request_receipt", case)))


def test_a_receipt_that_is_none_leads_to_the_request(as_contact, ready):
    case = world.submit(ready)

    answer = as_contact.get(url("request_receipt_of", case, 7))

    assert answer.headers["Location"] == url("request", case)


# After the signature -----------------------------------------------------------------------------


def queried(made, case):
    actions.query(
        case=case,
        task=engine.open_task(case),
        by=made.analyst,
        due_on=clock.today() + timedelta(days=14),
        questions=[
            actions.Question("job_title", f"CANARY {HOSTILE}"),
            actions.Question("step[*]", "A step is missing."),
        ],
    )
    return fresh(case)


def test_answers_sent_back_stand_in_a_banner_with_their_pages(as_contact, ready, made):
    case = queried(made, world.submit(ready))

    page = text_of(as_contact.get(url("request", case)))

    assert "2 answers came back to you" in page
    assert "Look at 2 answers again" in page
    assert "CANARY" in page
    assert "<b>bold</b>" not in page
    section = reverse("questionnaires:section", args=[case.response_id, "you"])
    assert f"{section}#q-job_title" in page


def test_answers_sent_back_are_looked_at_and_all_is_signed_anew(as_contact, ready, made):
    case = queried(made, world.submit(ready))
    for section in ("you", "chain"):
        SectionDocument.objects.filter(response=case.response, section=section).update(
            updated_at=clock.now()
        )

    hub = text_of(as_contact.get(url("request", case)))
    code = asked(as_contact, case)
    as_contact.post(url("request_sign_code", case), {"code": code})

    assert "Saved since" in hub
    assert "Read and sign" in hub
    assert fresh(case).stage == Stage.REVIEW
    assert case.response.submissions.count() == 2
    page = text_of(as_contact.get(url("request_receipt_of", case, 1)))
    assert "Things moved on since." in page


def test_the_label_of_the_reply_is_all_that_is_shown_of_it(as_contact, ready, made):
    case = world.submit(ready)
    actions.set_reply_code(
        case=case, by=made.analyst, code=ReplyCode.AGREES_NO_PROOF_YET, reason="Two steps lack it."
    )

    page = text_of(as_contact.get(url("request", case)))

    assert "Evidence outstanding" in page
    assert "AGREES_NO_PROOF_YET" not in page
    assert "Two steps lack it." not in page


def test_a_cleared_case_says_as_of_when(as_contact, made):
    case = world.cleared_case(made)

    page = text_of(as_contact.get(url("request", case)))

    assert "Nothing is open" in page
    assert case.cleared_at.astimezone().strftime("%Y") in page
    assert as_contact.get(url("request_signatory", case)).status_code == 409


# Late --------------------------------------------------------------------------------------------


def lapsed(case):
    found = acts.lapsed(case)
    assert found.stage == Stage.REVIEW
    return found


def test_after_time_ran_out_the_form_stays_open_and_is_signed_late(as_contact, ready):
    case = lapsed(ready)

    hub = text_of(as_contact.get(url("request", case)))
    code = asked(as_contact, case)
    as_contact.post(url("request_sign_code", case), {"code": code})

    assert "Time ran out, still open" in hub
    assert "Read the answers and sign late" in hub
    assert fresh(case).lapsed_at is None
    assert case.response.submissions.count() == 1
    assert fresh(case).stage == Stage.REVIEW


def test_who_never_acknowledged_opens_the_form_late(as_contact, issued):
    case = lapsed(issued)

    hub = text_of(as_contact.get(url("request", case)))
    for _time in range(2):
        as_contact.post(url("request_acknowledge", case), {"task": ""})

    assert "Say that you have it" in hub
    assert fresh(case).response.state == ResponseState.OPEN
    assert events(case).count("case.acknowledged") == 1
    assert "Start" in text_of(as_contact.get(url("request", case)))


# Declining ---------------------------------------------------------------------------------------


def test_declining_opens_one_section_and_signs_it_alone(as_contact, issued):
    shown = text_of(as_contact.get(url("request_decline", issued)))
    opened = as_contact.post(url("request_decline", issued))
    world.answer(issued, personas.refuses_with_reason)
    again = text_of(as_contact.get(url("request_decline", issued)))
    code = asked(as_contact, issued, "request_decline_sign")
    answer = as_contact.post(url("request_decline_code", issued), {"code": code}, follow=True)

    assert "What follows if you decline" in shown
    assert opened.headers["Location"] == reverse(
        "questionnaires:section", args=[issued.response_id, "commitments"]
    )
    assert "Declined, with reasons" in again
    submission = issued.response.submissions.get()
    assert submission.kind == SubmissionKind.DECLINE
    assert list(submission.content["sections"]) == ["commitments"]
    assert submission.content["reply"] == ReplyCode.DECLINES_DISAGREES
    assert "Your reply is signed and with" in text_of(answer)
    assert "You declined." in text_of(as_contact.get(url("request", issued)))


@pytest.mark.parametrize(
    ("persona", "code"),
    [
        (personas.refuses_without_reason, ReplyCode.DECLINES_NO_REASON),
        (personas.refuses_with_reason, ReplyCode.DECLINES_DISAGREES),
        (personas.legally_bound, ReplyCode.LEGAL_CONSTRAINT_CLAIMED),
    ],
)
def test_the_reply_is_read_from_the_section(as_contact, answering, persona, code):
    world.answer(answering, persona)

    page = text_of(as_contact.get(url("request_decline", answering)))

    assert f"“{code.label}”" in page
    assert "You answered that you do not agree" in text_of(
        as_contact.get(url("request", answering))
    )


def test_who_agrees_has_nothing_to_decline(as_contact, ready):
    page = text_of(as_contact.get(url("request_decline_sign", ready)))
    answer = as_contact.post(url("request_decline_sign", ready), typed(ready), follow=True)

    assert "there is nothing to sign here" in page
    assert "there is nothing to sign here" in text_of(answer)
    assert StepUp.objects.count() == 0


def test_a_code_for_one_signature_is_none_for_the_other(as_contact, answering):
    world.answer(answering, personas.refuses_with_reason)
    code = asked(as_contact, answering, "request_decline_sign")

    answer = as_contact.post(url("request_sign_code", answering), {"code": code})

    assert answer.headers["Location"] == url("request_sign", answering)
    assert answering.response.submissions.count() == 0


# Whole ------------------------------------------------------------------------------------------


def test_the_ledger_of_a_case_signed_by_pages_is_intact(as_contact, ready):
    code = asked(as_contact, ready)
    as_contact.post(url("request_sign_code", ready), {"code": code})

    assert ledger.verify().broken == []
