"""Outside counsel, as counsel and administrators of a buyer let it in."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal import rules
from portal.access import Conflict, open_to, require
from portal.enums import Role
from portal.http import SignedInRequest
from workflows import actions
from workflows.forms.outside import OutsideForm
from workflows.queries import campaigns as queries
from workflows.queries.outside import grants

THEIRS = (Role.COUNSEL, Role.ADMINISTRATOR)


@open_to(*THEIRS)
@require_http_methods(["GET", "POST"])
def outside_counsel(request: SignedInRequest) -> HttpResponse:
    buyers = list(queries.buyers(request.user, *THEIRS))
    wanted = request.GET.get("company", "")
    buyer = next((one for one in buyers if str(one.pk) == wanted), buyers[0])

    require(rules.may_let_in_outside(request.user, buyer))

    form = OutsideForm(request.POST or None, buyer=buyer, initial={"language": buyer.language})
    if form.is_valid():
        try:
            actions.let_in(buyer=buyer, by=request.user, **form.cleaned_data)
        except Conflict as conflict:
            form.add_error("email", str(conflict))
        else:
            messages.success(
                request,
                _("%(name)s may read the cases named, and nothing else.")
                % {"name": form.cleaned_data["name"]},
            )
            return redirect(request.get_full_path())
    return render(
        request,
        "workflows/counsel/outside.html",
        {"form": form, "buyer": buyer, "buyers": buyers, "grants": grants([buyer])},
    )


@open_to(*THEIRS)
@require_POST
def let_out(request: SignedInRequest, grant_id: UUID) -> HttpResponse:
    buyers = queries.buyers(request.user, *THEIRS)
    grant = get_object_or_404(grants(buyers), pk=grant_id)
    actions.let_out(grant=grant, by=request.user)
    messages.success(
        request,
        _("%(name)s can no longer open %(reference)s.")
        % {"name": grant.user, "reference": grant.chain.case.reference},
    )
    return redirect("workflows:outside_counsel")
