"""What the post knows of its page: the screen on it, and how old that knowledge is."""

from typing import Any

import pytest

from kiosk.showing import Showing
from tests.kiosk.typist import Typist


class Time:
    """A monotonic clock that stands still."""

    now_ms = 1_000

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def now() -> Time:
    return Time()


@pytest.fixture
def showing(now: Time) -> Showing:
    return Showing(now)


def ages(showing: Showing) -> dict[str, Any]:
    return {name: showing.shown()[name] for name in ("drawn", "drawn_ms_ago", "heap_bytes")}


def test_before_any_report_there_is_no_age(showing: Showing) -> None:
    showing.show(Typist().screen)
    assert ages(showing) == {"drawn": 0, "drawn_ms_ago": None, "heap_bytes": None}


def test_a_report_grows_old_and_the_next_one_makes_it_young(showing: Showing, now: Time) -> None:
    showing.show(Typist().screen)
    showing.drawn(1, 4_000_000)
    now.now_ms += 7_000
    assert ages(showing) == {"drawn": 1, "drawn_ms_ago": 7_000, "heap_bytes": 4_000_000}
    showing.drawn(1)
    assert ages(showing) == {"drawn": 1, "drawn_ms_ago": 0, "heap_bytes": None}


def test_a_page_that_still_shows_another_process_has_drawn_nothing_of_ours(
    showing: Showing,
) -> None:
    showing.show(Typist().screen)
    showing.drawn(7)
    assert ages(showing)["drawn_ms_ago"] is None


def test_the_age_of_the_last_beat_tells_a_loop_that_stands_still(
    showing: Showing, now: Time
) -> None:
    assert showing.shown()["beat_ms_ago"] is None
    showing.beat()
    now.now_ms += 6_500
    assert showing.shown()["beat_ms_ago"] == 6_500


def test_an_older_report_that_comes_later_takes_nothing_back(showing: Showing, now: Time) -> None:
    for _ in range(6):
        showing.show(Typist().screen)
    showing.drawn(6)
    now.now_ms += 50
    showing.drawn(5)
    assert (showing.shown()["drawn"], showing.shown()["drawn_ms_ago"]) == (6, 0)
    showing.drawn(7)
    assert showing.shown()["drawn"] == 6


def test_a_page_changes_from_its_end_until_the_next_one_has_drawn(
    showing: Showing, now: Time
) -> None:
    showing.show(Typist().screen)
    first = showing.stream()
    next(first)
    assert showing.shown()["page_changes"]
    showing.drawn(1)
    assert not showing.shown()["page_changes"]
    now.now_ms += 5_000
    first.close()  # type: ignore[attr-defined]
    assert showing.shown()["page_changes"]
    second = showing.stream()
    next(second)
    assert showing.shown()["page_changes"], "it has said nothing yet"
    now.now_ms += 2_000
    showing.drawn(1)
    assert not showing.shown()["page_changes"]
