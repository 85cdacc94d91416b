"""The blanker's own serial line: no library, and never for long."""

import os
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from signage import tty
from signage.tty import Form, send
from tests.fakes.serial_end import SerialEnd
from tests.waiting import until

FAST = Form(4_000_000)


@pytest.fixture
def end() -> Iterator[SerialEnd]:
    end = SerialEnd(lambda _: None)
    yield end
    end.unplug()


def test_every_byte_arrives_as_it_was_sent(end: SerialEnd) -> None:
    send(Path(end.place), [bytes(range(256)), b"again"], FAST)
    until(lambda: end.got == bytes(range(256)) + b"again", what="all bytes")


def test_the_line_gets_its_speed_also_where_it_cannot_have_its_parity(end: SerialEnd) -> None:
    send(Path(end.place), [b"x"], Form(9_600, seven_even=True))
    handle = os.open(end.place, os.O_RDWR | os.O_NOCTTY)
    try:
        *_, ispeed, ospeed, _ = termios.tcgetattr(handle)
    finally:
        os.close(handle)
    assert (ispeed, ospeed) == (termios.B9600, termios.B9600)


def test_a_line_that_nobody_reads_is_given_up(end: SerialEnd) -> None:
    end.hang()
    with pytest.raises(TimeoutError):
        send(Path(end.place), [bytes(100_000)], FAST)


def test_bytes_that_never_leave_are_an_error_not_a_success(
    end: SerialEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An adapter whose sign holds it up; a pseudo-terminal has no queue, so its length is put in."""
    monkeypatch.setattr(tty, "_waiting", lambda _: 3)
    with pytest.raises(TimeoutError, match="does not take"):
        send(Path(end.place), [b"x"], FAST)


def test_a_line_that_is_not_there_or_was_pulled_out_is_an_error(end: SerialEnd) -> None:
    end.unplug()
    for place in (end.place, "/dev/no-such-sign"):
        with pytest.raises(OSError, match=r"No such file|Input/output"):
            send(Path(place), [b"x"], FAST)


def test_something_that_is_no_serial_line_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="Inappropriate ioctl"):
        send(tmp_path / "file", [b"x"], FAST)
