"""Files that leave: always as an attachment, never kept by a cache, always in the ledger."""

from uuid import UUID

from django.core.files import File
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from documents import actions, rules
from documents.enums import DossierState
from documents.models import Dossier, Evidence
from portal.access import open_to, require
from portal.enums import Role
from portal.http import SignedInRequest


@open_to(
    Role.CONTACT,
    Role.SIGNATORY,
    Role.ANALYST,
    Role.APPROVER,
    Role.COUNSEL,
    Role.OUTSIDE_COUNSEL,
)
@require_GET
def download(request: SignedInRequest, evidence_id: UUID) -> HttpResponse | FileResponse:
    evidence = get_object_or_404(Evidence.objects.visible_to(request.user), pk=evidence_id)

    opened = actions.open_evidence(evidence=evidence, by=request.user)
    if isinstance(opened, str):
        return HttpResponseRedirect(opened)

    return _attachment(opened, evidence.name, "application/octet-stream")


@open_to(
    Role.CONTACT,
    Role.CONTRIBUTOR,
    Role.SIGNATORY,
    Role.CAMPAIGN_MANAGER,
    Role.ANALYST,
    Role.APPROVER,
    Role.COUNSEL,
    Role.OUTSIDE_COUNSEL,
)
@require_GET
def dossier(request: SignedInRequest, dossier_id: UUID) -> HttpResponse | FileResponse:
    found = get_object_or_404(Dossier.objects.visible_to(request.user), pk=dossier_id)

    require(rules.may_read(request.user, found))

    if found.state == DossierState.REQUESTED and not found.has_failed:
        return render(request, "documents/dossier_waiting.html", {"dossier": found})

    opened = actions.open_dossier(dossier=found, by=request.user)

    return _attachment(opened, found.file_name, "application/pdf")


def _attachment(file: File, name: str, content_type: str) -> FileResponse:
    # what somebody sent is never shown by the browser, under whatever type
    response = FileResponse(file, as_attachment=True, filename=name, content_type=content_type)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
