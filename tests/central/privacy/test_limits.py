from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from central.privacy.limits import Days, is_due, limits

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAYS = Days(plates=7, recheck=30, names=400, looks=400)
moments = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


def test_the_night_takes_what_would_be_too_old_in_the_next_one() -> None:
    bounds = limits(utc("2026-11-23T03:00"), STOCKHOLM, DAYS)
    assert bounds.plates == utc("2026-11-17T03:00")
    assert bounds.recheck == utc("2026-10-25T03:00")


@given(moments, st.integers(1, 60))
def test_nothing_is_ever_older_than_its_days_before_the_next_night_takes_it(
    now: datetime, days: int
) -> None:
    bounds = limits(now, STOCKHOLM, Days(days, days, days, days))
    stays = bounds.plates
    next_night = now
    while not is_due(now, next_night, STOCKHOLM):
        next_night += timedelta(minutes=30)
    # Half an hour for the step of this search, one for the night in which clocks are set back.
    assert next_night - stays <= timedelta(days=days, minutes=90)


@given(moments)
def test_what_ended_less_than_six_days_ago_stays(now: datetime) -> None:
    assert limits(now, STOCKHOLM, DAYS).plates <= now - timedelta(days=5, hours=23)


def test_a_re_inspection_is_never_kept_shorter_than_an_ordinary_visit() -> None:
    bounds = limits(utc("2026-11-23T03:00"), STOCKHOLM, Days(30, 7, 400, 400))
    assert bounds.recheck == bounds.plates


def test_a_night_is_due_once() -> None:
    before, night, after = (utc(f"2026-11-23T0{hour}:00") for hour in (2, 3, 4))
    assert is_due(None, before, STOCKHOLM)
    assert is_due(utc("2026-11-22T03:00") - timedelta(seconds=1), before, STOCKHOLM)
    assert not is_due(utc("2026-11-22T12:00"), before, STOCKHOLM)
    assert is_due(utc("2026-11-22T12:00"), night, STOCKHOLM)
    assert not is_due(night, after, STOCKHOLM)


def test_a_clock_that_was_set_back_is_no_reason_to_erase_again() -> None:
    assert not is_due(utc("2026-11-23T03:00"), utc("2026-11-22T12:00"), STOCKHOLM)


def test_a_clock_that_was_years_ahead_once_does_not_stop_it_until_then() -> None:
    assert is_due(utc("2029-01-01T03:00"), utc("2026-11-23T12:00"), STOCKHOLM)
