"""How a sentence about an event is made."""

from collections.abc import Callable

from documents.templatetags import printing
from portal import ledger


def fixed(text: Callable[[], str]) -> Callable[[ledger.Event], str]:
    return lambda _event: text()


def label_of(choices: type, code: object) -> str:
    try:
        return str(choices(code).label)
    except ValueError:
        return str(code)


def day_of(kept: object) -> str:
    """Write the day of what the ledger keeps as a date or a moment, in the reader's language."""
    return printing.day(str(kept))
