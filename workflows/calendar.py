"""Working days over dated tables; a country without a table has Monday to Friday.

Holidays are data, never computed: the table in `data/holidays.json` names its source and
the day it was checked. Days end at local midnight; moments are returned in UTC.
"""

import json
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

TABLE = Path(__file__).parent / "data" / "holidays.json"
SATURDAY = 5


@cache
def _table() -> dict[str, dict[str, frozenset[date]]]:
    found = json.loads(TABLE.read_text(encoding="utf-8"))["countries"]
    return {
        country: {
            kind: frozenset(date.fromisoformat(day) for day in days.get(kind, ()))
            for kind in ("off", "working")
        }
        for country, days in found.items()
    }


def has_table(country: str) -> bool:
    """Tell whether `country` (ISO 3166 alpha-2) has a dated table of holidays."""
    return country in _table()


def is_working(day: date, country: str) -> bool:
    table = _table().get(country, {"off": frozenset(), "working": frozenset()})
    if day in table["working"]:
        return True
    return day.weekday() < SATURDAY and day not in table["off"]


def add_working_days(day: date, days: int, country: str) -> date:
    """Return the day `days` working days after `day`; `days` is 0 or more."""
    while days > 0:
        day += timedelta(days=1)
        days -= is_working(day, country)
    return day


def next_working_day(day: date, country: str) -> date:
    """Return `day` itself if it is a working day, else the first one after it."""
    while not is_working(day, country):
        day += timedelta(days=1)
    return day


def end_of(day: date, zone: str) -> datetime:
    """Return the last second of `day` in `zone`, in UTC."""
    return datetime.combine(day, time(23, 59, 59), ZoneInfo(zone)).astimezone(UTC)


def after(start: datetime, days: int, country: str, zone: str) -> datetime:
    """Return the end of the day `days` working days after `start`, in UTC."""
    local = start.astimezone(ZoneInfo(zone)).date()
    return end_of(add_working_days(local, days, country), zone)
