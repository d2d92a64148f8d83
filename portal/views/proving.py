"""What a page of a fresh proof needs: a field for the mailed code, or a passkey to use.

A view asks by `step_up.ask` or `step_up.ask_passkey`, shows `proof_form`, and hands
`proof_of` it to the action that confirms and spends; `components/passkey.html` takes `options`.
"""

from typing import Any

from django import forms
from django.http import HttpRequest

from portal.actions import step_up
from portal.forms import CodeForm, CredentialForm
from portal.models import StepUp
from portal.passkeys import Touch


def is_by_passkey(asked: StepUp | None) -> bool:
    return asked is not None and asked.method == step_up.BY_PASSKEY


def proof_form(
    request: HttpRequest, asked: StepUp | None, code_form: type[forms.Form] = CodeForm
) -> forms.Form:
    """Return the form for what was asked: `code_form`, or that of a passkey."""
    kind = CredentialForm if is_by_passkey(asked) else code_form
    return kind(request.POST or None)


def proof_of(request: HttpRequest, form: forms.Form) -> step_up.Proof:
    """Return what a valid form holds, as the step-up takes it."""
    given = form.cleaned_data
    if "credential" in given:
        return Touch(credential=given["credential"], host=request.get_host())
    return str(given["code"])


def options(request: HttpRequest, asked: StepUp) -> dict[str, Any] | None:
    """Return what the browser needs to use the passkey; None where a code was mailed."""
    return step_up.touch_options(asked, request.get_host()) if is_by_passkey(asked) else None


def field_of(form: forms.Form) -> str | None:
    """Return the field an error about the proof belongs to; None: to the whole form."""
    return "code" if "code" in form.fields else None
