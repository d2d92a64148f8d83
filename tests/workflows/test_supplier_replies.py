"""What a supplier sees of how its reply was read, and what it may do: help, terms, reasons."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.enums import Role
from tests.factories.portal import OrganisationFactory, UserFactory
from tests.questionnaires import personas
from tests.workflows import acts, leaving, world
from workflows import actions, engine, queries
from workflows.enums import ConditionState, DutyKind, Outcome, ReplyCode, TermsState
from workflows.models import Case, ConfidentialityTerms, Duty, ReasonsRelease
from workflows.views.supplier_follows import CALLED, TEXTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return world.world()


def url(name, case):
    return reverse(f"workflows:{name}", args=[case.pk])


def plain(answer):
    return answer.content.decode().replace("&#x27;", "'").replace("&quot;", '"')


def signed_in(client, person):
    client.force_login(person)
    return client


PAGES = ["request_help", "request_conditions", "request_terms", "request_reasons"]
COSTS = {
    "request_help": 9,
    "request_conditions": 9,
    "request_terms": 9,
    "request_reasons": 12,
}


@pytest.fixture
def declined(made):
    return acts.declined(made, made.supplier)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_to_contact_and_signatory_and_costs_what_it_did(client, declined, page):
    signed_in(client, declined.contact)

    with CaptureQueriesContext(connection) as spent:
        answer = client.get(url(page, declined))

    assert answer.status_code == 200
    assert len(spent) == COSTS[page]


@pytest.mark.parametrize("page", PAGES)
def test_contributors_strangers_the_buyer_and_other_methods_are_refused(
    client, made, declined, page
):
    path = url(page, declined)
    contributor = UserFactory(holds=(Role.CONTRIBUTOR, made.supplier))
    stranger = UserFactory(holds=(Role.CONTACT, OrganisationFactory(supplier=True)))

    answer = signed_in(client, contributor).get(path)
    assert answer.status_code == 403
    assert "This page is not open to your role." in plain(answer)
    assert signed_in(client, stranger).get(path).status_code == 404
    assert signed_in(client, stranger).post(path).status_code in {404, 405}
    assert signed_in(client, declined.contact).delete(path).status_code == 405


def test_help_is_asked_for_at_any_time_and_its_answer_is_awaited(client, made):
    case = world.issued_case(made)
    path = url("request_help", case)
    signed_in(client, case.contact)

    hub = plain(client.get(url("request", case)))
    bare = client.post(path, {"text": ""})
    sent = client.post(path, {"kinds": ["source", "price"], "text": "Demo: any other mill?"})
    page = plain(client.get(path))

    assert path in hub
    assert "Tick at least one." in plain(bare)
    assert sent.status_code == 302
    assert "Names of other sources – to be answered by" in " ".join(page.split())
    assert "Demo: any other mill?" in plain(client.get(url("request", case)))
    duty = Duty.objects.get(case=case, kind=DutyKind.OFFER_SOURCES)
    actions.meet_duty(duty=duty, by=made.analyst, how="Named two.", tell="Demo Mill One.")
    other = Duty.objects.get(case=case, kind=DutyKind.ADJUST_PURCHASING)
    actions.waive_duty(duty=other, by=made.approver, reason="Secret of the buyer's own house.")
    after = " ".join(plain(client.get(path)).split())
    assert "Names of other sources – answered, see the messages" in after
    assert "Price – closed" in after
    assert "Secret of" not in after


def test_after_the_end_there_is_no_help_to_ask_for(client, made):
    case = world.issued_case(made)
    actions.withdraw(case=case, by=made.manager, reason="Sent in error.")
    signed_in(client, case.contact)

    assert "This request is not open" in plain(client.get(url("request_help", case)))
    answer = client.post(url("request_help", case), {"kinds": ["source"], "text": "Demo"})
    assert answer.status_code == 409


# How the reply was read


@pytest.mark.parametrize("code", ReplyCode)
def test_each_code_is_a_neutral_label_and_a_way_on(client, made, code):
    case = world.submitted_case(made)
    Case.objects.filter(pk=case.pk).update(reply_code=code)

    page = plain(signed_in(client, case.contact).get(url("request", case)))

    # no call is owed here, so none is promised
    text = CALLED if code == ReplyCode.DECLINES_NO_REASON else TEXTS[code]
    assert str(code.label) in page
    assert str(text) in page
    assert str(code.value) not in page
    assert url("request_message", case) in page


def test_a_call_is_promised_until_it_was_made_and_an_exit_takes_its_place(client, made):
    case = leaving.refused(made)
    code = ReplyCode.DECLINES_NO_REASON
    actions.set_reply_code(case=case, by=made.analyst, code=code, reason="Demo reason.")
    signed_in(client, case.contact)
    before = plain(client.get(url("request", case)))

    actions.log_contact(
        case=acts.fresh(case),
        by=made.analyst,
        contacted=replace(acts.contacted(), offers_help=True),
    )
    called = plain(client.get(url("request", case)))
    actions.propose_exit(
        case=acts.fresh(case),
        task=engine.open_task(case),
        by=made.analyst,
        proposal=leaving.proposal(Outcome.B5_AGREEMENT),
    )
    proposed = plain(client.get(url("request", case)))

    assert str(TEXTS[code]) in before
    assert str(TEXTS[code]) not in called
    assert str(CALLED) in called
    assert str(CALLED) not in proposed


def test_nothing_of_the_buyers_side_reaches_the_page(client, made):
    case = acts.on_conditions(made, made.supplier)
    condition = queries.conditions(case)[0]
    actions.answer_condition(
        condition=condition,
        by=made.analyst,
        state=ConditionState.ACCEPTED,
        answer="Agreed, from January.",
        we_do="duty-canary",
    )
    signed_in(client, case.contact)

    pages = [plain(client.get(url(page, case))) for page in ("request", *PAGES)]

    assert "Agreed, from January." in pages[2]
    assert "Demo reason." not in "".join(pages)
    assert "duty-canary" not in "".join(pages)
    assert "This is to be settled by" in pages[0]


def test_without_conditions_the_page_says_so(client, made):
    case = world.submitted_case(made)

    page = plain(signed_in(client, case.contact).get(url("request_conditions", case)))

    assert "No condition is recorded." in page


# Terms


@pytest.fixture
def offered(made):
    ready = acts.offer_terms(made, made.supplier)
    return ready.do(by=ready.by)


def test_terms_are_read_and_accepted_as_shown(client, offered):
    case = offered.case
    path = url("request_terms", case)
    signed_in(client, case.contact)

    page = plain(client.get(path))
    sent = client.post(path, {"answer": "accept", "terms": offered.sha256})

    assert offered.text in page
    assert "looks at the originals where they are" in page
    assert sent.status_code == 302
    offered.refresh_from_db()
    assert (offered.state, offered.answered_by) == (TermsState.ACCEPTED, case.contact)
    assert "Answered by" in plain(client.get(path))
    again = client.post(path, {"answer": "decline", "note": "x", "terms": offered.sha256})
    assert again.status_code == 409


def test_other_terms_are_asked_for_in_words(client, offered):
    path = url("request_terms", offered.case)
    signed_in(client, offered.case.contact)

    bare = client.post(path, {"answer": "decline", "terms": offered.sha256})
    sent = client.post(
        path, {"answer": "decline", "note": "Without prices.", "terms": offered.sha256}
    )

    assert "Say what you need instead." in plain(bare)
    assert sent.status_code == 302
    offered.refresh_from_db()
    assert (offered.state, offered.note) == (TermsState.DECLINED, "Without prices.")
    assert "Without prices." in plain(client.get(path))


def test_terms_that_changed_meanwhile_are_not_accepted_unread(client, offered, made):
    path = url("request_terms", offered.case)
    actions.offer_terms(case=offered.case, by=made.analyst, text="Other terms than before.")
    signed_in(client, offered.case.contact)

    answer = client.post(path, {"answer": "accept", "terms": offered.sha256})

    assert answer.status_code == 409
    assert "The terms changed since you read them." in plain(answer)
    assert not ConfidentialityTerms.objects.filter(state=TermsState.ACCEPTED).exists()


def test_without_an_offer_the_page_says_how_to_ask(client, made):
    case = world.submitted_case(made)
    signed_in(client, case.contact)

    assert "No terms were offered yet." in plain(client.get(url("request_terms", case)))
    assert client.post(url("request_terms", case), {"answer": "accept"}).status_code == 409


def test_terms_offered_before_a_reading_are_told_of(client, made):
    case = world.submitted_case(made)
    signed_in(client, case.contact)
    before = plain(client.get(url("request", case)))
    actions.offer_terms(case=case, by=made.analyst, text="Two people read them.")

    assert url("request_terms", case) not in before
    assert url("request_terms", case) in plain(client.get(url("request", case)))


# Reasons


def test_a_supplier_opens_its_own_reasons_to_those_who_decide(client, declined):
    path = url("request_reasons", declined)
    signed_in(client, declined.contact)

    hub = plain(client.get(url("request", declined)))
    before = plain(client.get(path))
    sent = client.post(path)
    after = plain(client.get(path))

    assert path in hub
    assert "This cannot be taken back." in before
    assert sent.status_code == 302
    assert ReasonsRelease.objects.get(case=declined).is_suppliers
    assert "may read what you wrote" in after


def test_a_reply_without_words_has_nothing_to_open(client, made):
    case = world.submitted_case(made, personas.refuses_without_reason)
    signed_in(client, case.contact)

    page = plain(client.get(url("request_reasons", case)))

    assert "Your reply holds no words for counsel alone." in page
    assert client.post(url("request_reasons", case)).status_code == 409


def test_the_request_in_its_new_wording_is_what_the_page_shows(client, made):
    case = acts.constrained(made, made.supplier)
    actions.close_constraint(
        case=case,
        task=engine.open_task(case),
        by=made.counsel,
        way="OTHER_WORDING",
        summary="The other wording is safer here.",
        to_supplier="The request comes anew.",
    )
    signed_in(client, case.contact)

    page = plain(client.get(url("request", case)))

    assert "Uyghur" not in page
    assert client.get(url("request_companies", case)).status_code == 409
    assert client.get(url("request_instruction", case)).status_code == 200
    assert client.post(url("request_instruction", case)).status_code == 302
