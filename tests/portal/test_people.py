import re
from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse

from portal import clock, ledger
from portal.access import Conflict, Refused
from portal.actions import membership as actions
from portal.actions import people
from portal.enums import BUYER_ROLES, Role
from portal.models import Invitation, LedgerEntry, Membership, OutboxMessage, User
from tests.factories.portal import InvitationFactory, OrganisationFactory, UserFactory
from tests.sessions import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer():
    return OrganisationFactory(name="Demo Buyer GmbH")


@pytest.fixture
def administrator(buyer):
    return UserFactory(email="admin@buyer.example", holds=(Role.ADMINISTRATOR, buyer))


@pytest.fixture
def analyst(buyer):
    return UserFactory(name="Demo Analyst", holds=(Role.ANALYST, buyer))


@pytest.fixture
def supplier(buyer):
    return OrganisationFactory(supplier=True, buyer=buyer)


@pytest.fixture
def contact(supplier):
    return UserFactory(email="chen@supplier.example", holds=(Role.CONTACT, supplier))


def held(person):
    return person.memberships.current().get()


def events(organisation):
    found = LedgerEntry.objects.filter(chain=organisation.chain).order_by("seq")
    return list(found.values_list("event", flat=True))


# --- actions -----------------------------------------------------------------------------


def test_a_role_is_given_and_the_record_says_so(buyer, administrator, analyst):
    actions.give_role(organisation=buyer, person=analyst, role=Role.APPROVER, by=administrator)

    assert analyst.roles == {buyer.pk: {Role.ANALYST, Role.APPROVER}}
    assert events(buyer) == ["role.given"]


def test_a_role_is_not_given_by_somebody_else(buyer, analyst):
    with pytest.raises(Refused):
        actions.give_role(organisation=buyer, person=analyst, role=Role.APPROVER, by=analyst)


def test_an_ended_role_ends_every_session_of_its_person(buyer, administrator, analyst):
    browser = sign_in(Client(), analyst)
    assert browser.get("/privacy/").context["user"] == analyst

    actions.end_role(membership=held(analyst), by=administrator)

    assert browser.get("/privacy/").context["user"].is_anonymous
    assert not analyst.memberships.current().exists()
    assert events(buyer) == ["role.ended"]
    assert ledger.verify().is_intact


def test_the_last_administrator_stays(buyer, administrator):
    with pytest.raises(Conflict, match="Give this role to a colleague first"):
        actions.end_role(membership=held(administrator), by=administrator)

    UserFactory(holds=(Role.ADMINISTRATOR, buyer))
    actions.end_role(membership=held(administrator), by=administrator)

    assert not administrator.memberships.current().exists()


def test_an_ended_role_ends_once(administrator, analyst):
    membership = held(analyst)
    actions.end_role(membership=membership, by=administrator)

    with pytest.raises(Conflict, match="ended already"):
        actions.end_role(membership=membership, by=administrator)


@pytest.mark.django_db(transaction=True)
def test_two_administrators_do_not_remove_each_other_at_once():
    buyer = OrganisationFactory()
    pair = [UserFactory(holds=(Role.ADMINISTRATOR, buyer)) for _person in range(2)]
    roles, start, lost = [held(person) for person in pair], Barrier(2), []

    def end(membership, by):
        start.wait()
        try:
            actions.end_role(membership=membership, by=by)
        except (Conflict, Refused) as error:
            lost.append(error)
        finally:
            connection.close()

    threads = [
        Thread(target=end, args=(roles[1], pair[0])),
        Thread(target=end, args=(roles[0], pair[1])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(lost) == 1
    assert Membership.objects.current().filter(organisation=buyer).count() == 1


def test_an_invitation_is_withdrawn(buyer, administrator):
    offer = InvitationFactory(organisation=buyer, role=Role.ANALYST)

    actions.withdraw_invitation(invitation=offer, by=administrator)

    offer.refresh_from_db()
    assert offer.withdrawn_at
    assert events(buyer) == ["invitation.withdrawn"]


def change(supplier, person, by, address="chen@mailbox.example"):
    return actions.change_address(
        supplier=supplier, person=person, address=address, reason="Called the switchboard", by=by
    )


def test_a_new_address_is_told_to_the_old_one_and_to_itself(supplier, contact, administrator):
    EmailAddress.objects.create(user=contact, email=contact.email, verified=True, primary=True)
    browser = sign_in(Client(), contact)

    change(supplier, contact, administrator, " Chen@Mailbox.example")

    contact.refresh_from_db()
    assert contact.email == "chen@mailbox.example"
    assert contact.roles == {supplier.pk: {Role.CONTACT}}
    assert list(OutboxMessage.objects.order_by("purpose").values_list("purpose", "to")) == [
        ("address_joined", "chen@mailbox.example"),
        ("address_left", "chen@supplier.example"),
    ]
    assert browser.get("/privacy/").context["user"].is_anonymous
    assert not EmailAddress.objects.exists()
    entry = LedgerEntry.objects.get(event="person.address_changed")
    assert dict(entry.side_values.values_list("name", "value")) == {
        "before": "chen@supplier.example",
        "after": "chen@mailbox.example",
        "reason": "Called the switchboard",
    }
    assert ledger.verify().is_intact


def test_a_person_who_answers_another_buyer_keeps_the_address_there(
    supplier, contact, administrator
):
    elsewhere = OrganisationFactory(supplier=True)
    Membership.objects.create(
        user=contact, organisation=elsewhere, role=Role.CONTACT, since=clock.now()
    )

    successor = change(supplier, contact, administrator)

    contact = User.objects.get(pk=contact.pk)
    assert (contact.email, contact.roles) == (
        "chen@supplier.example",
        {elsewhere.pk: {Role.CONTACT}},
    )
    assert (successor.email, successor.roles) == (
        "chen@mailbox.example",
        {supplier.pk: {Role.CONTACT}},
    )


def test_an_address_in_use_gets_the_roles_and_nobody_is_told_of_its_other_ones(
    supplier, contact, administrator
):
    other = UserFactory(
        email="chen@mailbox.example", holds=(Role.CONTACT, OrganisationFactory(supplier=True))
    )

    successor = change(supplier, contact, administrator)

    assert successor == other
    assert User.objects.get(pk=other.pk).holds(Role.CONTACT, supplier.pk)
    assert not User.objects.get(pk=contact.pk).roles


def test_an_address_that_is_none_changes_nothing(supplier, contact, administrator):
    with pytest.raises(ValidationError):
        change(supplier, contact, administrator, "chen")

    assert not OutboxMessage.objects.exists()


# --- pages -------------------------------------------------------------------------------


@pytest.fixture
def desk(client, administrator):
    return sign_in(client, administrator)


def test_the_page_shows_people_with_their_roles_and_open_invitations(desk, analyst, buyer):
    InvitationFactory(organisation=buyer, role=Role.COUNSEL, user__name="Demo Counsel")
    InvitationFactory(
        organisation=buyer,
        role=Role.APPROVER,
        user__name="Late Person",
        expires_at=clock.now() - timedelta(days=1),
    )
    stranger = UserFactory(name="Stranger", holds=(Role.ANALYST, OrganisationFactory()))

    page = desk.get("/people/").text

    assert analyst.email in page
    assert "Demo Counsel" in page
    assert page.count("Invitation has run out") == 1
    assert stranger.name not in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_many(desk, buyer, count, django_assert_num_queries):
    for _person in range(count):
        UserFactory(holds=[(Role.ANALYST, buyer), (Role.APPROVER, buyer)])
        InvitationFactory(organisation=buyer, role=Role.COUNSEL)

    # session, person, roles, companies, roles with people, invitations, second steps,
    # those that were lost, service name
    with django_assert_num_queries(9):
        answer = desk.get("/people/")

    assert answer.text.count("Send again") == count


@pytest.mark.parametrize("role", [Role.ANALYST, Role.APPROVER, Role.COUNSEL])
def test_other_roles_do_not_manage_people(client, buyer, role):
    answer = sign_in(client, UserFactory(holds=(role, buyer))).get("/people/")

    assert answer.status_code == 403
    assert "This page is not open to your role." in answer.text


def test_a_person_is_invited(desk, buyer):
    answer = desk.post(
        f"/companies/{buyer.pk}/invite/",
        {
            "name": "Demo Approver",
            "email": "Approver@Buyer.example",
            "role": "APPROVER",
            "language": "zh-hans",
        },
        follow=True,
    )

    offer = Invitation.objects.get()
    assert (offer.role, offer.user.email, offer.user.language) == (
        "APPROVER",
        "approver@buyer.example",
        "zh-hans",
    )
    assert answer.redirect_chain == [("/people/", 302)]
    assert "An invitation was written to Approver@Buyer.example." in answer.text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"email": "nobody"}, "Type a mail address, such as name@example.com."),
        ({"role": "SIGNATORY"}, "Choose one of these roles."),
        ({"role": ""}, "Choose a role."),
        ({"name": "Li\u202enu"}, "Use letters, digits and ordinary signs on one line."),
        ({"name": "Li\nBcc: x@y.example"}, "Use letters, digits and ordinary signs"),
        ({"name": "x" * 121}, "Ensure this value has at most 120 characters"),
    ],
)
def test_a_wrong_invitation_is_answered_at_its_place(desk, buyer, wrong, said):
    right = {"name": "𠮷 Demo", "email": "a@buyer.example", "role": "ANALYST", "language": "en"}

    answer = desk.post(f"/companies/{buyer.pk}/invite/", right | wrong)

    assert answer.status_code == 200
    assert said in answer.text
    assert not Invitation.objects.exists()


def test_a_role_already_held_is_said_at_the_role(desk, buyer, analyst):
    answer = desk.post(
        f"/companies/{buyer.pk}/invite/",
        {"name": "X", "email": analyst.email, "role": "ANALYST", "language": "en"},
    )

    assert "This person already has this role." in answer.text


def test_an_invitation_is_sent_again_and_withdrawn(desk, buyer, administrator):
    offer = people.invite(
        organisation=buyer, role=Role.ANALYST, email="a@buyer.example", by=administrator
    )

    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        again = desk.post(f"/people/invitations/{offer.pk}/again/", follow=True)
    gone = desk.post(f"/people/invitations/{offer.pk}/withdraw/", follow=True)
    late = desk.post(f"/people/invitations/{offer.pk}/withdraw/")

    assert "The invitation was sent again to a@buyer.example." in again.text
    assert OutboxMessage.objects.filter(purpose="invitation").count() == 2
    assert "The invitation of a@buyer.example is withdrawn." in gone.text
    assert late.status_code == 409


def test_a_role_is_added_on_its_page(desk, buyer, analyst):
    url = f"/companies/{buyer.pk}/people/{analyst.pk}/role/"

    offered = set(
        re.findall(r'name="role"[^>]*value="(\w+)"', desk.get(url).text.replace("\n", " "))
    )
    answer = desk.post(url, {"role": "APPROVER"}, follow=True)

    assert offered == {"CAMPAIGN_MANAGER", "APPROVER", "COUNSEL", "ADMINISTRATOR"}
    assert "Demo Analyst has the role now: Approver." in answer.text
    assert "Choose one of these roles." in desk.post(url, {"role": "OPERATOR"}).text


def test_a_role_is_ended_on_its_page(desk, analyst):
    url = f"/people/roles/{held(analyst).pk}/end/"

    assert "End the role: Analyst" in desk.get(url).text
    answer = desk.post(url, follow=True)

    assert "Demo Analyst no longer has the role: Analyst." in answer.text
    assert desk.post(url).status_code == 409


def test_ending_ones_own_role_leads_out(desk, buyer, administrator):
    UserFactory(holds=(Role.ADMINISTRATOR, buyer))
    membership = held(administrator)

    assert "This is your own role" in desk.get(f"/people/roles/{membership.pk}/end/").text
    answer = desk.post(f"/people/roles/{membership.pk}/end/", follow=True)

    assert answer.redirect_chain == [("/", 302)]
    assert answer.context["user"].is_anonymous


def test_people_of_suppliers_are_found_by_any_word(desk, supplier, contact):
    OrganisationFactory(supplier=True, buyer=supplier.buyer, name="Demo Têxtil Lda")
    OrganisationFactory(supplier=True, name="Of another buyer")

    every = desk.get("/people/suppliers/").text
    found = desk.get("/people/suppliers/", {"words": "chen@ shaoxing"}).text
    nothing = desk.get("/people/suppliers/", {"words": "zzz"}).text

    assert "2 suppliers" in every
    assert "Of another buyer" not in every
    assert "1 supplier" in found
    assert contact.email in found
    assert "No supplier matches" in nothing


def test_suppliers_come_25_to_a_page(desk, buyer):
    for number in range(26):
        OrganisationFactory(supplier=True, buyer=buyer, name=f"Supplier {number:02}")

    second = desk.get("/people/suppliers/", {"page": "2"}).text

    assert "Supplier 25" in second
    assert "Supplier 24" not in second


def test_an_address_is_changed_on_its_page(desk, supplier, contact):
    url = f"/companies/{supplier.pk}/people/{contact.pk}/address/"
    reason = "Called the switchboard, spoke to Ms Chen"

    refused = desk.post(url, {"address": "puppet@buyer.example", "reason": reason})
    short = desk.post(url, {"address": "chen@mailbox.example", "reason": "x"})
    answer = desk.post(url, {"address": "chen@mailbox.example", "reason": reason}, follow=True)

    assert "This address belongs to your own company." in refused.text
    assert "at least 10 characters" in short.text
    assert answer.redirect_chain == [("/people/suppliers/", 302)]
    assert "The former address was told." in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "companies/{company}/invite/",
        "companies/{company}/people/{person}/role/",
        "companies/{company}/people/{person}/address/",
        "people/roles/{role}/end/",
        "people/invitations/{offer}/again/",
        "people/invitations/{offer}/withdraw/",
    ],
)
def test_another_buyers_people_do_not_exist_here(desk, path):
    company = OrganisationFactory(supplier=True)
    person = UserFactory(holds=(Role.CONTACT, company))
    offer = InvitationFactory(organisation=company)
    url = "/" + path.format(
        company=company.pk, person=person.pk, role=held(person).pk, offer=offer.pk
    )

    assert desk.post(url).status_code == 404


def test_a_person_of_another_company_is_not_taken_for_one_of_this(desk, buyer, supplier):
    stranger = UserFactory(holds=(Role.CONTACT, OrganisationFactory(supplier=True)))

    assert desk.get(f"/companies/{buyer.pk}/people/{stranger.pk}/role/").status_code == 404
    assert desk.get(f"/companies/{supplier.pk}/people/{stranger.pk}/address/").status_code == 404


def test_a_buyers_own_person_has_no_address_to_change_here(desk, buyer, analyst):
    assert desk.get(f"/companies/{buyer.pk}/people/{analyst.pk}/address/").status_code == 403


def test_who_has_every_role_gets_no_more(desk, buyer):
    person = UserFactory(holds=[(role, buyer) for role in BUYER_ROLES])

    page = desk.get(f"/companies/{buyer.pk}/people/{person.pk}/role/").text

    assert "This person has every role there is." in page


def test_the_one_administrator_is_offered_no_end_of_that_role(
    client, buyer, administrator, analyst
):
    sign_in(client, administrator)
    alone = client.get(reverse("portal:people")).text
    actions.give_role(
        organisation=buyer, person=analyst, role=Role.ADMINISTRATOR, by=administrator
    )
    of_two = client.get(reverse("portal:people")).text

    end = reverse("portal:person_end_role", args=[held(administrator).pk])
    assert end not in alone
    assert "give the role to a colleague" in alone
    assert end in of_two
    assert "give the role to a colleague" not in of_two
