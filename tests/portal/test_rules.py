from datetime import timedelta
from uuid import uuid4

import pytest

from portal import clock, rules
from portal.enums import BUYER_ROLES, SUPPLIER_ROLES, Role, Side
from portal.models import Invitation, Membership, Organisation, User

BUYER, SUPPLIER, ELSEWHERE = uuid4(), uuid4(), uuid4()


def company(side):
    if side == Side.BUYER:
        return Organisation(pk=BUYER, side=side)
    return Organisation(pk=SUPPLIER, side=side, buyer_id=BUYER)


def person(role=None, at=BUYER, email="someone@buyer.example"):
    user = User(pk=uuid4(), email=email)
    user.roles = {at: {role}} if role else {}
    return user


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("at", [BUYER, SUPPLIER, ELSEWHERE])
@pytest.mark.parametrize("role", Role)
def test_people_are_managed_by_the_administrators_of_the_buyer(role, at, side):
    verdict = rules.may_manage_people(person(role, at), company(side))

    assert verdict.allowed == (role == Role.ADMINISTRATOR and at == BUYER)
    assert not verdict.late


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("at", [BUYER, SUPPLIER, ELSEWHERE])
@pytest.mark.parametrize("role", Role)
def test_settings_are_changed_by_administrators_of_a_buyer_for_it(role, at, side):
    verdict = rules.may_change_settings(person(role, at), company(side))

    own = at == BUYER and side == Side.BUYER
    assert verdict.allowed == (role == Role.ADMINISTRATOR and own)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("offered", Role)
def test_a_buyers_people_are_invited_by_its_administrators_to_its_roles(role, offered):
    buyer = company(Side.BUYER)

    verdict = rules.may_invite(person(role), buyer, offered, "new@buyer.example")

    by_counsel = role == Role.COUNSEL and offered == Role.OUTSIDE_COUNSEL
    by_administrator = role == Role.ADMINISTRATOR and offered in BUYER_ROLES
    assert verdict.allowed == (by_counsel or by_administrator)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("offered", Role)
def test_the_buyer_invites_people_of_its_suppliers(role, offered):
    supplier = company(Side.SUPPLIER)

    verdict = rules.may_invite(person(role), supplier, offered, "new@supplier.example")

    hosts = role in (Role.ADMINISTRATOR, Role.CAMPAIGN_MANAGER, Role.ANALYST)
    assert verdict.allowed == (hosts and offered in SUPPLIER_ROLES)


def test_the_buyer_brings_nobody_of_its_own_mail_domain_in_at_a_supplier():
    manager = person(Role.CAMPAIGN_MANAGER)
    own = f"somebody@{manager.email.rsplit('@')[-1]}"

    verdict = rules.may_invite(manager, company(Side.SUPPLIER), Role.CONTACT, own)

    assert not verdict.allowed
    assert verdict.sentence.startswith("This address belongs to your own company.")


@pytest.mark.parametrize("role", sorted(SUPPLIER_ROLES))
@pytest.mark.parametrize(
    ("email", "same_domain"),
    [
        ("liu@SUPPLIER.example", True),
        ("liu@other.example", False),
        ("liu@evil-supplier.example", False),
    ],
)
def test_a_contact_brings_in_colleagues_of_the_same_domain(role, email, same_domain):
    contact = person(role, SUPPLIER, "chen@supplier.example")

    verdict = rules.may_invite(contact, company(Side.SUPPLIER), Role.SIGNATORY, email)

    assert verdict.allowed == (same_domain and role != Role.CONTRIBUTOR)


NOW = clock.now()


def offer(user, **fields):
    return Invitation(user=user, expires_at=NOW + timedelta(days=1), **fields)


def test_an_invitation_is_accepted_by_its_person_while_it_is_open():
    user, now = person(), NOW

    assert rules.may_accept(user, offer(user), now)
    assert not rules.may_accept(person(), offer(user), now).late
    assert rules.may_accept(user, offer(user, withdrawn_at=now), now).late
    assert rules.may_accept(user, offer(user), now + timedelta(days=1)).late
    assert rules.may_accept(user, offer(user, accepted_at=now), now + timedelta(days=90))


def test_an_invitation_is_withdrawn_by_an_administrator_while_nobody_accepted():
    administrator, now = person(Role.ADMINISTRATOR), clock.now()
    invited = {"user": person(), "organisation": company(Side.SUPPLIER)}

    assert rules.may_withdraw_invitation(administrator, offer(**invited))
    assert not rules.may_withdraw_invitation(person(Role.ANALYST), offer(**invited)).late
    assert rules.may_withdraw_invitation(administrator, offer(**invited, accepted_at=now)).late
    assert rules.may_withdraw_invitation(administrator, offer(**invited, withdrawn_at=now)).late


@pytest.mark.parametrize("role", Role)
def test_a_role_is_added_by_an_administrator_to_a_person_who_serves_there(role):
    buyer, colleague = company(Side.BUYER), person(Role.ANALYST)

    verdict = rules.may_give_role(person(role), buyer, Role.APPROVER, colleague)

    assert verdict.allowed == (role == Role.ADMINISTRATOR)


def test_a_role_is_not_added_twice_nor_to_strangers_nor_across_the_sides():
    administrator, buyer = person(Role.ADMINISTRATOR), company(Side.BUYER)

    def may(role, someone):
        return rules.may_give_role(administrator, buyer, role, someone)

    assert may(Role.ANALYST, person(Role.ANALYST)).late
    assert may(Role.ANALYST, person(Role.ANALYST, ELSEWHERE)).sentence == (
        "This person does not serve this company. Send an invitation."
    )
    assert may(Role.SIGNATORY, person(Role.ANALYST)).sentence == (
        "This role does not exist in this company."
    )
    assert not may(Role.OPERATOR, person(Role.ANALYST))


@pytest.mark.parametrize("is_last", [True, False])
@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize("held", sorted(BUYER_ROLES))
@pytest.mark.parametrize("role", Role)
def test_a_role_is_ended_by_an_administrator_but_never_the_last_ones(role, held, ended, is_last):
    membership = Membership(
        organisation=company(Side.BUYER), role=held, ended_at=clock.now() if ended else None
    )

    verdict = rules.may_end_role(person(role), membership, is_last=is_last)

    stays = ended or (is_last and held == Role.ADMINISTRATOR)
    assert verdict.allowed == (role == Role.ADMINISTRATOR and not stays)
    assert verdict.late == (role == Role.ADMINISTRATOR and stays)


@pytest.mark.parametrize("at", [BUYER, SUPPLIER, ELSEWHERE])
@pytest.mark.parametrize("role", Role)
def test_the_address_of_a_suppliers_person_is_changed_by_the_buyers_administrator(role, at):
    contact = person(Role.CONTACT, SUPPLIER, "chen@supplier.example")

    verdict = rules.may_change_address(
        person(role, at), company(Side.SUPPLIER), contact, "chen@other.example"
    )

    assert verdict.allowed == (role == Role.ADMINISTRATOR and at == BUYER)


def test_no_address_lets_the_buyer_sign_in_as_its_supplier():
    administrator, supplier = person(Role.ADMINISTRATOR), company(Side.SUPPLIER)
    contact = person(Role.CONTACT, SUPPLIER, "chen@supplier.example")

    def may(address, found=None, who=contact):
        return rules.may_change_address(administrator, supplier, who, address, found)

    own = "This address belongs to your own company. Nobody signs in for a supplier there."
    assert may("puppet@BUYER.example").sentence == own
    assert may("c@law.example", person(Role.COUNSEL, BUYER, "c@law.example")).sentence == own
    assert may("other@supplier.example", person(Role.CONTACT, SUPPLIER))
    assert may(" Chen@supplier.example").late
    assert may("new@supplier.example", who=person(Role.CONTACT, ELSEWHERE)).late
    assert not rules.may_change_address(
        administrator, company(Side.BUYER), contact, "new@supplier.example"
    )


@pytest.mark.parametrize("role", Role)
def test_operation_is_for_operators_and_administrators(role):
    expected = role in (Role.OPERATOR, Role.ADMINISTRATOR)

    assert rules.may_operate(person(role)).allowed == expected
