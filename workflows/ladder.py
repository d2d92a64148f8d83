"""The escalation ladder as dates: when each rung of a policy comes, in whose calendar.

Pure functions. Rungs are counted in working days from the due date; before it they remind,
after it they follow silence, the last hands the case to a person (domain note, section 8).
No rung lies in a quiet time, none comes before the one below it.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from portal import clock
from workflows import calendar
from workflows.enums import RungKind


@dataclass(frozen=True)
class Place:
    """Whose calendar: a country (ISO 3166 alpha-2) and a zone (IANA)."""

    country: str
    zone: str


@dataclass(frozen=True)
class Step:
    """One rung at its moment; `rung` is its number of working days from the due date."""

    rung: int
    kind: RungKind
    at: datetime


def after_due(policy: Any) -> list[tuple[int, RungKind]]:
    """Return the rungs after the due date; the one at 0 comes the morning after."""
    return [
        (0, RungKind.OVERDUE),
        (policy.second_contact_days, RungKind.SECOND_CONTACT),
        (policy.phone_days, RungKind.PHONE),
        (policy.approver_days, RungKind.APPROVER),
    ]


def due_at(day: date, place: Place) -> datetime:
    """Return when an answer asked for by `day` falls due: at its end, never in a quiet time."""
    return calendar.end_of(calendar.out_of_quiet(day, place.country), place.zone)


def lapse_at(due: datetime, days: int, policy: Any, place: Place) -> datetime:
    """Return when time runs out, `days` after the due date, at the end of that day.

    The rungs below keep their distance.
    """
    counted = [(number, None) for number, _kind in after_due(policy) if number < days]
    found = _climbed(_local(due, place), [*counted, (days, None)], place)
    return calendar.end_of(found[-1], place.zone)


def steps(due: datetime, days: int, policy: Any, place: Place) -> list[Step]:
    """Return all rungs in their order; `days` is when time runs out, counted like a rung."""
    day = _local(due, place)
    upwards = [rung for rung in after_due(policy) if rung[0] < days]
    climbed = _climbed(day, upwards, place)
    return [*_reminders(day, policy, place)] + [
        Step(number, kind, calendar.opening(at, place.zone))
        for (number, kind), at in zip(upwards, climbed, strict=True)
    ]


def _local(moment: datetime, place: Place) -> date:
    return clock.day_of(moment, place.zone)


def _reminders(due: date, policy: Any, place: Place) -> list[Step]:
    """Reminders keep their day; one moved onto or behind the next is left out."""
    found: list[Step] = []
    following = due
    for number in sorted(policy.remind_days):
        day = calendar.subtract_working_days(due, number, place.country)
        day = calendar.out_of_quiet(day, place.country)
        if day < following:
            found.append(Step(-number, RungKind.REMIND, calendar.opening(day, place.zone)))
            following = day
    return found[::-1]


def _climbed(due: date, rungs: list[tuple[int, Any]], place: Place) -> list[date]:
    """Return the day of each rung: none in a quiet time, none nearer to the one below."""
    found: list[date] = []
    below, at = 0, due
    for number, _kind in rungs:
        # the morning after the due date is the first on which anything can be overdue
        counted = max(number, 1)
        day = calendar.out_of_quiet(
            calendar.add_working_days(due, counted, place.country), place.country
        )
        spaced = calendar.add_working_days(at, counted - below, place.country)
        at = calendar.out_of_quiet(max(day, spaced), place.country)
        below = counted
        found.append(at)
    return found


def shifted(
    clocks: tuple[datetime, datetime], by: timedelta, days: int, policy: Any, place: Place
) -> tuple[datetime, datetime]:
    """Return due date and lapse moved by the time a case was held; neither in a quiet time."""
    due, lapse = (moment + by for moment in clocks)
    if calendar.is_quiet(_local(due, place), place.country):
        due = due_at(_local(due, place), place)
        lapse = max(lapse, lapse_at(due, days, policy, place))
    if calendar.is_quiet(_local(lapse, place), place.country):
        lapse = due_at(_local(lapse, place), place)
    return due, lapse


def due_after(start: datetime, days: int, place: Place) -> datetime:
    """Return when an answer falls due that has `days` working days from `start`."""
    return due_at(calendar.add_working_days(_local(start, place), days, place.country), place)


def months_after(start: datetime, months: int, place: Place) -> datetime:
    """Return the opening of the first working day `months` after `start`, out of quiet times."""
    day = _local(start, place)
    years, month = divmod(day.month - 1 + months, 12)
    last = monthrange(day.year + years, month + 1)[1]
    found = date(day.year + years, month + 1, min(day.day, last))
    found = calendar.next_working_day(calendar.out_of_quiet(found, place.country), place.country)
    return calendar.opening(found, place.zone)


def upcoming(found: list[Step], now: datetime) -> Step | None:
    """Return the next rung that lies ahead."""
    return next((step for step in found if step.at > now), None)
