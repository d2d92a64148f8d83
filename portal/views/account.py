"""A person's own sessions, and its second mailbox."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import rules, sign_in
from portal.access import Conflict, Refused, open_to, require
from portal.actions import addresses, step_up
from portal.agents import browser_of
from portal.enums import StepUpPurpose
from portal.forms import CodeForm, SecondAddressForm
from portal.http import SignedInRequest
from portal.models import StepUp

TYPED = "second address typed"


@open_to()
@require_safe
def how(request: SignedInRequest) -> HttpResponse:
    """All the ways this person signs in, and where it is signed in now."""
    user = request.user
    context = {
        "ways": sign_in.ways_of(user),
        "may_add_address": bool(rules.may_add_address(user, "", set())),
    }
    return render(request, "portal/how_you_sign_in.html", context)


@open_to()
@require_safe
def sessions(request: SignedInRequest) -> HttpResponse:
    here = request.session.session_key
    found = [
        {"visit": one, "browser": browser_of(one.agent), "is_here": one.key == here}
        for one in sign_in.open_visits(request.user)
    ]
    idle = sign_in.idle_minutes(request.user)
    return render(request, "portal/sessions.html", {"visits": found, "idle": idle})


@open_to()
@require_POST
def end_session(request: SignedInRequest, visit_id: UUID) -> HttpResponse:
    visit = get_object_or_404(request.user.visits.all(), pk=visit_id)
    if visit.key == request.session.session_key:
        return redirect("account_logout")
    sign_in.end_visit(visit)
    messages.success(request, _("That session has ended."))
    return redirect("portal:sessions")


@open_to()
@require_http_methods(["GET", "POST"])
def second_address(request: SignedInRequest) -> HttpResponse:
    """Name another mailbox; its code is typed on the next page."""
    user = request.user
    require(rules.may_add_address(user, "", set()))
    form = SecondAddressForm(request.POST or None)
    if form.is_valid():
        address = form.cleaned_data["address"].strip().lower()
        try:
            asked = addresses.ask_second(
                by=user,
                address=address,
                session=request.session,
                buyer=sign_in.buyer_of(user),
            )
        except (Refused, Conflict) as error:
            form.add_error("address", str(error))
        else:
            request.session[TYPED] = address
            return redirect("portal:second_address_code", asked.pk)
    return render(request, "portal/second_address.html", {"form": form})


@open_to()
@require_http_methods(["GET", "POST"])
def confirm_address(request: SignedInRequest, step_up_id: UUID) -> HttpResponse:
    asked = get_object_or_404(
        StepUp, pk=step_up_id, user=request.user, purpose=StepUpPurpose.ADDRESS
    )
    address = request.session.get(TYPED, "")
    if asked.address != address:
        return redirect("portal:second_address")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        code = form.cleaned_data["code"]
        verdict = step_up.confirm(step_up=asked, code=code, session=request.session)
        if verdict:
            addresses.add_second(
                by=request.user,
                address=address,
                asked=asked,
                code=code,
                session=request.session,
            )
            del request.session[TYPED]
            sign_in.end_others(request)
            messages.success(request, _("Codes can go to your second address from now on."))
            return redirect("mfa_index")
        form.add_error("code", verdict.sentence)
    context = {"form": form, "step_up": asked, "address": address}
    return render(request, "portal/second_address_code.html", context)


@open_to()
@require_POST
def remove_address(request: SignedInRequest) -> HttpResponse:
    if request.user.second_email:
        addresses.remove_second(by=request.user)
        sign_in.end_others(request)
        messages.success(request, _("The second address is removed."))
    return redirect("mfa_index")
