"""Forms of the clocks: more time, a second contact, the overdue letter, a mail that came back."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from datetime import time as time_of_day
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.forms import ThreePartDateField
from portal.models import OutboxMessage, User
from portal.templatetags.portal import moment
from workflows import actions, rules
from workflows.enums import LetterKind
from workflows.forms.desk import CLOCK, StepForm
from workflows.forms.letter import LetterForm
from workflows.models import Case


def words_field(label: Any, hint: Any) -> forms.CharField:
    """A text that stands in the record: long enough to say something."""
    return forms.CharField(
        label=label,
        help_text=hint,
        widget=forms.Textarea,
        min_length=10,
        max_length=2000,
        error_messages={
            "required": _("Write this down: it stands in the record."),
            "min_length": _("Say a little more: at least %(limit_value)d characters."),
        },
    )


def _later(case: Case, day: date) -> date:
    """Return a day that may hold instead of the present one, or raise what is wrong with it."""
    zone = case.supplier.zone
    due = clock.day_of(cast("datetime", case.due_at), zone)
    verdict = rules.is_a_later_day(day, due, clock.today(zone))
    if not verdict:
        raise forms.ValidationError(verdict.sentence, code="day")
    return day


class AskTimeForm(forms.Form):
    """The supplier's wish: until when, and why."""

    until = ThreePartDateField(label=_("Until when"))
    reason = forms.CharField(
        label=_("Why you need it"),
        help_text=_("The buyer's analyst reads this and decides."),
        widget=forms.Textarea,
        min_length=10,
        max_length=2000,
        error_messages={
            "required": _("Say why you need more time."),
            "min_length": _("Say a little more: at least %(limit_value)d characters."),
        },
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case

    def clean_until(self) -> date:
        return _later(self.case, self.cleaned_data["until"])


class MoreTimeForm(LetterForm):
    """The analyst's: until when and why; the supplier reads both in a letter."""

    letter_kind = LetterKind.EXTENSION
    fields_of = {"note": "note"}

    until = ThreePartDateField(
        label=_("New day for the answer"),
        help_text=_("The day ends at midnight where the supplier is."),
    )
    note = words_field(
        _("Why"), _("The supplier reads this in the letter, and counsel in the record.")
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_until(self) -> date:
        return _later(self.case, self.cleaned_data["until"])

    def facts(self) -> Mapping[str, object]:
        said = self.cleaned_data
        return actions.time_facts(self.case, self.by, said["until"], said["note"])


class RefuseTimeForm(StepForm):
    answer = words_field(_("Why not"), _("The supplier reads this, and counsel in the record."))


class OverdueLetterForm(LetterForm):
    """An approver's letter; a word of one's own may be added."""

    letter_kind = LetterKind.OVERDUE
    needs_input = False
    fields_of = {"note": "note"}

    note = forms.CharField(
        label=_("A word of your own"),
        help_text=_("Stands in the letter, after the first paragraph."),
        widget=forms.Textarea,
        max_length=2000,
        required=False,
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def facts(self) -> Mapping[str, object]:
        note = self.cleaned_data.get("note", "") if self.is_bound else ""
        return actions.overdue_facts(self.case, self.by, note)


class BounceForm(StepForm):
    """Which mail came back, when, and the server's words; `zone` is the analyst's."""

    mail = forms.ChoiceField(
        label=_("Which mail"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a mail."),
            "invalid_choice": _("Choose one of these mails."),
        },
    )
    on = ThreePartDateField(label=_("When it came back"))
    time = forms.CharField(
        label=_("Time"),
        help_text=_("Such as 14:05."),
        max_length=8,
        error_messages={"required": _("Enter a time.")},
    )
    said = forms.CharField(
        label=_("What the mail server said"),
        help_text=_("Copy its words, such as: 550 5.1.1 user unknown."),
        widget=forms.Textarea,
        min_length=3,
        max_length=1000,
        error_messages={"required": _("Copy what the mail server said.")},
    )

    def __init__(
        self, *args: Any, mails: Sequence[OutboxMessage], zone: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.mails = {str(one.pk): one for one in mails}
        self.zone = ZoneInfo(zone)
        field = cast("forms.ChoiceField", self.fields["mail"])
        field.choices = [(key, f"{one.subject} – {one.to}") for key, one in self.mails.items()]
        field.choice_hints = {  # type: ignore[attr-defined]
            key: moment(one.written_at, zone) for key, one in self.mails.items()
        }

    def clean_mail(self) -> OutboxMessage:
        return self.mails[self.cleaned_data["mail"]]

    def clean_time(self) -> time_of_day:
        found = CLOCK.fullmatch(self.cleaned_data["time"].strip())
        if not found:
            raise forms.ValidationError(_("Enter a time of day such as 14:05."), code="invalid")
        return time_of_day(int(found[1]), int(found[2]))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        on, time, mail = said.get("on"), said.get("time"), said.get("mail")
        if on and time:
            said["at"] = datetime.combine(on, time, self.zone)
            if said["at"] > clock.now():
                self.add_error("on", _("This moment lies in the future."))
            elif mail and on < clock.day_of(mail.written_at, str(self.zone)):
                self.add_error("on", _("The mail had not been written then."))
        return said


class RenewForm(StepForm):
    reason = words_field(_("Why now"), _("Counsel reads this in the dossier."))
