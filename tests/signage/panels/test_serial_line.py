"""A serial line against a pseudo-terminal: whole, or lost, and always in time."""

import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from signage.panel import PanelLost
from signage.panels.serial_line import SerialLine
from tests.fakes.serial_end import SerialEnd
from tests.fakes.still_clock import StillClock
from tests.waiting import until

FAST = 4_000_000
MORE_THAN_THE_KERNEL_KEEPS = 65_536


@pytest.fixture
def heard() -> list[bytes]:
    return []


@pytest.fixture
def end(heard: list[bytes]) -> Iterator[SerialEnd]:
    end = SerialEnd(heard.append)
    yield end
    end.unplug()


def test_bytes_arrive_as_they_were_written(end: SerialEnd) -> None:
    line = SerialLine(end.place, 115_200)
    # Each of these means something to a terminal that is not raw.
    line.write(bytes(range(256)))
    until(lambda: end.got == bytes(range(256)), what="all bytes")
    line.close()


def test_the_line_has_the_speed_that_it_was_given(end: SerialEnd) -> None:
    line = SerialLine(end.place, 4_800)
    line.write(b"x")
    with open(end.place, "rb", buffering=0) as same:  # noqa: PTH123 - a terminal, not a file
        *_, ispeed, ospeed, _ = termios.tcgetattr(same)
    assert (ispeed, ospeed) == (termios.B4800, termios.B4800)
    line.close()


def test_an_answer_is_read_as_far_as_it_has_come(end: SerialEnd) -> None:
    line = SerialLine(end.place, 115_200)
    line.write(b"?")
    end.say(b"\x00\xff\x11")
    assert line.read(3, 1.0) == b"\x00\xff\x11"
    assert line.read(1, 0.0) == b""
    end.say(b"old")
    assert line.read(1, 1.0) == b"o"
    line.reset_input()
    assert line.read(2, 0.0) == b""
    line.close()


def test_a_write_returns_when_its_bytes_are_off_the_wire() -> None:
    clock = StillClock()
    line = SerialLine("loop://", 9_600, "E", 7, now_s=clock.now_s, sleep_s=clock.sleep_s)
    line.write(bytes(96))
    # Start, seven bits, parity, stop.
    assert clock.now - 100 == pytest.approx(0.1)
    assert line.wire_ms(bytes(96)) == 100
    assert SerialLine("loop://", 4_800).wire_ms(bytes(48)) == 100


def test_the_gap_between_two_writes_is_kept_and_none_is_waited_for_in_vain() -> None:
    clock = StillClock()
    line = SerialLine("loop://", 9_600, gap_s=0.25, now_s=clock.now_s, sleep_s=clock.sleep_s)
    line.write(b"")
    line.write(b"")
    assert sum(clock.slept) == pytest.approx(0.25)
    clock.now += 0.2
    line.write(b"")
    assert sum(clock.slept) == pytest.approx(0.3)
    clock.now += 7
    line.write(b"")
    assert sum(clock.slept) == pytest.approx(0.3)


def test_a_line_that_is_not_there_is_lost_by_name() -> None:
    with pytest.raises(PanelLost, match=r"/dev/no-such-sign .*it is not there.*check its cable"):
        SerialLine("/dev/no-such-sign", 9_600).write(b"x")


def test_something_that_is_no_serial_line_is_lost(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(PanelLost):
        SerialLine(str(tmp_path / "file"), 9_600).write(b"x")


def test_an_adapter_pulled_out_is_lost_for_writing_and_reading(end: SerialEnd) -> None:
    line = SerialLine(end.place, 9_600)
    line.write(b"x")
    end.unplug()
    with pytest.raises(PanelLost):
        line.write(b"y")
    with pytest.raises(PanelLost):
        line.read(1, 0.0)
    with pytest.raises(PanelLost):
        line.reset_input()
    line.close()


def test_an_adapter_that_is_plugged_in_again_is_opened_anew(end: SerialEnd, tmp_path: Path) -> None:
    place = tmp_path / "sign"
    place.symlink_to(end.place)
    line = SerialLine(str(place), 9_600, "E", 7)
    line.write(b"x")
    end.unplug()
    with pytest.raises(PanelLost):
        line.write(b"y")
    again = SerialEnd(lambda _: None)
    place.unlink()
    place.symlink_to(again.place)
    line.write(b"z")
    until(lambda: again.got == b"z", what="the write after it")
    line.close()
    again.unplug()


def test_a_line_that_takes_no_bytes_is_lost_in_time_and_opened_anew(end: SerialEnd) -> None:
    line = SerialLine(end.place, FAST, write_s=0.05)
    end.hang()
    with pytest.raises(PanelLost, match="too long"):
        line.write(bytes(MORE_THAN_THE_KERNEL_KEEPS))
    end.resume()
    line.write(b"again")
    until(lambda: end.got.endswith(b"again"), what="the next write")
    assert len(end.got) < MORE_THAN_THE_KERNEL_KEEPS
    line.close()


def test_a_line_that_another_program_has_is_lost_until_that_lets_go(end: SerialEnd) -> None:
    code = (
        "import sys, serial;"
        "line = serial.Serial(sys.argv[1], exclusive=True);"
        "print('open', flush=True);"
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, end.place],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == b"open\n"
        line = SerialLine(end.place, 9_600)
        with pytest.raises(PanelLost, match="another program has it open"):
            line.write(b"x")
        other.stdin.close()
        other.wait(10)
        line.write(b"x")
        line.close()


def test_closing_twice_or_unopened_does_nothing(end: SerialEnd) -> None:
    line = SerialLine(end.place, 9_600)
    line.close()
    line.write(b"x")
    line.close()
    line.close()
