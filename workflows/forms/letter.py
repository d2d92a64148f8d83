"""Forms of acts that send a letter: it is shown first, then sent as it was shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import clock
from portal.forms import ThreePartDateField
from portal.models import User
from questionnaires import queries as answers
from workflows import letters
from workflows.enums import LetterKind
from workflows.forms.desk import StepForm, words
from workflows.models import Case


@dataclass(frozen=True)
class Preview:
    """A letter as it would go now, `reading` in the reader's language where that differs.

    `is_seen` if the page that was sent showed exactly this one, `is_changed` if another.
    """

    letter: letters.Letter
    language: str
    reading: letters.Letter | None = None
    is_seen: bool = False
    is_changed: bool = False


class LetterForm(StepForm):
    """An act that sends a letter of `letter_kind`; subclasses give `facts`.

    The page shows `preview` (`workflows/desk/_letter_preview.html`); the view acts once
    `may_send`, and hands `seen` to the action, which sends that letter or none.
    """

    letter_kind: ClassVar[LetterKind]
    # a letter that needs nothing typed is shown from the start
    needs_input: ClassVar[bool] = True
    # facts whose words stand in a field of another name
    fields_of: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case

    def facts(self) -> Mapping[str, object]:
        """What the letter says, from `cleaned_data`."""
        raise NotImplementedError

    def said(self) -> dict[str, Any]:
        """Return what was typed, as the action takes it; subclasses may leave fields out."""
        return dict(self.cleaned_data)

    @property
    def seen(self) -> str:
        """The hash of the letter the page showed that was sent."""
        return str(self.data.get("seen", ""))[:64]

    @property
    def preview(self) -> Preview | None:
        """The letter as it would go; None while the page lacks what it would say."""
        is_whole = self.is_valid() if self.is_bound else not self.needs_input
        if not is_whole:
            return None
        facts, reads = self.facts(), answers.language()
        language = self.case.supplier.language
        letter = letters.write(self.letter_kind, self.case, language, facts)
        return Preview(
            letter=letter,
            language=language,
            reading=letters.write(self.letter_kind, self.case, reads, facts)
            if reads != language
            else None,
            is_seen=self.seen == letter.sha256,
            is_changed=self.seen not in {"", letter.sha256},
        )

    @property
    def may_send(self) -> bool:
        """Whether the letter was shown as it would go, and the person pressed to send it."""
        if not self.is_bound or self.data.get("do") != "send":
            return False
        preview = self.preview
        return preview is not None and preview.is_seen

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if self.errors:
            return said
        found = letters.forbidden(self.letter_kind, self.case, self.facts())
        for fact, too_much in found.items():
            name = self.fields_of.get(fact, fact)
            listed = _(", ").join(_("“%(word)s”") % {"word": word} for word in too_much)
            self.add_error(name if name in self.fields else None, FORBIDDEN % {"words": listed})
        return said


IN_DOSSIER = gettext_lazy("Counsel reads this in the dossier.")
FORBIDDEN = gettext_lazy("This company reads the traceability wording. Say it without: %(words)s.")


# As many answers as one letter to a supplier can ask about and still be read.
MOST_QUESTIONS = 40


class QueryForm(LetterForm):
    """One text for each picked place; `picked` is a list of (path, label)."""

    letter_kind = LetterKind.QUERY

    due_on = ThreePartDateField(
        label=_("Answer by"),
        help_text=_("The day ends at midnight where the supplier is."),
    )

    def __init__(
        self,
        *args: Any,
        picked: Sequence[tuple[str, str]] = (),
        by: User,
        today: date | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.picked = list(picked)
        self.today = today or clock.today()
        for number, (_path, label) in enumerate(self.picked):
            self.fields[f"text_{number}"] = forms.CharField(
                label=label,
                widget=forms.Textarea,
                min_length=5,
                max_length=2000,
                error_messages={
                    "required": _("Say what you ask, or take this place out."),
                    "min_length": _("Say a little more: at least %(limit_value)d characters."),
                },
            )

    def places(self) -> list[tuple[str, forms.BoundField]]:
        """The picked paths, each with its field."""
        return [
            (path, self[f"text_{number}"]) for number, (path, _label) in enumerate(self.picked)
        ]

    def texts(self) -> list[tuple[str, str]]:
        """After `is_valid()`: each path with what is asked there."""
        return [
            (path, self.cleaned_data[f"text_{number}"])
            for number, (path, _label) in enumerate(self.picked)
        ]

    def facts(self) -> Mapping[str, object]:
        return letters.query_facts(len(self.picked), self.cleaned_data["due_on"], self.by)

    def clean_due_on(self) -> date:
        due_on: date = self.cleaned_data["due_on"]
        if due_on <= self.today:
            raise forms.ValidationError(_("Choose a day after today."), code="past")
        if due_on > self.today + timedelta(days=366):
            raise forms.ValidationError(_("Choose a day within a year."), code="far")
        return due_on


class WithdrawForm(LetterForm):
    """Withdraw what the supplier knows of; it gets a short letter that holds nothing typed."""

    letter_kind = LetterKind.WITHDRAWAL
    needs_input = False

    reason = words(gettext_lazy("Why this was sent in error"), IN_DOSSIER, least=10)

    def facts(self) -> Mapping[str, object]:
        return {}


class WithdrawDraftForm(StepForm):
    """Withdraw what was never sent: the supplier hears nothing."""

    seen = ""

    reason = words(gettext_lazy("Why this was sent in error"), IN_DOSSIER, least=10)

    @property
    def may_send(self) -> bool:
        return self.is_valid()
