"""Typed text to a stored answer; what cannot be read is kept as it was typed."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from questionnaires.definition import Question, QuestionType
from questionnaires.logic.reading import LONGEST_TEXT, NUMBER, WHOLE_NUMBER

GROUPED = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
DATE = re.compile(r"([0-9]{4})(?:[-/.]|年)([0-9]{1,2})(?:[-/.]|月)([0-9]{1,2})日?")


def parse(question: Question, typed: str | Sequence[str]) -> Any:
    """The stored answer for what was typed or chosen; None if that is nothing.

    Numbers may have full-width digits and commas by thousands; dates read 2026-03-01,
    2026/3/1, 2026.3.1 or 2026年3月1日; choices are codes. Anything else is `{"raw": …}`.
    Never raises.
    """
    if question.type in SEVERAL:
        return _several(question, [typed] if isinstance(typed, str) else typed)
    text = _tidy(typed if isinstance(typed, str) else " ".join(typed))
    if not text or question.type is QuestionType.NOTE:
        return None
    found = ONE.get(question.type, _as_it_is)(question, text)
    return {"raw": text} if found is None else found


def _tidy(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return lines.encode("utf-8", "replace").decode().strip()


def _plain_number(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace(" ", "")
    return plain.replace(",", "") if GROUPED.fullmatch(plain) else plain


def _text(_question: Question, text: str) -> str | None:
    return text if len(text) <= LONGEST_TEXT else None


def _integer(_question: Question, text: str) -> int | None:
    plain = _plain_number(text)
    return int(plain) if WHOLE_NUMBER.fullmatch(plain) else None


def _decimal(_question: Question, text: str) -> str | None:
    plain = _plain_number(text)
    if not NUMBER.fullmatch(plain):
        return None
    number = Decimal(plain)
    return "0" if not number else f"{number:f}"


def _date(_question: Question, text: str) -> str | None:
    found = DATE.fullmatch(unicodedata.normalize("NFKC", text).replace(" ", ""))
    try:
        return date(*map(int, found.groups())).isoformat() if found else None
    except ValueError:
        return None


def _code(question: Question, text: str) -> str | None:
    known = question.choices.by_code if question.choices else {}
    return text if text in known else None


def _as_it_is(_question: Question, text: str) -> str:
    return text


def _several(question: Question, typed: Sequence[str]) -> Any:
    chosen = [text for text in map(_tidy, typed) if text]
    if question.type is QuestionType.FILE:
        return chosen or None
    known = _codes(question)
    if not set(chosen) <= set(known):
        return {"raw": " ".join(chosen)[:LONGEST_TEXT]}
    if question.type is QuestionType.DECLARATION:
        return dict.fromkeys([code for code in known if code in chosen], True) or None
    return [code for code in known if code in chosen] or None


def _codes(question: Question) -> list[str]:
    if question.type is QuestionType.DECLARATION:
        return [statement.code for statement in question.statements]
    return list(question.choices.by_code) if question.choices else []


SEVERAL = frozenset({QuestionType.SELECT_MULTIPLE, QuestionType.FILE, QuestionType.DECLARATION})
ONE: dict[QuestionType, Callable[[Question, str], Any]] = {
    QuestionType.TEXT: _text,
    QuestionType.INTEGER: _integer,
    QuestionType.DECIMAL: _decimal,
    QuestionType.DATE: _date,
    QuestionType.SELECT_ONE: _code,
}
