"""What every template knows: service name, navigation, demonstration, source."""

from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from portal import queries, sign_in
from portal.enums import SUPPLIER_ROLES, Role
from portal.models import User


class Place(NamedTuple):
    """A part of the product: its page, and whose it is."""

    page: str
    label: str
    about: str
    roles: frozenset[Role]


# in the order of a desk's navigation; the first page of a place stands for all below it
PLACES = (
    Place(
        "workflows:requests",
        gettext_noop("Requests"),
        gettext_noop("What buyers ask of your company, and how far your answers are."),
        SUPPLIER_ROLES,
    ),
    Place(
        "workflows:desk",
        gettext_noop("Desk"),
        gettext_noop("Cases by next due act: answers, documents, decisions."),
        frozenset({Role.ANALYST, Role.APPROVER, Role.CAMPAIGN_MANAGER, Role.OUTSIDE_COUNSEL}),
    ),
    Place(
        "workflows:counsel",
        gettext_noop("Counsel"),
        gettext_noop("Wordings to choose, replies to advise on, records to take away."),
        frozenset({Role.COUNSEL}),
    ),
    Place(
        "portal:people",
        gettext_noop("People"),
        gettext_noop("Who works here, in which roles; invitations; contacts of suppliers."),
        frozenset({Role.ADMINISTRATOR}),
    ),
    Place(
        "portal:operations",
        gettext_noop("Operation"),
        gettext_noop("Whether everything runs, and work that got stuck."),
        frozenset({Role.OPERATOR}),
    ),
)
# pages beside the places: no start for anybody, but in the navigation
BESIDE = (
    Place(
        "workflows:campaigns",
        gettext_noop("Campaigns"),
        "",
        frozenset({Role.CAMPAIGN_MANAGER, Role.COUNSEL}),
    ),
    Place(
        "workflows:lists",
        gettext_noop("Lists"),
        "",
        frozenset({Role.COUNSEL, Role.ADMINISTRATOR}),
    ),
    Place(
        "workflows:suppliers", gettext_noop("Suppliers"), "", frozenset({Role.CAMPAIGN_MANAGER})
    ),
    Place(
        "workflows:policies",
        gettext_noop("Policy"),
        "",
        frozenset({Role.APPROVER, Role.COUNSEL, Role.ADMINISTRATOR}),
    ),
    Place("portal:settings", gettext_noop("Settings"), "", frozenset({Role.ADMINISTRATOR})),
    Place("portal:operations", gettext_noop("Operation"), "", frozenset({Role.ADMINISTRATOR})),
)
ORDER = (
    "workflows:desk",
    "workflows:campaigns",
    "workflows:suppliers",
    "workflows:counsel",
    "workflows:lists",
    "workflows:policies",
    "portal:people",
    "portal:settings",
    "portal:operations",
)


def places(user: User) -> list[Place]:
    """Return where this person works, the places of the product in their fixed order."""
    return [place for place in PLACES if user.holds_somewhere(place.roles)]


def service(request: HttpRequest) -> queries.Service:
    """Return what the service is called: as the session began, else as its reader knows it."""
    if not hasattr(request, "user"):  # refused before anybody looked who it is
        return queries.Service(settings.SERVICE_NAME)
    if known := request.session.get("service"):
        return queries.Service(str(known["name"]))
    return queries.service(request.user)


def surroundings(request: HttpRequest) -> dict[str, object]:
    """Asked for each template; what costs a query is found when a template uses it."""
    return {
        "demo": settings.EXTRICATE_DEMO,
        "source_url": settings.SOURCE_URL,
        "service": SimpleLazyObject(lambda: service(request)),
        "can_hold_passkeys": SimpleLazyObject(lambda: sign_in.can_hold_passkeys(request)),
        "nav": SimpleLazyObject(lambda: _navigation(request)),
    }


def _navigation(request: HttpRequest) -> list[dict[str, object]]:
    if not isinstance(request.user, User):
        return []
    user = request.user
    found = {one.page: one for one in (*PLACES, *BESIDE) if user.holds_somewhere(one.roles)}
    items: list[dict[str, object]] = [
        {"url": reverse(page), "label": _(found[page].label)} for page in ORDER if page in found
    ]
    here = max(
        (item for item in items if request.path.startswith(str(item["url"]))),
        key=lambda item: len(str(item["url"])),
        default=None,
    )
    return [item | {"is_current": item is here} for item in items]
