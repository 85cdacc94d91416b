"""The post under test is a real one: what the bench measures on it, and what it says when it fails."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kiosk.keys import Key
from portvakt.bench import keys, memory
from portvakt.bench.post import HandledPost, PostFailed, handled_post

pytestmark = pytest.mark.processes

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def post(tmp_path: Path) -> Iterator[HandledPost]:
    with handled_post(tmp_path, NOBODY) as post:
        yield post


def test_a_hand_presses_as_fast_as_it_likes_and_no_key_is_lost(post: HandledPost) -> None:
    for key in "2222":
        assert post.press(key).deeds == ("Show",)
    assert [cell.main for cell in post.screen.cells[:5]] == ["ABC", "ABC", "ABC", "2", ""]
    assert post.press(Key.OTHER).screen.name == "spell"


def test_the_clock_can_be_moved_through_a_time_out(post: HandledPost) -> None:
    post.press("2")
    assert post.skip(61_000).name == "still_there"
    assert post.skip(31_000).name == "idle"


def test_a_press_in_real_time_beeps_and_is_decided(post: HandledPost) -> None:
    post.begin_timed("2", 0.03, draws=False)
    timed = post.timed()
    assert timed.beep_s is not None
    assert timed.decided_s is not None
    assert 0 < timed.beep_s
    assert timed.heard_s is not None
    assert timed.heard_s <= timed.decided_s
    assert post.screen.name == "typing"


def test_what_a_post_holds_is_more_than_nothing(post: HandledPost) -> None:
    held = post.memory()
    assert 10_000 < held.anonymous_kib <= held.pss_kib < 200_000
    assert post.growth() == []
    assert post.growth() != []


def test_a_wrong_order_is_told_and_the_post_goes_on(post: HandledPost) -> None:
    with pytest.raises(PostFailed, match="press"):
        post.press("no such key")
    assert post.screen.name == "idle"


def test_a_post_that_ended_says_so(post: HandledPost) -> None:
    post.process.kill()
    with pytest.raises(PostFailed, match="ended"):
        post.press("2")


def test_the_beep_is_measured_with_what_the_machine_adds() -> None:
    figures = list(keys.measure_beep(4, lambda _: None))
    assert ["p50", "p95", "p99"] == [one.name[-3:] for one in figures]
    assert all(one.value > 0 for one in figures)
    assert "late by" in figures[0].detail


def test_without_playwright_pixels_are_left_out_with_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    said: list[str] = []
    assert list(keys.measure_pixels(1, lambda _: None, said.append)) == []
    assert ["key -> pixel is left out"] == [line[:24] for line in said]


def test_a_start_is_weighed_when_systemd_would_hear_that_it_is_ready() -> None:
    figures = list(memory.measure(1, lambda _: None))
    assert ["post's", "sign's"] == [one.name.split()[3] for one in figures[::2]]
    for weight, start in (figures[:2], figures[2:]):
        assert 10 < weight.value < 200
        assert 0 < start.value < 60


@pytest.mark.browser
def test_pixels_change_after_the_page_has_drawn_them() -> None:
    said: list[str] = []
    # Playwright's own fixtures leave an event loop in the main thread.
    with ThreadPoolExecutor(1) as own:
        figures = own.submit(list, keys.measure_pixels(4, lambda _: None, said.append)).result()
    assert said == []
    assert ["key -> pixel, p50", "key -> pixel, p95"] == [one.name for one in figures[:2]]
    assert "4 presses, 0 not seen; scan" in figures[0].detail
    assert figures[0].value > 0
