"""Where sign-in leads on to: never off this host."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


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
