"""Working days over dated tables; days end at local midnight, moments are UTC."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows import calendar

days = st.dates(date(2025, 1, 1), date(2028, 12, 31))
countries = st.sampled_from(["CN", "DE", "US", ""])
zones = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/Los_Angeles", "UTC"])


@pytest.mark.parametrize(
    ("day", "country", "works"),
    [
        (date(2026, 11, 20), "", True),
        (date(2026, 11, 21), "", False),
        (date(2026, 11, 22), "", False),
        (date(2026, 2, 17), "CN", False),
        (date(2026, 2, 17), "", True),
        (date(2026, 10, 1), "CN", False),
        (date(2026, 10, 1), "XX", True),
        # Lunar New Year of 2027 is 6 February, not 7 as some calendars compute
        (date(2027, 2, 5), "CN", False),
        (date(2027, 2, 8), "CN", False),
    ],
)
def test_weekends_and_dated_holidays_are_no_working_days(day, country, works):
    assert calendar.is_working(day, country) is works


def test_a_weekend_day_that_is_worked_instead_counts():
    listed = json.loads(calendar.TABLE.read_text())["countries"]["CN"]["working"]
    weekend = [date.fromisoformat(day) for day in listed]

    assert weekend
    assert {day.weekday() for day in weekend} <= {5, 6}
    assert all(calendar.is_working(day, "CN") for day in weekend)
    assert not any(calendar.is_working(day, "DE") for day in weekend)


def test_the_table_says_where_it_is_from_and_when_it_was_checked():
    table = json.loads(calendar.TABLE.read_text())

    assert table["source"]
    assert date.fromisoformat(table["checked_on"]) < date.fromisoformat(table["next_check_on"])
    assert calendar.has_table("CN")
    assert not calendar.has_table("XX")


@pytest.mark.parametrize(
    ("start", "number", "country", "end"),
    [
        (date(2026, 11, 20), 0, "", date(2026, 11, 20)),
        (date(2026, 11, 20), 1, "", date(2026, 11, 23)),
        (date(2026, 11, 21), 1, "", date(2026, 11, 23)),
        (date(2026, 11, 20), 21, "", date(2026, 12, 21)),
        (date(2026, 9, 30), 1, "CN", date(2026, 10, 8)),
    ],
)
def test_counting_working_days(start, number, country, end):
    assert calendar.add_working_days(start, number, country) == end


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (date(2026, 11, 20), date(2026, 11, 20)),
        (date(2026, 11, 21), date(2026, 11, 23)),
    ],
)
def test_the_next_working_day_is_the_day_itself_if_it_is_one(day, found):
    assert calendar.next_working_day(day, "") == found


@pytest.mark.parametrize(
    ("zone", "end"),
    [
        ("Asia/Shanghai", datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 11, 20, 22, 59, 59, tzinfo=UTC)),
        ("UTC", datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_day_ends_at_local_midnight(zone, end):
    assert calendar.end_of(date(2026, 11, 20), zone) == end


def test_the_day_it_is_there_counts_not_the_day_it_is_here():
    late_evening = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)

    assert calendar.after(late_evening, 1, "", "UTC").date() == date(2026, 11, 20)
    # in Shanghai it is Friday already
    assert calendar.after(late_evening, 1, "", "Asia/Shanghai") == calendar.end_of(
        date(2026, 11, 23), "Asia/Shanghai"
    )


@settings(deadline=None)  # other work shares this machine
@given(days, st.integers(1, 60), countries)
def test_what_is_counted_ends_on_a_working_day(day, number, country):
    end = calendar.add_working_days(day, number, country)
    between = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]

    assert calendar.is_working(end, country)
    assert sum(calendar.is_working(one, country) for one in between) == number


@settings(deadline=None)
@given(
    st.builds(datetime.combine, days, st.times(), st.just(UTC)),
    st.integers(0, 30),
    countries,
    zones,
)
def test_later_starts_never_end_earlier(start, number, country, zone):
    end = calendar.after(start, number, country, zone)

    assert end >= start - timedelta(seconds=1)
    assert calendar.after(start + timedelta(days=1), number, country, zone) >= end
    assert end.tzinfo == UTC
