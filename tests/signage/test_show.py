import pytest

from device.sse import ServerSent
from signage.downlink import FIRST_RETRY_S, LAST_RETRY_S, BackOff, Nudged, nudge
from signage.frame import CannotDraw, layout
from signage.show import render


def test_what_the_command_line_prints_is_what_would_leave() -> None:
    shown = render("ABC 123", "max7219", 5)
    assert layout("ABC 123", 40, 8) == shown.frame
    assert "01 00 01 40 01 41 01 49 01 00" == shown.hex_lines[0]
    assert render("ABC 123", "max7219", 5, 90).hex_lines != shown.hex_lines


def test_an_emulator_has_no_transfers() -> None:
    assert [] == render("KÖR IN", "emulator", 5).transfers


def test_four_modules_are_too_few_for_a_plate() -> None:
    with pytest.raises(CannotDraw, match="needs 37 columns of 7 rows, this sign has 32"):
        render("ABC 123", "max7219", 4)


def test_the_stream_says_beat_or_dark_and_anything_else_is_for_a_later_release() -> None:
    assert Nudged() == nudge(ServerSent("beat", ""))
    assert Nudged("c1") == nudge(ServerSent("dark", "c1"))
    assert nudge(ServerSent("heartbeat", "{}")) is None


def test_waiting_times_grow_and_begin_again() -> None:
    wait = BackOff()
    for longest in (0.5, 1, 2, 4, 8, 15, 15):
        assert longest / 2 <= wait.next_s() <= longest
    wait.reset()
    assert wait.next_s() <= FIRST_RETRY_S < LAST_RETRY_S
