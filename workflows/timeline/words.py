"""How a sentence about an event is made."""

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from documents.templatetags import printing
from portal import ledger


def fixed(text: Callable[[], str]) -> Callable[[ledger.Event], str]:
    return lambda _event: text()


def label_of(choices: type, code: object) -> str:
    try:
        return str(choices(code).label)
    except ValueError:
        return str(code)


def in_zone(data: Mapping[str, object], zone: str) -> dict[str, object]:
    """Return what an event keeps with every moment as its day in `zone` (IANA name)."""
    return {name: _day_in(zone, kept) for name, kept in data.items()}


def _day_in(zone: str, kept: object) -> object:
    if not isinstance(kept, str) or "T" not in kept:
        return kept
    try:
        at = datetime.fromisoformat(kept)
    except ValueError:
        return kept
    return at.astimezone(ZoneInfo(zone)).date().isoformat()


def day_of(kept: object) -> str:
    """Write the day of what the ledger keeps as a date or a moment, in the reader's language."""
    return printing.day(str(kept))
