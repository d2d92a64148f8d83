"""Outside counsel: named cases until a date, and nothing else, wherever one looks."""

import inspect
import re
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from documents import actions as documents
from documents.enums import Edition
from documents.models import Dossier, Evidence
from portal import clock
from portal.access import Conflict, Refused
from portal.actions import membership, people
from portal.enums import Role
from portal.models import CaseGrant, Invitation, LedgerEntry, Membership, OutboxMessage, User
from questionnaires import queries as answers
from questionnaires.models import Response
from tests.factories.portal import CaseGrantFactory, UserFactory
from tests.questionnaires import personas
from tests.sessions import sign_in
from tests.workflows import world
from workflows import actions, collect, engine, queries, rules
from workflows.enums import Stage
from workflows.models import Case, Decision, Finding, Proof

pytestmark = pytest.mark.django_db

URL = "/counsel/outside/"
WEEK = timedelta(days=7)


@pytest.fixture
def made():
    return world.world()


@pytest.fixture
def case(made):
    """A case with counsel."""
    case = world.submitted_case(made, personas.producer_in_the_region)
    actions.refer(case=case, task=engine.open_task(case), by=made.analyst, note="A note to read")
    return Case.objects.get(pk=case.pk)


@pytest.fixture
def other(made):
    """Another case of the same buyer."""
    supplier = world.new_supplier(made.buyer, name="Demo Other Supplier")
    return world.issued_case(made, supplier=supplier)


@pytest.fixture
def lawyer(made, case):
    person = UserFactory(name="Outside Lawyer", holds=(Role.OUTSIDE_COUNSEL, made.buyer))
    CaseGrantFactory(user=person, buyer=made.buyer, chain=case.chain, given_by=made.counsel)
    return person


@pytest.fixture
def desk(client, lawyer):
    return sign_in(client, lawyer)


def dossier_of(case):
    return documents.request_dossier(
        chain=case.chain,
        buyer=case.buyer,
        supplier=case.supplier,
        content=collect.dossier(case, edition=Edition.WORKING, language="en"),
        by="installation",
    )


def plain(body):
    """A body without the form token and the page it would lead back to."""
    return re.sub(r'(csrfmiddlewaretoken|name="next") ?"? value="[^"]*"', "", body)


def typed(case, **more):
    until = clock.today() + WEEK
    return {
        "name": "Outside Lawyer",
        "email": "lawyer@firm.example",
        "language": "en",
        "cases": case.reference.lower().replace("-", " "),
        "until_day": until.day,
        "until_month": until.month,
        "until_year": until.year,
    } | more


def let_in(made, *cases, email="lawyer@firm.example", until=None):
    return actions.let_in(
        buyer=made.buyer,
        by=made.counsel,
        email=email,
        name="Outside Lawyer",
        language="en",
        cases=cases,
        until=until or clock.today() + WEEK,
    )


# --- what it reaches -------------------------------------------------------------------


def test_its_desk_holds_the_named_cases_alone(desk, case, other):
    home = desk.get("/")
    page = desk.get("/desk/?view=all").text

    assert home["Location"] == "/desk/"
    assert case.reference in page
    assert other.reference not in page
    assert "Demo Other Supplier" not in page
    assert "/campaigns/" not in page
    assert "/counsel/" not in page


def test_it_reads_the_case_as_counsel_does_and_advises(desk, case, lawyer):
    page = desk.get(reverse("workflows:case", args=[case.pk]))
    assert "A note to read" in page.text
    assert "Give advice" in page.text

    url = reverse("workflows:case_advise", args=[case.pk])
    form = desk.get(url).context["form"]
    answer = desk.post(
        url,
        {"task": form["task"].value(), "advice": "The law allows an answer.", "to": "before"}
        | {name: "x" * 30 for name in form.fields if name not in {"task", "to"}},
    )

    assert answer.status_code == 302
    assert Case.objects.get(pk=case.pk).stage == Stage.REVIEW
    entry = LedgerEntry.objects.filter(chain=case.chain, event="case.advised").get()
    assert "OUTSIDE_COUNSEL" in entry.body


def test_another_case_of_the_same_buyer_is_not_found(desk, made, other):
    nowhere = desk.get(reverse("workflows:case", args=["00000000-0000-4000-8000-000000000000"]))
    for name in ("case", "case_timeline", "case_advise", "case_dossier", "case_refer"):
        url = reverse(f"workflows:{name}", args=[other.pk])
        answer = desk.get(url)
        assert answer.status_code == 404, name
        assert plain(answer.text) == plain(nowhere.text)
        assert desk.post(url).status_code in {404, 405}, name


def test_every_look_up_honours_it(made, case, other, lawyer):
    dossier_of(case)
    dossier_of(other)
    stranger = User.objects.get(pk=lawyer.pk)

    for model in (Case, Response, Evidence, Dossier, Finding, Proof, Decision):
        found = list(model.objects.visible_to(stranger))
        assert found, model
        of = {getattr(one, "case", one).chain_id for one in found}
        assert of == {case.chain_id}, model
    assert list(Case.objects.on_desk_of(stranger)) == [case]


@pytest.mark.parametrize("edition", [Edition.COUNSEL, Edition.WORKING])
def test_it_takes_the_dossier_of_its_case_away(desk, case, edition):
    url = reverse("workflows:case_dossier", args=[case.pk])

    answer = desk.post(url, {"edition": edition, "language": "en"})

    assert answer.status_code == 302
    assert Dossier.objects.filter(chain=case.chain, edition=edition).exists()


@pytest.mark.parametrize(
    "url", ["/counsel/", "/counsel/lists/", "/counsel/outside/", "/campaigns/", "/people/"]
)
def test_pages_of_the_whole_company_are_closed_to_it(desk, url):
    assert desk.get(url).status_code == 403


def test_it_decides_nothing_that_is_not_counsels(desk, case):
    for name in ("case_recommend", "case_clear", "case_query", "case_withdraw", "case_take"):
        assert desk.post(reverse(f"workflows:{name}", args=[case.pk])).status_code in {403, 405}


def test_what_the_supplier_says_to_counsel_alone_is_its_to_read(case, lawyer, made):
    comments = answers.comments_for(lawyer, case.response)
    others = answers.comments_for(made.analyst, case.response)

    assert len(comments) >= len(others)


@pytest.mark.parametrize("stage", Stage)
def test_the_rules_answer_it_as_they_answer_counsel(stage, case, lawyer, made):
    inside, outside = made.counsel, lawyer
    held = Case.objects.get(pk=case.pk)
    held.stage = stage
    for name, rule in vars(rules).items():
        if not name.startswith("may_"):
            continue
        if list(inspect.signature(rule).parameters) == ["user", "case"]:
            if name == "may_choose_wording":  # before a case is sent there is none to name
                continue
            assert rule(outside, held) == rule(inside, held), name


def test_it_hears_that_its_case_was_referred_and_of_no_other(made, lawyer, other):
    task = engine.open_task(other)
    actions.refer(case=other, task=task, by=made.analyst, note="Another note")

    assert not OutboxMessage.objects.filter(recipient=lawyer).exists()
    assert OutboxMessage.objects.filter(purpose="case_referred", recipient=made.counsel).exists()


def test_an_analyst_may_put_its_case_before_it(made, case, lawyer):
    assert {one.pk for one in queries.counsel_of(case)} == {made.counsel.pk, lawyer.pk}
    assert queries.is_counsel_of(case, lawyer.pk)


# --- until when ------------------------------------------------------------------------


def test_after_the_last_day_it_finds_nothing(client, case, lawyer):
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        desk = sign_in(client, lawyer)
        assert desk.get(reverse("workflows:case", args=[case.pk])).status_code == 404
        assert case.reference not in desk.get("/desk/?view=all").text
        assert [one.name for one in queries.counsel_of(case)] != [lawyer.name]


def test_a_case_is_closed_to_it_at_once(client, made, case, lawyer):
    desk = sign_in(Client(), lawyer)
    grant = CaseGrant.objects.get()
    answer = sign_in(client, made.counsel).post(f"{URL}{grant.pk}/end/", follow=True)

    assert "can no longer open" in answer.text
    assert desk.get(reverse("workflows:case", args=[case.pk])).status_code == 404
    with pytest.raises(Conflict):
        actions.let_out(grant=grant, by=made.counsel)


def test_a_role_that_ended_takes_every_case_with_it_for_good(made, case, lawyer):
    held = Membership.objects.get(user=lawyer)
    membership.end_role(membership=held, by=made.administrator)

    people.invite(
        organisation=made.buyer,
        role=Role.OUTSIDE_COUNSEL,
        email=lawyer.email,
        by=made.administrator,
    )
    people.accept_open(by=lawyer)

    again = User.objects.get(pk=lawyer.pk)
    assert again.holds(Role.OUTSIDE_COUNSEL, made.buyer.pk)
    assert again.granted == frozenset()


# --- letting in ------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["counsel", "administrator"])
def test_counsel_or_an_administrator_lets_somebody_in(client, made, case, who):
    sign_in(client, getattr(made, who))
    assert "Nobody from outside" in client.get(URL).text

    answer = client.post(URL, typed(case), follow=True)

    assert "may read the cases named" in answer.text
    assert case.reference in answer.text
    offer = Invitation.objects.get(role=Role.OUTSIDE_COUNSEL)
    people.accept(invitation=offer, by=offer.user)
    lawyer = User.objects.get(pk=offer.user_id)
    assert list(Case.objects.visible_to(lawyer)) == [case]
    entry = LedgerEntry.objects.get(event="counsel.let_in")
    assert entry.chain_id == case.chain_id
    assert "lawyer@firm.example" not in entry.body


def test_before_the_invitation_is_accepted_nothing_is_open(made, case):
    let_in(made, case)

    assert User.objects.get(email="lawyer@firm.example").granted == frozenset()


def test_a_date_is_moved_and_a_case_added_without_another_invitation(made, case, other):
    let_in(made, case)
    people.accept_open(by=User.objects.get(email="lawyer@firm.example"))
    further = clock.today() + timedelta(days=30)

    let_in(made, case, other, until=further)

    assert CaseGrant.objects.count() == 2
    assert {grant.until.date() for grant in CaseGrant.objects.all()} >= {
        max(grant.until.date() for grant in CaseGrant.objects.all())
    }
    assert Invitation.objects.filter(role=Role.OUTSIDE_COUNSEL).count() == 1
    mail = OutboxMessage.objects.get(purpose="counsel_let_in")
    assert case.reference in mail.body
    assert other.reference in mail.body


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("cases", "", "Name at least one case."),
        ("cases", "ZZZZ-ZZZZ", "No case that was sent has this reference: ZZZZ-ZZZZ."),
        ("cases", "\n".join(f"K7QF-{n:04}" for n in range(101)), "At most a hundred cases"),
        ("until_year", "2020", "This day is over."),
        ("until_year", "2099", "A year ahead at most."),
        ("until_day", "", "The date needs a day"),
        ("name", "", "Type the person"),
        ("email", "none", "Type a mail address"),
    ],
)
def test_bad_input_is_told_at_its_field_and_nothing_is_lost(
    client, made, case, field, value, sentence
):
    answer = sign_in(client, made.counsel).post(URL, typed(case, **{field: value}))

    assert answer.status_code == 200
    assert sentence in answer.text.replace("&#x27;", "'")
    assert "Outside Lawyer" in answer.text or field == "name"
    assert not CaseGrant.objects.exists()


def test_a_draft_and_another_buyers_case_cannot_be_named(client, made):
    draft = world.draft_case(made)
    foreign = world.issued_case(world.world(name="Demo Elsewhere AG"))
    sign_in(client, made.counsel)

    for case in (draft, foreign):
        assert "No case that was sent" in client.post(URL, typed(case)).text
    with pytest.raises(Refused):
        let_in(made, foreign)


def test_who_reads_every_case_needs_no_letting_in(client, made, case):
    answer = sign_in(client, made.counsel).post(URL, typed(case, email=made.analyst.email))

    assert "works on every case of your company already" in answer.text


@pytest.mark.parametrize("who", ["analyst", "approver", "manager", "contact"])
def test_nobody_else_lets_in(client, made, case, who):
    person = getattr(made, who)
    answer = sign_in(client, person).post(URL, typed(case))

    assert answer.status_code == 403
    assert "not open to your role" in answer.text
    with pytest.raises(Refused):
        actions.let_in(
            buyer=made.buyer,
            by=person,
            email="x@firm.example",
            name="X",
            language="en",
            cases=[case],
            until=clock.today(),
        )


def test_another_buyers_counsel_finds_no_grant(client, made, lawyer):
    grant = CaseGrant.objects.get()
    sign_in(client, world.world(name="Demo Elsewhere AG").counsel)

    assert client.post(f"{URL}{grant.pk}/end/").status_code == 404
    assert client.get(f"{URL}{grant.pk}/end/").status_code == 405
    assert "Outside Lawyer" not in client.get(URL).text


def test_a_counsel_of_two_buyers_chooses_the_company(client, made, case):
    second = world.world(name="Demo Second AG")
    both = UserFactory(holds=[(Role.COUNSEL, made.buyer), (Role.COUNSEL, second.buyer)])
    sign_in(client, both)

    page = client.get(f"{URL}?company={made.buyer.pk}").text

    assert made.buyer.name in page
    answer = client.post(f"{URL}?company={made.buyer.pk}", typed(case))
    assert answer.status_code == 302


def test_the_page_costs_the_same_for_many(client, made, case, other, django_assert_num_queries):
    let_in(made, case, other)
    sign_in(client, made.counsel)

    # session, person, roles, companies, grants, service name
    with django_assert_num_queries(6):
        client.get(URL)


def test_an_upload_of_a_list_stays_closed_to_it(desk):
    file = SimpleUploadedFile("list.csv", b"name\nDemo\n")

    assert desk.post("/counsel/lists/", {"file": file}).status_code == 403
