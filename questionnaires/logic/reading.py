"""One stored answer to a value that rules can read, or to what is wrong with it."""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc

from questionnaires.definition import MayDecline, Question, QuestionType
from questionnaires.expressions import Value

LONGEST_TEXT = 2000
DECLINED = ("unknown", "cannot_say")
REASONS = ("law", "confidential", "safety", "others_hold", "none")

WHOLE_NUMBER = re.compile(r"-?[0-9]{1,15}")
NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,10})?")
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
HS_CODE = re.compile(r"[0-9]{6}(?:[0-9]{2}){0,2}")


class Flaw(StrEnum):
    """Why an answer cannot stand; FLAWS has the sentence for the reader."""

    NOT_TEXT = "not_text"
    TOO_LONG = "too_long"
    NOT_WHOLE = "not_whole"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_DATE = "not_a_date"
    NO_SUCH_CHOICE = "no_such_choice"
    NO_SUCH_ROW = "no_such_row"
    NOT_A_LIST = "not_a_list"
    MUST_BE_ANSWERED = "must_be_answered"
    USCC = "uscc"
    HS_CODE = "hs_code"
    EMAIL = "email"
    CONSTRAINT = "constraint"  # the question may have a message of its own
    TOO_MANY_ROWS = "too_many_rows"


FLAWS = {
    Flaw.NOT_TEXT: _("Enter text."),
    Flaw.TOO_LONG: _("Enter 2,000 characters or fewer."),
    Flaw.NOT_WHOLE: _("Enter a whole number, like 250."),
    Flaw.NOT_A_NUMBER: _("Enter a number, like 12.5."),
    Flaw.NOT_A_DATE: _("Enter a real date, with day, month and year."),
    Flaw.NO_SUCH_CHOICE: _("Choose from the list."),
    Flaw.NO_SUCH_ROW: _("The row chosen here is gone. Choose another."),
    Flaw.NOT_A_LIST: _("Choose from the list."),
    Flaw.MUST_BE_ANSWERED: _("This question needs an answer."),
    Flaw.USCC: _(
        "Check the Unified Social Credit Code: 18 characters, the last is a check digit."
    ),
    Flaw.HS_CODE: _("Enter the customs code: 6, 8 or 10 digits."),
    Flaw.EMAIL: _("Enter an email address, like name@example.com."),
    Flaw.CONSTRAINT: _("This answer doesn't fit. Check it."),
    Flaw.TOO_MANY_ROWS: _("There are more rows than this table may have."),
}

# What is said of typed text that could not be read.
UNREADABLE = {
    QuestionType.TEXT: Flaw.TOO_LONG,
    QuestionType.INTEGER: Flaw.NOT_WHOLE,
    QuestionType.DECIMAL: Flaw.NOT_A_NUMBER,
    QuestionType.DATE: Flaw.NOT_A_DATE,
}

Read = tuple[Value, Flaw | None]


def is_empty(stored: object) -> bool:
    """Whether nothing was answered: absent, blank, or no choice made."""
    if isinstance(stored, str):
        return not stored.strip()
    return stored is None or stored in ([], {}, ())


def declined(question: Question, stored: Mapping[str, Any]) -> tuple[str, str] | None:
    """What was said instead of an answer, and why; None where this question needs one."""
    said, why = stored.get("declined"), stored.get("why") or ""
    if said not in DECLINED or (why and why not in REASONS):
        return None
    if question.may_decline == MayDecline.NO:
        return None
    if question.may_decline == MayDecline.CANNOT_SAY and said != "cannot_say":
        return None
    return str(said), str(why)


def value_of(question: Question, stored: object, rows: Collection[str]) -> Read:
    """The value of an answer that is neither empty nor declined.

    `rows` are the ids of the visible rows of the table the question chooses from.
    """
    if isinstance(stored, dict) and "raw" in stored:
        return None, UNREADABLE.get(question.type, Flaw.NO_SUCH_CHOICE)
    if question.type == QuestionType.SELECT_ROW:
        known = isinstance(stored, str) and stored in rows
        return (str(stored), None) if known else (None, Flaw.NO_SUCH_ROW)
    return READERS[question.type](question, stored)


def _text(_question: Question, stored: object) -> Read:
    if not isinstance(stored, str):
        return None, Flaw.NOT_TEXT
    return stored, Flaw.TOO_LONG if len(stored) > LONGEST_TEXT else None


def _integer(_question: Question, stored: object) -> Read:
    # True is an int to Python, and no number here.
    if type(stored) is int and WHOLE_NUMBER.fullmatch(str(stored)):
        return Decimal(stored), None
    return None, Flaw.NOT_WHOLE


def _decimal(_question: Question, stored: object) -> Read:
    if isinstance(stored, str) and NUMBER.fullmatch(stored):
        return Decimal(stored), None
    return None, Flaw.NOT_A_NUMBER


def _date(_question: Question, stored: object) -> Read:
    if isinstance(stored, str) and ISO_DATE.fullmatch(stored):
        try:
            return date.fromisoformat(stored).isoformat(), None
        except ValueError:
            pass
    return None, Flaw.NOT_A_DATE


def _select_one(question: Question, stored: object) -> Read:
    known = question.choices.by_code if question.choices else {}
    if isinstance(stored, str) and stored in known:
        return stored, None
    return None, Flaw.NO_SUCH_CHOICE


def _select_multiple(question: Question, stored: object) -> Read:
    known = question.choices.by_code if question.choices else {}
    if not isinstance(stored, list | tuple):
        return None, Flaw.NOT_A_LIST
    if not all(isinstance(code, str) and code in known for code in stored):
        return None, Flaw.NO_SUCH_CHOICE
    return tuple(dict.fromkeys(stored)), None


def _file(_question: Question, stored: object) -> Read:
    if not isinstance(stored, list | tuple):
        return None, Flaw.NOT_A_LIST
    return tuple(map(str, stored)), None


def _declaration(question: Question, stored: object) -> Read:
    if not isinstance(stored, dict):
        return None, Flaw.NOT_A_LIST
    ticked = tuple(s.code for s in question.statements if stored.get(s.code))
    return ticked or None, None


READERS: dict[QuestionType, Callable[[Question, object], Read]] = {
    QuestionType.TEXT: _text,
    QuestionType.INTEGER: _integer,
    QuestionType.DECIMAL: _decimal,
    QuestionType.DATE: _date,
    QuestionType.SELECT_ONE: _select_one,
    QuestionType.SELECT_MULTIPLE: _select_multiple,
    QuestionType.FILE: _file,
    QuestionType.DECLARATION: _declaration,
}


def format_flaw(question: Question, value: Value, row: Mapping[str, Value]) -> Flaw | None:
    """What is wrong with the form of a text.

    In a party the code is checked only where the country is China: elsewhere registers
    number companies as they like.
    """
    if not question.format or not isinstance(value, str):
        return None
    if question.part == "code" and row.get(f"{question.prefix}_country") != "CN":
        return None
    return None if FORMATS[question.format](value) else Flaw(question.format)


def _is_email(value: str) -> bool:
    try:
        validate_email(value)
    except ValidationError:
        return False
    return True


FORMATS: dict[str, Callable[[str], bool]] = {
    "uscc": lambda value: bool(uscc.is_valid(value)),
    "hs_code": lambda value: bool(HS_CODE.fullmatch(value.replace(".", "").replace(" ", ""))),
    "email": _is_email,
}
