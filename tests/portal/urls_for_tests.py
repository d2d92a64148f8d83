"""A few views, each with one kind of audience, beside the real addresses."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_POST

from portal import urls
from portal.access import Conflict, Refused, open_to, open_to_all
from portal.enums import Role


def undeclared(request):
    return HttpResponse("never")


@open_to_all
def public(request):
    return HttpResponse("public")


@open_to()
def anybody(request):
    return HttpResponse("anybody signed in")


@open_to(Role.APPROVER)
def approvers(request):
    raise Http404


@open_to(Role.CONTACT)
def contacts(request):
    return HttpResponse("contacts")


@open_to()
@require_POST
def refusing(request):
    raise Refused("Only an approver may clear this case.")


@open_to()
def late(request):
    raise Conflict("This case is not in review.")


@open_to()
def denying(request):
    raise PermissionDenied


@open_to()
def breaking(request):
    raise RuntimeError


@open_to()
def private_cache(request):
    return JsonResponse({}, headers={"Cache-Control": "max-age=60"})


@open_to_all
def public_cache(request):
    return HttpResponse("x", headers={"Cache-Control": "max-age=60"})


urlpatterns = [
    path("t/undeclared/", undeclared),
    path("t/public/", public),
    path("t/anybody/", anybody),
    path("t/approvers/", approvers),
    path("t/contacts/", contacts),
    path("t/refusing/", refusing),
    path("t/late/", anybody),
    path("t/late/verb/", late),
    path("late/", late),
    path("t/denying/", denying),
    path("t/breaking/", breaking),
    path("t/private-cache/", private_cache),
    path("t/public-cache/", public_cache),
    *urls.urlpatterns,
]

handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500
