"""A supplier's person hands over to a colleague."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.access import Conflict, Refused, open_to
from portal.http import SignedInRequest
from workflows import actions, queries
from workflows.forms.supplier import HandOverForm
from workflows.views.supplier import ANSWERING, case_for


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def hand_over(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)
    user = request.user
    form = HandOverForm(request.POST or None, initial={"language": case.supplier.language})
    if form.is_valid():
        try:
            successor = actions.hand_over(case=case, by=user, **form.cleaned_data)
        except (Refused, Conflict) as error:
            form.add_error("email", str(error))
        except ValidationError as error:
            form.add_error("email", error)
        else:
            messages.success(
                request,
                _("%(name)s takes over: an invitation goes to %(address)s.")
                % {"name": successor, "address": successor.email},
            )
            return redirect("workflows:request", case.pk)
    context = {
        "case": case,
        "form": form,
        "roles": [one.get_role_display() for one in queries.own_roles(user, case)],
        "count": queries.open_cases_of(user, case).count(),
    }
    return render(request, "workflows/supplier/hand_over.html", context)
