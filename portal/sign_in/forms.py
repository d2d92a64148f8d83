"""The library's forms in our words: codes as people type them, each code once."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.forms import ConfirmLoginCodeForm, RequestLoginCodeForm
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.forms import GenerateRecoveryCodesForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, LoginWebAuthnForm
from django.contrib import messages
from django.core.cache import cache
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from portal import queries
from portal.models import User
from portal.sign_in.adapters import SecondFactorAdapter
from portal.sign_in.sessions import end_others

APP_CODE_SECONDS = 120  # a code of the app is accepted for three periods of 30 seconds


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
        email = super().clean_email()
        # the library knows first addresses alone
        self._user: User | None = self._user or queries.reading_second(email)
        return email


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

    def save(self) -> None:
        super().save()
        if self.authenticator.type == Authenticator.Type.RECOVERY_CODES:
            messages.warning(context.request, _left(self.authenticator))


def _left(codes: Authenticator) -> str:
    codes.refresh_from_db()  # the library marks the code in another copy of the row
    left = len(codes.wrap().get_unused_codes())
    if not left:
        return gettext("That was your last recovery code. Make new ones under “How you sign in”.")
    return ngettext(
        "You used a recovery code. One is left.",
        "You used a recovery code. %(left)s are left.",
        left,
    ) % {"left": left}


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


@contextmanager
def well_formed() -> Iterator[None]:
    """Turn what the library raises over a crafted answer of a device into one that is wrong.

    It looks for the parts of an answer without asking whether they are there.
    """
    try:
        yield
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        raise SecondFactorAdapter().validation_error("incorrect_code") from error


class PasskeyStepForm(AuthenticateWebAuthnForm):
    """Takes a passkey as the second step at sign-in."""

    def clean_credential(self) -> Authenticator:
        with well_formed():
            return super().clean_credential()


class PasskeySignInForm(LoginWebAuthnForm):
    """Takes a passkey alone, at sign-in."""

    def clean_credential(self) -> Authenticator:
        with well_formed():
            return super().clean_credential()


class NewCodesForm(GenerateRecoveryCodesForm):
    """Makes new recovery codes; whoever is signed in elsewhere is signed out."""

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        end_others(context.request)
        return found
