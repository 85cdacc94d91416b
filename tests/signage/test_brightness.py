"""What a driver sees of the sign's brightness, by day, at night, and when the sensor has gone."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.brightness import BRIGHTER_MS, DARKER_MS, FROZEN_MS, SILENT_MS, Dimmer
from signage.light_settings import LightSettings

SETTINGS = LightSettings(sensor="bh1750", latitude=65.32, longitude=21.48)
NOON = datetime(2026, 3, 20, 10, 36, tzinfo=UTC)
DUSK = datetime(2026, 3, 20, 17, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 20, 22, 36, tzinfo=UTC)
LOOK_MS = 1_000


class Dimmed:
    """A sign under a sky that a test lights; asked each second, as the loop asks."""

    def __init__(
        self, wall: datetime = NOON, *, synced: bool = True, settings: LightSettings = SETTINGS
    ) -> None:
        self.dimmer = Dimmer(settings)
        self.wall = wall
        self.synced = synced
        self.now_ms = 5_000
        self._flicker = False

    def under(
        self, lux: float | None, ms: int = DARKER_MS + LOOK_MS, *, still: bool = False
    ) -> int:
        """Let the sensor measure about *lux* for *ms*; None: it says nothing.  The percent after that."""
        end_ms = self.now_ms + ms
        while self.now_ms < end_ms:
            self.now_ms += LOOK_MS
            self._flicker = not self._flicker
            living = None if lux is None else lux + (self._flicker and not still) * 0.01
            self.dimmer.see(living, self.now_ms)
            self.percent()
        return self.percent()

    def percent(self) -> int:
        return self.dimmer.percent(self.now_ms, self.wall, synced=self.synced)


@pytest.mark.parametrize(
    ("lux", "percent"), [(0, 5), (10, 15), (500, 40), (4_000, 70), (60_000, 100)]
)
def test_by_day_the_sensor_decides(lux: float, percent: int) -> None:
    assert Dimmed().under(lux) == percent


def test_the_first_reading_counts_at_once() -> None:
    sign = Dimmed(synced=False)
    assert sign.percent() == 100
    assert sign.under(10, LOOK_MS) == 15


def test_a_shadow_of_half_a_minute_does_not_dim_the_sign() -> None:
    sign = Dimmed()
    sign.under(60_000)
    assert sign.under(500, DARKER_MS - LOOK_MS) == 100
    assert sign.under(60_000, LOOK_MS) == 100
    assert sign.under(500, DARKER_MS - LOOK_MS) == 100
    assert sign.under(500, 3 * LOOK_MS) == 40


def test_sunlight_that_comes_back_is_answered_within_three_seconds() -> None:
    sign = Dimmed()
    sign.under(500)
    assert sign.under(60_000, BRIGHTER_MS - LOOK_MS) == 40
    assert sign.under(60_000, 3 * LOOK_MS) == 100


def test_time_in_the_shadow_does_not_count_for_the_sun() -> None:
    sign = Dimmed()
    sign.under(4_000)
    assert sign.under(500, DARKER_MS - 2 * LOOK_MS) == 70
    assert sign.under(60_000, 2 * LOOK_MS) == 70
    assert sign.under(60_000, 2 * LOOK_MS) == 100


def test_light_that_keeps_changing_in_one_direction_is_followed_to_where_it_is() -> None:
    sign = Dimmed()
    sign.under(60_000)
    sign.under(4_000, 20_000)
    assert sign.under(10, 12_000) == 15


def test_headlights_at_night_do_not_make_it_glare() -> None:
    sign = Dimmed(MIDNIGHT)
    assert sign.under(2) == 5
    assert sign.under(60_000) == SETTINGS.night_percent_max == 40


def test_without_a_believable_clock_the_night_cap_does_not_hold() -> None:
    """A clock that stands in 1970 must not dim the sign in sunlight."""
    assert Dimmed(MIDNIGHT, synced=False).under(60_000) == 100


def test_without_a_place_the_night_cap_does_not_hold() -> None:
    assert Dimmed(MIDNIGHT, settings=LightSettings(sensor="bh1750")).under(60_000) == 100


@pytest.mark.parametrize(("wall", "percent"), [(NOON, 100), (DUSK, 40), (MIDNIGHT, 15)])
def test_ten_minutes_after_the_sensors_last_word_the_sun_decides(
    wall: datetime, percent: int
) -> None:
    sign = Dimmed(wall)
    before = sign.under(2)
    assert sign.under(None, SILENT_MS - 5 * LOOK_MS) == before
    assert sign.under(None, DARKER_MS + 10 * LOOK_MS) == percent


@pytest.mark.parametrize(("wall", "percent"), [(NOON, 100), (DUSK, 40), (MIDNIGHT, 15)])
def test_a_sensor_that_repeats_one_number_for_ten_minutes_is_not_believed(
    wall: datetime, percent: int
) -> None:
    sign = Dimmed(wall)
    before = sign.under(2)
    assert sign.under(2, FROZEN_MS - LOOK_MS, still=True) == before
    assert sign.under(2, DARKER_MS + 10 * LOOK_MS, still=True) == percent


def test_a_living_sensor_under_steady_light_is_believed_for_hours() -> None:
    assert Dimmed(MIDNIGHT).under(2, 3 * FROZEN_MS) == 5


def test_a_sensor_that_counts_nothing_is_believed_in_a_dark_night_and_not_by_day() -> None:
    night, day = Dimmed(MIDNIGHT), Dimmed(NOON)
    assert night.under(0, 2 * FROZEN_MS, still=True) == 5
    assert day.under(0, 2 * FROZEN_MS, still=True) == 100


def test_a_sensor_that_dies_in_a_dark_night_is_not_believed() -> None:
    sign = Dimmed(MIDNIGHT)
    assert sign.under(0, still=True) == 5
    assert sign.under(None, SILENT_MS + 5 * LOOK_MS) == 15


def test_a_sensor_that_comes_back_is_believed_again() -> None:
    sign = Dimmed()
    sign.under(2)
    assert sign.under(None, 2 * SILENT_MS) == 100
    assert sign.under(10) == 15


def test_with_neither_sensor_nor_clock_it_is_as_bright_as_by_day() -> None:
    assert Dimmed(MIDNIGHT, synced=False).percent() == 100


def test_a_sign_without_a_sensor_follows_the_sun() -> None:
    sign = Dimmed(MIDNIGHT)
    assert sign.percent() == 15
    sign.wall = NOON
    assert sign.under(None) == 100
    sign.wall = DUSK
    assert sign.under(None) == 40


@pytest.mark.parametrize("nonsense", [float("nan"), float("inf"), -1.0])
def test_a_reading_that_is_no_light_is_no_reading(nonsense: float) -> None:
    sign = Dimmed()
    sign.under(10)
    assert sign.under(nonsense, still=True) == 15


@given(
    st.lists(st.tuples(st.one_of(st.none(), st.floats()), st.integers(0, 900_000)), max_size=12),
    st.sampled_from([NOON, DUSK, MIDNIGHT]),
    st.booleans(),
)
def test_whatever_the_sensor_says_the_sign_is_never_dark(
    said: list[tuple[float | None, int]], wall: datetime, synced: bool
) -> None:
    dimmer = Dimmer(SETTINGS)
    now_ms = 0
    for lux, after_ms in said:
        now_ms += after_ms
        dimmer.see(lux, now_ms)
        assert 1 <= dimmer.percent(now_ms, wall, synced=synced) <= 100
