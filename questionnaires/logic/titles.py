"""Answers and rows in words, for one wording and one language."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, override

from questionnaires.definition import Question, Questionnaire, QuestionType
from questionnaires.logic.evaluating import Answers

NAMED = re.compile(r"\$\{([a-z][a-z0-9_]*)\}")


class Reader:
    """Says what was answered, to someone who reads this wording in this language."""

    def __init__(
        self, definition: Questionnaire, answers: Answers, wording: str, language: str
    ) -> None:
        self.definition = definition
        self.answers = answers
        self.wording = wording
        self.language = language

    def rows(self, table: str) -> list[Mapping[str, Any]]:
        """The stored rows of a table."""
        section = self.definition.tables[table]
        return list((self.answers.get(section.key) or {}).get("rows") or ())

    def row_title(self, table: str, row_id: str) -> str:
        """A row's title by its template; `Row 3` where nothing it names is answered.

        Empty if there is no such row.
        """
        for number, row in enumerate(self.rows(table), start=1):
            if str(row.get("id", "")) == row_id:
                return self._title(table, row, number)
        return ""

    def row_titles(self, table: str) -> dict[str, str]:
        """Titles of all rows by id: what a question that names a row offers."""
        return {
            str(row.get("id", "")): self._title(table, row, number)
            for number, row in enumerate(self.rows(table), start=1)
        }

    def _title(self, table: str, row: Mapping[str, Any], number: int) -> str:
        repeat = self.definition.tables[table].repeat
        stored = row.get("answers") or {}
        template = repeat.item_title if repeat else ""

        def shown(found: "re.Match[str]") -> str:
            question = self.definition.questions.get(found[1])
            return self.answer(question, stored.get(found[1])) if question else ""

        # What stands between two answers is no title where one of them is missing.
        title = " ".join(NAMED.sub(shown, template).split()).strip(" :;,/-")
        if title:
            return title
        with override(self.language):
            return gettext("Row %(number)d") % {"number": number}

    def answer(self, question: Question, stored: object) -> str:
        """An answer in words; empty for none, for a declined one and for files.

        Typed text that could not be read comes back as typed.
        """
        if isinstance(stored, Mapping):
            return self._statements(question, stored) or str(stored.get("raw") or "")
        if stored is None or question.type is QuestionType.FILE:
            return ""
        if isinstance(stored, list | tuple):
            between = "、" if self.language.lower().startswith("zh") else ", "
            return between.join(self._one(question, item) for item in stored)
        return self._one(question, stored)

    def _one(self, question: Question, stored: object) -> str:
        if question.type is QuestionType.SELECT_ROW:
            return self.row_title(question.rows_of, str(stored))
        if question.choices and (choice := question.choices.by_code.get(str(stored))):
            return choice.label.of(self.wording, self.language)
        return str(stored)

    def _statements(self, question: Question, ticked: Mapping[str, Any]) -> str:
        return "\n".join(
            statement.label.of(self.wording, self.language)
            for statement in question.statements
            if ticked.get(statement.code)
        )
