"""Buyers of this installation: their beginning, and the settings they choose for themselves."""

from typing import Literal

from django.db import transaction
from django.utils.translation import gettext as _

from portal import clock, ledger, rules
from portal.access import Conflict, require
from portal.actions import people
from portal.enums import ChainKind, Language, Role, Side
from portal.models import Invitation, Organisation, User

SETTINGS = ("service_name", "sender_name", "sender_address", "language", "zone")
CODES = frozenset({"language", "zone"})  # words of a machine stand in the event as they are


@transaction.atomic
def create_buyer(  # noqa: PLR0913 - each is a word of the company
    *,
    name: str,
    administrator_email: str,
    administrator_name: str,
    by: Literal["installation"] | User,
    country: str = "",
    service_name: str = "",
    language: str = Language.EN,
    zone: str = "UTC",
) -> Invitation:
    """Found a buyer and invite its first administrator; returns that invitation.

    `country` is an ISO 3166-1 alpha-2 code, `zone` an IANA name. Raises Conflict if a
    buyer has this name, ValidationError if the address is none.
    """
    name = " ".join(name.split())
    if Organisation.objects.filter(side=Side.BUYER, name__iexact=name).exists():
        raise Conflict(_("There is already a buyer named %(name)s.") % {"name": name})
    buyer = Organisation.objects.create(
        side=Side.BUYER,
        chain=ledger.open_chain(ChainKind.ORGANISATION),
        name=name,
        country=country.upper(),
        service_name=service_name.strip(),
        language=language,
        zone=zone,
        created_at=clock.now(),
    )
    ledger.record(
        "organisation.founded",
        by=by,
        on=buyer,
        data={"organisation": str(buyer.pk), "country": buyer.country, "language": language},
        words={"name": buyer.name, "service_name": buyer.service_name},
    )
    return people.invite(
        organisation=buyer,
        role=Role.ADMINISTRATOR,
        email=administrator_email,
        name=administrator_name,
        language=language,
        by="installation",
    )


@transaction.atomic
def update_settings(*, organisation: Organisation, by: User, **values: str) -> Organisation:
    """Change what a buyer's people and suppliers see: the names in SETTINGS, no other.

    The event holds each changed setting before and after; no change, no event. Raises
    Refused if `by` may not.
    """
    buyer = Organisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
    require(rules.may_change_settings(by, buyer))
    before = {name: getattr(buyer, name) for name in SETTINGS}
    changed = {
        name: value.strip() for name, value in values.items() if value.strip() != before[name]
    }
    if not changed:
        return buyer
    for name, value in changed.items():
        setattr(buyer, name, value)
    buyer.save(update_fields=list(changed))
    both = {f"{name}_before": before[name] for name in changed} | {
        f"{name}_after": value for name, value in changed.items()
    }
    codes = {key: value for key, value in both.items() if key.rpartition("_")[0] in CODES}
    ledger.record(
        "organisation.changed",
        by=by,
        on=buyer,
        data={"changed": sorted(changed), **codes},
        words={key: value for key, value in both.items() if key not in codes},
    )
    return buyer
