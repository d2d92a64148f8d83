"""Working days over dated tables; a country without a table has Monday to Friday.

Holidays are data, never computed: the table in `data/holidays.json` names its source and
the day it was checked. Days end at local midnight; moments are returned in UTC. In quiet
times nothing falls due and no reminder goes out (domain note, section 8; judgement).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

TABLE = Path(__file__).parent / "data" / "holidays.json"
SATURDAY = 5


# mails go out between these hours where their reader is (domain note, section 8; judgement)
OPENS, CLOSES = time(9), time(17)
# how far ahead a table must reach: an answer, its ladder and a renewal lie within it
MONTHS_AHEAD = 14
# after a quiet time, what was due in it comes on this working day
DAYS_AFTER_QUIET = 3


@dataclass(frozen=True)
class Table:
    """The dated days of one country; `quiet` are spans, both ends included, in order."""

    off: frozenset[date] = frozenset()
    working: frozenset[date] = frozenset()
    quiet: tuple[tuple[date, date], ...] = ()

    @property
    def years(self) -> frozenset[int]:
        """Years the table speaks for: those with a day off, and a quiet time where it has any."""
        off = {day.year for day in self.off}
        return frozenset(off & {end.year for _start, end in self.quiet} if self.quiet else off)


NO_TABLE = Table()


@cache
def _table() -> dict[str, Table]:
    found = json.loads(TABLE.read_text(encoding="utf-8"))["countries"]
    return {country: read(days) for country, days in found.items()}


def read(days: dict[str, Any]) -> Table:
    """Read one country's part of the file. Raises ValueError for what is no date."""
    off = _dates(days.get("off", ()))
    quiet = days.get("quiet", {})
    around = quiet.get("around", {"days": (), "before": 0, "after": 0})
    before, after = timedelta(days=around["before"]), timedelta(days=around["after"])
    spans = [(day - before, day + after) for day in _dates(around["days"])]
    spans += [
        (date.fromisoformat(f"{year}-{start}"), date.fromisoformat(f"{year}-{end}"))
        for year in {day.year for day in off}
        for start, end in quiet.get("yearly", ())
    ]
    return Table(off, _dates(days.get("working", ())), tuple(sorted(spans)))


def _dates(days: Iterable[str]) -> frozenset[date]:
    return frozenset(date.fromisoformat(day) for day in days)


def has_table(country: str) -> bool:
    """Tell whether `country` (ISO 3166 alpha-2) has a dated table of holidays."""
    return country in _table()


def holes(today: date) -> dict[str, date]:
    """Return the countries whose table is silent within the next months, and from which day."""
    found = {country: missing_from(country, today) for country in _table()}
    return {country: day for country, day in found.items() if day is not None}


def is_working(day: date, country: str) -> bool:
    table = _table().get(country, NO_TABLE)
    if day in table.working:
        return True
    return day.weekday() < SATURDAY and day not in table.off


def is_quiet(day: date, country: str) -> bool:
    """Tell whether nothing falls due there on `day`: around Lunar New Year, 1 to 7 October."""
    return _quiet(day, country) is not None


def _quiet(day: date, country: str) -> tuple[date, date] | None:
    spans = _table().get(country, NO_TABLE).quiet
    return next((span for span in spans if span[0] <= day <= span[1]), None)


def out_of_quiet(day: date, country: str) -> date:
    """Return `day`, or the third working day after the quiet time it lies in."""
    while (span := _quiet(day, country)) is not None:
        day = add_working_days(span[1], DAYS_AFTER_QUIET, country)
    return day


def missing_from(country: str, today: date) -> date | None:
    """Return the first day of the next 14 months the table is silent on, or None.

    A country without any table misses nothing: it has Monday to Friday, and pages say so.
    """
    if not has_table(country):
        return None
    years = _table()[country].years
    months = today.month - 1 + MONTHS_AHEAD
    last = today.year + months // 12
    for year in range(today.year, last + 1):
        if year not in years:
            return max(today, date(year, 1, 1))
    return None


def add_working_days(day: date, days: int, country: str) -> date:
    """Return the day `days` working days after `day`; `days` is 0 or more."""
    while days > 0:
        day += timedelta(days=1)
        days -= is_working(day, country)
    return day


def subtract_working_days(day: date, days: int, country: str) -> date:
    """Return the day `days` working days before `day`; `days` is 0 or more."""
    while days > 0:
        day -= timedelta(days=1)
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


def opening(day: date, zone: str) -> datetime:
    """Return the moment offices open on `day` in `zone`, in UTC."""
    return datetime.combine(day, OPENS, ZoneInfo(zone)).astimezone(UTC)


def office_hours(moment: datetime, country: str, zone: str) -> datetime:
    """Return `moment` if offices are open there then, else when they open next, in UTC."""
    local = moment.astimezone(ZoneInfo(zone))
    day = local.date()
    if local.time() >= CLOSES:
        day += timedelta(days=1)
    found = next_working_day(out_of_quiet(next_working_day(day, country), country), country)
    if found == local.date() and OPENS <= local.time() < CLOSES:
        return moment
    return opening(found, zone)
