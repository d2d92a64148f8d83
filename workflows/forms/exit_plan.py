"""Forms of an exit's plan, its checklist and reviews, the supplier's reply, and other endings."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from documents.actions.evidence import Arrival, Description
from documents.enums import EvidenceKind, ReceivedBy
from documents.forms import ACCEPT, sized
from documents.models import Evidence
from portal.forms import LineField, ThreePartDateField
from workflows import actions, exit_plan
from workflows.enums import Effect, Ending, LetterKind
from workflows.forms.desk import LONGEST
from workflows.forms.exit import reason, words
from workflows.forms.letter import LetterForm
from workflows.models import ExitPlan

MOST_DAYS = 1_000


def _field(asked: exit_plan.Field) -> forms.Field:
    given = {"label": asked.label, "help_text": asked.hint, "required": False}
    if asked.sort == "day":
        return ThreePartDateField(**given)
    if asked.sort == "days":
        return forms.IntegerField(
            min_value=0,
            max_value=MOST_DAYS,
            error_messages={"invalid": _("Write a whole number, such as 90.")},
            **given,
        )
    if asked.sort == "line":
        return LineField(max_length=200, **given)
    return forms.CharField(widget=forms.Textarea, max_length=LONGEST, **given)


class PlanForm(forms.Form):
    """The whole plan; nothing is needed to save it, and what can be kept is kept.

    `rev` is the save this page was made from.
    """

    rev = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any, *, plan: ExitPlan) -> None:
        skipped = {f"skip_{key}": why for key, why in plan.not_applicable.items()}
        super().__init__(data, initial=plan.values() | skipped | {"rev": plan.rev})
        self.sections = exit_plan.sections_of(plan.track)
        for section in self.sections:
            if section.may_not_apply:
                self.fields[f"skip_{section.key}"] = forms.CharField(
                    label=_("Not applicable, and why"),
                    help_text=_("Then the fields below may stay empty."),
                    widget=forms.Textarea,
                    required=False,
                    max_length=1000,
                )
            for asked in section.fields:
                self.fields[asked.name] = _field(asked)

    @property
    def parts(
        self,
    ) -> Iterable[tuple[exit_plan.Section, forms.BoundField | None, list[forms.BoundField]]]:
        """Each section with the field that says why it does not apply, if it may, and the rest."""
        for section in self.sections:
            skip = self[f"skip_{section.key}"] if section.may_not_apply else None
            yield section, skip, [self[asked.name] for asked in section.fields]

    def values(self) -> dict[str, Any]:
        """After `is_valid()`: what can be kept, also where other fields hold errors."""
        names = {asked.name for section in self.sections for asked in section.fields}
        return {name: value for name, value in self.cleaned_data.items() if name in names}

    def skipped(self) -> dict[str, str]:
        return {
            name.removeprefix("skip_"): why
            for name, why in self.cleaned_data.items()
            if name.startswith("skip_") and why
        }


class PointForm(forms.Form):
    """One point of the checklist, and what shows that it is met."""

    applies = forms.TypedChoiceField(
        label=_("Is it met?"),
        choices=[("yes", _("It is met")), ("no", _("It does not apply here"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one.")},
    )
    note = words(_("What shows it, or why it does not apply"))


class LookForm(forms.Form):
    note = words(_("What you saw"), _("Orders, invoices, people; and what is to be done next."))


class ReviewForm(forms.Form):
    """What became of the people and the company, months later."""

    effect = forms.ChoiceField(
        label=_("In short"),
        choices=Effect,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one.")},
    )
    found = words(_("What was found, and how you know"), least=20)
    harm = words(_("Harm that is followed up, and how"), needed=False)
    claims = words(_("Claims that were paid, or are open"), needed=False)
    lessons = words(_("What is learned from it"), needed=False)

    def effects(self) -> actions.Effects:
        said = self.cleaned_data
        return actions.Effects(**{**said, "effect": Effect(said["effect"])})


class AnswerForm(forms.Form):
    text = words(_("Your answer"), _("The company reads it on its page."))


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once; cleans to a list."""

    widget = FilesInput
    most = 10

    def clean(self, data: Any, _initial: Any = None) -> list[UploadedFile]:
        given = list(data) if isinstance(data, list | tuple) else [data] if data else []
        if len(given) > self.most:
            raise forms.ValidationError(_("At most 10 files at once."), code="many")
        return [sized(one) for one in given]


class ReplyForm(forms.Form):
    """A supplier's reply; `kept` are files that came with an earlier press of the button."""

    is_mistake = forms.BooleanField(
        label=_("You take us, or a place, for another one"),
        help_text=_("Then say which place or company it is, and what shows it."),
        required=False,
    )
    text = forms.CharField(
        label=_("Your reply"),
        help_text=_(
            "What is wrong, what changed since, which help you need. No names of workers."
        ),
        widget=forms.Textarea,
        max_length=10_000,
        error_messages={"required": _("Write your reply.")},
    )
    documents = FilesField(
        label=_("Documents that show it"),
        help_text=_("PDF, OFD, JPEG, PNG, HEIC, TXT, CSV, DOCX, XLSX, DOC or XLS."),
        widget=FilesInput(attrs={"accept": ACCEPT}),
        required=False,
    )
    kind = forms.ChoiceField(label=_("What the documents are"), required=False)
    for_counsel = forms.CharField(
        label=_("For the buyer's counsel alone"),
        help_text=_("If a law or a concern for somebody's safety limits what you can say."),
        widget=forms.Textarea,
        max_length=10_000,
        required=False,
    )

    def __init__(self, *args: Any, known: Sequence[Evidence] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {str(one.pk): one for one in known}
        kind = cast("forms.ChoiceField", self.fields["kind"])
        kind.choices = EvidenceKind.choices
        kind.initial = EvidenceKind.OWN_DECLARATION

    @property
    def kept(self) -> list[Evidence]:
        """Files that were sent before with this reply, and are there."""
        given = self.data.getlist("kept") if hasattr(self.data, "getlist") else []
        return [self.known[key] for key in dict.fromkeys(given) if key in self.known]

    def uploads(self) -> list[tuple[UploadedFile, Description]]:
        """Files that can be kept, whatever else the form lacks."""
        kind = self.cleaned_data.get("kind") or EvidenceKind.OWN_DECLARATION
        described = Description(kind=EvidenceKind(kind), about="exit")
        return [(file, described) for file in self.cleaned_data.get("documents") or ()]

    def reply(self, files: Sequence[Evidence]) -> actions.Reply:
        said = self.cleaned_data
        return actions.Reply(
            text=said["text"],
            files=files,
            for_counsel=said["for_counsel"],
            is_mistake=said["is_mistake"],
        )


class CloseForm(LetterForm):
    """Ends a case for its facts; `documents` are those of the case that may show it."""

    letter_kind = LetterKind.WITHDRAWAL
    needs_input = False

    ending = forms.ChoiceField(
        label=_("Why the case ends"),
        choices=Ending,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why it ends.")},
    )
    reason = reason(_("What you know, and since when"))
    proof = forms.ChoiceField(
        label=_("Document that shows it"),
        help_text=_("One that is there already, or add a file below."),
        required=False,
    )
    file = forms.FileField(
        label=_("Another document"),
        help_text=_("PDF, OFD, JPEG, PNG, HEIC, TXT, CSV, DOCX, XLSX, DOC or XLS."),
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        max_length=None,
        allow_empty_file=True,
        required=False,
    )
    kind = forms.ChoiceField(label=_("What it is"), choices=EvidenceKind, required=False)
    sender = LineField(label=_("From whom you have it"), max_length=200, required=False)

    def __init__(self, *args: Any, documents: Sequence[Evidence], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.documents = {str(one.pk): one for one in documents}
        proof = cast("forms.ChoiceField", self.fields["proof"])
        proof.choices = [
            ("", _("None of these")),
            *((k, one.name) for k, one in self.documents.items()),
        ]
        self.fields["kind"].initial = EvidenceKind.REGISTRY_EXTRACT

    def facts(self) -> Mapping[str, object]:
        return {}

    def clean_file(self) -> UploadedFile | None:
        file = self.cleaned_data["file"]
        return sized(file) if file else None

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not said.get("proof") and not said.get("file") and "file" not in self.errors:
            self.add_error("proof", _("Choose a document that shows it, or add one below."))
        if said.get("file") and not said.get("sender"):
            self.add_error("sender", _("Say from whom you have the document."))
        return said

    def upload(self) -> tuple[UploadedFile, Description, Arrival] | None:
        """The file that came with it, kept whatever else the form lacks."""
        said = getattr(self, "cleaned_data", {})
        file, sender = said.get("file"), said.get("sender")
        if not file or not sender:
            return None
        kind = EvidenceKind(said.get("kind") or EvidenceKind.REGISTRY_EXTRACT)
        described = Description(kind=kind, issuer=sender, about="closing")
        return file, described, Arrival(way=ReceivedBy.MAIL, sender=sender)
