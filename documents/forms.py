"""What a person says about a file they hand in."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from documents.actions.evidence import Arrival, Description
from documents.enums import SHOWN_KINDS, EvidenceKind, ReceivedBy
from portal import clock
from portal.forms import ThreePartDateField

ACCEPT = ".pdf,.ofd,.jpg,.jpeg,.png,.heic,.txt,.csv,.docx,.xlsx,.doc,.xls"


def sized(file: UploadedFile) -> UploadedFile:
    """Return a file that is neither empty nor too large. Raises ValidationError."""
    limit = settings.EVIDENCE_MAX_BYTES
    if getattr(file, "is_too_large", False) or (file.size or 0) > limit:
        raise forms.ValidationError(
            _("The file is larger than %(limit)s MB. Send it in parts, or ask your contact."),
            code="too_large",
            params={"limit": limit // (1024 * 1024)},
        )
    if not file.size:
        raise forms.ValidationError(_("The file is empty."), code="empty")
    return file


class EvidenceForm(forms.Form):
    """One file and what it is.

    `kinds` limits what may be chosen; without it, all that a supplier shows.
    After `is_valid()`, hand `cleaned_data["file"]` and `described()` to
    `actions.receive`.
    """

    file = forms.FileField(
        label=_("File"),
        max_length=None,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        help_text=_("PDF, OFD, JPEG, PNG, HEIC, TXT, CSV, DOCX, XLSX, DOC or XLS."),
    )
    kind = forms.ChoiceField(label=_("What it is"))
    issuer = forms.CharField(
        label=_("Who issued it"),
        help_text=_("The company or authority named on the document."),
        max_length=200,
    )
    issued_on = ThreePartDateField(label=_("Date on the document"), required=False)
    number = forms.CharField(label=_("Number on the document"), required=False, max_length=100)

    def __init__(self, *args: Any, kinds: Iterable[str] = SHOWN_KINDS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wanted = [EvidenceKind(kind) for kind in kinds]
        choices = [(kind.value, kind.label) for kind in wanted]
        field = self.fields["kind"]
        if len(choices) > 1:
            choices.insert(0, ("", _("Choose one")))
        field.choices = choices  # type: ignore[attr-defined]

    def clean_file(self) -> UploadedFile:
        return sized(self.cleaned_data["file"])

    def clean_issued_on(self) -> Any:
        issued_on = self.cleaned_data["issued_on"]
        if issued_on and issued_on > clock.today("Asia/Shanghai"):
            raise forms.ValidationError(_("This date lies in the future."), code="future")
        return issued_on

    def described(self, about: str = "") -> Description:
        """Return what was said of the file, for `actions.receive`."""
        said = self.cleaned_data
        return Description(
            kind=EvidenceKind(said["kind"]),
            issuer=said["issuer"],
            issued_on=said["issued_on"],
            number=said["number"],
            about=about,
        )


class LoggedEvidenceForm(EvidenceForm):
    """A file that came to the buyer by mail or post, logged by an analyst."""

    way = forms.ChoiceField(
        label=_("How it came"),
        choices=[(one.value, one.label) for one in (ReceivedBy.MAIL, ReceivedBy.POST)],
        widget=forms.RadioSelect,
    )
    sender = forms.CharField(
        label=_("Who sent it"),
        help_text=_("The person and the address it came from."),
        max_length=200,
    )

    def arrival(self) -> Arrival:
        return Arrival(
            way=ReceivedBy(self.cleaned_data["way"]), sender=self.cleaned_data["sender"]
        )


class HeldFileForm(forms.Form):
    """What its supplier says of a file that was held for personal data."""

    decision = forms.ChoiceField(
        label=_("What becomes of this file"),
        choices=[
            ("release", _("It may be passed on as it is")),
            ("refuse", _("Take it back")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what becomes of the file.")},
    )
    reason = forms.CharField(
        label=_("Why"),
        help_text=_("For instance: the numbers are order numbers, not those of persons."),
        widget=forms.Textarea,
        min_length=5,
        max_length=2000,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["decision"].choice_hints = {  # type: ignore[attr-defined]
            "release": _("The buyer's people who review your answers may open it."),
            "refuse": _("Its bytes are destroyed. You can send a copy without these data."),
        }
