"""The trading state of a case: set by people only, each change an event."""

from portal import ledger
from portal.models import User
from workflows.models import Case


def change_trading(*, held: Case, by: User, trading: str, reason: str = "") -> int:
    """Set the trading state of a held case, which the caller saves; an event if it changes.

    Returns the number of that event, 0 without a change.
    """
    if held.trading == trading:
        return 0
    entry = ledger.record(
        "case.trading_set",
        by=by,
        on=held,
        data={"before": str(held.trading), "trading": str(trading)},
        words={"reason": reason} if reason else {},
    )
    held.trading = trading
    return entry.seq
