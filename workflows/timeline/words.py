"""How a sentence about an event is made."""

from collections.abc import Callable

from portal import ledger


def fixed(text: Callable[[], str]) -> Callable[[ledger.Event], str]:
    return lambda _event: text()


def label_of(choices: type, code: object) -> str:
    try:
        return str(choices(code).label)
    except ValueError:
        return str(code)
