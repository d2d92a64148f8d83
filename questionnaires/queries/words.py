"""Answers put into words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from questionnaires import logic
from questionnaires.definition import Question, Questionnaire, QuestionType


@dataclass(frozen=True)
class Shown:
    """An answer in words: `lines` of text, `note` beside it, and how it stands."""

    lines: tuple[str, ...] = ()
    note: str = ""
    is_declined: bool = False
    is_raw: bool = False
    is_sealed: bool = False


class Words:
    """Answers put into the words of one wording and one language."""

    def __init__(
        self,
        definition: Questionnaire,
        wording: str,
        language: str,
        answers: Mapping[str, Any],
    ) -> None:
        self.definition = definition
        self.wording = wording
        self.language = language
        self.reader = logic.Reader(definition, answers, wording, language)

    def text(self, text: Any) -> str:
        return text.of(self.wording, self.language) if text else ""

    @cached_property
    def _titles(self) -> dict[str, Mapping[str, str]]:
        return {}

    def rows_of(self, table: str) -> Mapping[str, str]:
        """Titles of a table's rows by id: the choices of `select_one ${question}`."""
        if table not in self._titles:
            self._titles[table] = self.reader.row_titles(table)
        return self._titles[table]

    def shown(self, question: Question, stored: Any) -> Shown:
        """Put one stored answer into words; files are not part of it."""
        if stored is None or stored in ("", []):
            return Shown()
        if isinstance(stored, Mapping):
            return self._shown_otherwise(stored)
        if question.type in (QuestionType.SELECT_ONE, QuestionType.SELECT_MULTIPLE):
            codes = [stored] if isinstance(stored, str) else stored
            known = question.choices.by_code if question.choices else {}
            return Shown(tuple(self.text(known[c].label) if c in known else str(c) for c in codes))
        if question.type == QuestionType.SELECT_ROW:
            return Shown((self.rows_of(question.rows_of).get(stored, str(stored)),))
        if question.type == QuestionType.DATE:
            return Shown((_day(stored),))
        return Shown(tuple(str(stored).split("\n")))

    def _shown_otherwise(self, stored: Mapping[str, Any]) -> Shown:
        if "declined" in stored:
            said = said_instead().get(stored["declined"], "")
            why = reasons().get(stored.get("why", ""), "")
            return Shown((said,), note=why, is_declined=True)
        if "sealed" in stored:
            return Shown((_("Only counsel reads this answer."),), is_sealed=True)
        return Shown(tuple(str(stored.get("raw", "")).split("\n")), is_raw=True)


def _day(stored: str) -> str:
    try:
        return date_format(date.fromisoformat(stored), pgettext("date format", "j F Y"))
    except ValueError:
        return stored


def said_instead() -> dict[str, str]:
    """What may be said instead of an answer, by code."""
    return {"unknown": _("We don't know"), "cannot_say": _("We can't say")}


def reasons() -> dict[str, str]:
    """Why an answer is not given, by code."""
    return {
        "none": _("No reason given"),
        "law": _("A law or an authority forbids it"),
        "confidential": _("It is confidential"),
        "safety": _("The safety of people"),
        "others_hold": _("Somebody else holds the information"),
    }
