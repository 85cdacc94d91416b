"""Whether the browser still draws, second by second."""

from datetime import datetime, time
from typing import Any

import pytest

from kiosk.browser_watch import Limits, PageFaults, PageWatch, Rest, Shown, nightly_due
from kiosk.faults import Fault, Part

LIMITS = Limits(first_ms=60_000, patience_ms=15_000)


def shown(screen: int = 1, drawn: int = 1, ago_ms: int | None = 0, **more: Any) -> Shown:
    return Shown(screen=screen, drawn=drawn, drawn_ms_ago=ago_ms, **more)


def drawing(at_ms: int = 0) -> PageWatch:
    """A watch that has seen the page draw screen 1."""
    watch = PageWatch(LIMITS)
    watch.look(at_ms, shown())
    assert watch.draws
    return watch


def test_a_page_that_reports_every_five_seconds_is_well() -> None:
    watch = drawing()
    for second in range(1, 100):
        assert watch.look(second * 1000, shown(ago_ms=second % 5 * 1000)) == ""
        assert watch.draws


def test_a_page_that_is_silent_for_fifteen_seconds_is_deaf() -> None:
    watch = drawing()
    assert watch.look(14_999, shown(ago_ms=14_999)) == ""
    assert watch.look(15_000, shown(ago_ms=15_000)) == "the browser has not drawn for 15 s"
    assert not watch.draws


def test_it_is_well_again_with_the_next_report() -> None:
    watch = drawing()
    assert watch.look(20_000, shown(ago_ms=20_000))
    assert watch.look(21_000, shown(ago_ms=100)) == ""
    assert watch.draws


def test_a_page_that_reports_an_old_screen_again_and_again_is_deaf() -> None:
    watch = drawing()
    assert watch.look(1_000, shown(screen=2, drawn=1)) == ""
    assert watch.look(15_999, shown(screen=2, drawn=1)) == ""
    assert (
        watch.look(16_000, shown(screen=2, drawn=1))
        == "the browser has shown an old screen for 15 s"
    )


def test_typing_quickly_for_a_minute_is_not_an_old_screen() -> None:
    """The page is one screen behind whenever we look, and never the same one."""
    watch = drawing()
    for second in range(1, 60):
        assert watch.look(second * 1000, shown(screen=second + 1, drawn=second)) == ""


def test_while_somebody_types_a_page_that_stands_still_is_found_all_the_same() -> None:
    watch = drawing()
    said = [watch.look(at * 1000, shown(screen=at + 1, drawn=1)) for at in range(1, 17)]
    assert said[:-1] == [""] * 15
    assert "old screen" in said[-1]


def test_the_first_picture_may_take_a_minute() -> None:
    watch = PageWatch(LIMITS)
    assert watch.look(0, shown(drawn=0, ago_ms=None)) == ""
    assert watch.look(59_999, shown(drawn=0, ago_ms=None)) == ""
    assert not watch.draws
    assert (
        watch.look(60_000, shown(drawn=0, ago_ms=None)) == "the browser has not drawn once in 60 s"
    )


def test_what_the_browser_before_this_one_said_does_not_count() -> None:
    watch = PageWatch(LIMITS)
    watch.look(100_000, shown(ago_ms=30_000))
    assert watch.look(110_000, shown(ago_ms=40_000)) == ""
    assert not watch.draws
    assert watch.look(160_000, shown(ago_ms=90_000)) == "the browser has not drawn once in 60 s"


@pytest.mark.parametrize("away", [None, shown(ago_ms=40_000, beat_ms_ago=6_001)])
def test_a_post_that_is_away_or_stands_still_is_not_the_browsers_fault(away: Shown | None) -> None:
    watch = drawing()
    assert watch.look(50_000, away) == ""
    assert not watch.draws
    # The post is back, and the page has a minute to find it.
    assert watch.look(51_000, shown(ago_ms=51_000)) == ""
    assert watch.look(110_999, shown(ago_ms=110_999)) == ""
    assert watch.look(111_000, shown(ago_ms=111_000)) == "the browser has not drawn once in 60 s"


def test_a_post_that_was_started_again_counts_its_screens_from_one() -> None:
    watch = PageWatch(LIMITS)
    watch.look(0, shown(screen=70, drawn=69))
    assert watch.look(10_000, shown(screen=1, drawn=1)) == ""
    assert watch.look(20_000, shown(screen=1, drawn=1)) == ""


def test_the_post_tells_a_fault_once_and_its_end_once() -> None:
    told: list[Fault] = []
    faults = PageFaults(LIMITS, told.append)
    faults.look(0, shown(), connected=True)
    for at in (15_000, 16_000):
        faults.look(at, shown(ago_ms=at), connected=True)
    assert told == [Fault(Part.PAGE, True, "the browser has not drawn for 15 s")]
    faults.look(17_000, shown(), connected=True)
    faults.look(18_000, shown(), connected=True)
    assert told[1:] == [Fault(Part.PAGE, False)]


def test_without_a_screen_the_page_is_not_blamed() -> None:
    told: list[Fault] = []
    faults = PageFaults(LIMITS, told.append)
    faults.look(0, shown(), connected=True)
    faults.look(15_000, shown(ago_ms=15_000), connected=False)
    assert told == []
    faults.look(16_000, shown(ago_ms=16_000), connected=True)
    assert [fault.part for fault in told] == [Part.PAGE]


def restart(ends_at: int, back_at: int) -> list[Fault]:
    """What the post tells of a browser that ends at one second and draws again at another."""
    told: list[Fault] = []
    faults, last = PageFaults(LIMITS, told.append), 0
    for second in range(200):
        if not ends_at <= second < back_at and second % 5 == 0:
            last = second
        ago_ms = (second - last) * 1000
        away = ends_at <= second < back_at
        faults.look(second * 1000, shown(ago_ms=ago_ms, page_changes=away), connected=True)
    return told


def test_a_planned_restart_of_the_browser_is_no_fault() -> None:
    assert restart(ends_at=61, back_at=100) == []


def test_a_browser_that_does_not_come_back_is_told_after_the_time_of_a_first_picture() -> None:
    told = restart(ends_at=61, back_at=150)
    assert [fault.present for fault in told] == [True, False]
    assert told[0].reason == "the browser has not drawn for 15 s"
    assert restart(ends_at=61, back_at=120) == []
    assert len(restart(ends_at=61, back_at=125)) == 2


def test_a_fault_that_was_told_stays_while_the_hung_browser_is_replaced() -> None:
    told: list[Fault] = []
    faults = PageFaults(LIMITS, told.append)
    faults.look(0, shown(), connected=True)
    faults.look(15_000, shown(ago_ms=15_000), connected=True)
    faults.look(18_000, shown(ago_ms=18_000, page_changes=True), connected=True)
    assert [fault.present for fault in told] == [True]


def test_the_browsers_own_guard_waits_for_no_other_page() -> None:
    assert drawing().look(15_000, shown(ago_ms=15_000, page_changes=True))


def test_rest_begins_with_each_new_screen_and_never_while_somebody_types() -> None:
    rest = Rest()
    assert rest.look(0, shown(1, name="idle")) == 0
    assert rest.look(5_000, shown(1, name="idle")) == 5_000
    assert rest.look(6_000, shown(2, name="typing")) == 0
    assert rest.look(7_000, shown(2, name="typing")) == 0
    assert rest.look(8_000, shown(3, name="idle_closed")) == 0
    assert rest.look(9_000, shown(4, name="idle")) == 0
    assert rest.look(10_000, None) == 0
    assert rest.look(11_000, shown(4, name="idle")) == 0


AT = time(3, 30)
OLD, RESTED = 24 * 3_600_000, 120_000


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-02-03T{text}:00+01:00")


def test_the_browser_starts_afresh_at_night_when_nobody_is_there() -> None:
    assert nightly_due(AT, local("03:30"), OLD, RESTED)
    assert nightly_due(AT, local("04:29"), OLD, RESTED)


@pytest.mark.parametrize(
    ("at", "now", "life_ms", "rest_ms"),
    [
        (None, local("03:30"), OLD, RESTED),
        (AT, None, OLD, RESTED),  # the clock is not to be believed
        (AT, local("03:29"), OLD, RESTED),
        (AT, local("04:30"), OLD, RESTED),
        (AT, local("03:31"), 60_000, RESTED),  # it was just started
        (AT, local("03:31"), OLD, RESTED - 1),  # somebody was here a moment ago
    ],
)
def test_otherwise_it_stays(
    at: time | None, now: datetime | None, life_ms: int, rest_ms: int
) -> None:
    assert not nightly_due(at, now, life_ms, rest_ms)
