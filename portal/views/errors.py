from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from portal.http import answer


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, "400.html", 400, _("We could not read this request."))


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, "403.html", 403)


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, "404.html", 404, _("There is no such page."))


def broken(request: HttpRequest) -> HttpResponse:
    # without context processors: they may be what broke
    return HttpResponse(render_to_string("500.html"), status=500)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    return answer(
        request,
        "form_expired.html",
        403,
        _("This page was open for too long, so its form could not be accepted."),
        again_url=request.get_full_path(),
    )
