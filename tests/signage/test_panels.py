"""Drivers against what stands at the far end of the wire."""

import hashlib
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.wire import font_shows
from signage.bus import BusNameRefused, PacketBus, Spi, UnixSocket, parse_bus
from signage.emulator_panel import EmulatorPanel
from signage.frame import Frame, layout
from signage.max7219 import encode
from signage.max7219_panel import Max7219Panel, bus_opener
from signage.panel import Panel, PanelLost
from signage.png import png
from tests.fakes.panel_recorder import Chain, PanelRecorder
from tests.waiting import until

ABC = layout("ABC 123", 40, 8)
WMX = layout("WMX 99", 40, 8)


@pytest.fixture
def panel(recorder: PanelRecorder) -> Iterator[Panel]:
    panel = Max7219Panel(bus_opener(UnixSocket(recorder.path), 1_000_000), "unix", 5)
    panel.init()
    yield panel
    panel.close()


def heal_until_lost(panel: Panel) -> None:
    for _ in range(10_000):
        panel.heal()


def stands(recorder: PanelRecorder, frame: Frame) -> None:
    until(lambda: recorder.rows() == list(frame.rows), what=f"the frame\n{frame}")


def test_the_first_transfer_of_a_start_is_darkness(recorder: PanelRecorder) -> None:
    Max7219Panel(bus_opener(UnixSocket(recorder.path), 1_000_000), "unix", 5).init()
    until(lambda: len(recorder.seen()) == 15, what="the start")
    assert bytes.fromhex("0c00") * 5 == recorder.seen()[0]
    assert recorder.is_dark


def test_a_frame_stands_on_the_panel_as_it_was_drawn(recorder: PanelRecorder, panel: Panel) -> None:
    digest = panel.show(ABC, 7_000)
    stands(recorder, ABC)
    assert hashlib.sha256(b"".join(encode(ABC))).hexdigest() == digest


def test_between_two_plates_it_is_dark(recorder: PanelRecorder, panel: Panel) -> None:
    panel.show(ABC, 7_000)
    panel.show(WMX, 7_000)
    stands(recorder, WMX)
    chain, pictures = Chain(5), set()
    for transfer in recorder.seen():
        chain.take(transfer)
        pictures.add("\n".join(chain.rows()))
    assert {str(Frame.dark(40, 8)), str(ABC), str(WMX)} == pictures


def test_blanking_is_dark_from_its_first_transfer(recorder: PanelRecorder, panel: Panel) -> None:
    panel.show(ABC, 7_000)
    before = len(recorder.seen())
    panel.blank()
    until(lambda: len(recorder.seen()) >= before + 9, what="the blank")
    stands(recorder, Frame.dark(40, 8))


def test_healing_brings_back_what_a_spike_took(recorder: PanelRecorder, panel: Panel) -> None:
    panel.show(ABC, 7_000)
    stands(recorder, ABC)
    seen = len(recorder.seen())
    for register in (0x0A, 0x0B, 0x0C, 0x03):
        recorder.chain.chips[2].registers[register] = 0
    panel.heal()
    stands(recorder, ABC)
    assert 13 == len(recorder.seen()) - seen


def test_a_dark_panel_that_lit_by_itself_is_dark_after_a_heal(
    recorder: PanelRecorder, panel: Panel
) -> None:
    until(lambda: len(recorder.seen()) == 15, what="the start")
    recorder.chain.chips[1].registers.update(dict.fromkeys(range(1, 16), 0xFF))
    panel.heal()
    until(lambda: recorder.is_dark, what="darkness")


def test_a_pulled_plug_is_a_lost_panel_and_the_next_start_begins_dark(
    recorder: PanelRecorder, panel: Panel, tmp_path: Path
) -> None:
    panel.show(ABC, 7_000)
    recorder.close()
    with pytest.raises(PanelLost, match="check its cable"):
        panel.heal()
    with pytest.raises(PanelLost):
        panel.init()

    again = PanelRecorder(tmp_path / "panel.sock", 5)
    panel.init()
    panel.show(WMX, 7_000)
    stands(again, WMX)
    assert bytes.fromhex("0c00") * 5 == again.seen()[0]
    again.close()


def test_a_panel_that_stops_reading_is_lost_in_time_and_stays_lost(
    recorder: PanelRecorder, panel: Panel
) -> None:
    recorder.hang()
    with pytest.raises(PanelLost, match="too long"):
        heal_until_lost(panel)
    with pytest.raises(PanelLost, match="too long"):
        panel.init()
    recorder.resume()


def test_real_hardware_gets_the_same_bytes_through_lumas_own_spi() -> None:
    class SpiDev:
        """spidev.SpiDev as luma's interface uses it."""

        def __init__(self) -> None:
            self.max_speed_hz = 0
            self.opened: tuple[int, int] | None = None
            self.closed = False
            self.sent: list[bytes] = []

        def open(self, port: int, device: int) -> None:
            self.opened = (port, device)

        def writebytes(self, data: list[int]) -> None:
            self.sent.append(bytes(data))

        def close(self) -> None:
            self.closed = True

    spidev = SpiDev()
    panel = Max7219Panel(bus_opener(Spi(0, 1), 1_000_000, spidev), "spi:0.1", 5, -90)
    panel.init()
    panel.show(ABC, 7_000)
    panel.close()
    assert ((0, 1), 1_000_000, True) == (spidev.opened, spidev.max_speed_hz, spidev.closed)
    assert encode(ABC, -90) == spidev.sent[15:23]


def test_a_missing_spi_is_a_lost_panel_that_says_which() -> None:
    class NoSuchDevice:
        def open(self, port: int, device: int) -> None:
            raise FileNotFoundError(2, "No such file or directory")

    panel = Max7219Panel(bus_opener(Spi(0, 0), 1_000_000, NoSuchDevice()), "spi:0.0", 5)
    with pytest.raises(PanelLost, match=r"spi:0\.0"):
        panel.init()


def test_what_the_driver_says_of_its_panel(panel: Panel) -> None:
    facts = panel.facts
    assert (40, True) == (facts.width_px, facts.holds_last_frame)
    assert facts.worst_dark_ms <= 2_000
    assert (6, 3) == (facts.fonts[0].advance_px, facts.fonts[0].gap_px)
    assert font_shows(facts.fonts, facts.width_px, "ABC 123")
    assert panel.health() is None


def test_bus_names() -> None:
    assert Spi(1, 2) == parse_bus("spi:1.2")
    assert UnixSocket(Path("/run/panel.sock")) == parse_bus("unix:/run/panel.sock")
    for name in ("spi", "spi:0", "unix:panel.sock", "usb:1", "spi:²", ""):
        with pytest.raises(BusNameRefused):
            parse_bus(name)


def test_a_luma_command_is_a_transfer_too(recorder: PanelRecorder) -> None:
    bus = PacketBus(recorder.path)
    bus.command(0x0C, 0, 0x0C, 0, 0x0C, 0, 0x0C, 0, 0x0C, 0)
    until(recorder.seen, what="the transfer")
    bus.cleanup()


def test_the_emulator_draws_each_picture_once_as_png_and_text(tmp_path: Path) -> None:
    said: list[str] = []
    picture = tmp_path / "sign.png"
    panel = EmulatorPanel(40, 8, picture, said.append)
    panel.init()
    panel.show(ABC, 7_000)
    panel.heal()
    panel.show(ABC, 5_000)
    assert [Frame.dark(40, 8), ABC] == list(panel.frames)
    assert png(ABC) == picture.read_bytes()
    assert said[1].splitlines()[0] == ABC.rows[0].replace("#", "●").replace(".", "·")
    panel.blank()
    assert panel.frames[-1].is_dark


def test_an_emulator_that_cannot_write_its_picture_is_lost(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    panel = EmulatorPanel(40, picture=tmp_path / "file" / "sign.png")
    with pytest.raises(PanelLost):
        panel.init()


def pixels(content: bytes, dot_px: int, width_px: int) -> Callable[[int, int], int]:
    """The palette index in the middle of a dot, by an own reader of the file."""
    at, data = 8, b""
    while at < len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        if content[at + 4 : at + 8] == b"IDAT":
            data += content[at + 8 : at + 8 + size]
        at += 12 + size
    raw, line = zlib.decompress(data), width_px * dot_px + 1
    middle = dot_px // 2
    return lambda x, y: raw[(y * dot_px + middle) * line + 1 + x * dot_px + middle]


def test_the_png_shows_the_frame_dot_by_dot(tmp_path: Path) -> None:
    at = pixels(png(ABC, 12), 12, 40)
    seen = ["".join("#" if at(x, y) == 16 else "." for x in range(40)) for y in range(8)]
    assert list(ABC.rows) == seen


def test_the_png_opens_in_pillow(tmp_path: Path) -> None:
    image: Any = pytest.importorskip("PIL.Image")
    path = tmp_path / "sign.png"
    path.write_bytes(png(ABC, 10))
    with image.open(path) as picture:
        picture.load()
        assert (400, 80) == picture.size
        red, green, _ = picture.convert("RGB").getpixel((25, 5))
        assert red < 60
        assert green < 60
