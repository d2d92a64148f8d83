"""A supplier's person hands over to a named colleague (security note, section 2.1)."""

from typing import cast

from django.db import transaction
from django.utils.translation import gettext as _

from portal import clock, ledger
from portal import rules as portal_rules
from portal.access import Conflict, require
from portal.actions import people
from portal.enums import Role
from portal.models import Membership, User
from workflows import engine, mail, queries
from workflows.enums import Stage
from workflows.models import Case

FIELDS = {Role.CONTACT: "contact", Role.SIGNATORY: "signatory"}


@transaction.atomic
def hand_over(*, case: Case, by: User, email: str, name: str, language: str) -> User:
    """Hand one's roles at a supplier, and its open requests, to a colleague of the same domain.

    The colleague is invited; one's own roles end when it accepts, so that nobody is missing
    meanwhile. Who has a role already takes over at once. Raises Refused for another domain,
    Conflict if there is nothing to hand over, ValidationError if it is no address.
    """
    held = queries.own_roles(by, case)
    if not held:
        raise Conflict(_("You no longer act for this company."))
    for membership in held:
        require(portal_rules.may_hand_over(by, membership, email))
    known = User.objects.filter(email=email.strip().lower()).first()
    taken = [one for one in held if known and known.holds(one.role, case.supplier_id)]
    offers = [
        people.invite(
            organisation=membership.organisation,
            role=membership.role,
            email=email,
            name=name,
            language=language,
            by=by,
            next_url=mail.request_path(case),
            announce=number == 0,  # one mail, however many roles
            replaces=membership,
        )
        for number, membership in enumerate(one for one in held if one not in taken)
    ]
    successor = offers[0].user if offers else cast("User", known)
    # named before the own roles end: one's own word still counts
    for one in queries.open_cases_of(by, case):
        _name(one, by, successor)
    for membership in taken:
        _end(membership, by, successor)
    people.forget_roles(by)
    return successor


def _end(membership: Membership, by: User, successor: User) -> None:
    """End a role at once whose colleague has it already; nobody waits for an invitation."""
    membership.ended_at = clock.now()
    membership.save(update_fields=["ended_at"])
    people.end_sessions(by)
    ledger.record(
        "role.handed_over",
        by=by,
        on=membership.organisation,
        data={
            "from": str(by.pk),
            "to": str(successor.pk),
            "role": membership.role,
            "membership": str(membership.pk),
        },
    )


def _name(case: Case, by: User, successor: User) -> None:
    """Let a request name the colleague wherever it named the person who leaves."""
    with engine.locked(case) as held:
        changed = [
            field
            for field in FIELDS.values()
            if getattr(held, f"{field}_id") == by.pk and held.stage != Stage.WITHDRAWN
        ]
        if not changed:
            return
        for field in changed:
            setattr(held, field, successor)
        held.save(update_fields=changed)
        ledger.record(
            "case.handed_over",
            by=by,
            on=held,
            data={"to": str(successor.pk), "as": changed},
            words={"name": successor.name, "address": successor.email},
        )
