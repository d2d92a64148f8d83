"""The page of the desk: who may open it, what it costs, what it says when it is empty."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.enums import Role
from tests.factories.portal import OrganisationFactory, UserFactory
from tests.rows import counted
from tests.sessions import sign_in
from tests.workflows import desks, world
from workflows import tables
from workflows.enums import Stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return world.world()


@pytest.mark.parametrize("person", ["manager", "analyst", "approver", "counsel"])
def test_those_who_work_on_cases_see_theirs(client, made, person):
    case = desks.plain_case(made, 1)

    answer = sign_in(client, getattr(made, person)).get("/desk/")

    assert answer.status_code == 200
    assert f"/cases/{case.pk}/" in answer.text
    assert case.reference in answer.text
    assert case.supplier.name in answer.text


def test_an_administrator_reads_no_case_by_that_role(client, made):
    answer = sign_in(client, made.administrator).get("/desk/")

    assert answer.status_code == 403
    assert "This page is not open to your role." in answer.text


def test_a_supplier_has_no_desk(client, made):
    answer = sign_in(client, made.contact, second_factor=False).get("/desk/")

    assert answer.status_code == 403


def test_a_stranger_sees_nothing_of_another_company(client, made):
    canary = OrganisationFactory(supplier=True, buyer=made.buyer, name_en="Canary Yellow Ltd")
    desks.plain_case(made, 1, supplier=canary)
    stranger = UserFactory(holds=(Role.ANALYST, OrganisationFactory()))

    answer = sign_in(client, stranger).get("/desk/?view=all&words=canary")

    assert answer.status_code == 200
    assert "Canary Yellow" not in answer.text
    assert made.campaign.name not in answer.text
    assert "No case matches" in answer.text


def test_only_reading_is_open(client, made):
    assert sign_in(client, made.analyst).post("/desk/").status_code == 405


@pytest.mark.parametrize(
    "query", ["", "?view=waiting", "?view=mine&sort=-supplier", "?words=demo&campaign=demo"]
)
def test_it_costs_the_same_for_3_cases_and_for_300(client, made, query):
    sign_in(client, made.analyst)
    cost, rows = [], []
    for numbers in (range(3), range(3, 300)):
        for number in numbers:
            desks.plain_case(made, number, stage=Stage.REVIEW, reviewer=made.analyst)
        with counted() as found, CaptureQueriesContext(connection) as queries:
            assert client.get(f"/desk/{query}").status_code == 200
        cost.append(len(queries))
        rows.append(found.rows)

    assert cost == [9, 9]
    # the page's keys, one of the next page, its cases, and who asks
    assert rows[1] <= 2 * tables.ROWS_A_PAGE + 10


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "No cases yet"),
        ("?view=waiting", "Nothing waits for you"),
        ("?view=late", "Nothing is late"),
        ("?view=mine", "No open case is yours"),
        ("?words=nobody", "No case matches"),
    ],
)
def test_an_empty_table_says_why(client, made, query, says):
    assert says in sign_in(client, made.analyst).get(f"/desk/{query}").text


def test_what_cannot_be_read_is_named_at_its_field_and_filters_nothing(client, made):
    case = desks.plain_case(made, 1)

    answer = sign_in(client, made.analyst).get(
        "/desk/?words=a%00b&stage=NONE&sort=x&view=y&after=z"
    )

    assert answer.status_code == 200
    assert case.reference in answer.text
    assert "govuk-error-message" in answer.text


def test_pages_keep_what_was_asked_for(client, made, monkeypatch):
    monkeypatch.setattr(tables, "ROWS_A_PAGE", 2)
    desks.plain_cases(made, 5)

    first = sign_in(client, made.analyst).get("/desk/?words=demo&sort=-supplier&view=all")
    following = client.get("/desk/" + first.context["next_url"])

    assert first.context["previous_url"] == ""
    assert "words=demo" in first.context["next_url"]
    assert "sort=-supplier" in first.context["next_url"]
    assert len(following.context["table"].rows) == 2
    assert following.context["previous_url"]


def test_a_head_sorts_and_turns_round(client, made):
    desks.plain_case(made, 1)

    columns = sign_in(client, made.analyst).get("/desk/?sort=supplier").context["columns"]

    assert columns["supplier"] == {"url": "?sort=-supplier", "order": "ascending"}
    assert columns["stage"] == {"url": "?sort=stage", "order": "none"}


def test_no_field_offers_cases_or_suppliers(client, made):
    desks.plain_cases(made, 3)

    answer = sign_in(client, made.analyst).get("/desk/")

    assert answer.text.count("<option") == len(tables.STAGES) + 1


def test_what_a_supplier_calls_itself_is_escaped(client, made):
    hostile = OrganisationFactory(
        supplier=True, buyer=made.buyer, name="<script>alert(1)</script>", name_en=""
    )
    desks.plain_case(made, 1, supplier=hostile)

    answer = sign_in(client, made.analyst).get("/desk/")

    assert "<script>alert(1)" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text
