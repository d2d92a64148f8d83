"""Forms for plans, their steps, and the suspension of trade."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from documents.enums import Grade
from portal import clock
from portal.forms import LineField, ThreePartDateField
from portal.models import User
from workflows import actions, letters, plans
from workflows.enums import LetterKind, LineOwner, Trading
from workflows.forms.desk import StepForm, words
from workflows.forms.letter import FORBIDDEN, LetterForm
from workflows.forms.supplier import StepForm as SupplierStepForm
from workflows.forms.supplier import WhoSigns
from workflows.models import Case

PAUSING = [Trading.NO_NEW_ORDERS, Trading.PAUSED]
GOING_ON = [Trading.OPEN, Trading.NO_NEW_ORDERS]


class NeutralForm(forms.Form):
    """A form whose words the supplier reads: none may say more than its wording."""

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for name, value in list(said.items()):
            if not isinstance(value, str):
                continue
            if words := letters.says_too_much(self.case, value):
                listed = ", ".join(f"“{word}”" for word in words)
                self.add_error(name, FORBIDDEN % {"words": listed})
        return said


def _text(label: Any, hint: Any = "", most: int = 1000, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=hint, widget=forms.Textarea, max_length=most, **more
    )


class PlanForm(NeutralForm):
    """What holds for the whole plan."""

    trading = forms.ChoiceField(
        label=_("Orders while the plan runs"),
        choices=[(one.value, one.label) for one in (*GOING_ON, Trading.PAUSED)],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what happens to orders meanwhile.")},
    )
    orders = _text(
        _("What that means for orders, in words"),
        _("The supplier reads this in the plan and in the letter."),
        error_messages={"required": _("Say what the supplier may count on.")},
    )
    consequence = _text(
        _("What follows if a step is missed"),
        error_messages={"required": _("Say what follows, so that nobody is taken unawares.")},
    )


class LineForm(NeutralForm):
    """What is done about one finding; `finding` may be left out."""

    finding = forms.ChoiceField(label=_("Finding it answers"), required=False)
    cause = _text(
        _("Cause, in words for the supplier"),
        error_messages={"required": _("Say what caused it.")},
    )
    step = LineField(label=_("Production step and input"), max_length=200, required=False)
    action = _text(_("What is done"), error_messages={"required": _("Say what is done about it.")})
    owner = forms.ChoiceField(
        label=_("Who does it"),
        choices=LineOwner,
        initial=LineOwner.SUPPLIER,
        widget=forms.RadioSelect,
    )
    evidence = _text(_("What shows that it was done"), most=600, required=False)
    grade = forms.ChoiceField(
        label=_("At least of grade"),
        choices=[
            ("", _("No grade asked for")),
            (Grade.A, Grade.A.label),
            (Grade.B, Grade.B.label),
        ],
        required=False,
    )
    help = _text(_("Help we give"), most=600, required=False)

    def __init__(
        self, *args: Any, findings: Iterable[tuple[str, str]] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ChoiceField", self.fields["finding"])
        field.choices = [("", _("None in particular")), *findings]

    def has_changed(self) -> bool:
        """A line left as it was offered, without a word, is none."""
        typed = (self.data.get(self.add_prefix(name)) for name in ("cause", "action"))
        return any(typed) or not self.empty_permitted


class MilestoneForm(NeutralForm):
    """A dated step of the plan."""

    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=12)
    title = LineField(
        label=_("Step"), max_length=300, error_messages={"required": _("Say what is to be done.")}
    )
    due_on = ThreePartDateField(label=_("By when"))
    expected = LineField(label=_("Documents to be shown"), max_length=400, required=False)

    def clean_due_on(self) -> date:
        due_on: date = self.cleaned_data["due_on"]
        if due_on <= clock.today(self.case.supplier.zone):
            raise forms.ValidationError(_("Choose a day after today."), code="past")
        return due_on


class Rows(forms.BaseFormSet):
    """Lines or steps of a plan: those there are, and one more to fill in."""

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("Take this out of the plan")


def _rows(form: type[forms.Form]) -> type[forms.BaseFormSet]:
    return forms.formset_factory(form, formset=Rows, extra=1, max_num=20, can_delete=True)


LineSet = _rows(LineForm)
MilestoneSet = _rows(MilestoneForm)


def content_of(form: PlanForm, lines: Any, steps: Any) -> plans.Content:
    """Return what three valid forms say, as a plan."""
    kept = _kept(steps)
    keys = [one["key"] for one in kept if one["key"]]
    made = []
    for one in kept:
        key = one["key"] or plans.new_key(keys)
        keys.append(key)
        made.append(plans.Step(key, one["title"], one["due_on"].isoformat(), one["expected"]))
    names = ("cause", "action", "finding", "step", "owner", "evidence", "grade", "help")
    return plans.Content(
        lines=tuple(plans.Line(**{name: one[name] for name in names}) for one in _kept(lines)),
        steps=tuple(made),
        **{name: form.cleaned_data[name] for name in ("trading", "orders", "consequence")},
    )


def _kept(rows: Any) -> list[dict[str, Any]]:
    return [
        one.cleaned_data
        for one in rows.forms
        if one.cleaned_data and not one.cleaned_data.get("DELETE")
    ]


class AgreeForm(LetterForm):
    """Agreeing the version that was accepted; `is_long` if it runs beyond sixty days."""

    letter_kind = LetterKind.PLAN
    agrees_longer = forms.BooleanField(
        label=_("I agree that this plan runs longer than 60 working days"),
        error_messages={"required": _("Say that you agree to it, or have the dates changed.")},
    )
    reason = words(_("Why this plan answers what was found"), _("Counsel reads this."), least=15)
    sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(
        self, *args: Any, content: plans.Content, speaker: User, is_long: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.content, self.speaker = content, speaker
        if not is_long:
            del self.fields["agrees_longer"]

    def facts(self) -> Mapping[str, object]:
        return actions.letter_facts(self.case, self.content, self.speaker)


class GoOnForm(StepForm):
    sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)
    reason = words(_("Why the plan goes on"), _("Counsel reads this in the dossier."))


class ClosePlanForm(StepForm):
    reason = words(_("Why the plan ends"), _("Counsel reads this in the dossier."), least=15)


class JudgeMilestoneForm(StepForm):
    """Whether what was shown is enough; `claims` and `steps` let its files count as proof."""

    accepted = forms.TypedChoiceField(
        label=_("Is it shown?"),
        choices=[("yes", _("Yes, the step is accepted")), ("no", _("No, something is missing"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether the step is accepted.")},
    )
    reason = words(_("Why, or what is missing"), _("The supplier reads this."), most=2000)
    claim = forms.ChoiceField(label=_("Let its files count as proof for"), required=False)
    place = forms.ChoiceField(label=_("Production step"), required=False)

    def __init__(
        self,
        *args: Any,
        case: Case,
        claims: Iterable[tuple[str, str]] = (),
        steps: Iterable[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.case = case
        claim = cast("forms.ChoiceField", self.fields["claim"])
        claim.choices = [("", _("No claim")), *claims]
        place = cast("forms.ChoiceField", self.fields["place"])
        place.choices = [("", _("None")), *steps]

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"]
        if words := letters.says_too_much(self.case, reason):
            listed = ", ".join(f"“{word}”" for word in words)
            raise forms.ValidationError(FORBIDDEN % {"words": listed}, code="forbidden")
        return reason


class SuspendForm(LetterForm):
    letter_kind = LetterKind.SUSPENSION
    trading = forms.ChoiceField(
        label=_("What is suspended"),
        choices=[(one.value, one.label) for one in PAUSING],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is suspended.")},
    )
    from_on = ThreePartDateField(label=_("From which day"))
    paused = _text(
        _("What is paused, in words for the supplier"),
        error_messages={"required": _("Say which orders are paused.")},
    )
    needed = _text(
        _("What would lift it"),
        _("One item on each line, such as a document or a step."),
        error_messages={
            "required": _("Say what would lift it: a pause without a way out is none.")
        },
    )
    ground = _text(_("Why, in words for the supplier"), required=False)
    reason = words(
        _("Why, for the record"), _("The supplier does not read this. Counsel does."), least=20
    )

    def __init__(self, *args: Any, speaker: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.speaker = speaker

    def clean_from_on(self) -> date:
        return _day_from_now(self.cleaned_data["from_on"], self.case)

    def pause(self) -> actions.Pause:
        """After `is_valid()`: the pause as its action takes it."""
        names = ("trading", "reason", "from_on", "paused", "needed", "ground")
        return actions.Pause(**{name: self.cleaned_data[name] for name in names})

    def facts(self) -> Mapping[str, object]:
        return actions.suspension_facts(self.case, self.speaker, self.pause())


class ReviewSuspensionForm(StepForm):
    reason = words(_("Why it stays"), _("Counsel reads this in the dossier."), least=15)


class ResumeForm(LetterForm):
    """`to_plan` if both sides accepted a plan that can go on."""

    letter_kind = LetterKind.RESUMPTION
    to = forms.ChoiceField(
        label=_("Where the case goes"),
        choices=[
            ("review", _("To review")),
            ("remediation", _("To the plan both sides accepted")),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose where the case goes."),
            "invalid_choice": _("Choose where the case goes."),
        },
    )
    trading = forms.ChoiceField(
        label=_("Trade from then on"),
        choices=[(one.value, one.label) for one in GOING_ON],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how trade goes on.")},
    )
    from_on = ThreePartDateField(label=_("From which day"))
    orders = _text(_("What that means for orders, in words for the supplier"), required=False)
    reason = words(_("Why it is lifted"), _("Counsel reads this in the dossier."), least=15)

    def __init__(self, *args: Any, speaker: User, to_plan: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.speaker = speaker
        if not to_plan:
            field = cast("forms.ChoiceField", self.fields["to"])
            field.choices = [("review", _("To review"))]

    def clean_from_on(self) -> date:
        return _day_from_now(self.cleaned_data["from_on"], self.case)

    def back(self) -> actions.Return:
        """After `is_valid()`: the return as its action takes it."""
        names = ("to", "trading", "reason", "from_on", "orders")
        return actions.Return(**{name: self.cleaned_data[name] for name in names})

    def facts(self) -> Mapping[str, object]:
        return actions.resumption_facts(self.speaker, self.back())


def _day_from_now(day: date, case: Case) -> date:
    today = clock.today(case.buyer.zone)
    if day < today:
        raise forms.ValidationError(_("Choose today or a later day."), code="past")
    if day > today + timedelta(days=366):
        raise forms.ValidationError(_("Choose a day within a year."), code="far")
    return day


# what the supplier's people type


class ReplyForm(forms.Form):
    text = forms.CharField(
        label=_("Your reply"),
        help_text=_("In your own words. No names of workers, please."),
        widget=forms.Textarea,
        max_length=10_000,
        error_messages={"required": _("Write your reply.")},
    )


class RemarkForm(forms.Form):
    text = forms.CharField(
        label=_("Your comment, or what should be different"),
        widget=forms.Textarea,
        max_length=4000,
        error_messages={"required": _("Write what you want to say.")},
    )


class AcceptForm(WhoSigns):
    """Who accepts, for the company."""

    sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)


class ReportForm(SupplierStepForm):
    """What was done; `steps` are those that are open, as (key, title)."""

    steps = forms.MultipleChoiceField(
        label=_("Which steps are done?"),
        help_text=_("Leave this empty if none is, and say below what stands in the way."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": _("Choose from the list.")},
    )
    note = forms.CharField(
        label=_("What was done, or what stands in the way"),
        widget=forms.Textarea,
        max_length=4000,
        error_messages={"required": _("Say in a few words what was done.")},
    )

    def __init__(self, *args: Any, steps: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.MultipleChoiceField", self.fields["steps"]).choices = list(steps)

    def clean_steps(self) -> tuple[UUID, ...]:
        return tuple(UUID(key) for key in self.cleaned_data["steps"])
