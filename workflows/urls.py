from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal.access import open_to

app_name = "workflows"


@open_to()
def _soon(request: HttpRequest, case_id: object) -> HttpResponse:
    return HttpResponse(status=404)


SUPPLIER = [path("requests/<uuid:case_id>/", _soon, name="request")]
DESK = [path("cases/<uuid:case_id>/", _soon, name="case")]

urlpatterns = [*SUPPLIER, *DESK]
