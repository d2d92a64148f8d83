"""Fields and forms of this floor."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class CodeInput(forms.TextInput):
    """One field for a mailed or generated code; browsers may offer to fill it."""


class ThreePartDateInput(forms.MultiWidget):
    """Day, month and year, sent as `<name>_day`, `<name>_month` and `<name>_year`."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        parts = {"day": forms.TextInput(), "month": forms.TextInput(), "year": forms.TextInput()}
        super().__init__(parts, attrs)

    def decompress(self, value: date | None) -> list[int | None]:
        return [value.day, value.month, value.year] if value else [None, None, None]


class ThreePartDateField(forms.MultiValueField):
    """A date typed in three fields: no picker, no order to guess, and what was typed comes back.

    Cleans to a `datetime.date`, or None where it may be left out.
    """

    widget = ThreePartDateInput
    default_error_messages = {
        "required": _("Enter a date."),
        "incomplete": _("The date needs a day, a month and a year."),
        "invalid": _("This is not a date of the calendar."),
    }

    def __init__(self, **kwargs: Any) -> None:
        parts = [forms.CharField(required=False) for _part in range(3)]
        super().__init__(parts, require_all_fields=False, **kwargs)

    def clean(self, value: Sequence[Any] | None) -> date | None:
        typed = [str(part or "").strip() for part in value or ()]
        if not any(typed):
            if self.required:
                raise forms.ValidationError(self.error_messages["required"], code="required")
            return None
        if not all(typed):
            raise forms.ValidationError(self.error_messages["incomplete"], code="incomplete")

        found = self.compress(typed)
        self.validate(found)
        self.run_validators(found)
        return found

    def compress(self, typed: Sequence[str]) -> date:
        """Read the three parts; a year of two digits is refused, not guessed."""
        try:
            day, month, year = (int(part) for part in typed)
            found = date(year, month, day)
        except (ValueError, OverflowError):
            found = date.min
        if found.year < 1900:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return found
