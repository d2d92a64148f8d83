from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal import rules, sign_in
from portal.access import open_to, require
from portal.actions import organisations as actions
from portal.enums import Role
from portal.forms import SettingsForm
from portal.http import SignedInRequest
from portal.models import Organisation


@open_to(Role.ADMINISTRATOR)
@require_safe
def settings(request: SignedInRequest) -> HttpResponse:
    own = list(Organisation.objects.administered_by(request.user).order_by("name", "pk"))
    if len(own) == 1:
        return redirect("portal:organisation", own[0].pk)
    return render(request, "portal/settings.html", {"companies": own})


@open_to(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def organisation(request: SignedInRequest, organisation_id: UUID) -> HttpResponse:
    mine = Organisation.objects.administered_by(request.user)
    company = get_object_or_404(mine, pk=organisation_id)

    require(rules.may_change_settings(request.user, company))

    initial = {name: getattr(company, name) for name in actions.SETTINGS}
    form = SettingsForm(request.POST or None, initial=initial)
    if form.is_valid():
        changed = actions.update_settings(
            organisation=company, by=request.user, **form.cleaned_data
        )
        sign_in.bear_name(request, changed)
        messages.info(request, _("The settings are saved."))
        return redirect("portal:organisation", company.pk)

    return render(
        request,
        "portal/organisation.html",
        {"company": company, "form": form},
    )
