"""The application's clock: the only place that says what time it is for the domain.

Real time, plus an offset that exists in demo mode only, so that a demonstration can
move three days on. Sign-in, codes and sessions stay on real time; leases use the
database's own clock.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from django.utils import timezone

_fixed: ContextVar[datetime | None] = ContextVar("fixed moment", default=None)


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    if (fixed := _fixed.get()) is not None:
        return fixed
    return timezone.now() + offset()


def today(zone: str = "UTC") -> date:
    """Return the date it is now in `zone`, an IANA name."""
    return now().astimezone(ZoneInfo(zone)).date()


def day_of(moment: datetime, zone: str) -> date:
    """Return the date of `moment` in `zone`, an IANA name."""
    return moment.astimezone(ZoneInfo(zone)).date()


def offset() -> timedelta:
    """Return how far the demonstration's clock is ahead; zero outside demo mode."""
    if not settings.EXTRICATE_DEMO:
        return timedelta(0)
    days = apps.get_model("portal", "DemoClock").objects.values_list("days", flat=True).first()
    return timedelta(days=days or 0)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Hold the clock of this thread at `moment`: for tests and for demo histories."""
    token = _fixed.set(moment)
    try:
        yield
    finally:
        _fixed.reset(token)
