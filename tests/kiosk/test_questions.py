"""The day's list: one that names no day is not taken, and the hour of opening is not slept through."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.happenings import Expected, Link, Remembered
from tests.kiosk.test_uplink import Line


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    line = Line(tmp_path)
    yield line
    line.outbox.close()


def opens_in(line: Line, ms: int) -> None:
    line.central.opens_at = (line.clock.now() + timedelta(milliseconds=ms)).isoformat()


def lists(line: Line) -> int:
    """How often the list was looked at."""
    return line.central.asked.count("GET expected")


@pytest.mark.parametrize("day", ["", "monday", "20261123", "2026-13-01"])
def test_a_list_without_a_day_is_not_taken_and_the_line_is_up(
    line: Line, day: str, caplog: pytest.LogCaptureFixture
) -> None:
    line.questions.turn(0)
    line.news.clear()
    line.central.day = day
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            line.clock.advance(60_000)
            line.questions.turn(0)
    assert line.heard(Expected) == []
    assert set(line.news) == {Link(True)}
    assert [record.message.partition(" reason")[0] for record in caplog.records] == [
        "list of the day lost"
    ]


def test_the_next_good_list_is_taken_again(line: Line) -> None:
    line.central.day = "monday"
    line.questions.turn(0)
    line.central.day = "2026-11-23"
    line.clock.advance(60_000)
    line.questions.turn(0)
    assert len(line.heard(Expected)) == 1


def test_a_list_without_a_day_on_our_own_disk_is_passed_too(line: Line) -> None:
    (line.folder / "expected.json").write_text('{"day": "monday", "plates": ["ABC123"]}')
    line.questions.remember()
    assert line.heard(Remembered) == []


def test_the_list_is_looked_at_as_soon_as_the_station_opens(line: Line) -> None:
    opens_in(line, 7_000)
    line.questions.turn(0)
    line.clock.advance(6_900)
    line.questions.turn(0)
    assert lists(line) == 1
    line.central.opens_at = None
    line.clock.advance(101)
    line.questions.turn(0)
    (_, newest) = line.heard(Expected)
    assert isinstance(newest, Expected)
    assert newest.opens_at is None


def test_a_central_whose_clock_is_behind_is_asked_again_soon_but_not_for_long(line: Line) -> None:
    opens_in(line, 7_000)
    line.questions.turn(0)
    for _ in range(20):
        line.clock.advance(1_001)
        line.questions.turn(0)
    assert 8 <= lists(line) - 1 <= 11
    line.central.opens_at = None
    line.clock.advance(30_000)
    line.questions.turn(0)
    newest = line.heard(Expected)[-1]
    assert isinstance(newest, Expected)
    assert newest.opens_at is None


def test_a_clock_that_is_not_to_be_believed_hurries_nobody(line: Line) -> None:
    line.clock.is_synced = False
    opens_in(line, 7_000)
    line.questions.turn(0)
    line.clock.advance(8_000)
    line.questions.turn(0)
    assert lists(line) == 1


def test_an_opening_far_away_delays_no_look(line: Line) -> None:
    opens_in(line, 3_600_000)
    line.questions.turn(0)
    line.clock.advance(30_000)
    line.questions.turn(0)
    assert lists(line) == 2
