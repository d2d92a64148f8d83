from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portal import clock, sign_in
from portal.access import open_to_all
from portal.actions import people
from portal.forms import AddressForm
from portal.models import Invitation


@open_to_all
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Show whose invitation this is, and send a code to the invited address: nothing else."""
    if not sign_in.may_look_at_invitations(request):
        return render(request, "429.html", status=429)
    found = get_object_or_404(
        Invitation.objects.select_related("user", "organisation__buyer"), pk=invitation_id
    )
    onward = _onward(request)
    if request.user.is_authenticated:
        return _signed_in(request, found, onward)
    is_over = found.withdrawn_at is not None or (
        found.accepted_at is None and found.expires_at <= clock.now()
    )
    form = AddressForm(request.POST or None)
    if not is_over and form.is_valid() and _send(request, found, form):
        return redirect(sign_in.with_next(reverse("account_confirm_login_code"), onward))
    context = {
        "form": form,
        "is_over": is_over,
        "service": sign_in.service_of(found.organisation),
        "invitation": found,
        "next": onward,
    }
    return render(request, "portal/invitation.html", context)


def _onward(request: HttpRequest) -> str:
    asked = request.POST.get("next") or request.GET.get("next") or ""
    return asked if sign_in.is_own_url(request, asked) else "/"


def _send(request: HttpRequest, found: Invitation, form: AddressForm) -> bool:
    typed = form.cleaned_data["email"].strip().lower()
    user = found.user if typed == found.user.email and found.user.is_active else None
    try:
        sign_in.send_code(request, user, typed)
        sign_in.bear_name(request, found.organisation)
    except ValidationError as error:
        form.add_error("email", error)
        return False
    return True


def _signed_in(request: HttpRequest, found: Invitation, onward: str) -> HttpResponse:
    if request.user.pk == found.user_id and request.method == "POST":
        people.accept(invitation=found, by=request.user)
        return redirect(onward)
    context = {
        "invitation": found,
        "service": sign_in.service_of(found.organisation),
        "is_mine": request.user.pk == found.user_id,
        "is_accepted": found.accepted_at is not None,
        "next": onward,
    }
    return render(request, "portal/invitation_signed_in.html", context)
