"""How long the browser rests after it failed, and how often it may ask for a reboot."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.browser_failures import Failures
from tests.fakes.clock import MORNING, FakeClock

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS


class Post:
    """A post whose browser fails; each start reads the file again."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "failures"
        self.clock = FakeClock()

    def fail(self, times: int = 1, lived_ms: int = 5_000) -> list[bool]:
        asked = []
        for _ in range(times):
            self.clock.advance(lived_ms)
            asked.append(self.started().note(lived_ms))
        return asked

    def started(self) -> Failures:
        return Failures(self.path, self.clock)


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(tmp_path)


def test_the_third_failure_in_ten_minutes_asks_for_a_reboot(post: Post) -> None:
    assert post.fail(3) == [False, False, True]


def test_three_failures_in_eleven_minutes_do_not(post: Post) -> None:
    post.fail(2)
    post.clock.advance(11 * MINUTE_MS)
    assert post.fail() == [False]


def test_after_that_reboot_it_is_tried_again_and_no_other_is_asked_for_on_that_day(
    post: Post,
) -> None:
    post.fail(3)
    post.clock.reboot("boot-2")
    assert not any(post.fail(40))
    post.clock.reboot("boot-3")
    assert not any(post.fail(40))


def test_a_reboot_that_did_not_come_is_not_asked_for_again_on_that_day(post: Post) -> None:
    post.fail(3)
    assert not any(post.fail(10))
    post.clock.advance(DAY_MS)
    assert post.fail(3) == [False, False, True]


def test_a_day_later_it_may_ask_again_by_the_machines_own_hours(post: Post) -> None:
    post.clock.is_synced = False
    post.fail(3)
    post.clock.reboot("boot-2")
    post.clock.advance(DAY_MS)
    assert post.fail(3) == [False, False, True]


def test_a_post_that_is_switched_off_each_night_goes_by_the_date(post: Post) -> None:
    post.fail(3)
    post.clock.reboot("boot-2")
    post.clock.set_wall(MORNING + timedelta(hours=25))
    assert post.fail(3) == [False, False, True]


@pytest.mark.parametrize(("then", "now"), [(False, True), (True, False)])
def test_a_date_that_is_not_to_be_believed_brings_no_reboot(
    post: Post, then: bool, now: bool
) -> None:
    post.clock.is_synced = then
    post.fail(3)
    post.clock.reboot("boot-2")
    post.clock.set_wall(MORNING + timedelta(days=400), synced=now)
    assert not any(post.fail(5))


def test_the_pause_grows_up_to_ten_minutes(post: Post) -> None:
    pauses = []
    for _ in range(14):
        post.fail()
        pauses.append(post.started().pause_ms() // 1000)
    assert pauses == [0, 0, 10, 20, 40, 80, 160, 320, 600, 600, 600, 600, 600, 600]


def test_the_pause_passes(post: Post) -> None:
    post.fail(3)
    post.clock.advance(4_000)
    assert post.started().pause_ms() == 6_000
    post.clock.advance(60_000)
    assert post.started().pause_ms() == 0


def test_a_browser_that_lived_for_ten_minutes_begins_a_new_row(post: Post) -> None:
    post.fail(8)
    post.fail(lived_ms=10 * MINUTE_MS)
    assert post.started().pause_ms() == 0


def test_a_new_boot_begins_a_new_row(post: Post) -> None:
    post.fail(8)
    post.clock.reboot("boot-2")
    assert post.started().pause_ms() == 0


def test_a_person_who_ends_it_ends_the_row_and_gives_no_second_reboot(post: Post) -> None:
    post.fail(8)
    post.started().forget()
    assert post.started().pause_ms() == 0
    assert not any(post.fail(8))


@pytest.mark.parametrize("spoiled", [b"{", b'{"asked": "\xc3"}'])
def test_a_file_that_cannot_be_read_may_have_told_of_a_reboot(post: Post, spoiled: bytes) -> None:
    post.path.write_bytes(spoiled)
    assert not any(post.fail(5))
    assert post.started().pause_ms() == 40_000


def test_a_reboot_that_cannot_be_written_down_is_not_asked_for(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    post.path.mkdir()
    failures = post.started()
    with caplog.at_level(logging.WARNING):
        assert not any(failures.note(1_000) for _ in range(5))
    assert "cannot be written down" in caplog.text


def test_a_browser_that_is_started_by_hand_reboots_nothing() -> None:
    failures = Failures(None, FakeClock())
    assert not any(failures.note(1_000) for _ in range(5))
