"""The only caller of allauth: who may sign in, and how strongly (security note, section 2)."""

import base64
import hashlib
import logging
import time
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, cast
from urllib.parse import urlencode
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import ConfirmLoginCodeForm, RequestLoginCodeForm
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from portal import mail
from portal.access import Refused
from portal.actions import people
from portal.enums import BUYER_ROLES, Queue, Role
from portal.models import Organisation, User

logger = logging.getLogger(__name__)

STRONG_ROLES = BUYER_ROLES | {Role.OPERATOR}
IDLE_SECONDS = {False: 30 * 60, True: 15 * 60}  # by: does the person hold a buyer-side role?
WHOLE_SECONDS = 12 * 3600
SEEN_EVERY = 60
FRESH_SECONDS = 600
APP_CODE_SECONDS = 120  # a code of the app is accepted for three periods of 30 seconds
INVITATION_RATE = {"invitation": "30/m/ip"}

# allauth's template prefix: our template, and whether its body must be wiped once sent
MAILS = {
    "account/email/login_code": ("mail/sign_in_code.txt", True),
    "mfa/email/totp_activated": ("mail/second_step_added.txt", False),
    "mfa/email/totp_deactivated": ("mail/second_step_removed.txt", False),
    "mfa/email/recovery_codes_generated": ("mail/recovery_codes_made.txt", False),
}
SAYINGS = {
    "mfa/messages/totp_activated.txt": _("Your authenticator app is set up."),
    "mfa/messages/totp_deactivated.txt": _("Your authenticator app was removed."),
    "mfa/messages/recovery_codes_generated.txt": _("New recovery codes were made."),
}


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
    has_app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    return "mfa_reauthenticate" if has_app else "mfa_activate_totp"


def is_fresh(session: SessionBase) -> bool:
    """Tell whether the person proved itself within ten minutes: asked before factors change.

    allauth's own guard lets a session pass that was opened by a mailed code alone.
    """
    proofs = [record.get("at", 0) for record in session.get("account_authentication_methods", [])]
    proofs.append(session.get("proved_at", 0))
    return time.time() - max(proofs) < FRESH_SECONDS


def proved(session: SessionBase) -> None:
    """Note that the person proved itself anew; the session gets a new key."""
    session["proved_at"] = time.time()
    session.cycle_key()


def begin(request: HttpRequest, user: User) -> None:
    """Start the clocks of a session just opened, and take up the person's invitations."""
    request.session["begun_at"] = request.session["seen_at"] = time.time()
    people.accept_open(by=user)
    bear_name(request, buyer_of(user))
    speak(request, user.language)


def bear_name(request: HttpRequest, organisation: Organisation | None) -> None:
    """Let the pages of this session bear the name its buyer chose."""
    request.session["service"] = service_of(organisation)


def speak(request: HttpRequest, language: str) -> None:
    """Answer in `language` from now on; the middleware sets the cookie."""
    request.spoken = language  # type: ignore[attr-defined]
    translation.activate(language)


def is_over(request: HttpRequest, user: User) -> bool:
    """Tell whether the session was idle too long or is too old; else note that it is in use.

    Written once a minute at most: each write takes SQLite's only write lock.
    """
    now = time.time()
    begun, seen = (request.session.get(name) for name in ("begun_at", "seen_at"))
    if begun is None or seen is None:
        request.session["begun_at"] = request.session["seen_at"] = now
        return False
    if now - seen > IDLE_SECONDS[needs_second_factor(user)] or now - begun > WHOLE_SECONDS:
        return True
    if now - seen >= SEEN_EVERY:
        request.session["seen_at"] = now
    return False


def end(request: HttpRequest) -> str:
    """End the session; return the sentence that says why."""
    minutes = IDLE_SECONDS[needs_second_factor(cast("User", request.user))] // 60
    logout(request)
    return _("You were signed out after %(minutes)s minutes without activity.") % {
        "minutes": minutes
    }


def become(request: HttpRequest, user: User) -> None:
    """Sign in as `user` by one click, second factor satisfied: in a demonstration only.

    Raises Refused elsewhere.
    """
    if not settings.EXTRICATE_DEMO:
        raise Refused(_("This is possible in a demonstration only."))
    if user.noticed_at is None:
        user.noticed_at = timezone.now()
        user.save(update_fields=["noticed_at"])
    AccountAdapter().login(request, user)
    record_authentication(request, user, "demo")


def send_code(request: HttpRequest, user: User | None, email: str) -> None:
    """Mail a sign-in code to `user` and remember, in this session, what was sent.

    With no user everything looks the same and nothing is sent. Raises ValidationError
    when too many codes were asked for.
    """
    if not ratelimit.consume(
        request, app="allauth.account", action="request_login_code", key=email.lower()
    ):
        raise AccountAdapter().validation_error("too_many_login_attempts")
    LoginCodeVerificationProcess.initiate(request=request, user=user, email=email)


def may_look_at_invitations(request: HttpRequest) -> bool:
    """Count one look at an invitation page; False beyond thirty a minute and address."""
    usage = ratelimit.consume(
        request, app="portal", action="invitation", config=INVITATION_RATE, limit_get=True
    )
    return usage is not None


def is_own_url(request: HttpRequest, url: str) -> bool:
    """Tell whether `url` stays on this host: nothing else is ever redirected to."""
    return url_has_allowed_host_and_scheme(
        url, {request.get_host()}, require_https=request.is_secure()
    )


def with_next(url: str, next_url: str) -> str:
    return f"{url}?{urlencode({'next': next_url})}"


def sign_in_url(next_url: str) -> str:
    """Return the address of the sign-in page that leads on to `next_url`."""
    return with_next(reverse(settings.LOGIN_URL), next_url)


def service_of(organisation: Organisation | None) -> dict[str, object]:
    """Return the name a page bears, and whether a buyer chose it, as `service` of templates."""
    buyer = organisation and (organisation.buyer or organisation)
    chosen = buyer.service_name if buyer else ""
    return {"name": chosen or settings.SERVICE_NAME, "is_buyers": bool(chosen)}


def buyer_of(user: User) -> Organisation | None:
    """Return the buyer in whose name this person is written to: of its newest offer or role.

    A supplier's person must not meet another name than that of the buyer it answers.
    """
    roles = user.memberships.current().select_related("organisation__buyer").order_by("-since")
    offers = user.invitations.filter(accepted_at=None, withdrawn_at=None)
    newest_offer = offers.select_related("organisation__buyer").order_by("-invited_at").first()
    newest = newest_offer or roles.first()
    if newest is None:
        return None
    return newest.organisation.buyer or newest.organisation


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
        return is_own_url(context.request, url)

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        begin(request, user)

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

    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, Any]) -> None:
        template, is_secret = MAILS.get(template_prefix, ("", False))
        user = User.objects.filter(email=email.lower()).first()
        if not template or user is None:
            logger.warning("no mail is written for %s", template_prefix)
            return
        expires_at = _code_expires_at() if is_secret else None
        known = {name: context[name] for name in ("code", "at") if name in context}
        mail.send(
            purpose=template_prefix.rsplit("/", 1)[-1],
            key=f"sign-in:{uuid4()}",
            to=user,
            template=template,
            context=known | {"expires_at": expires_at},
            buyer=buyer_of(user),
            expires_at=expires_at,
            is_secret=is_secret,
            queue=Queue.URGENT,
        )


def _code_expires_at() -> datetime:
    """Return when the code runs out that this session waits for; a second one gains no time."""
    waiting = context.request.session.get("account_login") or {}
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
        return not needs_second_factor(authenticator.user)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        AccountAdapter().send_notification_mail(*args, **kwargs)

    def get_totp_issuer(self) -> str:
        user = context.request.user
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


def plain(code: str) -> str:
    """Return a code as we wrote it: Chinese keyboards may type full-width digits."""
    return unicodedata.normalize("NFKC", code)


class RequestCodeForm(RequestLoginCodeForm):
    """Asks for the address a code goes to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["email"]
        field.label = _("Your mail address")
        field.widget.attrs = {"autocomplete": "email", "spellcheck": "false"}
        field.error_messages = {
            "required": _("Type your mail address."),
            "invalid": _("Type a mail address, such as name@example.com."),
        }

    def clean_email(self) -> str:
        self.cleaned_data["email"] = self.cleaned_data["email"].strip().lower()
        return super().clean_email()


class ConfirmCodeForm(ConfirmLoginCodeForm):
    """Takes the mailed code."""

    def clean_code(self) -> str:
        self.cleaned_data["code"] = plain(self.cleaned_data["code"])
        return super().clean_code()


def use_up(user: User, code: str) -> str:
    """Refuse a code of the app that was used before: allauth forgets it after one period.

    Raises ValidationError.
    """
    key = f"portal.second_step:{user.pk}:{''.join(filter(str.isalnum, code))}"
    if not cache.add(key, "used", timeout=APP_CODE_SECONDS):
        raise SecondFactorAdapter().validation_error("incorrect_code")
    return code


class SecondStepForm(AuthenticateForm):
    """Takes a code of the app, or a recovery code, at sign-in."""

    def clean_code(self) -> str:
        self.cleaned_data["code"] = plain(self.cleaned_data["code"])
        return use_up(self.user, super().clean_code())


class SecondStepAgainForm(ReauthenticateForm):
    """Takes a code of the app before factors change."""

    def clean_code(self) -> str:
        self.cleaned_data["code"] = plain(self.cleaned_data["code"])
        return use_up(self.user, super().clean_code())


class ActivateForm(ActivateTOTPForm):
    """Takes the first code of a new app: from then on the session counts as strong."""

    def clean_code(self) -> str:
        self.cleaned_data["code"] = plain(self.cleaned_data["code"])
        code = use_up(self.user, super().clean_code())
        record_authentication(context.request, self.user, "mfa", type="totp", reauthenticated=True)
        return code
