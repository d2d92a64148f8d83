"""Forms of campaigns: the import, the campaign, the list, counsel's choice of wording."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.enums import Language, Wording
from portal.forms import LineField, ThreePartDateField
from questionnaires.models import QuestionnaireVersion
from workflows import calendar
from workflows.enums import WordingReason
from workflows.forms.policies import choices
from workflows.models import Case, Policy, ProhibitedList

LIST_BYTES = 10 * 1024 * 1024


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("Table of suppliers (Excel or CSV)"),
        help_text=_(
            "One supplier a row, at most 2 MB. Of a workbook (.xlsx) the first sheet is read; CSV"
            " in UTF-8 or GB18030."
        ),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )


class CampaignForm(forms.Form):
    """A campaign's frame; choices are those of one buyer, `policies` the newest first."""

    name = LineField(
        label=_("Name of the campaign"),
        help_text=_("For your own people; suppliers never see it."),
        max_length=120,
    )
    version = forms.ChoiceField(label=_("Questionnaire"))
    due_on = ThreePartDateField(
        label=_("Suppliers answer by"),
        help_text=_("21 working days or more leave time to gather documents."),
    )
    policy = forms.ChoiceField(
        label=_("Policy"),
        help_text=_("Its days and its reading of clause B5 hold for these cases to their end."),
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": _("Choose one of these versions.")},
    )
    prohibited_list = forms.ChoiceField(
        label=_("List of prohibited companies"),
        help_text=_("Needed for every supplier in the explicit wording."),
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        versions: Iterable[QuestionnaireVersion],
        lists: Iterable[ProhibitedList],
        policies: Sequence[Policy],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.policies = {str(one.pk): one for one in policies}
        policy = cast("forms.ChoiceField", self.fields["policy"])
        policy.choices, policy.choice_hints = choices(policies)  # type: ignore[attr-defined]
        policy.initial = next(iter(self.policies))
        cast("forms.ChoiceField", self.fields["version"]).choices = [
            (str(one.pk), f"{one.key} {one.version}") for one in versions
        ]
        cast("forms.ChoiceField", self.fields["prohibited_list"]).choices = [
            ("", _("None yet")),
            *((str(one.pk), f"{one.title}, {one.dated_on.isoformat()}") for one in lists),
        ]

    def clean_due_on(self) -> date:
        found: date = self.cleaned_data["due_on"]
        if found <= clock.today():
            raise ValidationError(gettext("Choose a day that lies ahead."))
        return found

    def clean_policy(self) -> Policy:
        """Return the version chosen; nothing chosen means the newest, which stands first."""
        return self.policies[self.cleaned_data["policy"] or next(iter(self.policies))]


class ListForm(forms.Form):
    title = LineField(label=_("Title of the list"), max_length=200)
    dated_on = ThreePartDateField(label=_("As of"), help_text=_("The day the list speaks for."))
    file = forms.FileField(
        label=_("File"),
        help_text=_("Kept as it is, with its fingerprint; at most 10 MB."),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )

    def clean_dated_on(self) -> date:
        found: date = self.cleaned_data["dated_on"]
        if found > clock.today():
            raise ValidationError(gettext("This day lies ahead. A list speaks for a day gone by."))
        return found

    def clean_file(self) -> Any:
        found = self.cleaned_data["file"]
        if found.size > LIST_BYTES:
            raise ValidationError(gettext("The file is larger than 10 MB."))
        return found


class PickForm(forms.Form):
    """Suppliers picked by their ids; a foreign id is no choice."""

    suppliers = forms.MultipleChoiceField(
        error_messages={
            "required": _("Pick at least one supplier."),
            "invalid_choice": _("One of these is not a supplier of yours."),
        }
    )

    def __init__(self, *args: Any, choices: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.MultipleChoiceField", self.fields["suppliers"])
        field.choices = [(one, one) for one in choices]


class WordingForm(forms.Form):
    """Counsel's choice, for the drafts that were ticked."""

    cases = forms.MultipleChoiceField(
        label=_("For which suppliers"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Pick at least one supplier.")},
    )
    wording = forms.ChoiceField(
        label=_("Wording"), choices=Wording.choices, widget=forms.RadioSelect
    )
    reason = forms.ChoiceField(
        label=_("Reason"), choices=WordingReason.choices, widget=forms.RadioSelect
    )
    note = LineField(
        label=_("Reference of the advice"),
        help_text=_("Where the advice is filed; not the advice itself. Only counsel reads this."),
        max_length=200,
        required=False,
    )

    def __init__(self, *args: Any, drafts: Iterable[Case], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.MultipleChoiceField", self.fields["cases"])
        field.choices = [
            (str(one.pk), f"{one.supplier} ({one.supplier.country})") for one in drafts
        ]


class AdviceForm(forms.Form):
    """What counsel says: to counsel alone, and to those who go on with the case."""

    task = forms.IntegerField(widget=forms.HiddenInput)
    advice = forms.CharField(
        label=_("Advice"),
        help_text=_("Only counsel reads this, here and in counsel's edition."),
        widget=forms.Textarea,
        max_length=4000,
    )
    summary = forms.CharField(
        label=_("What analysts and approvers may know"),
        help_text=_("Stands in both editions of the record."),
        widget=forms.Textarea,
        min_length=10,
        max_length=2000,
    )


class DossierForm(forms.Form):
    """`since` is the day the case was opened; both it and `as_of` are days of the buyer's zone."""

    language = forms.ChoiceField(label=_("Language of the document"), choices=Language.choices)
    as_of = ThreePartDateField(
        label=_("As it stood at the end of"),
        help_text=_("Leave this empty for all that is on record today."),
        required=False,
    )

    def __init__(self, *args: Any, since: date, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.since, self.zone = since, zone

    def clean_as_of(self) -> datetime | None:
        day: date | None = self.cleaned_data["as_of"]
        if day is None:
            return None
        if day < self.since:
            raise forms.ValidationError(
                _("The case was opened on %(day)s: choose that day or a later one.")
                % {"day": date_format(self.since)},
                code="early",
            )
        if day >= clock.today(self.zone):
            raise forms.ValidationError(_("Choose a day before today."), code="late")
        return calendar.end_of(day, self.zone)


class PreviewForm(forms.Form):
    wording = forms.ChoiceField(choices=Wording.choices)
    language = forms.ChoiceField(choices=Language.choices)
