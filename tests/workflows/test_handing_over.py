"""Handing over: to a named colleague of the same domain, without a gap, on record."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from zeal import zeal_ignore

from portal.access import Conflict, Refused
from portal.actions import people
from portal.enums import Role
from portal.models import Invitation, Membership, OutboxMessage, User
from tests.factories.portal import UserFactory
from tests.sessions import sign_in
from tests.workflows import world
from workflows import actions
from workflows.models import Case

pytestmark = pytest.mark.django_db

WANG = "wang@supplier.example"


@pytest.fixture
def made():
    return world.world()


@pytest.fixture
def case(made):
    return world.acknowledged_case(made)


def url_of(case):
    return reverse("workflows:request_hand_over", args=[case.pk])


def hand_over(case, by, email=WANG):
    return actions.hand_over(case=case, by=by, email=email, name="Wang", language="zh-hans")


def events(chain):
    return list(chain.entries.order_by("seq").values_list("event", flat=True))


def test_a_contact_hands_over_and_keeps_its_part_until_the_colleague_accepts(client, made, case):
    sign_in(client, made.contact)
    assert "Hand over" in client.get(reverse("workflows:request", args=[case.pk])).text
    page = client.get(url_of(case))
    assert "Supplier contact" in page.text
    assert "One open request goes with it" in " ".join(page.text.split())

    with zeal_ignore():  # two roles are two invitations, and there are never more
        answer = client.post(url_of(case), {"name": "Wang", "email": WANG, "language": "zh-hans"})

    assert answer.status_code == 302
    wang = User.objects.get(email=WANG)
    held = Case.objects.get(pk=case.pk)
    assert (held.contact, held.signatory) == (wang, case.signatory and wang)
    assert Membership.objects.current().filter(user=made.contact).count() == 2
    assert OutboxMessage.objects.filter(purpose="invitation", recipient=wang).count() == 1
    assert "case.handed_over" in events(case.chain)
    assert client.get(url_of(case)).status_code == 200

    people.accept_open(by=wang)

    assert not Membership.objects.current().filter(user=made.contact).exists()
    assert {one.role for one in wang.memberships.current()} == {Role.CONTACT, Role.SIGNATORY}
    assert client.get(url_of(case)).status_code == 302
    assert events(case.supplier.chain).count("role.handed_over") == 2


def test_all_open_requests_of_the_supplier_go_with_it(made, case):
    campaign = actions.create_campaign(
        buyer=made.buyer,
        by=made.manager,
        name="Demo second campaign",
        version=made.campaign.version,
        due_on=made.campaign.due_on,
        prohibited_list=made.prohibited_list,
    )
    made.campaign = campaign
    second = world.issued_case(made)

    wang = hand_over(case, made.contact)

    assert Case.objects.get(pk=second.pk).contact == wang


def test_a_colleague_who_has_the_role_takes_over_at_once(client, made, case):
    wang = UserFactory(
        email=WANG,
        name="Wang",
        holds=[(Role.CONTACT, made.supplier), (Role.SIGNATORY, made.supplier)],
    )
    sign_in(client, made.contact)

    hand_over(case, made.contact)

    assert Case.objects.get(pk=case.pk).contact == wang
    assert not Membership.objects.current().filter(user=made.contact).exists()
    assert client.get(url_of(case)).status_code == 302
    assert not Invitation.objects.filter(user=wang).exists()


def test_one_role_is_taken_at_once_and_the_other_by_invitation(made, case):
    wang = UserFactory(email=WANG, holds=(Role.CONTACT, made.supplier))

    hand_over(case, made.contact)

    held = Membership.objects.current().filter(user=made.contact)
    assert [one.role for one in held] == [Role.SIGNATORY]
    assert Invitation.objects.get(user=wang).role == Role.SIGNATORY
    assert OutboxMessage.objects.filter(purpose="invitation", recipient=wang).count() == 1


def test_another_domain_needs_the_buyer(client, made, case):
    answer = sign_in(client, made.contact).post(
        url_of(case), {"name": "Wang", "email": "wang@elsewhere.example", "language": "en"}
    )

    assert answer.status_code == 200
    assert "can be added by the buyer alone" in answer.text
    assert "Wang" in answer.text
    assert not User.objects.filter(email="wang@elsewhere.example").exists()
    with pytest.raises(Refused):
        hand_over(case, made.contact, "wang@elsewhere.example")


def test_ones_own_address_is_no_colleague(made, case):
    with pytest.raises(Conflict, match="your own address"):
        hand_over(case, made.contact, made.contact.email.upper())


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("email", ""), ("email", "none"), ("language", "xx")]
)
def test_bad_input_is_told_at_its_field(client, made, case, field, value):
    typed = {"name": "Wang", "email": WANG, "language": "en"} | {field: value}

    answer = sign_in(client, made.contact).post(url_of(case), typed)

    assert answer.status_code == 200
    assert f'href="#id_{field}' in answer.text
    assert (
        not Invitation.objects.exclude(user=made.contact)
        .filter(organisation=made.supplier)
        .exists()
    )


def test_what_is_no_address_leaves_no_trace(made, case):
    with pytest.raises(ValidationError):
        hand_over(case, made.contact, f"wa ng@{made.contact.email.partition('@')[2]}")

    assert "case.handed_over" not in events(case.chain)


def test_who_no_longer_acts_has_nothing_to_hand_over(made, case):
    made.contact.memberships.update(ended_at=case.created_at)

    with pytest.raises(Conflict, match="no longer act"):
        hand_over(case, made.contact)


def test_a_request_that_names_somebody_else_stays_theirs(made, case):
    colleague = UserFactory(email="li@supplier.example", holds=(Role.CONTACT, made.supplier))

    hand_over(case, colleague)

    assert Case.objects.get(pk=case.pk).contact == made.contact


@pytest.mark.parametrize("who", ["analyst", "counsel", "manager", "administrator"])
def test_the_buyers_people_cannot_open_it(client, made, case, who):
    answer = sign_in(client, getattr(made, who)).get(url_of(case))

    assert answer.status_code == 403
    assert "not open to your role" in answer.text


def test_a_stranger_finds_nothing_and_other_methods_are_refused(client, made, case):
    stranger = world.world(name="Demo Elsewhere AG").contact

    assert sign_in(client, stranger).get(url_of(case)).status_code == 404
    assert sign_in(Client(), made.contact).delete(url_of(case)).status_code == 405


def test_an_invitation_once_accepted_does_not_end_a_role_given_anew(made, case):
    wang = hand_over(case, made.contact)
    people.accept_open(by=wang)
    offer = Invitation.objects.get(user=wang, role=Role.CONTACT)

    people.accept(invitation=offer, by=wang)

    assert events(case.supplier.chain).count("role.handed_over") == 2
