import pytest

from portal.enums import Role
from tests.factories.portal import OrganisationFactory, UserFactory
from tests.sessions import sign_in

pytestmark = pytest.mark.django_db


def home(client, *held):
    return sign_in(client, UserFactory(holds=list(held))).get("/")


def test_the_front_page_says_what_this_is_and_where_to_sign_in(client):
    page = client.get("/").text

    assert "Here a company asks its suppliers where goods come from" in page
    assert 'href="/account/login/code/"' in page
    assert "Be this person" not in page


@pytest.mark.parametrize(
    ("role", "place"),
    [
        (Role.ANALYST, "workflows:desk"),
        (Role.APPROVER, "workflows:desk"),
        (Role.CAMPAIGN_MANAGER, "workflows:desk"),
        (Role.COUNSEL, "workflows:counsel"),
        (Role.CONTACT, "workflows:requests"),
        (Role.CONTRIBUTOR, "workflows:requests"),
        (Role.SIGNATORY, "workflows:requests"),
        (Role.ADMINISTRATOR, "portal:people"),
        (Role.OPERATOR, "portal:operations"),
    ],
)
def test_everybody_comes_to_the_own_place(client, role, place):
    from django.urls import reverse

    assert home(client, (role, OrganisationFactory()))["Location"] == reverse(place)


def test_two_roles_of_one_place_need_no_choice(client):
    buyer = OrganisationFactory()

    assert home(client, (Role.ANALYST, buyer), (Role.APPROVER, buyer)).status_code == 302


def test_roles_of_several_places_are_a_choice(client):
    buyer = OrganisationFactory()

    page = home(client, (Role.ADMINISTRATOR, buyer), (Role.COUNSEL, buyer)).text

    assert page.count('class="x-door"') == 2
    assert 'href="/people/"' in page


def test_who_holds_no_role_is_told_so(client):
    assert "You hold no role here" in home(client).text


@pytest.mark.parametrize("path", ["/about/", "/privacy/", "/help/"])
def test_pages_for_everybody_are_open_in_both_languages(client, path):
    assert client.get(path).status_code == 200
    assert client.get(path, headers={"Accept-Language": "zh-CN"}).status_code == 200
    assert client.post(path).status_code == 405


@pytest.mark.parametrize(
    ("role", "is_named"), [(Role.ANALYST, True), (Role.COUNSEL, True), (Role.CONTACT, False)]
)
def test_what_all_this_is_for_is_never_said_to_a_supplier(client, role, is_named):
    company = OrganisationFactory(supplier=role == Role.CONTACT)
    page = sign_in(client, UserFactory(holds=(role, company))).get("/about/").text

    assert ("Call to Action" in page) == is_named
    assert "Guidance, not legal advice" in page
    assert "Affero" in page


def test_what_all_this_is_for_is_not_said_where_buyers_have_names_of_their_own(client):
    assert "Call to Action" in client.get("/about/").text

    OrganisationFactory(service_name="Quellen")

    page = client.get("/about/").text
    assert "Call to Action" not in page
    assert "Extricate" not in page


def test_the_responsible_buyer_and_the_place_of_hosting_are_named(client, settings):
    settings.HOSTING_REGION = "Frankfurt, Germany"
    supplier = OrganisationFactory(supplier=True, buyer__name="Demo Buyer GmbH")
    OrganisationFactory(name="Another buyer")
    contact = UserFactory(holds=(Role.CONTACT, supplier))

    page = sign_in(client, contact).get("/privacy/").text

    assert "Demo Buyer GmbH" in page
    assert "Another buyer" not in page
    assert "Frankfurt, Germany" in page


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.ADMINISTRATOR, ["Lists", "Policy", "People", "Settings", "Operation"]),
        (Role.OPERATOR, ["Operation"]),
    ],
)
def test_the_navigation_holds_what_a_role_reaches_and_marks_the_present_page(
    client, role, expected
):
    person = UserFactory(holds=(role, OrganisationFactory()))

    nav = sign_in(client, person).get("/operations/").context["nav"]

    assert [str(item["label"]) for item in nav] == expected
    assert [str(item["label"]) for item in nav if item["is_current"]] == ["Operation"]


def test_the_unknown_have_no_navigation(client):
    assert not client.get("/help/").context["nav"]
