"""Forms of the desk for what was learned elsewhere: sources, findings upon them, questions."""

from collections.abc import Iterable, Mapping
from typing import Any, cast
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from documents.enums import Grade
from documents.forms import ACCEPT, sized
from portal import clock
from portal.forms import LineField, ThreePartDateField
from workflows import actions
from workflows.enums import LetterKind, Scope, SourceKind, SubjectKind
from workflows.forms.desk import StepForm, words
from workflows.forms.letter import LetterForm

GRADES = [(one.value, one.label) for one in (Grade.A, Grade.B, Grade.C)]
CLAUSES = {
    "B1": _("A place in the Region: the company, a site that works for us, a sub-supplier"),
    "B2": _("Group companies, land or operations in the Region"),
    "B3": _("Credible evidence of transfers of workers"),
    "B4": _("An input or dealing that our products must not have"),
    "A1": _("A sign of a facility in the Region"),
    "A2": _("A sign of subsidiaries or operations in the Region"),
    "A3": _("A sign of transfers of workers"),
    "A4": _("An input from the Region, or of unknown origin"),
}
NEEDED = {
    "B1": _("Confirmed from a licence, a registry extract or a shipping record."),
    "B3": _("Confirmed upon two independent sources or one official record."),
    "A3": _("Confirmed upon two independent sources or one official record."),
}


def _clauses() -> list[tuple[str, str]]:
    # asked for with each form: joined with its code a label is a text of one language
    return [(code, f"{code}: {label}") for code, label in CLAUSES.items()]


def _line(label: Any, hint: Any = "", most: int = 200, **more: Any) -> LineField:
    return LineField(label=label, help_text=hint, max_length=most, **more)


def _picks(label: Any, hint: Any = "", **more: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        help_text=hint,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose from the list.")},
        **more,
    )


def _offer(field: forms.Field, choices: Iterable[tuple[str, str]]) -> None:
    cast("forms.MultipleChoiceField", field).choices = list(choices)


class SourceForm(StepForm):
    """A source as it was found; `findings` are those it may bear on, as (key, words)."""

    kind = forms.ChoiceField(
        label=_("What it is"),
        choices=SourceKind,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is.")},
    )
    title = _line(_("Title"), _("As it stands on it."), most=300)
    publisher = _line(
        _("Who published or issued it"),
        _("Two sources of one publisher count once, so write the name the same way each time."),
    )
    author = _line(_("Author"), required=False)
    published_on = ThreePartDateField(label=_("Date on it"), required=False)
    page = _line(_("Page or place in it"), most=60, required=False)
    address = _line(
        _("Address"),
        _("Such as https://… It is kept as text and never opened from here."),
        most=1000,
        required=False,
    )
    language = _line(_("Language it is in"), most=60, required=False)
    about = forms.ChoiceField(
        label=_("About whom or what"),
        choices=SubjectKind,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose about whom or what it speaks.")},
    )
    subject = _line(_("Name of that company, site, input or sub-supplier"))
    says = words(
        _("What it says"),
        _("In your own words, no more than it says. No names of workers."),
        least=10,
    )
    grade = forms.ChoiceField(
        label=_("Grade"),
        choices=GRADES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a grade.")},
    )
    file = forms.FileField(
        label=_("A copy of it"),
        help_text=_("PDF, OFD, JPEG, PNG, HEIC, TXT, CSV, DOCX, XLSX, DOC or XLS."),
        required=False,
        allow_empty_file=True,
        max_length=None,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )
    findings = _picks(_("Findings it bears on"), required=False)

    def __init__(
        self, *args: Any, findings: Iterable[tuple[str, str]] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        found = list(findings)
        if found:
            _offer(self.fields["findings"], found)
        else:
            del self.fields["findings"]
        self.fields["grade"].choice_hints = {  # type: ignore[attr-defined]
            Grade.C: _("A claim alone. It supports, and never carries a finding."),
        }

    def clean_published_on(self) -> Any:
        on = self.cleaned_data["published_on"]
        if on and on > clock.today("Asia/Shanghai"):
            raise forms.ValidationError(_("This date lies in the future."), code="future")
        return on

    def clean_file(self) -> UploadedFile | None:
        file = self.cleaned_data["file"]
        return sized(file) if file else None

    def learned(self) -> actions.Learned:
        """After `is_valid()`: the source as its action takes it."""
        said = dict(self.cleaned_data)
        said.pop("task")
        findings = tuple(UUID(key) for key in said.pop("findings", ()))
        return actions.Learned(**said, findings=findings)


class WeighForm(StepForm):
    """A source weighed anew; `findings` as in SourceForm."""

    grade = forms.ChoiceField(
        label=_("Grade"),
        choices=GRADES,
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
    findings = _picks(_("Findings it bears on"), required=False)
    reason = words(_("Why"), _("Counsel reads this in the dossier."), most=2000)

    def __init__(
        self, *args: Any, findings: Iterable[tuple[str, str]] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        found = list(findings)
        if found:
            _offer(self.fields["findings"], found)
        else:
            del self.fields["findings"]
        self.fields["counts"].choice_hints = {  # type: ignore[attr-defined]
            "no": _("Recorded in error, withdrawn by its publisher, or not what it seemed."),
        }

    def weight(self) -> actions.Weight:
        """After `is_valid()`: the weight as its action takes it."""
        said = self.cleaned_data
        return actions.Weight(
            grade=said["grade"],
            counts=said["counts"],
            findings=tuple(UUID(key) for key in said.get("findings", ())),
            reason=said["reason"],
        )


class RaiseForm(StepForm):
    """A finding upon sources; `sources` are those of the case, as (key, words)."""

    sources = _picks(_("Sources it rests on"))
    clause = forms.ChoiceField(
        label=_("What was found"),
        choices=_clauses,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what was found.")},
    )
    about = forms.ChoiceField(
        label=_("About whom or what"),
        choices=SubjectKind,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whom or what it concerns.")},
    )
    subject = _line(_("Name of that company, site, input or sub-supplier"))
    scope = forms.ChoiceField(
        label=_("Which production"),
        choices=Scope,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose which production it concerns.")},
    )
    text = words(
        _("The finding in plain words"),
        _("The buyer's own people read this. The supplier never does; it is asked separately."),
        least=15,
        most=600,
    )

    def __init__(self, *args: Any, sources: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["sources"], sources)
        self.fields["sources"].error_messages["required"] = _(
            "Choose at least one source: a finding from elsewhere rests on one."
        )
        self.fields["clause"].choice_hints = NEEDED  # type: ignore[attr-defined]
        self.fields["about"].choice_hints = {  # type: ignore[attr-defined]
            SubjectKind.LINK: _("Then it is a matter for the supplier that buys from it."),
        }

    def raised(self) -> actions.Raised:
        """After `is_valid()`: the finding as its action takes it."""
        said = self.cleaned_data
        names = ("clause", "scope", "about", "subject", "text")
        return actions.Raised(
            **{name: said[name] for name in names},
            sources=tuple(UUID(key) for key in said["sources"]),
        )


class AskForm(LetterForm):
    """The question to the supplier, in words that fit its wording."""

    letter_kind = LetterKind.INQUIRY
    question = words(
        _("Your question"),
        _(
            "What you want to know, in plain words. Name no source, and quote only what you"
            " write here yourself."
        ),
        least=20,
        most=2000,
    )

    def __init__(self, *args: Any, speaker: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.speaker = speaker

    def facts(self) -> Mapping[str, object]:
        return actions.inquiry_facts(self.case, self.speaker, self.cleaned_data["question"])


class LiftForm(StepForm):
    """What the decision to lift the presumption rests on; `files` as (key, name)."""

    evidence = _picks(_("Documents it rests on"))
    reason = words(
        _("Why the presumption no longer stands"),
        _("Counsel reads this in the dossier."),
        least=20,
    )

    def __init__(self, *args: Any, files: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["evidence"], files)
        self.fields["evidence"].error_messages["required"] = _(
            "Choose at least one document: the presumption is lifted by evidence."
        )

    def clean_evidence(self) -> tuple[UUID, ...]:
        return tuple(UUID(key) for key in self.cleaned_data["evidence"])
