"""allauth's adapters: sign-up closed, mail by the outbox, secrets encrypted."""

import base64
import hashlib
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as here
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from portal import mail, queries
from portal.enums import Queue
from portal.models import User
from portal.sign_in.addresses import is_own_url
from portal.sign_in.naming import buyer_of
from portal.sign_in.sessions import begin, end_others, forget_visit
from portal.sign_in.trust import needs_second_factor

logger = logging.getLogger(__name__)

# allauth's template prefix: our template, and whether its body must be wiped once sent
MAILS = {
    "account/email/login_code": ("mail/sign_in_code.txt", True),
    "mfa/email/totp_activated": ("mail/second_step_added.txt", False),
    "mfa/email/totp_deactivated": ("mail/second_step_removed.txt", False),
    "mfa/email/recovery_codes_generated": ("mail/recovery_codes_made.txt", False),
    "mfa/email/webauthn_added": ("mail/passkey_added.txt", False),
    "mfa/email/webauthn_removed": ("mail/passkey_removed.txt", False),
}
# after these nobody stays signed in elsewhere
FACTOR_CHANGES = frozenset(
    {
        "mfa/email/totp_activated",
        "mfa/email/totp_deactivated",
        "mfa/email/webauthn_added",
        "mfa/email/webauthn_removed",
    }
)
SAYINGS = {
    "mfa/messages/totp_activated.txt": _("Your authenticator app is set up."),
    "mfa/messages/totp_deactivated.txt": _("Your authenticator app was removed."),
    "mfa/messages/recovery_codes_generated.txt": _("New recovery codes were made."),
}


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up closed, no passwords, all mail by the outbox."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed."),
        "incorrect_code": _("This code is not the one we sent last. Check it and type it again."),
        "too_many_login_attempts": _("Too many tries. Wait a few minutes, then try again."),
        "rate_limited": _("Too many codes were asked for. Wait a few minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def is_safe_url(self, url: str) -> bool:
        return is_own_url(here.request, url)

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        begin(request, user)

    def logout(self, request: HttpRequest) -> None:
        forget_visit(request)
        super().logout(request)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,  # noqa: ARG002
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        said = message or SAYINGS.get(message_template or "")
        if said:
            messages.add_message(request, level, str(said), extra_tags=extra_tags)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,  # noqa: ARG002
    ) -> None:
        self.send_mail(template_prefix, user.email, {"at": timezone.now(), **(context or {})})
        if template_prefix in FACTOR_CHANGES:
            end_others(here.request)

    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, Any]) -> None:
        """Write the mail to one of a person's two addresses; nobody else is written to."""
        template, is_secret = MAILS.get(template_prefix, ("", False))
        user = queries.reading(email)
        if not template or user is None:
            logger.warning("no mail is written for %s", template_prefix)
            return
        expires_at = _code_expires_at() if is_secret else None
        known = {name: context[name] for name in ("code", "at", "name") if name in context}
        mail.send(
            purpose=template_prefix.rsplit("/", 1)[-1],
            key=f"sign-in:{uuid4()}",
            to=user,
            address=email.lower(),
            template=template,
            context=known | {"expires_at": expires_at},
            buyer=buyer_of(user),
            expires_at=expires_at,
            is_secret=is_secret,
            queue=Queue.URGENT,
        )


def _code_expires_at() -> datetime:
    """Return when the code runs out that this session waits for; a second one gains no time."""
    waiting = here.request.session.get("account_login") or {}
    stages = waiting.get("state", {}).get("stages", {})
    sent = stages.get("login_by_code", {}).get("data", {}).get("at") or time.time()
    return datetime.fromtimestamp(sent, UTC) + timedelta(
        seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT
    )


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps the secrets of second factors encrypted."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right. Wait for the next one in your app."),
        "cannot_delete_authenticator": _(
            "Your role needs a second step. To change your device, ask an administrator."
        ),
    }

    def encrypt(self, text: str) -> str:
        key_id, key = next(iter(_keys().items()))
        return f"{key_id}:{Fernet(key).encrypt(text.encode()).decode()}"

    def decrypt(self, encrypted_text: str) -> str:
        key_id, _colon, token = encrypted_text.partition(":")
        try:
            return Fernet(_keys()[key_id]).decrypt(token.encode()).decode()
        except (KeyError, InvalidToken) as error:
            raise ValueError(
                "This second factor was stored under a key that is not configured:"
                " set MFA_KEY, or SECRET_KEY_FALLBACKS, to the key it was stored under."
            ) from error

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Ask before a second step is removed: who needs one keeps at least one."""
        user = authenticator.user
        others = Authenticator.objects.filter(user=user).exclude(pk=authenticator.pk)
        has_other = others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()
        return has_other or not needs_second_factor(user)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        host = here.request.get_host().partition(":")[0]
        return {"id": host, "name": self.get_totp_issuer()}

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        AccountAdapter().send_notification_mail(*args, **kwargs)

    def get_totp_issuer(self) -> str:
        user = here.request.user
        buyer = buyer_of(user) if user.is_authenticated else None
        return buyer.shown_service if buyer else settings.SERVICE_NAME

    def build_totp_svg(self, url: str) -> SafeString:
        """Return the picture as an element to stand in the page: its policy forbids data URLs."""
        svg = super().build_totp_svg(url)
        return mark_safe(svg[svg.index("<svg") :])  # noqa: S308 - drawn here from our own address


def _keys() -> dict[str, bytes]:
    """Return the keys for second factors by id, the present one first."""
    secrets = [settings.MFA_KEY or settings.SECRET_KEY, settings.SECRET_KEY]
    found = {}
    for secret in [*secrets, *settings.SECRET_KEY_FALLBACKS]:
        made = HKDF(SHA256(), 32, salt=None, info=b"portal second factor").derive(secret.encode())
        found[hashlib.sha256(made).hexdigest()[:8]] = base64.urlsafe_b64encode(made)
    return found
