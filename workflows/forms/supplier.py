"""What a supplier's people type: short acts, and the signature."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.enums import Language
from portal.forms import AddressField, CodeField, LineField

LONGEST_NOTE = 10_000


class StepForm(forms.Form):
    task = forms.IntegerField(widget=forms.HiddenInput)  # the step this page was shown for


class WrongPersonForm(forms.Form):
    note = forms.CharField(
        label=_("Who is the right person, if you know?"),
        help_text=_("A name, a department or a telephone number. You may leave this empty."),
        widget=forms.Textarea,
        required=False,
        max_length=2000,
    )


class ReferForm(StepForm):
    note = forms.CharField(
        label=_("Your note to counsel"),
        help_text=_(
            "Say what limits your answers: a law, an authority, the safety of people. No names"
            " of workers, please."
        ),
        widget=forms.Textarea,
        max_length=LONGEST_NOTE,
        error_messages={"required": _("Write what counsel should know.")},
    )


class MessageForm(forms.Form):
    text = forms.CharField(
        label=_("Your message"),
        widget=forms.Textarea,
        max_length=LONGEST_NOTE,
        error_messages={"required": _("Write a message.")},
    )


class HandOverForm(forms.Form):
    name = LineField(
        label=_("Name of the colleague"),
        max_length=120,
        error_messages={"required": _("Type the colleague's name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    email = AddressField(
        label=_("Mail address of the colleague"),
        help_text=_("Of that person, not of a department, with the same mail domain as yours."),
    )
    language = forms.ChoiceField(
        label=_("Language of the invitation"), choices=Language, widget=forms.RadioSelect
    )


class SignatoryForm(forms.Form):
    who = forms.ChoiceField(
        label=_("Who signs?"),
        choices=[("me", _("I sign myself")), ("colleague", _("A colleague signs"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say who signs.")},
    )
    name = LineField(
        label=_("Name of the colleague"),
        help_text=_("Only if a colleague signs."),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    email = AddressField(
        label=_("Mail address of the colleague"),
        help_text=_("Of that person, not of a department: the code goes there."),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("who") == "colleague":
            if not given.get("name") and "name" not in self.errors:
                self.add_error("name", _("Type the name of the colleague."))
            if not given.get("email") and "email" not in self.errors:
                self.add_error("email", _("Type the mail address of the colleague."))
        return given


class WhoSigns(forms.Form):
    """Who binds the company, as typed by that person."""

    name = LineField(
        label=_("Your full name"),
        max_length=200,
        error_messages={"required": _("Type your full name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
    )
    title = LineField(
        label=_("Your position in the company"),
        max_length=200,
        error_messages={"required": _("Type your position.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "organization-title", "spellcheck": "false"}
        ),
    )
    authority = LineField(
        label=_("Why you may sign for the company"),
        help_text=_("For example: legal representative, or power of attorney of 3 May 2026."),
        max_length=400,
        error_messages={"required": _("Say why you may sign for the company.")},
    )


class SignForm(WhoSigns, StepForm):
    """Statements one by one, then who signs; `statements` are (code, text) as the reader reads."""

    def __init__(
        self, *args: Any, statements: Iterable[tuple[str, str]] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._codes = {f"tick_{code}": code for code, _text in statements}
        for key, text in zip(self._codes, (text for _code, text in statements), strict=True):
            self.fields[key] = forms.BooleanField(
                label=text, error_messages={"required": _("Tick this statement to sign.")}
            )
        self.order_fields([*self._codes, "name", "title", "authority", "task"])

    @property
    def ticks(self) -> list[forms.BoundField]:
        return [self[key] for key in self._codes]

    @property
    def ticked(self) -> list[str]:
        return [code for key, code in self._codes.items() if self.cleaned_data.get(key)]


class SignCodeForm(forms.Form):
    code = CodeField(label=_("Code from the mail"))
