"""When an update disturbs nobody: outside opening hours, by the clocks of the station."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from central.fleet.quiet import MARGIN, MOST, times
from central.places.hours import Hours, Span
from contract.fleet import QuietTime

ZONE = ZoneInfo("Europe/Stockholm")
MONDAY_NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
DAYS = ("mon", "tue", "wed", "thu", "fri")
WEEK = Hours(ZONE, {day: (Span(8 * 60, 16 * 60),) for day in DAYS})


def local(quiet: QuietTime) -> str:
    """Both ends by the station's own clocks."""
    return " - ".join(
        f"{moment.astimezone(ZONE):%a %H:%M}" for moment in (quiet.begins_at, quiet.ends_at)
    )


def test_a_night_begins_after_closing_and_ends_before_the_first_come() -> None:
    first, second = times(WEEK, MONDAY_NOON)[:2]
    assert local(first) == "Mon 16:30 - Tue 06:30"  # arrivals are taken from 07:00
    assert local(second) == "Tue 16:30 - Wed 06:30"


def test_a_weekend_is_one_quiet_time() -> None:
    assert "Fri 16:30 - Mon 06:30" in map(local, times(WEEK, MONDAY_NOON))


def test_a_quiet_time_that_has_begun_is_among_them() -> None:
    at_night = MONDAY_NOON.replace(hour=22)
    assert local(times(WEEK, at_night)[0]) == "Mon 16:30 - Tue 06:30"


def test_one_that_is_over_is_not() -> None:
    before_opening = MONDAY_NOON.replace(hour=5, minute=45)  # 06:45 there
    assert local(times(WEEK, before_opening)[0]) == "Mon 16:30 - Tue 06:30"


def test_a_pause_at_noon_is_no_quiet_time() -> None:
    split = Hours(ZONE, {day: (Span(480, 720), Span(780, 960)) for day in DAYS})
    assert [local(one) for one in times(split, MONDAY_NOON)] == [
        local(one) for one in times(WEEK, MONDAY_NOON)
    ]


def test_a_holiday_is_quiet_as_a_sunday() -> None:
    christmas = datetime(2026, 12, 23, 11, 0, tzinfo=UTC)
    hours = Hours(ZONE, WEEK.week, holidays="SE")
    assert local(times(hours, christmas)[0]) == "Wed 16:30 - Mon 06:30"


@pytest.mark.parametrize(
    "hours",
    [
        Hours(ZONE),
        # So short a night that nobody could be undisturbed in it.
        Hours(ZONE, {day: (Span(0, 1430),) for day in (*DAYS, "sat", "sun")}),
    ],
)
def test_a_station_that_is_always_open_has_the_dead_of_night(hours: Hours) -> None:
    assert local(times(hours, MONDAY_NOON)[0]) == "Tue 01:00 - Tue 04:30"
    assert len(times(hours, MONDAY_NOON)) == 14


def test_a_station_that_is_shut_for_good_is_quiet_all_the_time() -> None:
    shut = Hours(ZONE, {"mon": ()}, {date(2026, 11, 20): (Span(480, 960),)})
    (only,) = times(shut, MONDAY_NOON)
    assert only.begins_at < MONDAY_NOON
    assert only.ends_at == MONDAY_NOON + timedelta(days=14)


def test_it_reaches_two_weeks_ahead_and_no_further() -> None:
    found = times(WEEK, MONDAY_NOON)
    assert MONDAY_NOON + timedelta(days=13) < found[-1].ends_at
    assert all(one.begins_at < MONDAY_NOON + timedelta(days=14) + MARGIN for one in found)
    assert len(found) <= MOST


def test_the_night_in_which_clocks_change_is_as_long_as_it_is() -> None:
    spring = datetime(2027, 3, 27, 12, 0, tzinfo=UTC)
    night = times(Hours(ZONE), spring)[0]
    assert night.ends_at - night.begins_at == timedelta(hours=2.5)  # 02:00 is 03:00 there
