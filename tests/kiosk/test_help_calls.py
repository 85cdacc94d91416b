"""A call for help ends when somebody closes it or when time is up, never because central has lost it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.happenings import HelpHeard, HelpKept, HelpUnheard
from kiosk.help_calls import TRY_FOR_MS, WATCH_FOR_MS
from tests.kiosk.test_uplink import ABC, Line


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    line = Line(tmp_path)
    yield line
    line.outbox.close()


def turn_for(line: Line, ms: int, step_ms: int = 250) -> None:
    for _ in range(ms // step_ms):
        line.clock.advance(step_ms)
        line.help.turn()


def test_a_call_that_a_restored_central_has_lost_is_raised_again_under_its_id(line: Line) -> None:
    line.help.raise_help(5, None)
    line.help.turn()
    (made,) = line.central.help
    line.central.help.clear()
    line.news.clear()

    line.clock.advance(2_000)
    line.help.turn()
    assert line.heard(HelpUnheard) == [HelpUnheard(5)], "the lamp blinks again meanwhile"

    line.clock.advance(500)
    line.help.turn()
    assert list(line.central.help) == [made]
    assert line.heard(HelpHeard)


def test_a_call_lost_after_an_hour_is_not_given_up_for_its_age(line: Line) -> None:
    line.help.raise_help(5, None)
    line.help.turn()
    line.clock.advance(3_600_000)
    line.help.turn()
    line.central.help.clear()
    line.news.clear()
    turn_for(line, 4_000)
    assert HelpUnheard(5, gave_up=True) not in line.news
    assert len(line.central.help) == 1


def test_a_central_that_knows_no_calls_is_asked_slowly_until_the_time_is_up(line: Line) -> None:
    line.central.knows_help = False
    line.help.raise_help(5, None)
    line.help.turn()
    assert line.heard(HelpUnheard) == [HelpUnheard(5)]

    turn_for(line, 600_000, 500)
    assert 30 <= line.central.asked.count("POST help") <= 90
    assert HelpUnheard(5, gave_up=True) not in line.news

    turn_for(line, TRY_FOR_MS - 600_000, 500)
    assert line.news[-1] == HelpUnheard(5, gave_up=True)


def test_a_central_that_was_renewed_meanwhile_hears_it(line: Line) -> None:
    line.central.knows_help = False
    line.help.raise_help(5, None)
    turn_for(line, 60_000, 500)
    line.central.knows_help = True
    turn_for(line, 20_000, 500)
    assert line.heard(HelpHeard)


def test_who_presses_help_again_is_still_there_so_trying_goes_on(line: Line) -> None:
    line.central.cut = True
    line.help.raise_help(5, None)
    line.help.turn()
    line.clock.advance(TRY_FOR_MS - 1)
    line.help.renew(5)
    line.clock.advance(TRY_FOR_MS - 1)
    line.help.turn()
    assert HelpUnheard(5, gave_up=True) not in line.news
    line.clock.advance(1)
    line.help.turn()
    assert line.news[-1] == HelpUnheard(5, gave_up=True)


def test_it_keeps_a_call_watched_too(line: Line) -> None:
    line.help.raise_help(5, None)
    line.help.turn()
    line.clock.advance(WATCH_FOR_MS - 1)
    line.help.renew(5)
    line.clock.advance(1)
    line.help.turn()
    assert line.heard(HelpUnheard) == []


def test_help_pressed_again_on_a_call_that_has_ended_changes_nothing(line: Line) -> None:
    line.help.renew(5)
    line.help.turn()
    assert line.news == []
    assert line.central.asked == []


def test_a_call_that_was_open_when_the_power_went_is_watched_again(line: Line) -> None:
    line.help.raise_help(5, ABC)
    line.help.turn()
    (made,) = line.central.help
    line.boot()
    line.news.clear()
    line.help.remember()
    line.help.turn()
    assert line.heard(HelpKept) == [HelpKept(-1)]
    (heard,) = line.heard(HelpHeard)
    assert isinstance(heard, HelpHeard)
    assert (heard.number, heard.state.id) == (-1, made)
    assert len(line.central.help) == 1, "it is not raised twice"


def test_the_file_names_no_plate_and_a_closed_call_leaves_it(line: Line) -> None:
    line.help.raise_help(5, ABC)
    line.help.turn()
    kept = line.folder / "help.json"
    assert "ABC" not in kept.read_text()
    (call,) = line.central.help.values()
    call["closed"] = True
    line.clock.advance(2_000)
    line.help.turn()
    assert kept.read_text() == "[]"


@pytest.mark.parametrize("spoiled", [b"", b"{", b'["x"]', b'["\xc3x"]'])
def test_a_damaged_file_is_no_call_and_no_fall(line: Line, spoiled: bytes) -> None:
    (line.folder / "help.json").write_bytes(spoiled)
    line.help.remember()
    assert line.heard(HelpKept) == []


def test_a_disk_that_refuses_stops_no_call(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    (line.folder / "help.json").mkdir()
    line.help.raise_help(5, None)
    line.help.turn()
    line.help.turn()
    assert len(line.central.help) == 1
    assert len([one for one in caplog.messages if "not written" in one]) == 1
