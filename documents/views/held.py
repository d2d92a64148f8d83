"""The supplier's say about a file that was held for personal data."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from documents import actions, rules
from documents.forms import HeldFileForm
from documents.models import Evidence
from portal.access import open_to, require
from portal.enums import Role
from portal.http import SignedInRequest


@open_to(Role.CONTACT, Role.SIGNATORY)
@require_http_methods(["GET", "POST"])
def held(request: SignedInRequest, evidence_id: UUID) -> HttpResponse:
    evidence = get_object_or_404(Evidence.objects.visible_to(request.user), pk=evidence_id)

    require(rules.may_decide_on(request.user, evidence))

    back = _back(request)
    form = HeldFileForm(request.POST or None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        if form.cleaned_data["decision"] == "release":
            actions.release(evidence=evidence, by=request.user, reason=reason)
            messages.success(request, _("The file is released."))
        else:
            actions.refuse(evidence=evidence, by=request.user, reason=reason)
            messages.success(request, _("The file is taken back. Its bytes are destroyed."))
        return redirect(back)

    return render(
        request, "documents/held.html", {"evidence": evidence, "form": form, "back_url": back}
    )


def _back(request: SignedInRequest) -> str:
    """Return the page the reader came from, if it is one of ours."""
    wanted = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else "/"
