"""Forms of the desk: finding cases, and each act of the buyer's people on one of them."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from datetime import time as time_of_day
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from documents.enums import Grade
from documents.forms import LoggedEvidenceForm
from portal import clock
from portal.forms import AddressField, LineField, ThreePartDateField
from portal.models import User
from workflows.enums import Channel, FindingState, ReplyCode, Stage

LONGEST = 4000
CLOCK = re.compile(r"([01]?\d|2[0-3])[:.：]([0-5]\d)")


class DeskForm(forms.Form):
    """What the table shows; every field may be left out."""

    words = LineField(label=_("Supplier, reference or own number"), max_length=100, required=False)
    campaign = LineField(label=_("Campaign"), max_length=100, required=False)
    stage = forms.ChoiceField(label=_("Stage"), required=False)

    def __init__(self, *args: Any, stages: Iterable[Stage] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Any stage")), *((str(one), one.label) for one in stages)]
        cast("forms.ChoiceField", self.fields["stage"]).choices = choices


class StepForm(forms.Form):
    """`task` is the step this page was shown for; an ended case has none."""

    task = forms.IntegerField(widget=forms.HiddenInput, required=False)


def words(label: Any, hint: Any = "", least: int = 10, most: int = LONGEST) -> forms.CharField:
    """A text that stands in the record: long enough to say something."""
    return forms.CharField(
        label=label,
        help_text=hint,
        widget=forms.Textarea,
        min_length=least,
        max_length=most,
        error_messages={
            "required": _("Write this down: it stands in the record."),
            "min_length": _("Say a little more: at least %(limit_value)d characters."),
        },
    )


class VersionForm(forms.Form):
    """The version the page was shown for."""

    version = forms.UUIDField(widget=forms.HiddenInput)


class RecommendForm(StepForm):
    reason = words(
        _("Why nothing is open"),
        _("The approver decides by this, and counsel reads it in the dossier."),
        least=20,
    )


class ClearForm(StepForm):
    """`unscanned` is how many files no virus scanner has seen."""

    knows_unscanned = forms.BooleanField(
        label=_("I know that files of this case were not scanned for viruses"),
        required=False,
    )
    reason = words(
        _("Why you find nothing open"), _("Counsel reads this in the dossier."), least=20
    )

    def __init__(self, *args: Any, unscanned: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if unscanned:
            field = self.fields["knows_unscanned"]
            field.required = True
            field.error_messages["required"] = _("Say that you know this, or have them scanned.")
        else:
            del self.fields["knows_unscanned"]


class EscalateForm(StepForm):
    """`people` are approvers and counsel of the buyer, each with the role in words."""

    to = forms.ChoiceField(
        label=_("Before whom"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a person."),
            "invalid_choice": _("Choose an approver or counsel of your company."),
        },
    )
    reason = words(
        _("Why, and what should be decided"),
        _("The person chosen reads this, and counsel in the dossier."),
    )

    def __init__(self, *args: Any, people: Sequence[tuple[User, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person, _role in people}
        field = cast("forms.ChoiceField", self.fields["to"])
        field.choices = [(str(person.pk), str(person)) for person, _role in people]
        field.choice_hints = {str(person.pk): role for person, role in people}  # type: ignore[attr-defined]

    def clean_to(self) -> User:
        return self.people[self.cleaned_data["to"]]


class ReferForm(StepForm):
    note = words(_("What counsel should know"), _("Only counsel reads this."))


class MessageForm(StepForm):
    text = forms.CharField(
        label=_("Message"),
        widget=forms.Textarea,
        max_length=LONGEST,
        error_messages={"required": _("Write a message.")},
    )


class ContactLogForm(StepForm):
    """A call, letter or meeting; `zone` is where the analyst's clock hangs (IANA name)."""

    channel = forms.ChoiceField(
        label=_("How"),
        choices=Channel,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how you tried to reach them.")},
    )
    is_reached = forms.TypedChoiceField(
        label=_("Did it reach the person it was for?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether the person was reached.")},
    )
    offers_help = forms.BooleanField(
        label=_("We offered our help: other sources, price, time, volume"), required=False
    )
    on = ThreePartDateField(label=_("Date"))
    time = forms.CharField(
        label=_("Time"),
        help_text=_("Such as 14:05."),
        max_length=8,
        error_messages={"required": _("Enter a time.")},
    )
    note = words(_("What was said"), _("Counsel reads this in the dossier."), least=5, most=2000)

    def __init__(self, *args: Any, zone: str = "UTC", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(zone)

    def clean_time(self) -> time_of_day:
        found = CLOCK.fullmatch(self.cleaned_data["time"].strip())
        if not found:
            raise forms.ValidationError(_("Enter a time of day such as 14:05."), code="invalid")
        return time_of_day(int(found[1]), int(found[2]))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        on, time = said.get("on"), said.get("time")
        if on and time:
            said["at"] = datetime.combine(on, time, self.zone)
            if said["at"] > clock.now():
                self.add_error("on", _("This moment lies in the future."))
        return said


class LogEvidenceForm(LoggedEvidenceForm):
    """Proof that came by mail or post: the file, what it is, and what it should prove."""

    task = forms.IntegerField(widget=forms.HiddenInput, required=False)
    claim = forms.ChoiceField(
        label=_("What it should prove"),
        error_messages={"required": _("Choose what it should prove.")},
    )
    step = forms.ChoiceField(
        label=_("Production step"),
        help_text=_("Where the claim belongs to one."),
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        claims: Iterable[tuple[str, str]] = (),
        steps: Iterable[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        claim = cast("forms.ChoiceField", self.fields["claim"])
        claim.choices = [("", _("Choose one")), *claims]
        step = cast("forms.ChoiceField", self.fields["step"])
        step.choices = [("", _("None")), *steps]


class FindingForm(StepForm):
    """`missing` says why it cannot be confirmed yet."""

    state = forms.ChoiceField(
        label=_("What you find"),
        choices=[
            (one.value, one.label)
            for one in (FindingState.DISMISSED, FindingState.CONFIRMED, FindingState.REMEDIED)
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you find.")},
    )
    reason = words(_("Why"), _("Counsel reads this in the dossier."))

    def __init__(self, *args: Any, missing: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.missing = missing
        self.fields["state"].choice_hints = {  # type: ignore[attr-defined]
            FindingState.DISMISSED: _("It does not hold, or does not matter here."),
            FindingState.CONFIRMED: _("It holds. The case cannot be cleared while it does."),
            FindingState.REMEDIED: _("It held, and what caused it has ended."),
        }

    def clean_state(self) -> FindingState:
        state = FindingState(self.cleaned_data["state"])
        if state == FindingState.CONFIRMED and self.missing:
            raise forms.ValidationError(" ".join(self.missing), code="missing")
        return state


class ProofForm(StepForm):
    grade = forms.ChoiceField(
        label=_("Grade"),
        choices=Grade,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a grade.")},
    )
    counts = forms.TypedChoiceField(
        label=_("Does it count?"),
        choices=[("yes", _("It counts")), ("no", _("It does not count"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether it counts.")},
    )
    reason = words(
        _("Why"), _("What the document shows, or what stops it from counting."), most=2000
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["counts"].choice_hints = {  # type: ignore[attr-defined]
            "no": _("Unreadable, not translated, expired, or too much is blacked out."),
        }


class ReplyCodeForm(StepForm):
    code = forms.ChoiceField(
        label=_("What the reply amounts to"),
        help_text=_("The supplier sees this label and nothing else of it."),
        choices=ReplyCode,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the reply amounts to.")},
    )
    reason = words(_("Why"), _("Counsel reads this in the dossier."))


class ContactForm(StepForm):
    name = LineField(
        label=_("Name"),
        max_length=120,
        error_messages={"required": _("Type the person's name.")},
    )
    email = AddressField(
        label=_("Mail address"),
        help_text=_("The address of one person, not of a department: codes go there."),
    )


class HeldFileForm(forms.Form):
    decision = forms.ChoiceField(
        label=_("What becomes of the file"),
        choices=[("release", _("Release it")), ("refuse", _("Refuse it"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what becomes of the file.")},
    )
    reason = words(_("Why"), _("It stands in the record."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["decision"].choice_hints = {  # type: ignore[attr-defined]
            "release": _("Those who review the case may open it. You take that upon yourself."),
            "refuse": _("Its bytes are destroyed. Its fingerprint stays in the record."),
        }
