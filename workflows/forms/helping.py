"""What a supplier types about help, terms and its own reasons."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflows.enums import HelpKind

LONGEST = 4000


class HelpForm(forms.Form):
    kinds = forms.MultipleChoiceField(
        label=_("What do you need?"),
        choices=HelpKind,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one.")},
    )
    text = forms.CharField(
        label=_("Please describe it"),
        help_text=_("For which input, how much, by when."),
        widget=forms.Textarea,
        max_length=LONGEST,
        error_messages={"required": _("Describe what you need.")},
    )


class AnswerTermsForm(forms.Form):
    """`terms` is the hash of the terms that were read: others are not accepted by it."""

    answer = forms.ChoiceField(
        label=_("Your answer"),
        choices=[
            ("accept", _("We accept these terms")),
            ("decline", _("We need something else")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an answer.")},
    )
    note = forms.CharField(
        label=_("What you need instead"),
        help_text=_("Only if you do not accept them."),
        widget=forms.Textarea,
        max_length=2000,
        required=False,
    )
    terms = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("answer") == "decline" and not said.get("note"):
            self.add_error("note", _("Say what you need instead."))
        return said
