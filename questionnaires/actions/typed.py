"""What a person typed, read into answers; what can't be read is kept as it is.

Field names are question keys. `<key>_day`, `_month`, `_year` carry a date, `<key>-declined`
and `<key>-why` what is said instead of an answer. `asked` lists the keys the page showed, so
that a question that was not on the page keeps its answer.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from stdnum.cn import ric

from questionnaires import logic
from questionnaires.definition import MayDecline, Question, QuestionType

PARTS = ("day", "month", "year")
NOT_TYPED = frozenset({QuestionType.FILE, QuestionType.NOTE, QuestionType.DECLARATION})

_ROW_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_EIGHTEEN = re.compile(r"(?<![0-9A-Za-z])\d(?:[ \-]?\d){16}[ \-]?[0-9Xx](?![0-9A-Za-z])")


class Typed(Protocol):
    """What a POST brings: Django's QueryDict, or anything like it."""

    def get(self, key: str, default: Any = None, /) -> Any: ...

    def getlist(self, key: str) -> list[Any]: ...


class IdentityNumber(Exception):
    """A resident identity number was typed; `key` names the question. Nothing is stored."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def read(questions: Iterable[Question], typed: Typed) -> dict[str, Any]:
    """Return the answers to those of `questions` that the page asked; None where empty.

    Never refuses what it can't read (`{"raw": …}`), but for a resident identity number:
    raises IdentityNumber.
    """
    asked = set(str(typed.get("asked", "")).split())
    found = {
        question.key: _answer(question, typed)
        for question in questions
        if question.key in asked and question.type not in NOT_TYPED
    }
    for key, answer in found.items():
        if any(holds_identity_number(text) for text in _texts(answer)):
            raise IdentityNumber(key)
    return found


def _answer(question: Question, typed: Typed) -> Any:
    declined = typed.get(f"{question.key}-declined")
    if declined and declined in may_say(question):
        why = typed.get(f"{question.key}-why")
        said = {"declined": declined, "why": why if why in logic.REASONS else "none"}
        # what was typed before comes back when they change their mind
        kept = _read(question, typed)
        return said if kept is None else said | {"kept": kept}
    return _read(question, typed)


def may_say(question: Question) -> tuple[str, ...]:
    """What may be said instead of an answer: `unknown`, `cannot_say`, both or neither."""
    return {
        MayDecline.ANY: ("unknown", "cannot_say"),
        MayDecline.CANNOT_SAY: ("cannot_say",),
        MayDecline.NO: (),
    }[question.may_decline]


def plain(text: object) -> str:
    """Return text as it is stored: one kind of line end, and no NUL, which no database keeps."""
    said = str(text or "").replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\u2400")
    # a lone surrogate can't be encoded, so it could be neither stored nor hashed
    return said.encode("utf-8", "replace").decode()


def _read(question: Question, typed: Typed) -> Any:
    if question.type == QuestionType.DATE:
        return _date(question, typed)
    if question.type == QuestionType.SELECT_MULTIPLE:
        return logic.parse(question, [plain(code) for code in typed.getlist(question.key)])
    answer = logic.parse(question, plain(typed.get(question.key)))
    if question.type == QuestionType.SELECT_ROW and not _ROW_ID.fullmatch(str(answer or "-")):
        return {"raw": str(answer)[: logic.LONGEST_TEXT]}
    return answer


def _date(question: Question, typed: Typed) -> Any:
    parts = [plain(typed.get(f"{question.key}_{part}")).strip() for part in PARTS]
    if not any(parts):
        return None
    day, month, year = parts
    answer = logic.parse(question, f"{year}-{month}-{day}")
    if isinstance(answer, str):
        return answer
    # as it came, part by part, so that it comes back into its three fields
    return {"raw": "/".join(part.replace("/", "\u2044") for part in parts)}


def date_parts(answer: Any) -> list[str]:
    """Day, month and year of a stored date, or of what was typed instead."""
    if isinstance(answer, Mapping):
        parts = [*str(answer.get("raw", "")).split("/"), "", "", ""]
        return parts[:3]
    if not answer:
        return ["", "", ""]
    year, month, day = str(answer).split("-")
    return [str(int(day)), str(int(month)), year]


def _texts(answer: Any) -> list[str]:
    if isinstance(answer, str):
        return [answer]
    if isinstance(answer, int):
        return [str(answer)]
    if isinstance(answer, Mapping):
        return [text for value in answer.values() for text in _texts(value)]
    return []


def holds_identity_number(text: str) -> bool:
    """Whether a resident identity number with a right check digit stands in `text`."""
    return any(
        _is_valid(found) for found in _EIGHTEEN.findall(unicodedata.normalize("NFKC", text))
    )


def _is_valid(number: str) -> bool:
    try:
        return ric.is_valid(number.replace(" ", "").replace("-", ""))
    except KeyError:  # python-stdnum 2.2, for provinces that never were
        return False
