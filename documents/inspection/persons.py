"""Numbers of Chinese resident identity cards in a text (GB 11643-1999)."""

import re
from collections.abc import Iterable
from datetime import date

from stdnum.cn import ric

from documents.enums import Problem
from documents.inspection.finding import Found

ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])[1-9]\d{16}[0-9Xx](?![0-9A-Za-z])")


def refuse(texts: Iterable[str]) -> None:
    for text in texts:
        found = sum(_is_id_number(one) for one in ID_NUMBER.findall(text))
        if found:
            raise Found(Problem.ID_NUMBERS, str(found))


def _is_id_number(text: str) -> bool:
    """Whether this is a number of a Chinese resident identity card: GB 11643-1999."""
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    if not 1900 <= born.year < 2100:
        return False
    # the region is not asked: codes change, and a number with an old one is a number too
    return bool(ric.calc_check_digit(text) == text[-1].upper())
