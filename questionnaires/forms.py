"""A form for one page of a questionnaire, made from its definition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from documents.models import Evidence
from portal.forms import ThreePartDateField
from questionnaires.actions.typed import date_parts, may_say
from questionnaires.definition import (
    Lines,
    Party,
    PartyRole,
    Question,
    QuestionType,
    Section,
    SeenBy,
)
from questionnaires.models import Comment, Correction, EvidenceLink
from questionnaires.queries import Draft, Named, Shown, named_parties, reasons, said_instead

MOST_RADIOS = 12
MOST_BOXES = 40  # a longer list scrolls, has what is chosen on top, and can be searched
OWN = frozenset({PartyRole.OWN_COMPANY, PartyRole.FACILITY})


@dataclass
class Decline:
    """What may be said instead of an answer: choices as (code, label, is chosen)."""

    name: str
    choices: Sequence[tuple[str, str, bool]]
    reasons: Sequence[tuple[str, str, bool]]
    is_open: bool


@dataclass
class Asked:
    """One question on a page: a field, or for files, notes and closed answers what is shown."""

    question: Question
    path: str
    label: str
    hint: str
    field: BoundField | None = None
    shown: Shown | None = None
    last: Shown | None = None  # carried over, to be confirmed
    last_files: Sequence[Evidence] = ()
    decline: Decline | None = None
    links: Sequence[EvidenceLink] = ()
    kinds: Sequence[str] = ()
    correction: Correction | None = None
    comments: Sequence[Comment] = ()
    heading: str = ""
    heading_hint: str = ""
    proposals: Sequence[Named] = ()
    flaw: str = ""
    is_required: bool = False
    is_missing: bool = False
    mine: Shown | None = None  # what this person typed, where somebody was faster

    @property
    def anchor(self) -> str:
        """Where links from other pages point to."""
        return f"q-{self.question.key}"

    @property
    def is_file(self) -> bool:
        return self.question.type == QuestionType.FILE

    @property
    def is_note(self) -> bool:
        return self.question.type == QuestionType.NOTE

    @property
    def is_counsels(self) -> bool:
        return self.question.seen_by == SeenBy.COUNSEL


class SectionForm(forms.Form):
    """The visible questions of one page, or of one row of a table, with what is wrong in them.

    It shows; `actions.save_section` reads what is posted. With `typed` it shows that instead
    of what is stored. `only_open` leaves out what can't be changed.
    """

    def __init__(  # noqa: PLR0913 - a page and all that is shown beside its questions
        self,
        draft: Draft,
        section: Section,
        row: str = "",
        *,
        typed: MultiValueDict | None = None,
        errors: Mapping[str, str] | None = None,
        comments: Sequence[Comment] = (),
        only_open: bool = False,
    ) -> None:
        super().__init__(typed, auto_id="id_%s")
        self.draft = draft
        self.section = section
        self.row = row
        self.comments = comments
        self.only_open = only_open
        self.stored = self._stored()
        self.faults = self._faults(errors or {})
        self.missing = frozenset(draft.missing)
        self.asked = [one for one in map(self._asked, section.questions) if one]
        self._head_parties()
        self._errors = ErrorDict(
            {
                key: self.error_class([message], renderer=self.renderer)
                for key, message in self.faults.items()
                if key in self.fields
            }
        )

    def _stored(self) -> Mapping[str, Any]:
        found = self.draft.answers[self.section.key]
        if not self.row:
            return found.get("answers", {})
        return next((r["answers"] for r in found["rows"] if r["id"] == self.row), {})

    def _faults(self, errors: Mapping[str, str]) -> dict[str, str]:
        flaws = self.draft.flaws
        found = {
            question.key: flaws[question.path(self.row)]
            for question in self.section.questions
            if question.path(self.row) in flaws
        }
        return found | dict(errors)

    @property
    def keys(self) -> str:
        """Keys of the questions that can be answered on this page: sent along as `asked`."""
        return " ".join(one.question.key for one in self.asked if one.field)

    def _asked(self, question: Question) -> Asked | None:
        path = question.path(self.row)
        if path not in self.draft.shown or question.type == QuestionType.DECLARATION:
            return None
        words = self.draft.words
        stored = self.stored.get(question.key)
        asked = Asked(
            question=question,
            path=path,
            label=words.text(question.label),
            hint=words.text(question.hint),
            correction=self.draft.correction_at(path),
            comments=[one for one in self.comments if one.path == path],
            flaw=self.faults.get(question.key, ""),
            is_required=self._is_required(question, path, stored),
            is_missing=path in self.missing,
        )
        self._add_last(asked)
        if asked.is_note:
            return None if self.only_open else asked
        may_change = self.draft.may_change(path)
        if self.only_open and not may_change:
            return None
        if asked.is_file:
            asked.links = [link for link in self.draft.links if link.path == path]
        if not may_change:
            asked.shown = words.shown(question, stored) if not asked.is_file else Shown()
            return asked
        says_otherwise = isinstance(stored, Mapping) and "declined" in stored
        if says_otherwise or (asked.is_required and not asked.links):
            asked.decline = self._decline(question, stored)
        if not asked.is_file:
            self._add_field(asked, stored)
        return asked

    def _add_last(self, asked: Asked) -> None:
        """What stood here before the form was asked for anew, unless it was answered since."""
        if (last := self.draft.to_confirm.get(asked.path)) is None:
            return
        if asked.is_file and isinstance(last, list):
            asked.last_files = self.draft.earlier_files[asked.path]
            asked.last = Shown() if asked.last_files else None
        else:
            asked.last = self.draft.words.shown(asked.question, last)

    @property
    def to_confirm(self) -> int:
        """How many answers of this page can be confirmed in one press."""
        return sum(one.last is not None and not one.is_file for one in self.asked)

    def _is_required(self, question: Question, path: str, stored: Any) -> bool:
        if isinstance(question.required, bool):
            return question.required
        return path in self.missing or stored is not None

    def _decline(self, question: Question, stored: Any) -> Decline | None:
        possible = may_say(question)
        if not possible:
            return None
        name = f"{question.key}-declined"
        said, why = "", ""
        if self.is_bound:
            said, why = self.data.get(name, ""), self.data.get(f"{question.key}-why", "")
        elif isinstance(stored, Mapping) and "declined" in stored:
            said, why = stored["declined"], stored.get("why", "")
        words = said_instead()
        choices = [("", _("We answer it"), not said)]
        choices += [(code, words[code], said == code) for code in possible]
        return Decline(
            name=name,
            choices=choices,
            reasons=[(code, label, why == code) for code, label in reasons().items()],
            is_open=bool(said),
        )

    def _add_field(self, asked: Asked, stored: Any) -> None:
        question = asked.question
        if isinstance(stored, Mapping) and "declined" in stored:
            stored = stored.get("kept")
        field = self._field(question, stored)
        field.label, field.help_text, field.required = asked.label, asked.hint, False
        field.initial = _initial(question, stored)
        if question.part == "country" and stored is None and question.prefix in self._own:
            field.initial = self.draft.response.supplier.country
        self.fields[question.key] = field
        asked.field = self[question.key]

    def _field(self, question: Question, stored: Any) -> forms.Field:
        kind = question.type
        if kind == QuestionType.DATE:
            return ThreePartDateField(required=False)
        if kind == QuestionType.INTEGER:
            # shown as text, so that what can't be read as a number comes back
            return forms.IntegerField(widget=forms.NumberInput)
        if kind == QuestionType.DECIMAL:
            return forms.DecimalField(widget=forms.NumberInput)
        if kind == QuestionType.SELECT_MULTIPLE:
            return self._boxes(self._choices(question), stored)
        if kind in (QuestionType.SELECT_ONE, QuestionType.SELECT_ROW):
            return self._select(self._choices(question))
        return forms.CharField(
            max_length=2000 if _is_long(question) else None,
            widget=forms.Textarea if _is_long(question) else forms.TextInput,
        )

    def _choices(self, question: Question) -> list[tuple[str, str]]:
        words = self.draft.words
        if question.type == QuestionType.SELECT_ROW:
            return list(words.rows_of(question.rows_of).items())
        choices = question.choices.choices if question.choices else ()
        return [(choice.code, words.text(choice.label)) for choice in choices]

    def _select(self, choices: list[tuple[str, str]]) -> forms.ChoiceField:
        if len(choices) > MOST_RADIOS:
            empty = ("", _("Choose one"))
            return forms.ChoiceField(choices=[empty, *choices], widget=forms.Select)
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect)

    def _boxes(self, choices: list[tuple[str, str]], stored: Any) -> forms.MultipleChoiceField:
        widget = forms.CheckboxSelectMultiple()
        if len(choices) > MOST_BOXES:
            chosen = set(stored) if isinstance(stored, list) else set()
            choices = sorted(choices, key=lambda choice: choice[0] not in chosen)
            widget.attrs["find"] = _("Find in this list")
        return forms.MultipleChoiceField(choices=choices, widget=widget)

    @cached_property
    def _own(self) -> frozenset[str]:
        """Parties that are the company itself: its country is proposed, not asked anew."""
        return frozenset(p.prefix for p in self.section.parties if p.role in OWN)

    def _head_parties(self) -> None:
        """Put a party's own question above its first column."""
        parties: dict[str, Party] = {party.prefix: party for party in self.section.parties}
        for asked in self.asked:
            if party := parties.pop(asked.question.prefix, None):
                asked.heading = self.draft.words.text(party.label)
                asked.heading_hint = self.draft.words.text(party.hint)
                if party.key("name") in self.fields and party.key("name") not in self.stored:
                    asked.proposals = named_parties(self.draft)


def _initial(question: Question, stored: Any) -> Any:
    if question.type == QuestionType.DATE:
        return date_parts(stored)
    if isinstance(stored, Mapping):
        return stored.get("raw", "")
    return stored


def _is_long(question: Question) -> bool:
    """Whether an answer may take lines.

    Where the author did not say (2026.0): a question or a request does, a name doesn't.
    """
    if question.lines:
        return question.lines is Lines.SEVERAL
    if question.format or question.part:
        return False
    return question.label.of("explicit", "en").rstrip().endswith(("?", "."))
