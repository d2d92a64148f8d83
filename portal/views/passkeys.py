"""Passkeys: the second step's set-up page, the offer at the first sign-in, adding, removing."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal import sign_in
from portal.access import open_to
from portal.actions import people
from portal.forms import CredentialForm, NewPasskeyForm
from portal.http import SignedInRequest
from portal.views.sign_in import next_of


@open_to()
@require_safe
def second_step(request: SignedInRequest) -> HttpResponse:
    """Which second step to set up: where a person lands whose role needs one."""
    context = {"next": next_of(request), "can_hold": sign_in.can_hold_passkeys(request)}
    return render(request, "portal/second_step.html", context)


@open_to()
@require_http_methods(["GET", "POST"])
def offer(request: SignedInRequest) -> HttpResponse:
    """A passkey or a second address, offered once to a supplier's person; a POST says no."""
    people.note_offer(request.user)
    if request.method == "POST":
        return redirect(next_of(request))
    return render(request, "portal/offer.html", {"next": next_of(request)})


@open_to()
@require_http_methods(["GET", "POST"])
def add(request: SignedInRequest) -> HttpResponse:
    user = request.user
    form = NewPasskeyForm(request.POST or None)
    if form.is_valid():
        name = form.cleaned_data["name"].strip() or _("Passkey")
        try:
            made = sign_in.add_passkey(request, user, form.cleaned_data["credential"], name)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Your passkey is set up. Next time it signs you in."))
            onward = next_of(request, reverse("mfa_index"))
            return redirect("mfa_view_recovery_codes" if made else onward)
    can_hold = sign_in.can_hold_passkeys(request)
    context = {
        "form": form,
        "next": next_of(request, ""),
        "can_hold": can_hold,
        "options": sign_in.new_passkey(user) if can_hold else None,
    }
    return render(request, "portal/passkey_add.html", context)


@open_to()
@require_http_methods(["GET", "POST"])
def prove(request: SignedInRequest) -> HttpResponse:
    """A passkey used again: lifts a weak session, or opens what changes how one signs in."""
    if not sign_in.passkeys_of(request.user).exists():
        return redirect(sign_in.with_next(reverse("portal:prove"), next_of(request)))
    form = CredentialForm(request.POST or None)
    if form.is_valid():
        try:
            sign_in.prove_by_passkey(request, request.user, form.cleaned_data["credential"])
        except ValidationError:
            form.add_error(None, _("This passkey did not fit. Try again, or type a code."))
        else:
            return redirect(next_of(request))
    context = {
        "form": form,
        "next": next_of(request),
        "options": sign_in.touch_options(request.user),
        "code_url": sign_in.with_next(reverse("mfa_reauthenticate"), next_of(request)),
    }
    return render(request, "portal/passkey_prove.html", context)


@open_to()
@require_http_methods(["GET", "POST"])
def remove(request: SignedInRequest, number: int) -> HttpResponse:
    passkey = get_object_or_404(sign_in.passkeys_of(request.user), pk=number)
    may = sign_in.SecondFactorAdapter().can_delete_authenticator(passkey)
    if request.method == "POST" and may:
        sign_in.remove_passkey(request, request.user, passkey)
        messages.success(request, _("The passkey is removed. You were signed out elsewhere."))
        return redirect("mfa_index")
    context = {"name": passkey.wrap().name, "may": may}
    status = 409 if request.method == "POST" else 200
    return render(request, "portal/passkey_remove.html", context, status=status)
