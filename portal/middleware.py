"""Default deny: no view without a declared audience, no weak session on the buyer's side."""

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _

from portal import sign_in
from portal.access import Conflict, Refused
from portal.http import answer, typed, wants_json
from portal.models import User

# pages of libraries, by name: an upgrade that adds one finds it closed
OPEN_LIBRARY_PAGES = frozenset(
    {
        "account_request_login_code",
        "account_confirm_login_code",
        "account_inactive",
        "account_logout",
        "mfa_authenticate",
        "mfa_login_webauthn",
    }
)
SIGNED_IN_LIBRARY_PAGES = frozenset(
    {
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_download_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_reauthenticate",
        "mfa_view_recovery_codes",
    }
)
LIBRARY_PAGES = OPEN_LIBRARY_PAGES | SIGNED_IN_LIBRARY_PAGES
# what a person reaches whose second factor is still to come, or whose name is not known yet
WAY_UP = frozenset(
    {
        "mfa_activate_totp",
        "mfa_reauthenticate",
        "portal:passkey_add",
        "portal:passkey_prove",
        "portal:prove",
        "portal:prove_code",
        "portal:second_step",
        "portal:welcome",
    }
)
# what changes how a person signs in: it proves itself anew before these open
FACTOR_PAGES = frozenset(
    {
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_download_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_view_recovery_codes",
        "portal:passkey_add",
        "portal:passkey_remove",
        "portal:second_address",
        "portal:second_address_remove",
    }
)
UNDECLARED = object()

PERMISSIONS = ", ".join(
    [
        *(
            f"{name}=()"
            for name in (
                "accelerometer",
                "autoplay",
                "bluetooth",
                "browsing-topics",
                "camera",
                "clipboard-read",
                "display-capture",
                "encrypted-media",
                "fullscreen",
                "geolocation",
                "gyroscope",
                "hid",
                "idle-detection",
                "local-fonts",
                "magnetometer",
                "microphone",
                "midi",
                "payment",
                "picture-in-picture",
                "screen-wake-lock",
                "serial",
                "usb",
                "web-share",
                "xr-spatial-tracking",
            )
        ),
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    ]
)


class DeclaredAudienceMiddleware:
    """Asks, before a view runs and before its object is looked for, who may try it.

    In this order: nobody signed in, 302 (401 for scripts); second factor missing, its
    set-up page; no role of the view's held anywhere, 403. A rule's Refused becomes 403, its
    Conflict 409, both with the rule's sentence and what was typed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = _session_over(request) or self.get_response(request)
        if spoken := getattr(request, "spoken", ""):
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                spoken,
                max_age=365 * 86_400,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        chosen = response.headers.get("Cache-Control", "no-store")
        if "no-store" in chosen or _is_signed_in(request):
            response.headers["Cache-Control"] = "no-store"
        return response

    def process_view(
        self,
        request: HttpRequest,
        view: Callable,
        args: Any,  # noqa: ARG002 - Django's signature
        kwargs: Any,  # noqa: ARG002
    ) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        audience = getattr(view, "open_to", UNDECLARED)
        if audience is UNDECLARED and name not in LIBRARY_PAGES:
            return _refuse(request, _("This page is not open to anybody."))
        if audience is None or name in OPEN_LIBRARY_PAGES:
            return None
        if not request.user.is_authenticated:
            return _ask_who(request)
        user = request.user
        return _next_step(request, user, name) or _ask_roles(request, user, audience)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Refused):
            return _refuse(request, str(error))
        if isinstance(error, Conflict):
            return answer(request, "409.html", 409, str(error), present_url=_present(request))
        return None


def _is_signed_in(request: HttpRequest) -> bool:
    has_cookie = settings.SESSION_COOKIE_NAME in request.COOKIES
    return has_cookie and request.user.is_authenticated


def _session_over(request: HttpRequest) -> HttpResponse | None:
    """End a session that was idle too long or is too old; give back what was typed meanwhile."""
    if not _is_signed_in(request) or not isinstance(request.user, User):
        return None
    if not sign_in.is_over(request, request.user):
        return None
    said = sign_in.end(request)
    request.user = AnonymousUser()
    if request.method in ("GET", "HEAD"):
        messages.info(request, said)
    return None


def _ask_who(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        return answer(request, "403.html", 401, _("You are signed out. Nothing was saved."))
    if typed(request):
        return answer(
            request,
            "form_expired.html",
            403,
            _("You were signed out before this could be saved."),
            again_url=sign_in.sign_in_url(request.path),
        )
    return HttpResponseRedirect(sign_in.sign_in_url(request.get_full_path()))


def _next_step(request: HttpRequest, user: User, name: str) -> HttpResponse | None:
    """Answer what stands between this person and the page: its name, or its second factor."""
    if name in FACTOR_PAGES and not sign_in.is_proved(user, request.session):
        return _go(request, reverse(sign_in.way_to_prove(user)))
    if name in WAY_UP:
        return None
    if user.noticed_at is None:
        return _go(request, reverse("portal:welcome"))
    is_weak = sign_in.strength(request.session) < sign_in.Strength.MFA
    if is_weak and sign_in.needs_second_factor(user):
        return _go(request, reverse(sign_in.way_up(user)))
    return None


def _ask_roles(request: HttpRequest, user: User, audience: object) -> HttpResponse | None:
    is_declared = isinstance(audience, frozenset) and bool(audience)
    if is_declared and not user.holds_somewhere(cast("frozenset[str]", audience)):
        return _refuse(request, _("This page is not open to your role."))
    return None


def _go(request: HttpRequest, url: str) -> HttpResponse:
    if wants_json(request):
        return answer(request, "403.html", 403, _("Finish signing in first."))
    back = request.get_full_path() if request.method == "GET" else "/"
    return HttpResponseRedirect(f"{url}?{urlencode({'next': back})}")


def _refuse(request: HttpRequest, sentence: str) -> HttpResponse:
    return answer(request, "403.html", 403, sentence)


def _present(request: HttpRequest) -> str:
    """Return where the present state is shown: the nearest page above the one of the act."""
    parts = request.path.strip("/").split("/")
    for length in range(len(parts) - 1, 0, -1):
        above = "/" + "/".join(parts[:length]) + "/"
        try:
            resolve(above)
        except Resolver404:
            continue
        return above
    return "/"
