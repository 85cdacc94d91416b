"""What the current may say about a plate, and when it must keep silent."""

import pytest

from signage.current import CurrentWatch
from signage.light_settings import CurrentSettings

# A dark panel of 100 mA; a plate of 60 dots adds 300 mA at full brightness.
SETTINGS = CurrentSettings(sensor="ina219", idle_ma=100, dot_ma=5, tolerance_percent=20)
PLATE_DOTS = 60


def watch(dots: int = PLATE_DOTS, percent: int = 100) -> CurrentWatch:
    """Told at 1,000 ms."""
    made = CurrentWatch(SETTINGS)
    made.told(dots, percent, 1_000)
    return made


def judged(ma: float, dots: int = PLATE_DOTS, percent: int = 100) -> bool | None:
    made = watch(dots, percent)
    made.see(ma, 1_500)
    return made.verdict(1_500)


@pytest.mark.parametrize(
    ("ma", "verdict"), [(400, True), (321, True), (479, True), (319, False), (481, False)]
)
def test_a_plate_is_confirmed_by_a_current_within_the_band(ma: float, verdict: bool) -> None:
    assert judged(ma) is verdict


@pytest.mark.parametrize(
    ("ma", "verdict"), [(100, True), (119, True), (81, True), (121, False), (79, False)]
)
def test_darkness_is_confirmed_by_the_current_of_a_dark_panel(ma: float, verdict: bool) -> None:
    assert judged(ma, dots=0) is verdict


def test_a_panel_that_draws_next_to_nothing_may_breathe_a_little() -> None:
    made = CurrentWatch(CurrentSettings(sensor="ina219", idle_ma=10, dot_ma=5))
    made.told(0, 100, 1_000)
    made.see(28, 3_000)
    assert made.verdict(3_000) is True
    assert made.stuck == ""
    for at_ms in (3_500, 4_000, 4_500):
        made.see(31, at_ms)
    assert made.verdict(4_500) is False
    assert made.stuck != ""


def test_a_plate_without_current_is_not_confirmed() -> None:
    assert judged(100) is False
    assert judged(0) is False


def test_half_the_brightness_is_half_the_light() -> None:
    assert judged(250, percent=50) is True
    assert judged(400, percent=50) is False


def test_so_little_light_that_darkness_would_look_the_same_is_not_judged() -> None:
    """At 5 % a plate adds 15 mA, which the supply's own breath hides."""
    assert judged(115, percent=5) is None
    assert judged(100, percent=5) is None


def test_nothing_is_said_before_the_current_has_settled() -> None:
    made = watch()
    made.see(400, 1_499)
    assert made.verdict(2_000) is None
    made.see(400, 1_500)
    assert made.verdict(2_000) is True


def test_nothing_is_said_before_anything_was_written_or_read() -> None:
    made = CurrentWatch(SETTINGS)
    assert made.verdict(9_000) is None
    made.see(400, 9_000)
    assert made.verdict(9_000) is None
    assert made.stuck == ""
    assert made.deviation(9_000) is None


def test_nothing_is_said_when_the_sensor_has_been_silent_for_three_seconds() -> None:
    made = watch()
    made.see(400, 2_000)
    made.see(None, 3_000)
    assert made.verdict(5_000) is True
    assert made.verdict(5_001) is None


def test_a_write_of_the_same_picture_starts_no_new_wait() -> None:
    made = watch()
    made.told(PLATE_DOTS, 100, 1_400)
    made.see(400, 1_600)
    assert made.verdict(1_600) is True


def test_after_a_failed_write_nothing_is_said() -> None:
    made = watch()
    made.see(400, 2_000)
    made.unknown()
    assert made.verdict(2_000) is None


def test_a_panel_that_stays_lit_is_told_after_two_seconds_and_three_readings() -> None:
    made = watch()
    made.told(0, 100, 10_000)
    for at_ms in (11_000, 11_500, 11_999, 12_000, 12_500):
        made.see(400, at_ms)
        assert made.stuck == ""
    made.see(400, 13_000)
    assert made.stuck == (
        "The panel draws current though it is dark: look whether a plate stands there, "
        "check its supply."
    )
    assert made.verdict(13_000) is False


def test_it_is_told_also_when_the_brightness_changes_in_the_dark() -> None:
    made = watch()
    made.told(0, 100, 10_000)
    made.told(0, 40, 11_500)
    for at_ms in (12_000, 12_500, 13_000):
        made.see(400, at_ms)
    assert made.stuck != ""


def test_a_dark_panel_without_current_or_a_lit_one_with_it_is_nothing_to_tell() -> None:
    made = watch(dots=0)
    made.see(100, 4_000)
    assert made.stuck == ""
    made.told(PLATE_DOTS, 100, 4_000)
    made.see(400, 7_000)
    assert made.stuck == ""


def stuck() -> CurrentWatch:
    made = watch(dots=0)
    for at_ms in (4_000, 4_500, 5_000):
        made.see(400, at_ms)
    assert made.stuck != ""
    return made


def test_it_is_over_when_the_panel_has_been_dark_for_five_seconds() -> None:
    made = stuck()
    for at_ms in range(5_500, 10_500, 500):
        made.see(100, at_ms)
        assert made.stuck != ""
    made.see(100, 10_500)
    assert made.stuck == ""


def test_a_sensor_that_falls_silent_disproves_nothing() -> None:
    made = stuck()
    made.see(None, 60_000)
    assert made.stuck != ""
    made.unknown()
    assert made.stuck != ""


def test_readings_at_the_edge_are_no_news_each_time() -> None:
    made = watch(dots=0)
    seen = set()
    for at_ms in range(4_000, 64_000, 1_000):
        made.see(119, at_ms)
        made.see(121, at_ms + 500)
        seen.add(made.stuck)
    assert seen == {""}


@pytest.mark.parametrize(("ma", "deviation"), [(400, 0.0), (250, -0.5), (100, -1.0), (430, 0.1)])
def test_what_is_missing_is_told_as_a_part_of_the_light(ma: float, deviation: float) -> None:
    made = watch()
    made.see(ma, 1_500)
    assert made.deviation(1_500) == pytest.approx(deviation)
