"""In whose name a page is shown and a mail is written."""

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from portal.models import Organisation
from portal.queries import buyer_of

__all__ = ["bear_name", "buyer_of", "service_of", "speak"]


def bear_name(request: HttpRequest, organisation: Organisation | None) -> None:
    """Let the pages of this session bear the name its buyer chose."""
    request.session["service"] = service_of(organisation)


def speak(request: HttpRequest, language: str) -> None:
    """Answer in `language` from now on; the middleware sets the cookie."""
    request.spoken = language  # type: ignore[attr-defined]
    translation.activate(language)


def service_of(organisation: Organisation | None) -> dict[str, object]:
    """Return the name a page bears, and whether a buyer chose it, as `service` of templates."""
    buyer = organisation and (organisation.buyer or organisation)
    chosen = buyer.service_name if buyer else ""
    return {"name": chosen or settings.SERVICE_NAME, "is_buyers": bool(chosen)}
