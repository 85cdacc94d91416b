"""The fake panel is the judge of every sign test, so it is held against the data sheet and luma."""

from typing import Any

import pytest
from luma.core.render import canvas
from luma.led_matrix.device import max7219
from PIL import Image

from portvakt.demo.fake_panel import FakePanel, dots

NOOP = bytes(2)
RUN = b"\x0b\x07\x0c\x01"


class _LumaWire:
    """Stands where luma's SPI interface stands: every call of data() is one transfer."""

    def __init__(self, panel: FakePanel) -> None:
        self.panel = panel

    def data(self, data: list[int]) -> None:
        self.panel.transfer(bytes(data))

    def command(self, *cmd: int) -> None:
        raise AssertionError(f"a MAX7219 has no command line, got {cmd}")

    def cleanup(self) -> None:
        """Nothing to close."""


def _told(panel: FakePanel, register: int, value: int) -> None:
    panel.transfer(bytes([register, value]) * panel.modules)


def _running(modules: int = 1) -> FakePanel:
    panel = FakePanel(modules)
    _told(panel, 0x0B, 7)
    _told(panel, 0x0C, 1)
    return panel


def test_a_panel_is_dark_when_power_comes() -> None:
    panel = FakePanel()
    assert panel.lit == 0
    assert dots(panel.picture()) == ["." * 48] * 8


def test_a_panel_that_was_never_switched_on_stays_dark() -> None:
    panel = FakePanel(1)
    _told(panel, 0x01, 0xFF)
    assert panel.lit == 0


def test_bit_0_is_on_top_and_digit_1_is_the_left_column() -> None:
    panel = _running()
    panel.transfer(b"\x01\x03")
    assert dots(panel.picture()) == ["#......."] * 2 + ["........"] * 6


def test_the_first_pair_belongs_to_the_farthest_module_which_is_on_the_right() -> None:
    panel = _running(3)
    panel.transfer(b"\x01\x01" + NOOP + NOOP)
    assert dots(panel.picture())[0] == "................#......."


def test_a_transfer_that_is_too_short_pushes_the_old_pairs_on() -> None:
    panel = _running(2)
    panel.transfer(b"\x01\x01\x02\x01")
    panel.transfer(b"\x03\x01")
    assert dots(panel.picture())[0] == ".##.....##......"


def test_the_scan_limit_hides_the_columns_behind_it() -> None:
    panel = _running()
    for register in range(1, 9):
        panel.transfer(bytes([register, 0xFF]))
    panel.transfer(b"\x0b\x02")
    assert dots(panel.picture())[0] == "###....."


def test_display_test_lights_everything_and_shutdown_hides_but_keeps_the_picture() -> None:
    panel = _running()
    panel.transfer(b"\x01\xff")
    panel.transfer(b"\x0c\x00")
    assert panel.lit == 0
    panel.transfer(b"\x0f\x01")
    assert panel.lit == 64
    panel.transfer(b"\x0f\x00")
    panel.transfer(b"\x0c\x01")
    assert panel.lit == 8


def test_decode_mode_on_a_matrix_is_seen_as_rubbish() -> None:
    panel = _running()
    panel.transfer(b"\x09\x01")
    assert panel.lit == 8


def test_listeners_hear_changes_of_the_picture_and_nothing_else() -> None:
    panel, heard = _running(), []
    panel.listeners.append(lambda: heard.append(panel.lit))
    panel.transfer(b"\x01\xff")
    panel.transfer(b"\x01\xff")
    panel.transfer(b"\x0a\x05")
    panel.transfer(b"\x01\x00")
    assert heard == [8, 0]


def test_every_transfer_is_kept_with_its_time_and_the_oldest_go_first() -> None:
    times = iter(range(100, 200))
    panel = FakePanel(1, clock_ns=lambda: next(times), keep=2)
    for value in (1, 2, 3):
        panel.transfer(bytes([1, value]))
    assert [(kept.ns, kept.data.hex()) for kept in panel.transfers] == [
        (101, "0102"),
        (102, "0103"),
    ]


@pytest.mark.parametrize("modules", [1, 5, 6])
def test_a_picture_that_luma_sends_is_the_picture_that_is_seen(modules: int) -> None:
    panel = FakePanel(modules)
    device: Any = max7219(_LumaWire(panel), cascaded=modules)
    seen = Image.new("1", (modules * 8, 8))
    for x in range(modules * 8):
        seen.putpixel((x, x * 3 % 8), 1)
    with canvas(device) as draw:
        draw.bitmap((0, 0), seen, fill="white")
    wanted = [[bool(seen.getpixel((x, y))) for x in range(modules * 8)] for y in range(8)]
    assert panel.picture() == wanted
    device.persist = True
    device.hide()
    assert panel.lit == 0
