"""The sky by the clock, also where the sun stays up, or down, for weeks."""

from datetime import UTC, datetime, timedelta

import pytest

from signage.sun import Sky, sky, sun_height_deg

KIRUNA = 67.86, 20.23
PITEA = 65.32, 21.48
# Local solar noon in the north of Sweden is at about half past ten in UTC.
NOON, MIDNIGHT = 10.6, 22.6


def at(day: str, hour: float) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(hours=hour)


def a_day(place: tuple[float, float], day: str) -> list[Sky]:
    return [sky(*place, at(day, quarter / 4)) for quarter in range(96)]


def test_in_kiruna_in_june_it_is_day_all_night() -> None:
    assert set(a_day(KIRUNA, "2026-06-21")) == {Sky.DAY}


def test_in_kiruna_in_december_it_is_never_day_and_for_some_hours_twilight() -> None:
    skies = a_day(KIRUNA, "2026-12-21")
    assert set(skies) == {Sky.NIGHT, Sky.TWILIGHT}
    assert sky(*KIRUNA, at("2026-12-21", NOON)) is Sky.TWILIGHT
    # Civil twilight lasts from about 8.30 to 13.00 there.
    assert 16 <= skies.count(Sky.TWILIGHT) <= 24


def test_in_pitea_in_december_the_day_lasts_three_hours() -> None:
    assert 10 <= a_day(PITEA, "2026-12-21").count(Sky.DAY) <= 14


def test_in_pitea_in_june_it_is_never_night() -> None:
    assert Sky.NIGHT not in a_day(PITEA, "2026-06-21")


@pytest.mark.parametrize(
    ("day", "hour", "height_deg"),
    [
        ("2026-03-20", NOON, 90 - 67.86),
        ("2026-06-21", NOON, 90 - 67.86 + 23.44),
        ("2026-06-21", MIDNIGHT, 67.86 + 23.44 - 90),
        ("2026-12-21", NOON, 90 - 67.86 - 23.44),
    ],
)
def test_the_height_is_that_of_the_globe(day: str, hour: float, height_deg: float) -> None:
    assert sun_height_deg(*KIRUNA, at(day, hour)) == pytest.approx(height_deg, abs=0.4)


@pytest.mark.parametrize("latitude", [-90.0, 90.0, 0.0])
@pytest.mark.parametrize("longitude", [-180.0, 180.0])
def test_no_place_on_earth_is_an_error(latitude: float, longitude: float) -> None:
    for month in range(1, 13):
        sky(latitude, longitude, at(f"2026-{month:02}-01", 0.0))


def test_the_hour_may_be_given_in_any_zone() -> None:
    noon = at("2026-03-20", NOON)
    there = noon.astimezone()
    assert sun_height_deg(*PITEA, there) == pytest.approx(sun_height_deg(*PITEA, noon))
