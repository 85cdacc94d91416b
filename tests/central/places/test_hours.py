"""Opening hours: the week, public holidays, special days, and the nights on which the clock jumps."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from central.places.hours import Hours, holidays_of
from central.places.hours_words import read_special, read_week

STOCKHOLM = ZoneInfo("Europe/Stockholm")
WEEK = "mon-fri 07:00-17:00, sat 09:00-13:00"


def hours(
    week: str = WEEK,
    *special: str,
    holidays: str | None = "SE",
    early_min: int = 60,
    zone: ZoneInfo = STOCKHOLM,
) -> Hours:
    days = {day: spans for day, spans in map(read_special, special) if spans is not None}
    return Hours(zone, read_week(week), days, holidays, early_min)


def local(text: str, *, second_time: bool = False) -> datetime:
    """A moment by the station's clock; *second_time* in the hour that it shows twice."""
    wall = datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM, fold=int(second_time))
    return wall.astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23 06:59", False),
        ("2026-11-23 07:00", True),
        ("2026-11-23 16:59", True),
        ("2026-11-23 17:00", False),
        ("2026-11-28 12:59", True),
        ("2026-11-28 13:00", False),
        ("2026-11-29 10:00", False),
    ],
    ids=str,
)
def test_a_week_opens_and_closes_to_the_minute(moment: str, is_open: bool) -> None:
    assert is_open == hours().is_open(local(moment))


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2026-04-03", "Good Friday"),
        ("2026-04-06", "Easter Monday"),
        ("2027-03-26", "Good Friday"),
        ("2027-03-29", "Easter Monday"),
        ("2026-05-14", "Ascension Day"),
        ("2026-06-19", "Midsummer Eve"),
        ("2026-12-24", "Christmas Eve"),
    ],
)
def test_nobody_works_on_a_holiday_wherever_easter_falls(day: str, name: str) -> None:
    assert name == holidays_of("SE", int(day[:4]))[date.fromisoformat(day)]
    assert not hours().is_open(local(f"{day} 10:00"))
    assert hours(holidays=None).is_open(local(f"{day} 10:00"))


def test_a_sunday_is_a_holiday_in_sweden_only_when_it_is_one() -> None:
    on_sundays = hours("mon-sun 10:00-14:00")
    assert on_sundays.is_open(local("2026-11-22 11:00"))
    assert not on_sundays.is_open(local("2026-04-05 11:00")), "Easter"


def test_a_part_of_a_country_has_its_own_holidays() -> None:
    corpus_christi = local("2026-06-04 10:00")
    assert hours(holidays="DE").is_open(corpus_christi)
    assert not hours(holidays="DE-BY").is_open(corpus_christi)


def test_a_special_day_wins_over_the_week_and_over_the_holiday() -> None:
    special = hours(WEEK, "2026-12-24 08:00-12:00", "2026-12-28 closed", "2026-11-29 10:00-12:00")
    assert special.is_open(local("2026-12-24 11:59")), "a holiday on which somebody works"
    assert not special.is_open(local("2026-12-24 12:00"))
    assert not special.is_open(local("2026-12-28 10:00")), "an ordinary Monday"
    assert special.is_open(local("2026-11-29 11:00")), "a Sunday"


@pytest.mark.parametrize(
    ("moment", "accepts"),
    [
        ("2026-11-23 05:59", False),
        ("2026-11-23 06:00", True),
        ("2026-11-23 16:59", True),
        ("2026-11-23 17:00", False),
    ],
)
def test_arrivals_are_taken_from_an_hour_before_opening_until_closing(
    moment: str, accepts: bool
) -> None:
    assert accepts == hours().accepts(local(moment))


def test_how_early_is_a_setting() -> None:
    assert not hours(early_min=0).accepts(local("2026-11-23 06:59"))
    assert hours(early_min=600).accepts(local("2026-11-22 21:00")), "the evening before"


@pytest.mark.parametrize(
    ("moment", "closed_at"),
    [
        ("2026-11-24 06:30", "2026-11-23 17:00"),
        ("2026-11-24 17:00", "2026-11-24 17:00"),
        ("2026-11-30 06:30", "2026-11-28 13:00"),
        ("2026-12-28 06:30", "2026-12-23 17:00"),
        ("2026-04-07 06:30", "2026-04-04 13:00"),
    ],
    ids=["overnight", "this very moment", "over a Sunday", "over Christmas", "over Easter"],
)
def test_it_last_closed_when_the_last_of_them_went_home(moment: str, closed_at: str) -> None:
    assert local(closed_at) == hours().last_closing(local(moment))


def test_a_summer_s_closing_is_found_again() -> None:
    july = [f"2026-07-{day:02} closed" for day in range(1, 32)]
    assert local("2026-06-30 17:00") == hours(WEEK, *july).last_closing(local("2026-08-01 08:00"))


def test_what_opens_and_closes_next_is_known_over_a_weekend() -> None:
    saturday = local("2026-11-28 14:00")
    assert local("2026-11-30 07:00") == hours().next_opening(saturday)
    assert local("2026-11-30 17:00") == hours().next_closing(saturday)
    assert local("2026-11-28 13:00") == hours().next_closing(local("2026-11-28 09:00"))


TWO_SPANS = "mon-fri 07:00-11:30 13:00-17:00"


def test_a_lunch_closes_the_doors_and_sends_nobody_home() -> None:
    lunch = hours(TWO_SPANS)
    assert not lunch.is_open(local("2026-11-23 12:00"))
    assert local("2026-11-23 11:30") == lunch.next_closing(local("2026-11-23 08:00"))
    assert local("2026-11-23 13:00") == lunch.next_opening(local("2026-11-23 11:30"))
    assert local("2026-11-20 17:00") == lunch.last_closing(local("2026-11-23 12:00"))
    assert local("2026-11-23 17:00") == lunch.next_day_closing(local("2026-11-23 08:00"))
    assert not lunch.closes_for_the_day(local("2026-11-23 11:30"))
    assert lunch.closes_for_the_day(local("2026-11-23 17:00"))
    assert lunch.accepts(local("2026-11-23 11:31"))
    assert not lunch.accepts(local("2026-11-23 17:00"))


def test_a_night_that_is_written_in_two_has_no_midnight_in_it() -> None:
    nights = hours("mon-fri 20:00-24:00, tue-sat 00:00-04:00", holidays=None)
    midnight = local("2026-11-24 00:00")
    assert nights.is_open(midnight)
    assert local("2026-11-24 04:00") == nights.next_closing(local("2026-11-23 21:00"))
    assert local("2026-11-24 04:00") == nights.last_closing(local("2026-11-24 12:00"))


def test_who_works_round_the_clock_never_closes() -> None:
    round_the_clock = hours("mon-sun 00:00-24:00", holidays=None)
    now = local("2026-11-24 03:00")
    assert round_the_clock.is_open(now)
    assert [None, None, None] == [
        round_the_clock.last_closing(now),
        round_the_clock.next_closing(now),
        round_the_clock.next_day_closing(now),
    ]


def test_without_hours_a_station_is_always_open_and_never_closes() -> None:
    always, christmas = hours("always"), local("2026-12-25 03:00")
    assert always.is_open(christmas)
    assert always.accepts(christmas)
    assert [None, None, None] == [
        always.last_closing(christmas),
        always.next_opening(christmas),
        always.next_closing(christmas),
    ]


def test_even_a_station_without_hours_keeps_its_special_days() -> None:
    inventory = hours("always", "2026-11-25 closed")
    assert not inventory.is_open(local("2026-11-25 12:00"))
    assert local("2026-11-25 00:00") == inventory.next_closing(local("2026-11-23 08:00"))
    assert local("2026-11-26 00:00") == inventory.next_opening(local("2026-11-25 08:00"))
    assert local("2026-11-25 00:00") == inventory.last_closing(local("2026-11-27 08:00"))


def test_a_station_that_never_opens_again_says_so() -> None:
    over = Hours(STOCKHOLM, {"mon": ()})
    assert not over.accepts(local("2026-11-23 10:00"))
    assert (None, None) == (
        over.next_opening(local("2026-11-23 10:00")),
        over.last_closing(local("2026-11-23 10:00")),
    )


# On 29 March 2026 the clock goes from 2.00 to 3.00, on 25 October from 3.00 back to 2.00.


@pytest.mark.parametrize(
    ("day", "opens_at", "closes_at"),
    [
        ("2026-03-28", "2026-03-28T06:00Z", "2026-03-28T16:00Z"),
        ("2026-03-29", "2026-03-29T05:00Z", "2026-03-29T15:00Z"),
        ("2026-10-24", "2026-10-24T05:00Z", "2026-10-24T15:00Z"),
        ("2026-10-25", "2026-10-25T06:00Z", "2026-10-25T16:00Z"),
    ],
)
def test_the_doors_open_by_the_clock_on_the_wall_in_summer_and_winter(
    day: str, opens_at: str, closes_at: str
) -> None:
    every_day = hours("mon-sun 07:00-17:00")
    midnight = local(f"{day} 00:00")
    assert datetime.fromisoformat(opens_at) == every_day.next_opening(midnight)
    assert datetime.fromisoformat(closes_at) == every_day.next_closing(midnight)


def test_a_night_shift_is_an_hour_shorter_in_spring_and_an_hour_longer_in_autumn() -> None:
    nights = hours("mon-sun 00:00-04:00", holidays=None)
    lengths = []
    for day in ("2026-03-29", "2026-10-25", "2026-10-26"):
        closes_at = nights.next_closing(local(f"{day} 00:00"))
        assert closes_at is not None
        lengths.append((closes_at - local(f"{day} 00:00")).total_seconds() / 3600)
    assert [3, 5, 4] == lengths


def test_in_the_hour_that_is_shown_twice_it_closes_the_second_time() -> None:
    nights = hours("mon-sun 01:00-02:30", holidays=None)
    assert nights.is_open(local("2026-10-25 02:15"))
    assert nights.is_open(local("2026-10-25 02:15", second_time=True))
    assert not nights.is_open(local("2026-10-25 02:30", second_time=True))


def test_a_time_that_the_clock_skips_counts_as_so_much_later() -> None:
    skipped = hours("mon-sun 02:15-02:45", holidays=None)
    assert local("2026-03-29 03:15") == skipped.next_opening(local("2026-03-29 00:00"))
    assert local("2026-03-29 03:45") == skipped.next_closing(local("2026-03-29 00:00"))


def test_every_moment_of_a_year_is_as_the_wall_clock_says() -> None:
    """Against the plainest reading of the table: look at the clock, look at the day."""
    week: Mapping[int, tuple[str, str]] = {
        **dict.fromkeys(range(5), ("07:00", "17:00")),
        5: ("09:00", "13:00"),
    }
    mine, closings = hours(), 0
    moment = local("2026-01-01 00:00")
    for _ in range(365 * 48):
        wall = moment.astimezone(STOCKHOLM)
        opens, closes = week.get(wall.weekday(), ("24:00", "24:00"))
        free = wall.date() in holidays_of("SE", wall.year)
        expected = not free and opens <= f"{wall:%H:%M}" < closes
        assert expected == mine.is_open(moment), moment
        moment = datetime.fromtimestamp(moment.timestamp() + 1800, UTC)
        closings += mine.closes_for_the_day(moment)
    working_days = [
        day
        for number in range(365)
        if (day := date.fromordinal(date(2026, 1, 1).toordinal() + number)).weekday() < 6
        and day not in holidays_of("SE", 2026)
    ]
    assert len(working_days) == closings


@pytest.mark.parametrize("country", ["XX", "SE-XX"])
def test_a_country_that_the_library_knows_no_longer_has_no_holidays(
    country: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An update must not keep everybody from arriving: the week counts, and the log says so once."""
    gone = hours(holidays=country)
    assert gone.accepts(local("2026-12-25 10:00"))
    assert not gone.accepts(local("2026-12-27 10:00")), "a Sunday"
    assert local("2027-01-01 17:00") == gone.next_closing(local("2027-01-01 10:00"))
    (said,) = [one.getMessage() for one in caplog.records]
    assert f"holidays of {country} are not known" in said
