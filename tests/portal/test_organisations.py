import json

import pytest
from django.core.exceptions import ValidationError

from portal import ledger, mail, queries
from portal.access import Conflict, Refused
from portal.actions import organisations as actions
from portal.enums import Language, Role, Side
from portal.models import LedgerEntry, Organisation, OutboxMessage, User
from tests.factories.portal import OrganisationFactory, UserFactory
from tests.sessions import sign_in

pytestmark = pytest.mark.django_db


def found(**said):
    return actions.create_buyer(
        **{
            "name": "Demo Outdoor GmbH",
            "administrator_email": "admin@outdoor.example",
            "administrator_name": "Demo Administrator",
            "by": "installation",
            **said,
        }
    )


def test_a_buyer_begins_with_an_invited_administrator_and_a_record():
    offer = found(country="de", service_name="Quellen", language=Language.ZH, zone="Asia/Shanghai")

    buyer = Organisation.objects.get()
    assert (buyer.side, buyer.country, buyer.service_name) == (Side.BUYER, "DE", "Quellen")
    assert (offer.role, offer.user.email) == (Role.ADMINISTRATOR, "admin@outdoor.example")
    assert offer.user.language == Language.ZH
    assert OutboxMessage.objects.get().to == "admin@outdoor.example"
    assert list(LedgerEntry.objects.order_by("seq").values_list("event", flat=True)) == [
        "organisation.founded",
        "person.invited",
    ]
    assert ledger.verify().is_intact


def test_a_buyer_is_not_founded_twice():
    found()

    with pytest.raises(Conflict, match="already a buyer named demo outdoor gmbh"):
        found(name="demo  outdoor gmbh")

    assert Organisation.objects.count() == 1


def test_a_buyer_without_a_reachable_administrator_is_not_founded():
    with pytest.raises(ValidationError):
        found(administrator_email="nobody")

    assert not Organisation.objects.exists()
    assert not User.objects.exists()


@pytest.fixture
def buyer():
    return OrganisationFactory(service_name="Before")


@pytest.fixture
def administrator(buyer):
    return UserFactory(holds=(Role.ADMINISTRATOR, buyer))


def test_changed_settings_stand_in_the_record_before_and_after(buyer, administrator):
    actions.update_settings(
        organisation=buyer,
        by=administrator,
        service_name=" After ",
        sender_name="",
        zone="Europe/Berlin",
    )

    entry = LedgerEntry.objects.get()
    data = json.loads(entry.body)["data"]
    assert data["changed"] == ["service_name", "zone"]
    assert (data["zone_before"], data["zone_after"]) == ("UTC", "Europe/Berlin")
    assert dict(entry.side_values.values_list("name", "value")) == {
        "service_name_before": "Before",
        "service_name_after": "After",
    }
    assert ledger.verify().is_intact


def test_settings_as_they_were_are_no_event(buyer, administrator):
    actions.update_settings(organisation=buyer, by=administrator, service_name="Before")

    assert not LedgerEntry.objects.exists()


@pytest.mark.parametrize("role", [Role.ANALYST, Role.COUNSEL, Role.CONTACT])
def test_settings_are_not_changed_by_others(buyer, role):
    with pytest.raises(Refused):
        actions.update_settings(
            organisation=buyer, by=UserFactory(holds=(role, buyer)), service_name="Mine"
        )


# --- pages -------------------------------------------------------------------------------


def typed(**said):
    return {
        "service_name": "Quellen",
        "sender_name": "Quellen der Demo GmbH",
        "sender_address": "quellen@buyer.example",
        "language": "zh-hans",
        "zone": "Europe/Berlin",
        **said,
    }


def test_an_administrator_names_the_service_and_its_sender(client, buyer, administrator):
    desk = sign_in(client, administrator)

    first = desk.get("/settings/", follow=True)
    answer = desk.post(f"/settings/{buyer.pk}/", typed(), follow=True)

    buyer.refresh_from_db()
    assert first.redirect_chain == [(f"/settings/{buyer.pk}/", 302)]
    assert "The settings are saved." in answer.text
    assert "– Quellen" in answer.text
    assert mail.sender_of(buyer) == "Quellen der Demo GmbH <quellen@buyer.example>"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sender_address": "no-at"}, "Type a mail address, such as name@example.com."),
        ({"sender_name": "A\r\nBcc: all@x.example"}, "Use letters, digits and ordinary signs"),
        ({"service_name": "x" * 61}, "at most 60 characters"),
        ({"zone": "Mars/Olympus"}, "Select a valid choice."),
        ({"language": "fr"}, "Select a valid choice."),
    ],
)
def test_a_wrong_setting_is_answered_at_its_place(client, buyer, administrator, wrong, said):
    answer = sign_in(client, administrator).post(f"/settings/{buyer.pk}/", typed(**wrong))

    assert answer.status_code == 200
    assert said in answer.text
    buyer.refresh_from_db()
    assert buyer.service_name == "Before"


def test_who_administers_two_buyers_chooses_one(client, buyer, administrator):
    other = OrganisationFactory(name="Demo Second AG")
    person = UserFactory(holds=[(Role.ADMINISTRATOR, buyer), (Role.ADMINISTRATOR, other)])

    answer = sign_in(client, person).get("/settings/")

    assert f'href="/settings/{buyer.pk}/"' in answer.text
    assert f'href="/settings/{other.pk}/"' in answer.text


def test_settings_of_another_buyer_do_not_exist(client, administrator):
    other = OrganisationFactory()

    assert sign_in(client, administrator).get(f"/settings/{other.pk}/").status_code == 404


def test_settings_are_closed_to_other_roles(client, buyer):
    analyst = UserFactory(holds=(Role.ANALYST, buyer))

    assert sign_in(client, analyst).get(f"/settings/{buyer.pk}/").status_code == 403


# --- the name of the service ---------------------------------------------------------------


def name_for(*held):
    return queries.service(UserFactory(holds=list(held))).name


def test_people_meet_the_name_their_buyer_chose():
    buyer, plain = OrganisationFactory(service_name="Quellen"), OrganisationFactory()
    supplier = OrganisationFactory(supplier=True, buyer=buyer)
    other = OrganisationFactory(supplier=True, buyer=plain)

    assert name_for((Role.ANALYST, buyer)) == "Quellen"
    assert name_for((Role.CONTACT, supplier)) == "Quellen"
    assert name_for((Role.CONTACT, other)) == "Extricate"
    assert name_for((Role.CONTACT, supplier), (Role.CONTACT, other)) == "Service for suppliers"


def test_a_page_without_a_reader_gives_no_buyer_away(client):
    assert "– Extricate" in client.get("/help/").text

    OrganisationFactory(service_name="Quellen")
    assert "– Quellen" in client.get("/help/").text

    OrganisationFactory()
    assert "– Service for suppliers" in client.get("/help/").text
