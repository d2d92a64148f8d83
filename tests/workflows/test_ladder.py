"""The ladder as dates: whole years of due dates, quiet times avoided, never out of order."""

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sessions import sign_in
from tests.workflows import world
from workflows import calendar, checks, ladder, policies
from workflows.enums import RungKind
from workflows.models import Policy

SHAOXING = ladder.Place("CN", "Asia/Shanghai")
DHAKA = ladder.Place("BD", "Asia/Dhaka")
BERLIN = ladder.Place("DE", "Europe/Berlin")
STANDARD = Policy()
YEARS = [date(2026, 1, 1) + timedelta(days=n) for n in range(3 * 365 + 1)]
QUIET = [
    (date(2026, 2, 10), date(2026, 3, 3)),
    (date(2026, 10, 1), date(2026, 10, 7)),
    (date(2027, 1, 30), date(2027, 2, 20)),
    (date(2027, 10, 1), date(2027, 10, 7)),
    (date(2028, 1, 19), date(2028, 2, 9)),
    (date(2028, 10, 1), date(2028, 10, 7)),
]


def local(moment, place=SHAOXING):
    return moment.astimezone(ZoneInfo(place.zone))


def is_quiet(day):
    return any(start <= day <= end for start, end in QUIET)


def played(day, place=SHAOXING, policy=STANDARD, days=None):
    due = ladder.due_at(day, place)
    days = days or policy.lapse_days
    return due, ladder.steps(due, days, policy, place), ladder.lapse_at(due, days, policy, place)


def test_a_ladder_in_plain_weeks():
    due, steps, lapse = played(date(2026, 11, 20))

    assert local(due) == datetime(2026, 11, 20, 23, 59, 59, tzinfo=local(due).tzinfo)
    assert [(one.rung, one.kind, local(one.at).strftime("%d %b %H:%M")) for one in steps] == [
        (-7, RungKind.REMIND, "11 Nov 09:00"),
        (-3, RungKind.REMIND, "17 Nov 09:00"),
        (-1, RungKind.REMIND, "19 Nov 09:00"),
        (0, RungKind.OVERDUE, "23 Nov 09:00"),
        (3, RungKind.SECOND_CONTACT, "25 Nov 09:00"),
        (7, RungKind.PHONE, "01 Dec 09:00"),
        (14, RungKind.APPROVER, "10 Dec 09:00"),
    ]
    assert local(lapse).date() == date(2026, 12, 21)


@pytest.mark.parametrize("day", YEARS, ids=str)
def test_no_day_of_three_years_puts_anything_into_a_quiet_time(day):
    due, steps, lapse = played(day)
    moments = [one.at for one in steps]
    falls = [local(one).date() for one in (due, *moments, lapse)]

    assert not [one for one in falls if is_quiet(one)]
    assert all(calendar.is_working(local(one).date(), "CN") for one in (*moments, lapse))
    assert moments == sorted(set(moments))
    assert [one.rung for one in steps] == sorted({one.rung for one in steps})
    before = [one.at for one in steps if one.rung < 0]
    after = [one.at for one in steps if one.rung >= 0]
    assert all(one < due for one in before)
    assert all(due < one < lapse for one in after)
    assert len(after) == 4
    assert due >= calendar.end_of(day, SHAOXING.zone)


@pytest.mark.parametrize("place", [DHAKA, BERLIN], ids=["Dhaka", "Berlin"])
def test_where_there_is_no_quiet_time_nothing_moves(place):
    for day in YEARS[::7]:
        due, steps, lapse = played(day, place)
        assert due == calendar.end_of(day, place.zone)
        assert lapse == calendar.after(due, 21, place.country, place.zone)
        assert [one.rung for one in steps] == [-7, -3, -1, 0, 3, 7, 14]


@pytest.mark.parametrize(
    ("day", "moved"),
    [
        (date(2027, 1, 29), date(2027, 1, 29)),
        (date(2027, 1, 30), date(2027, 2, 24)),
        (date(2027, 2, 6), date(2027, 2, 24)),
        (date(2027, 2, 20), date(2027, 2, 24)),
        (date(2027, 2, 21), date(2027, 2, 21)),
        # a Saturday that is worked instead
        (date(2026, 10, 1), date(2026, 10, 10)),
        (date(2028, 1, 26), date(2028, 2, 14)),
    ],
)
def test_what_would_fall_due_in_a_quiet_time_does_so_on_the_third_working_day_after(day, moved):
    assert calendar.out_of_quiet(day, "CN") == moved
    assert calendar.is_quiet(day, "CN") == (day != moved)
    assert calendar.out_of_quiet(day, "DE") == day


def test_reminders_that_would_fall_together_are_one():
    _due, steps, _lapse = played(date(2027, 2, 10))

    assert [one.rung for one in steps if one.rung < 0] == [-1]


def test_rungs_after_silence_keep_their_distance_over_new_year():
    _due, steps, _lapse = played(date(2027, 1, 27))
    days = [local(one.at).date() for one in steps if one.rung >= 0]
    counted = [
        sum(
            calendar.is_working(earlier + timedelta(days=n), "CN")
            for n in range(1, (later - earlier).days + 1)
        )
        for earlier, later in itertools.pairwise(days)
    ]

    assert days[0] == date(2027, 1, 28)
    assert all(found >= wanted for found, wanted in zip(counted, [2, 4, 7], strict=True))


def test_questions_sent_back_have_a_shorter_ladder():
    _due, steps, lapse = played(date(2026, 11, 20), days=10)

    assert [one.rung for one in steps] == [-7, -3, -1, 0, 3, 7]
    assert local(lapse).date() == date(2026, 12, 4)


def test_what_lies_ahead_is_found():
    _due, steps, _lapse = played(date(2026, 11, 20))

    assert ladder.upcoming(steps, datetime(2026, 11, 1, tzinfo=UTC)).rung == -7
    assert ladder.upcoming(steps, steps[2].at).rung == 0
    assert ladder.upcoming(steps, steps[-1].at) is None


terms = st.fixed_dictionaries(
    {
        "due_days": st.integers(1, 60),
        "remind_days": st.lists(st.integers(1, 40), max_size=5, unique=True),
        "second_contact_days": st.integers(1, 20),
        "phone_days": st.integers(1, 30),
        "approver_days": st.integers(1, 40),
        "lapse_days": st.integers(1, 60),
    }
)


@settings(deadline=None, max_examples=150)
@given(terms, st.sampled_from(YEARS), st.sampled_from([SHAOXING, BERLIN]))
def test_whatever_policy_is_let_through_climbs_in_order(values, day, place):
    found = policies.values_of(STANDARD) | values
    if policies.contradictions(found):
        return
    policy = Policy(**found)

    due, steps, lapse = played(day, place, policy)

    moments = [one.at for one in steps]
    assert moments == sorted(set(moments))
    assert all(one < lapse for one in moments)
    assert all(one.at < due for one in steps if one.kind == RungKind.REMIND)


@pytest.mark.parametrize("held", [1, 30, 80, 200])
def test_time_that_was_held_moves_both_clocks_out_of_quiet_times(held):
    due, _steps, lapse = played(date(2026, 12, 20))

    moved = ladder.shifted((due, lapse), timedelta(days=held), 21, STANDARD, SHAOXING)

    assert moved[0] >= due + timedelta(days=held)
    assert moved[1] >= lapse + timedelta(days=held)
    assert moved[0] < moved[1]
    assert not any(is_quiet(local(one).date()) for one in moved)


@pytest.mark.parametrize(
    ("start", "months", "day"),
    [
        (date(2026, 11, 20), 12, date(2027, 11, 22)),
        (date(2026, 2, 5), 12, date(2027, 2, 24)),
        (date(2027, 1, 31), 1, date(2027, 3, 1)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2024, 2, 29), 24, date(2026, 3, 6)),
    ],
)
def test_months_later_is_a_working_day_out_of_quiet_times(start, months, day):
    moment = ladder.months_after(calendar.opening(start, "Asia/Shanghai"), months, SHAOXING)

    assert local(moment).date() == day
    assert local(moment).hour == 9


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-20 09:00", "2026-11-20 09:00"),
        ("2026-11-20 16:59", "2026-11-20 16:59"),
        ("2026-11-20 17:00", "2026-11-23 09:00"),
        ("2026-11-20 03:00", "2026-11-20 09:00"),
        ("2026-11-21 12:00", "2026-11-23 09:00"),
        ("2027-02-06 12:00", "2027-02-24 09:00"),
        ("2026-09-30 18:00", "2026-10-08 09:00"),
    ],
)
def test_mails_go_while_offices_are_open_where_their_reader_is(moment, opens):
    zone = ZoneInfo("Asia/Shanghai")
    at = datetime.fromisoformat(moment).replace(tzinfo=zone)

    assert local(calendar.office_hours(at, "CN", zone.key)).strftime("%Y-%m-%d %H:%M") == opens


# A table with a hole


def table(monkeypatch, **days):
    found = {country: calendar.read(one) for country, one in days.items()}
    monkeypatch.setattr(calendar, "_table", lambda: found)


@pytest.mark.parametrize(
    ("years", "today", "missing"),
    [
        ([2026, 2027, 2028], date(2026, 11, 27), None),
        ([2026, 2027], date(2026, 11, 27), date(2028, 1, 1)),
        ([2026, 2027], date(2026, 10, 30), None),
        ([2026, 2028], date(2026, 5, 4), date(2027, 1, 1)),
        ([2025], date(2026, 5, 4), date(2026, 5, 4)),
    ],
)
def test_a_table_says_from_which_day_it_is_silent(monkeypatch, years, today, missing):
    table(monkeypatch, DE={"off": [f"{year}-01-01" for year in years]})

    assert calendar.missing_from("DE", today) == missing
    assert calendar.missing_from("BD", today) is None


def test_a_table_without_the_new_year_of_a_year_has_a_hole(monkeypatch):
    around = {"days": ["2026-02-17"], "before": 7, "after": 14}
    table(
        monkeypatch,
        CN={"off": ["2026-01-01", "2027-01-01"], "quiet": {"around": around}},
    )

    assert calendar.missing_from("CN", date(2026, 3, 1)) == date(2027, 1, 1)


def test_a_hole_refuses_nothing(monkeypatch):
    table(monkeypatch, CN={"off": ["2026-01-01"]})

    due, steps, lapse = played(date(2027, 6, 1))

    assert len(steps) == 7
    assert due < lapse


def test_the_table_we_ship_reaches_fourteen_months_from_its_check():
    checked = date(2026, 11, 20)

    assert calendar.missing_from("CN", checked) is None
    assert calendar.missing_from("CN", date(2027, 11, 20)) == date(2029, 1, 1)


@pytest.mark.django_db
def test_desk_readiness_and_check_say_that_holidays_are_missing(client, monkeypatch):
    made = world.world()
    world.draft_case(made)
    table(monkeypatch, CN={"off": ["2024-01-01"]})
    sign_in(client, made.manager)
    campaign = reverse("workflows:campaign", args=[made.campaign.pk])

    for url in (reverse("workflows:desk"), campaign):
        assert "Holidays of China are not known from" in client.get(url).text
    assert "are taken as working" in " ".join(client.get(campaign).text.split())
    (told,) = checks.holidays_are_known()
    assert told.id == "workflows.I010"
    assert not told.is_serious()


@pytest.mark.django_db
def test_readiness_says_that_a_due_date_in_a_quiet_time_moves(client):
    made = world.world()
    world.draft_case(made)
    made.campaign.due_on = date(2027, 2, 8)
    made.campaign.save()
    sign_in(client, made.manager)

    page = client.get(reverse("workflows:campaign", args=[made.campaign.pk])).text

    assert "For suppliers in China it is 24 February 2027" in " ".join(page.split())
