from functools import wraps
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from portal import clock, ledger, queries, sign_in
from portal.access import open_to_all
from portal.actions import demo
from portal.enums import Door
from portal.models import User

if TYPE_CHECKING:
    from collections.abc import Callable

DAYS = 3
MAILS_A_PAGE = 50
# the demonstration speaks of the product, whatever its buyers call their service
OF_ITSELF = queries.Service(queries.OWN_NAME)


def _in_a_demonstration(view: "Callable[..., HttpResponse]") -> "Callable[..., HttpResponse]":
    @wraps(view)
    def only(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not settings.EXTRICATE_DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return only


def front(request: HttpRequest) -> HttpResponse:
    """Show the doors: the front page of a demonstration to whoever is not signed in."""
    found = {door.kind: door for door in queries.doors()}
    companies = list(queries.cast())
    return render(
        request,
        "portal/demo.html",
        {
            "service": OF_ITSELF,
            "doors": [found[kind] for kind in Door.values if kind in found],
            "companies": [(company, queries.people_of(company)) for company in companies],
            "today": clock.today(),
            "days": DAYS,
            "mail_count": queries.demo_mails().count(),
        },
    )


@open_to_all
@require_safe
@_in_a_demonstration
def doors(request: HttpRequest) -> HttpResponse:
    return front(request)


@open_to_all
@require_POST
@_in_a_demonstration
def become(request: HttpRequest, user_id: UUID) -> HttpResponse:
    person = get_object_or_404(User, pk=user_id, is_active=True)
    sign_in.become(request, person)
    to = request.POST.get("next", "")
    return redirect(to if sign_in.is_own_url(request, to) else "portal:home")


@open_to_all
@require_safe
@_in_a_demonstration
def mails(request: HttpRequest) -> HttpResponse:
    page = Paginator(queries.demo_mails(), MAILS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "portal/demo_mails.html", {"page": page, "service": OF_ITSELF})


@open_to_all
@require_POST
@_in_a_demonstration
def forward(request: HttpRequest) -> HttpResponse:
    before = queries.counts()
    by: ledger.Actor = request.user if isinstance(request.user, User) else "installation"
    demo.forward(days=DAYS, by=by)
    # what the ticker would do within a minute
    import_string("portal.ticks.run")()
    messages.info(request, _said(before, queries.counts()))
    return redirect("portal:demo")


def _said(before: queries.Counts, after: queries.Counts) -> str:
    # the clock's own event is no news
    events, mails = after.events - before.events - 1, after.mails - before.mails
    if not events and not mails:
        return _("The clock moved three days on. Nothing fell due.")
    return " ".join(
        [
            _("The clock moved three days on."),
            ngettext("%(count)s event was recorded.", "%(count)s events were recorded.", events)
            % {"count": events},
            ngettext("%(count)s mail was written.", "%(count)s mails were written.", mails)
            % {"count": mails},
        ]
    )
