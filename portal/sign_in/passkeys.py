"""Passkeys as a way to sign in: added, used again to prove oneself, removed."""

import ipaddress
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.base.internal.flows import (
    check_rate_limit,
    delete_and_cleanup,
    post_authentication,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.flows import auto_generate_recovery_codes
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal.models import User
from portal.sign_in.adapters import AccountAdapter
from portal.sign_in.forms import well_formed
from portal.sign_in.sessions import renew

MOST_KEYS = 10


def passkeys_of(user: User) -> QuerySet[Authenticator]:
    rows = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    return rows.order_by("created_at", "pk")


def can_hold_passkeys(request: HttpRequest) -> bool:
    """Tell whether a browser can tie a passkey to this host: it needs a name, not a number."""
    host = request.get_host().partition(":")[0].strip("[]")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False


def new_passkey(user: User) -> dict[str, Any]:
    """Return what the browser needs to make a passkey; its challenge waits in the session.

    The device must keep it and verify the person, by PIN, finger or face.
    """
    return webauthn.begin_registration(user, passwordless=True)


def add_passkey(request: HttpRequest, user: User, credential: Any, name: str) -> bool:
    """Keep a passkey; from now on the session counts as strong. True if recovery codes were made.

    Raises ValidationError in a sentence.
    """
    _refuse_odd(user, credential)
    with well_formed():
        webauthn.parse_registration_response(credential)
        webauthn.complete_registration(credential)
    made = webauthn.WebAuthn.add(user, name, credential).instance
    record_authentication(request, user, "mfa", id=made.pk, type=made.type, reauthenticated=True)
    AccountAdapter().send_notification_mail("mfa/email/webauthn_added", user, {"name": name})
    return auto_generate_recovery_codes(request) is not None


def _refuse_odd(user: User, credential: Any) -> None:
    key = credential.get("id") if isinstance(credential, dict) else None
    if not isinstance(key, str):
        raise ValidationError(_("Your device gave no passkey. Try again."))
    taken = Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN)
    if taken.filter(data__credential__id=key).exists():
        raise ValidationError(_("This passkey is set up already."))
    if passkeys_of(user).count() >= MOST_KEYS:
        raise ValidationError(_("Ten passkeys are enough. Remove one you no longer use."))


def touch_options(user: User) -> dict[str, Any]:
    """Return what the browser needs to ask one of this person's passkeys."""
    return webauthn.begin_authentication(user)


def prove_by_passkey(request: HttpRequest, user: User, credential: Any) -> None:
    """Take a passkey as proof of who is here: the session is strong, fresh, and has a new key.

    Raises ValidationError in a sentence.
    """
    clear = check_rate_limit(user)
    with well_formed():
        webauthn.parse_authentication_response(credential)
        used = webauthn.complete_authentication(user, credential)
    clear()
    post_authentication(request, used, reauthenticated=True)
    renew(request.session)


def remove_passkey(request: HttpRequest, user: User, passkey: Authenticator) -> None:
    """Forget a passkey; every other session ends."""
    name = passkey.wrap().name
    delete_and_cleanup(request, passkey)
    AccountAdapter().send_notification_mail("mfa/email/webauthn_removed", user, {"name": name})
