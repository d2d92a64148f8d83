"""Coming in: by a mailed code, or in a demonstration by one click."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.access import Refused
from portal.models import User
from portal.sign_in.adapters import AccountAdapter

INVITATION_RATE = {"invitation": "30/m/ip"}


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
