"""Fields and forms of this floor."""

import json
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.enums import Language, Role

# marks that turn the direction of what follows: a name with them shows as another one
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
CONTINENTS = frozenset(
    {"Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)


CREDENTIAL_CHARACTERS = 20_000


class CodeInput(forms.TextInput):
    """One field for a mailed or generated code; browsers may offer to fill it."""


class ThreePartDateInput(forms.MultiWidget):
    """Day, month and year, sent as `<name>_day`, `<name>_month` and `<name>_year`."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {"day": forms.TextInput, "month": forms.TextInput, "year": forms.TextInput}, attrs
        )

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


class CodeField(forms.CharField):
    """A code as it was mailed or shown; spaces, dashes and full-width digits are accepted."""

    widget = CodeInput
    default_error_messages = {"required": _("Type the code from the mail.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": _("Code"), "max_length": 40, **kwargs})


class CodeForm(forms.Form):
    code = CodeField()


class CredentialForm(forms.Form):
    """What a browser says after a passkey was made or used; the server checks it.

    What is wrong with it is said of the whole form: nobody types into this field.
    """

    credential = forms.Field(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        said = str(self.cleaned_data.get("credential") or "")
        try:
            found = json.loads(said[:CREDENTIAL_CHARACTERS])
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(
                _("Your browser used no passkey. Try again, or take another way.")
            ) from error
        return self.cleaned_data | {"credential": found}


class NewPasskeyForm(CredentialForm):
    name = forms.CharField(
        label=_("Name of this passkey"),
        help_text=_("So that you know it again, such as “my telephone”."),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class AddressForm(forms.Form):
    """The address an invitation was sent to: it is compared, never shown."""

    email = forms.EmailField(
        label=_("Your mail address"),
        help_text=_("The address at which you received our mail."),
        max_length=254,
        error_messages={
            "required": _("Type your mail address."),
            "invalid": _("Type a mail address, such as name@example.com."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )


class WelcomeForm(forms.Form):
    name = forms.CharField(
        label=_("Your name"),
        help_text=_("As colleagues and the other company should read it."),
        max_length=120,
        error_messages={"required": _("Type your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
    )
    language = forms.ChoiceField(
        label=_("Language of pages and mails"),
        choices=Language,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a language.")},
    )


def one_line(value: str) -> None:
    """Refuse line breaks, control characters and marks that turn the reading direction."""
    if any(unicodedata.category(sign) == "Cc" or sign in TURNING for sign in value):
        raise forms.ValidationError(
            _("Use letters, digits and ordinary signs on one line."), code="one_line"
        )


class LineField(forms.CharField):
    """One line of a name, as it will stand in pages and in the heads of mails."""

    default_validators = [one_line]


class AddressField(forms.EmailField):
    default_error_messages = {
        "required": _("Type a mail address."),
        "invalid": _("Type a mail address, such as name@example.com."),
    }

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"})
        super().__init__(**{"max_length": 254, "widget": widget, **kwargs})


# What a role lets a person do, under its name where one is chosen.
ROLE_HINTS = {
    Role.CONTACT: _("Receives the requests, answers them, brings in colleagues."),
    Role.CONTRIBUTOR: _("Answers the sections given to them, adds documents."),
    Role.SIGNATORY: _("Reads the answers and signs them for the company."),
    Role.CAMPAIGN_MANAGER: _("Brings in suppliers, prepares and sends requests."),
    Role.ANALYST: _("Reads answers and documents, asks back, recommends."),
    Role.APPROVER: _("Decides what an analyst recommended; never an own recommendation."),
    Role.COUNSEL: _("Chooses wordings, advises, reads every case, downloads the record."),
    Role.ADMINISTRATOR: _("Manages people and settings; reads no case by this role."),
}


def _roles(roles: Iterable[Role]) -> list[tuple[str, Any]]:
    return [(role.value, role.label) for role in ROLE_HINTS if role in roles]


class RoleField(forms.ChoiceField):
    """One role out of those a company of this side has, each with what it means."""

    widget = forms.RadioSelect
    default_error_messages = {
        "required": _("Choose a role."),
        "invalid_choice": _("Choose one of these roles."),
    }
    choice_hints = {role.value: hint for role, hint in ROLE_HINTS.items()}


class GiveRoleForm(forms.Form):
    role = RoleField(label=_("Role"))

    def __init__(self, *args: Any, roles: Iterable[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("RoleField", self.fields["role"]).choices = _roles(roles)


class InviteForm(GiveRoleForm):
    name = LineField(
        label=_("Name of the person"),
        help_text=_("The person can correct it at the first sign-in."),
        max_length=120,
        error_messages={"required": _("Type the person's name.")},
    )
    email = AddressField(
        label=_("Mail address"),
        help_text=_("The address of one person, not of a department: codes go there."),
    )
    language = forms.ChoiceField(
        label=_("Language of the invitation"), choices=Language, widget=forms.RadioSelect
    )

    field_order = ["name", "email", "role", "language"]


class SecondAddressForm(forms.Form):
    address = AddressField(
        label=_("Second mail address"),
        help_text=_("Another mailbox of yours, best with another provider."),
    )


class ReasonForm(forms.Form):
    """How an administrator made sure that a person is who it says."""

    reason = forms.CharField(
        label=_("How you made sure"),
        help_text=_(
            "Whom you called, at which number you already had, and how you recognised the person."
            " Kept in the record."
        ),
        widget=forms.Textarea,
        min_length=10,
        max_length=1000,
        error_messages={"required": _("Say how you made sure.")},
    )


class ChangeAddressForm(forms.Form):
    address = AddressField(
        label=_("New mail address"),
        help_text=_("Confirm it by telephone first, with a number you already have."),
    )
    reason = forms.CharField(
        label=_("Why, and how you confirmed it"),
        help_text=_("Kept in the supplier's record."),
        widget=forms.Textarea,
        min_length=10,
        max_length=1000,
        error_messages={"required": _("Say why, and how you confirmed the new address.")},
    )


@lru_cache
def _zones() -> list[tuple[str, str]]:
    """Return time zones by continent and city: finding them reads many files, so once."""
    places = sorted(one for one in available_timezones() if one.split("/")[0] in CONTINENTS)
    return [("UTC", "UTC"), *((place, place.replace("_", " ")) for place in places)]


class SettingsForm(forms.Form):
    """What a buyer's people and suppliers see; `zone` is an IANA name."""

    service_name = LineField(
        label=_("Service name"),
        help_text=_("Stands at the top of every page and in every mail, instead of Extricate."),
        max_length=60,
        required=False,
    )
    sender_name = LineField(
        label=_("Sender's name"),
        help_text=_("Who mails come from, as people see it. Left empty: the service name."),
        max_length=60,
        required=False,
    )
    sender_address = AddressField(
        label=_("Sender's address"),
        help_text=_(
            "Your mail server must be allowed to send for it (SPF and DKIM), or mails will be"
            " taken for spam. Left empty: the address of this installation."
        ),
        required=False,
    )
    language = forms.ChoiceField(
        label=_("Language of new people"), choices=Language, widget=forms.RadioSelect
    )
    zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("The place your company works from."),
        widget=forms.Select,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["zone"]).choices = _zones()


class SearchForm(forms.Form):
    words = LineField(label=_("Name, own number or mail address"), max_length=100, required=False)
