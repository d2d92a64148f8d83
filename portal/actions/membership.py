"""Roles that people hold: given, ended, and carried to another address."""

from uuid import uuid4

from django.apps import apps
from django.conf import settings
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q

from portal import clock, ledger, mail, rules
from portal.access import require
from portal.actions import people
from portal.enums import SUPPLIER_ROLES, Role
from portal.models import Invitation, Membership, Organisation, User


def _held(organisation: Organisation) -> Organisation:
    """Lock a company's row, so that two administrators do not remove each other at once."""
    return Organisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)


@transaction.atomic
def give_role(*, organisation: Organisation, person: User, role: str, by: User) -> Membership:
    """Give one more role to a person who serves this company already.

    Raises Refused if `by` may not, Conflict if the person holds it.
    """
    company = _held(organisation)
    people.forget_roles(person)
    require(rules.may_give_role(by, company, role, person))
    membership = Membership.objects.create(
        user=person, organisation=company, role=role, since=clock.now()
    )
    people.forget_roles(person)
    ledger.record(
        "role.given",
        by=by,
        on=company,
        data={"membership": str(membership.pk), "user": str(person.pk), "role": str(role)},
    )
    return membership


def is_last_administrator(membership: Membership) -> bool:
    """Tell whether this is the only current administrator of its company."""
    others = Membership.objects.current().filter(
        organisation_id=membership.organisation_id, role=Role.ADMINISTRATOR
    )
    return membership.role == Role.ADMINISTRATOR and not others.exclude(pk=membership.pk).exists()


@transaction.atomic
def end_role(*, membership: Membership, by: User) -> Membership:
    """End a role, and with it every session of the person.

    Raises Refused if `by` may not, Conflict if it ended already or is the last
    administrator's.
    """
    company = _held(membership.organisation)
    current = Membership.objects.select_related("user").get(pk=membership.pk)
    current.organisation = company
    require(rules.may_end_role(by, current, is_last=is_last_administrator(current)))
    current.ended_at = clock.now()
    current.save(update_fields=["ended_at"])
    if current.role == Role.OUTSIDE_COUNSEL:
        grants = current.user.case_grants.filter(buyer=company, ended_at=None)
        grants.update(ended_at=current.ended_at)
    people.end_sessions(current.user)
    people.forget_roles(current.user)
    ledger.record(
        "role.ended",
        by=by,
        on=company,
        data={
            "membership": str(current.pk),
            "user": str(current.user_id),
            "role": current.role,
        },
    )
    return current


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: User) -> Invitation:
    """Take back an invitation nobody accepted yet.

    Raises Refused if `by` may not, Conflict if it was accepted or withdrawn.
    """
    offer = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    require(rules.may_withdraw_invitation(by, offer))
    offer.withdrawn_at = clock.now()
    offer.save(update_fields=["withdrawn_at"])
    ledger.record(
        "invitation.withdrawn",
        by=by,
        on=offer.organisation,
        data={"invitation": str(offer.pk), "user": str(offer.user_id), "role": offer.role},
    )
    return offer


@transaction.atomic
def change_address(
    *, supplier: Organisation, person: User, address: str, reason: str, by: User
) -> User:
    """Give a supplier's person another address, for a mailbox that swallows our codes.

    Told to the old address and to the new one; every session ends. Where the person also
    answers another buyer, or somebody has the new address already, this supplier's roles
    pass to the person of the new address instead: no buyer learns of another, or moves its
    people. Returns whoever serves the supplier now.

    Raises Refused if `by` may not, Conflict if it is the address already, ValidationError
    if it is none. Source: settled point 4 of the design notes.
    """
    address = address.strip().lower()
    validate_email(address)
    company = _held(supplier)
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    found = User.objects.filter(email=address).first()
    require(rules.may_change_address(by, company, person, address, found))
    old = person.email
    _tell(company, person, "address_left", address)
    if found is None and not _serves_others(person, company):
        person.email, person.second_email = address, ""
        person.save(update_fields=["email", "second_email"])
        # the library's own record of it would let the old mailbox sign in, and a passkey
        # needs no mailbox at all: the new one proves who is there, with any app kept
        apps.get_model("account", "EmailAddress").objects.filter(user=person).delete()
        apps.get_model("mfa", "Authenticator").objects.filter(
            user=person, type="webauthn"
        ).delete()
        people.end_sessions(person)
        successor = person
    else:
        successor = found or User.objects.create_user(
            address, name=person.name, language=person.language
        )
        _pass_on(company, person, successor)
    ledger.record(
        "person.address_changed",
        by=by,
        on=company,
        data={"user": str(person.pk), "now": str(successor.pk)},
        words={"before": old, "after": address, "reason": reason.strip()},
    )
    _tell(company, successor, "address_joined", address)
    return successor


def _serves_others(person: User, supplier: Organisation) -> bool:
    mine = Q(organisation__buyer_id=supplier.buyer_id)
    elsewhere = person.memberships.current().exclude(mine).exists()
    return elsewhere or person.invitations.exclude(mine).exists()


def _pass_on(supplier: Organisation, person: User, successor: User) -> None:
    now = clock.now()
    held = person.memberships.current().filter(organisation=supplier, role__in=SUPPLIER_ROLES)
    for membership in held.order_by("since", "pk"):
        Membership.objects.get_or_create(
            user=successor,
            organisation=supplier,
            role=membership.role,
            ended_at=None,
            defaults={"since": now},
        )
        membership.ended_at = now
        membership.save(update_fields=["ended_at"])
    people.end_sessions(person)
    people.forget_roles(person)
    people.forget_roles(successor)


def _tell(supplier: Organisation, to: User, template: str, address: str) -> None:
    mail.send(
        purpose=template,
        key=f"{template}:{to.pk}:{uuid4()}",
        to=to,
        template=f"mail/{template}.txt",
        context={
            "supplier": supplier,
            "buyer": supplier.buyer,
            "address": address,
            "url": settings.BASE_URL,
        },
        chain=supplier.chain,
        buyer=supplier.buyer,
        supplier=supplier,
    )
