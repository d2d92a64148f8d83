"""Forms of an exit: proposed, presented, decided by two people, completed, taken back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.forms import LineField, ThreePartDateField
from workflows import actions
from workflows.enums import ExitRole, LetterKind, Outcome, Trading
from workflows.forms.desk import LONGEST, StepForm
from workflows.forms.letter import LetterForm
from workflows.models import ExitPlan
from workflows.queries import exits


def words(label: Any, hint: Any = "", *, needed: bool = True, least: int = 10) -> forms.CharField:
    """A text that stands in the record, or in a letter."""
    return forms.CharField(
        label=label,
        help_text=hint,
        widget=forms.Textarea,
        required=needed,
        min_length=least if needed else None,
        max_length=LONGEST,
        error_messages={
            "required": _("Write this down: it stands in the record."),
            "min_length": _("Say a little more: at least %(limit_value)d characters."),
        },
    )


def reason(label: Any) -> forms.CharField:
    return words(label, _("Counsel reads this in the dossier; the supplier does not."), least=20)


def advice() -> forms.CharField:
    return words(_("For counsel alone"), _("Only counsel reads this."), needed=False)


def orders(label: Any = "") -> forms.CharField:
    return words(label or _("What applies to orders now"), _("Stands in the letter."))


def speaker() -> LineField:
    return LineField(
        label=_("Who speaks for us"),
        help_text=_("Name and way to reach the person. Stands in the letter."),
        max_length=200,
        required=False,
    )


class ProposeForm(LetterForm):
    """`grounds` are what the exit may rest on as the case stands, the weightiest first."""

    letter_kind = LetterKind.EXIT_PROPOSAL
    fields_of = {"ground": "ground_words"}

    ground = forms.ChoiceField(
        label=_("What the exit rests on"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it rests on.")},
    )
    reason = reason(_("Why you propose it"))
    ground_words = words(
        _("Why, as the company will read it"),
        _("In plain words and without blame: what was found, and where."),
    )
    orders = orders(_("What applies to orders until the decision"))
    speaker = speaker()

    def __init__(self, *args: Any, grounds: Sequence[exits.Ground], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.grounds = {str(one.outcome): one for one in grounds}
        field = cast("forms.ChoiceField", self.fields["ground"])
        field.choices = [(key, Outcome(key).label) for key in self.grounds]
        if len(grounds) == 1:
            field.initial = str(grounds[0].outcome)

    def proposal(self) -> actions.Proposal:
        said = self.cleaned_data
        return actions.Proposal(
            ground=said["ground"],
            reason=said["reason"],
            ground_words=said["ground_words"],
            orders=said["orders"],
            speaker=said["speaker"],
        )

    def facts(self) -> Mapping[str, object]:
        proposal = self.proposal()
        return proposal.facts(self.case, self.grounds[proposal.ground].clause)

    def said(self) -> dict[str, Any]:
        return {"task": self.cleaned_data["task"], "proposal": self.proposal()}


class ProposeImmediateForm(StepForm):
    reason = reason(_("What shows the location, and why you propose it"))
    ground_words = words(
        _("Why, as the notice will say it"),
        _("Read by the company only once the exit is approved. You may change it until then."),
    )

    def proposal(self) -> actions.Proposal:
        said = self.cleaned_data
        return actions.Proposal(
            ground=Outcome.B1, reason=said["reason"], ground_words=said["ground_words"]
        )


class RevForm(StepForm):
    """`rev` is the save of the plan that the page shows."""

    rev = forms.IntegerField(widget=forms.HiddenInput)


class PresentForm(RevForm):
    reason = reason(_("What those who decide should know"))


class _BackForm(LetterForm):
    """Takes a proposal back: the letter says that it no longer stands."""

    letter_kind = LetterKind.EXIT_HALTED
    was_notified = False

    reason = reason(_("Why"))
    reason_words = words(
        _("Why, as the company will read it"), _("May be left empty."), needed=False
    )
    orders = orders()
    speaker = speaker()

    fields_of = {"reason": "reason_words"}

    def facts(self) -> Mapping[str, object]:
        said = self.cleaned_data
        return {
            "was_notified": self.was_notified,
            "from_on": clock.today(self.case.supplier.zone),
            "orders": said["orders"],
            "reason": said["reason_words"],
            "speaker": said["speaker"],
        }


class AcceptReplyForm(_BackForm):
    def said(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"task": given["task"], "reason": given["reason"], "facts": self.facts()}


class ReturnForm(_BackForm):
    advice = advice()

    def __init__(self, *args: Any, is_counsel: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _only_for_counsel(self, is_counsel=is_counsel)

    def said(self) -> dict[str, Any]:
        given = self.cleaned_data
        kept = {"task": given["task"], "reason": given["reason"], "facts": self.facts()}
        return kept | {"advice": given.get("advice", "")}


class ReturnQuietlyForm(StepForm):
    """On the immediate track the company was told nothing, so nothing is taken back to it."""

    reason = reason(_("Why"))
    advice = advice()

    def __init__(self, *args: Any, is_counsel: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _only_for_counsel(self, is_counsel=is_counsel)


def _only_for_counsel(form: forms.Form, *, is_counsel: bool) -> None:
    if not is_counsel:
        del form.fields["advice"]


class _RoleForm(forms.Form):
    """Who holds both roles says in which one they agree; `roles` are those that are missing."""

    role = forms.ChoiceField(
        label=_("In which role you agree"),
        choices=ExitRole,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a role.")},
    )

    def _limit(self, roles: Sequence[ExitRole]) -> None:
        field = cast("forms.ChoiceField", self.fields["role"])
        field.choices = [(str(one), one.label) for one in roles]
        if len(roles) == 1:
            field.widget = forms.HiddenInput()
            field.initial = str(roles[0])
        if ExitRole.COUNSEL not in roles:
            del self.fields["advice"]


class ApproveForm(_RoleForm, LetterForm):
    """The notice is shown from the start: it is made of the plan alone."""

    needs_input = False

    reason = reason(_("Why you agree"))
    advice = advice()
    rev = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ["role", "reason", "advice"]

    def __init__(
        self, *args: Any, plan: ExitPlan, roles: Sequence[ExitRole], **kwargs: Any
    ) -> None:
        self.plan = plan
        super().__init__(*args, **kwargs)
        self._limit(roles)

    @property
    def letter_kind(self) -> LetterKind:  # type: ignore[override]  # by the track of its plan
        return self.plan.letter_kind

    def facts(self) -> Mapping[str, object]:
        return self.plan.notice_facts(clock.today(self.case.supplier.zone))

    def said(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"task": given["task"], "word": word_of(given, given["rev"])}


def word_of(given: Mapping[str, Any], rev: int) -> actions.Word:
    return actions.Word(
        role=ExitRole(given["role"]),
        reason=given["reason"],
        rev=rev,
        advice=given.get("advice", ""),
    )


class HaltForm(_RoleForm, StepForm):
    """The first of the two: no letter goes yet."""

    reason = reason(_("Why the exit should be halted"))
    advice = advice()

    def __init__(self, *args: Any, roles: Sequence[ExitRole], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limit(roles)


class HaltLetterForm(_RoleForm, _BackForm):
    """The second of the two: the company is told."""

    was_notified = True

    advice = advice()
    field_order = ["role", "reason", "advice"]

    def __init__(
        self, *args: Any, plan: ExitPlan, roles: Sequence[ExitRole], **kwargs: Any
    ) -> None:
        self.plan = plan
        super().__init__(*args, **kwargs)
        self._limit(roles)

    def said(self) -> dict[str, Any]:
        given = self.cleaned_data
        word = word_of(given, self.plan.rev)
        return {"task": given["task"], "word": word, "facts": self.facts()}


class CompleteForm(StepForm):
    reason = reason(_("Why the exit is complete"))


class ReentryForm(LetterForm):
    """`may_be_mistake` on the immediate track, where a location may have been a mistake."""

    letter_kind = LetterKind.REENTRY

    is_mistake = forms.BooleanField(
        label=_("The location was a mistake, and the company showed it"), required=False
    )
    reason = reason(_("Why trade is looked at again"))
    needed = words(_("What the company is to show"), _("Stands in the letter."))
    orders = words(
        _("What applies to orders meanwhile"),
        _("Left empty, the letter says that we place none until there is a decision."),
        needed=False,
    )
    due_on = ThreePartDateField(label=_("By when"), required=False)
    speaker = speaker()

    def __init__(self, *args: Any, may_be_mistake: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_be_mistake:
            del self.fields["is_mistake"]

    def clean_due_on(self) -> Any:
        due_on = self.cleaned_data["due_on"]
        if due_on and due_on <= clock.today(self.case.supplier.zone):
            raise forms.ValidationError(_("Choose a day after today."), code="past")
        return due_on

    def facts(self) -> Mapping[str, object]:
        said = self.cleaned_data
        return {
            "from_on": clock.today(self.case.supplier.zone),
            "needed": said["needed"],
            "orders": said["orders"],
            "due_on": said["due_on"],
            "speaker": said["speaker"],
        }

    def said(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "reason": given["reason"],
            "facts": self.facts(),
            "is_mistake": given.get("is_mistake", False),
        }


class ConcurForm(StepForm):
    reason = reason(_("Why you concur"))
    advice = advice()


class TradingForm(StepForm):
    """`choices` are what may be set now."""

    trading = forms.ChoiceField(
        label=_("What applies to orders"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what applies.")},
    )
    reason = words(_("Why"), _("Counsel reads this in the dossier."))

    def __init__(self, *args: Any, choices: Iterable[Trading], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ChoiceField", self.fields["trading"])
        field.choices = [(str(one), one.label) for one in choices]
        field.choice_hints = {  # type: ignore[attr-defined]
            Trading.NO_NEW_ORDERS: _("Orders that were placed go on; none is added."),
            Trading.OPEN: _("Orders are placed as before."),
            Trading.PAUSED: _("Running orders stand still, too."),
            Trading.ENDED: _("No orders, no goods taken."),
        }
        if len(field.choices) == 1:
            field.initial = field.choices[0][0]

    def clean_trading(self) -> Trading:
        return Trading(self.cleaned_data["trading"])
