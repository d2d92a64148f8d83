from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal.access import open_to
from questionnaires.enums import SubmissionKind
from workflows.views import supplier, supplier_signing

app_name = "workflows"


@open_to()
def _soon(request: HttpRequest, case_id: object) -> HttpResponse:
    return HttpResponse(status=404)


CASE = "requests/<uuid:case_id>/"
ANSWERS = "answers/<uuid:response_id>/"
DECLINING = {"kind": SubmissionKind.DECLINE.value}

SUPPLIER = [
    path("requests/", supplier.requests, name="requests"),
    path(CASE, supplier.hub, name="request"),
    path(f"{CASE}acknowledge/", supplier.acknowledge, name="request_acknowledge"),
    path(f"{CASE}genuine/", supplier.genuine, name="request_genuine"),
    path(f"{CASE}wrong-person/", supplier.wrong_person, name="request_wrong_person"),
    path(f"{CASE}signatory/", supplier.signatory, name="request_signatory"),
    path(f"{CASE}refer/", supplier.refer, name="request_refer"),
    path(f"{CASE}messages/", supplier.message, name="request_message"),
    path(f"{CASE}decline/", supplier.decline, name="request_decline"),
    path(f"{CASE}instruction/", supplier.instruction, name="request_instruction"),
    path(f"{CASE}companies/", supplier.companies, name="request_companies"),
    path(f"{CASE}receipt/", supplier_signing.receipt, name="request_receipt"),
    path(f"{CASE}receipt/<int:number>/", supplier_signing.receipt, name="request_receipt_of"),
    path(f"{ANSWERS}sign/", supplier_signing.sign, name="request_sign"),
    path(f"{ANSWERS}sign/code/", supplier_signing.code, name="request_sign_code"),
    path(f"{ANSWERS}decline/", supplier_signing.sign, DECLINING, name="request_decline_sign"),
    path(f"{ANSWERS}decline/code/", supplier_signing.code, DECLINING, name="request_decline_code"),
]
DESK = [path("cases/<uuid:case_id>/", _soon, name="case")]

urlpatterns = [*SUPPLIER, *DESK]
