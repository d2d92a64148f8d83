"""Letting outside counsel in: whom, into which cases, until when."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.enums import Language
from portal.forms import AddressField, LineField, ThreePartDateField
from portal.models import Organisation
from workflows.models import Case
from workflows.queries.outside import cases_named
from workflows.queries.references import as_reference

LONGEST = timedelta(days=366)
MOST_CASES = 100


class OutsideForm(forms.Form):
    """`cases` cleans to cases of `buyer`."""

    name = LineField(
        label=_("Name of the person"),
        max_length=120,
        error_messages={"required": _("Type the person's name.")},
    )
    email = AddressField(
        label=_("Mail address"), help_text=_("Of one person, not of a firm: codes go there.")
    )
    language = forms.ChoiceField(
        label=_("Language of the invitation"), choices=Language, widget=forms.RadioSelect
    )
    cases = forms.CharField(
        label=_("References of the cases"),
        help_text=_("One a line, such as K7QF-3MX9. Nothing else can be read."),
        widget=forms.Textarea,
        max_length=2000,
        error_messages={"required": _("Name at least one case.")},
    )
    until = ThreePartDateField(
        label=_("Until"),
        help_text=_("The last day, a year ahead at most. It can be moved later."),
    )

    def __init__(self, *args: Any, buyer: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.buyer = buyer

    def clean_cases(self) -> list[Case]:
        parts = re.split(r"[\r\n,;，；、]+", self.cleaned_data["cases"])
        typed = [part for part in parts if part.strip()]
        wanted = {as_reference(one): one for one in typed}
        if len(wanted) > MOST_CASES:
            raise forms.ValidationError(_("At most a hundred cases at once."))
        found = list(cases_named(self.buyer, wanted))
        missing = set(wanted) - {case.reference for case in found}
        if missing:
            raise forms.ValidationError(
                _("No case that was sent has this reference: %(names)s.")
                % {"names": ", ".join(sorted(missing))}
            )
        return found

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        today = clock.today()
        if until < today:
            raise forms.ValidationError(_("This day is over. Choose a later one."))
        if until > today + LONGEST:
            raise forms.ValidationError(_("A year ahead at most."))
        return until
