"""How strongly a person is known, and what is still to come."""

import time
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from portal.enums import BUYER_ROLES, Role
from portal.models import User

STRONG_ROLES = BUYER_ROLES | {Role.OPERATOR}
FRESH_SECONDS = 600


class Strength(IntEnum):
    """How a session was opened: by a mailed code alone, or with a second factor too."""

    CODE = 1
    MFA = 2


def strength(session: SessionBase) -> Strength:
    """Return how strongly the person behind this session is known."""
    ways = {record.get("method") for record in session.get("account_authentication_methods", [])}
    if "mfa" in ways or ("demo" in ways and settings.EXTRICATE_DEMO):
        return Strength.MFA
    return Strength.CODE


def needs_second_factor(user: User) -> bool:
    """Tell whether this person holds a role that a mailed code alone never opens."""
    return user.holds_somewhere(STRONG_ROLES)


def way_up(user: User) -> str:
    """Return the name of the page that lifts a session of this person to `MFA`."""
    kinds = factors(user)
    if Authenticator.Type.WEBAUTHN in kinds:
        return "portal:passkey_prove"
    return "mfa_reauthenticate" if kinds else "portal:second_step"


def factors(user: User) -> set[str]:
    """Return the kinds of second step this person has set up; recovery codes are none."""
    rows = Authenticator.objects.filter(user=user)
    return set(rows.values_list("type", flat=True)) - {Authenticator.Type.RECOVERY_CODES}


@dataclass(frozen=True)
class Ways:
    """How one person can sign in beside the mailed code."""

    passkeys: list[Any]  # each with `name` and `instance`
    has_app: bool
    has_codes: bool
    codes_left: int


def ways_of(user: User) -> Ways:
    """Return the second steps a person has set up, passkeys in the order they were added."""
    found: dict[str, list[Any]] = {}
    for row in Authenticator.objects.filter(user=user).order_by("created_at", "pk"):
        found.setdefault(row.type, []).append(row.wrap())
    codes = found.get(Authenticator.Type.RECOVERY_CODES, [])
    return Ways(
        passkeys=found.get(Authenticator.Type.WEBAUTHN, []),
        has_app=Authenticator.Type.TOTP in found,
        has_codes=bool(codes),
        codes_left=sum(len(one.get_unused_codes()) for one in codes),
    )


def is_fresh(session: SessionBase) -> bool:
    """Tell whether the person proved itself within ten minutes, in whatever way.

    allauth's own guard lets a session pass that was opened by a mailed code alone.
    """
    proofs = [record.get("at", 0) for record in session.get("account_authentication_methods", [])]
    proofs.append(session.get("proved_at", 0))
    return time.time() - max(proofs) < FRESH_SECONDS


def is_proved(user: User, session: SessionBase) -> bool:
    """Tell whether the way this person signs in may be changed in this session now.

    Who has a second step must have used it within ten minutes: its mailbox alone never
    changes it. Who has none proves to read that mailbox.
    """
    records = session.get("account_authentication_methods", [])
    steps = [one.get("at", 0) for one in records if one.get("method") in {"mfa", "demo"}]
    if steps and time.time() - max(steps) < FRESH_SECONDS:
        return True
    return not factors(user) and is_fresh(session)


def way_to_prove(user: User) -> str:
    """Return the name of the page where this person proves itself before that."""
    return way_up(user) if factors(user) else "portal:prove"
