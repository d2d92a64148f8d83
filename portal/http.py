"""The request as views know it."""

from django.http import HttpRequest

from portal.models import User


class SignedInRequest(HttpRequest):
    user: User  # type: ignore[assignment]
