"""What the buyer's people type about a reply, and about what they owe."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from documents.enums import EvidenceKind, Grade
from portal import clock
from portal.enums import Wording
from portal.forms import LineField, ThreePartDateField
from questionnaires.static_checks.texts import leaks
from workflows.enums import ConditionState, ConstraintOutcome, DutyKind
from workflows.forms.desk import LONGEST, StepForm, words
from workflows.models import Case, Duty

# duties by which something is offered to the supplier: the offer has to reach it
OFFERS = frozenset({DutyKind.OFFER_SOURCES, DutyKind.ADJUST_PURCHASING, DutyKind.ASSIST_EVIDENCE})


class NeutralForm(StepForm):
    """Fields in `for_supplier` are read by the supplier: they say no more than its wording."""

    for_supplier: tuple[str, ...] = ()

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if self.case.wording == Wording.TRACEABILITY:
            for name in self.for_supplier:
                if found := leaks(said.get(name) or ""):
                    text = _("In this company's wording you cannot write: %(words)s.")
                    words = ", ".join(dict.fromkeys(found))
                    self.add_error(name, forms.ValidationError(text, params={"words": words}))
        return said


class AnswerConditionForm(NeutralForm):
    for_supplier = ("answer",)

    state = forms.ChoiceField(
        label=_("Our answer"),
        choices=[
            (one.value, one.label)
            for one in (
                ConditionState.ACCEPTED,
                ConditionState.CHANGED,
                ConditionState.DECLINED,
            )
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an answer.")},
    )
    answer = words(_("What we write to the supplier"), _("The supplier reads this at once."))
    we_do = forms.CharField(
        label=_("What we do for it, if anything"),
        help_text=_("Opens a duty of ours. Only your company and the dossier see these words."),
        widget=forms.Textarea,
        max_length=2000,
        required=False,
    )


class AddConditionForm(NeutralForm):
    for_supplier = ("text",)

    text = words(
        _("The condition, in the supplier's words"),
        _("Named in a call or a message. The supplier sees it on its page."),
        least=5,
    )


class TermsForm(NeutralForm):
    for_supplier = ("text", "redaction")

    text = words(
        _("How we keep documents confidential"),
        _("Who reads them, what for, how long they are kept, whom they are never shown to."),
        least=40,
    )
    redaction = forms.CharField(
        label=_("What may be blacked out"),
        help_text=_("Such as prices and other customers. What is blacked out proves less."),
        widget=forms.Textarea,
        max_length=LONGEST,
        required=False,
    )
    is_inspect_only = forms.BooleanField(
        label=_("Documents are looked at where they are, and not handed over"), required=False
    )


class InspectionForm(StepForm):
    """An original that was seen; `claims` and `steps` are (code, label)."""

    claim = forms.ChoiceField(
        label=_("What it should prove"),
        error_messages={"required": _("Choose what it should prove.")},
    )
    step = forms.ChoiceField(
        label=_("Production step"),
        help_text=_("Where the claim belongs to one."),
        required=False,
    )
    kind = forms.ChoiceField(
        label=_("What it is"),
        choices=[("", _("Choose one")), *EvidenceKind.choices],
        error_messages={"required": _("Say what kind of document it is.")},
    )
    issuer = LineField(label=_("Issued by"), max_length=200, required=False)
    number = LineField(label=_("Number of the document"), max_length=120, required=False)
    issued_on = ThreePartDateField(label=_("Date of the document"), required=False)
    quantity = LineField(
        label=_("Quantity it states"),
        help_text=_("With its unit."),
        max_length=120,
        required=False,
    )
    place = LineField(
        label=_("Where the original is"),
        max_length=400,
        error_messages={"required": _("Say where the original is.")},
    )
    seen_on = ThreePartDateField(label=_("Seen on"))
    grade = forms.ChoiceField(
        label=_("Grade"),
        help_text=_("What was seen and not handed over is graded B at most."),
        choices=[(one.value, one.label) for one in (Grade.B, Grade.C)],
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
    note = words(
        _("What it showed"), _("No names of workers, and no copy of the document."), most=2000
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

    def clean_seen_on(self) -> Any:
        seen = self.cleaned_data["seen_on"]
        if seen > clock.today(self.zone):
            raise forms.ValidationError(_("This day lies in the future."), code="future")
        return seen

    zone = "UTC"


class ConstraintForm(NeutralForm):
    for_supplier = ("to_supplier",)

    outcome = forms.ChoiceField(
        label=_("How it goes on"),
        choices=ConstraintOutcome,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how it goes on.")},
    )
    summary = words(
        _("What analysts and approvers may know"),
        _("Stands in both editions of the record."),
        most=2000,
    )
    to_supplier = forms.CharField(
        label=_("What we write to the supplier"),
        help_text=_("It stands among the messages. The way on has to be named to it."),
        widget=forms.Textarea,
        max_length=LONGEST,
        required=False,
    )
    advice = forms.CharField(
        label=_("Advice"),
        help_text=_("Only counsel reads this, here and in counsel's edition."),
        widget=forms.Textarea,
        max_length=LONGEST,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choice_hints = {  # type: ignore[attr-defined]
            ConstraintOutcome.OTHER_WORDING: _(
                "The request and the form go on in the other wording; it is sent anew."
            ),
            ConstraintOutcome.INSPECTION: _(
                "Documents are looked at where they are. Opens a duty of ours."
            ),
            ConstraintOutcome.SUBSTITUTE: _(
                "Other documents may prove the same. Opens a duty of ours to name them."
            ),
            ConstraintOutcome.NO_LIMIT: _(
                "The reply is read again, as if the note were not there."
            ),
        }

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if said.get("outcome") not in {None, ConstraintOutcome.NO_LIMIT} and not said.get(
            "to_supplier"
        ):
            self.add_error("to_supplier", _("Say to the supplier how it goes on."))
        return said


class ReasonForm(StepForm):
    reason = words(_("Why"), _("Counsel reads this in the dossier."))


class NoteForm(StepForm):
    note = words(_("What you take from it"), _("Counsel reads this in the dossier."))


class MeetDutyForm(forms.Form):
    """What was done; for an offer, also what is written to the supplier."""

    how = words(_("What was done"), _("Counsel reads this in the dossier."))
    proof = LineField(
        label=_("What shows it"),
        help_text=_("A document, its number or where it is filed."),
        max_length=400,
        required=False,
    )
    tell = forms.CharField(
        label=_("What we write to the supplier"),
        help_text=_("It stands among the messages of the case."),
        widget=forms.Textarea,
        max_length=LONGEST,
        required=False,
    )

    def __init__(self, *args: Any, duty: Duty, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.duty = duty
        if duty.case is None:
            del self.fields["tell"]
        elif duty.kind in OFFERS:
            self.fields["tell"].required = True
            self.fields["tell"].error_messages["required"] = _(
                "An offer has to reach the supplier: write it."
            )

    def clean_tell(self) -> str:
        text: str = self.cleaned_data["tell"]
        case = self.duty.case
        if case is not None and case.wording == Wording.TRACEABILITY and (found := leaks(text)):
            said = _("In this company's wording you cannot write: %(words)s.")
            words = ", ".join(dict.fromkeys(found))
            raise forms.ValidationError(said, params={"words": words}, code="leaks")
        return text


class WaiveDutyForm(forms.Form):
    reason = words(_("Why this is not done"), _("The dossier prints it."), least=20)


class ImporterForm(forms.Form):
    imports = forms.TypedChoiceField(
        label=_("Does your company import these goods into the United States?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no.")},
    )


class DenialForm(forms.Form):
    about = words(
        _("Which goods, which entry, when and why"),
        _("Counsel is told at once. They are held back from every other market within a day."),
        most=2000,
    )
