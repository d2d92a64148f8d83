from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal import queries
from portal.access import open_to_all
from portal.enums import BUYER_ROLES, SUPPLIER_ROLES
from portal.models import User
from portal.views import demo
from portal.views.context import places, service


@open_to_all
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if not isinstance(request.user, User):
        if settings.EXTRICATE_DEMO:
            return demo.front(request)
        return render(request, "portal/home.html", {"sign_in_url": reverse(settings.LOGIN_URL)})

    mine = places(request.user)
    if len(mine) == 1:
        return redirect(mine[0].page)

    shown = [
        {"url": reverse(place.page), "title": _(place.label), "text": _(place.about)}
        for place in mine
    ]
    return render(request, "portal/places.html", {"places": shown})


@open_to_all
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/about.html", {"is_named": _may_be_named(request)})


@open_to_all
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    user = request.user
    buyers = queries.buyers_of(user) if isinstance(user, User) else []
    return render(
        request,
        "portal/privacy.html",
        {"buyers": buyers, "hosting_region": settings.HOSTING_REGION},
    )


@open_to_all
@require_safe
def help_(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/help.html")


def _may_be_named(request: HttpRequest) -> bool:
    """Tell whether a page may say what all this is for: never to a supplier (domain note, 4)."""
    user = request.user
    if isinstance(user, User):
        return user.holds_somewhere(BUYER_ROLES) and not user.holds_somewhere(SUPPLIER_ROLES)
    return not service(request).is_buyers
