"""The driver against chips at the far end of the wire: what stands there, and what if the wire fails."""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from luma.core.error import Error as LumaError
from luma.led_matrix.device import max7219
from PIL import Image

from contract.wire import font_shows
from signage.bus import UnixSocket
from signage.encoders.max7219 import Wiring, encode, lit
from signage.frame import Frame
from signage.layout import layout
from signage.panel import PanelLost
from signage.panel_settings import PanelSettings
from signage.panels.max7219 import Max7219Panel, from_settings
from signage.panels.spi_line import SpiLine, bus_opener
from tests.fakes.panel_recorder import Chain, PanelRecorder
from tests.fakes.spi_wire import NoSpiDev, SpiDev, SpiWire
from tests.waiting import until

ABC = layout("ABC 123", 40, 8)
WMX = layout("WMX 99", 40, 8)
OFF = bytes.fromhex("0c00") * 5
TRANSFER = 10
# Dark, then all of it: 9 transfers to darkness, 13 to the new plate.
CHANGE = 9 + 13


@pytest.fixture
def wire() -> SpiWire:
    return SpiWire(Chain(5))


@pytest.fixture
def chain(wire: SpiWire) -> Chain:
    assert isinstance(wire.wall, Chain)
    return wire.wall


@pytest.fixture
def panel(wire: SpiWire) -> Max7219Panel:
    panel = Max7219Panel(SpiLine(wire.open, "the wall", wire.now_s), 5)
    panel.init()
    return panel


@pytest.fixture
def far(recorder: PanelRecorder) -> Iterator[Max7219Panel]:
    """The same at the end of a real socket."""
    panel = Max7219Panel(SpiLine(bus_opener(UnixSocket(recorder.path), 0), "unix"), 5)
    panel.init()
    yield panel
    panel.close()


def test_the_first_transfer_of_a_start_is_darkness(wire: SpiWire, panel: Max7219Panel) -> None:
    assert [OFF, 15] == [wire.sent[0], len(wire.sent)]
    assert wire.wall.is_dark


def test_a_frame_stands_on_the_panel_as_it_was_drawn(wire: SpiWire, panel: Max7219Panel) -> None:
    digest = panel.show(ABC, 7_000)
    assert list(ABC.rows) == wire.wall.rows()
    assert hashlib.sha256(b"".join(encode(ABC))).hexdigest() == digest


def test_between_two_plates_it_is_dark(wire: SpiWire, panel: Max7219Panel) -> None:
    panel.show(ABC, 7_000)
    panel.show(WMX, 7_000)
    chain = Chain(5)
    pictures: list[list[str]] = []
    for transfer in wire.sent:
        chain.take(transfer)
        if not pictures or pictures[-1] != chain.rows():
            pictures.append(chain.rows())
    dark = Frame.dark(40, 8)
    assert [list(one.rows) for one in (dark, ABC, dark, WMX)] == pictures


def test_blanking_is_dark_from_its_first_transfer(wire: SpiWire, panel: Max7219Panel) -> None:
    panel.show(ABC, 7_000)
    before = len(wire.sent)
    panel.blank()
    assert OFF == wire.sent[before]
    assert wire.wall.is_dark


def test_healing_brings_back_what_a_spike_took(
    wire: SpiWire, chain: Chain, panel: Max7219Panel
) -> None:
    panel.show(ABC, 7_000)
    before = len(wire.sent)
    for register in (0x0A, 0x0B, 0x0C, 0x03):
        chain.chips[2].registers[register] = 0
    panel.heal(6_000)
    assert list(ABC.rows) == chain.rows()
    assert 13 == len(wire.sent) - before


def test_a_dark_panel_that_lit_by_itself_is_dark_after_a_heal(
    chain: Chain, panel: Max7219Panel
) -> None:
    chain.chips[1].registers.update(dict.fromkeys(range(1, 16), 0xFF))
    panel.heal(0)
    assert chain.is_dark


def test_a_new_brightness_goes_out_with_the_next_heal(chain: Chain, panel: Max7219Panel) -> None:
    panel.show(ABC, 7_000)
    assert {7} == {chip.registers[0x0A] for chip in chain.chips}
    for percent, step in ((100, 15), (1, 0), (40, 6)):
        panel.dim(percent)
        panel.heal(6_000)
        assert {step} == {chip.registers[0x0A] for chip in chain.chips}
        assert list(ABC.rows) == chain.rows()


@pytest.mark.parametrize(
    ("asked", "step", "given"),
    [(1, 0, 3), (5, 0, 3), (7, 1, 10), (15, 2, 16), (50, 7, 48), (100, 15, 100)],
)
def test_it_says_what_the_nearest_of_the_chips_steps_gives(
    chain: Chain, panel: Max7219Panel, asked: int, step: int, given: int
) -> None:
    """The data sheet's 1/32 to 31/32 of the time, against the brightest."""
    panel.show(ABC, 7_000)
    assert given == panel.dim(asked)
    panel.heal(6_000)
    assert {step} == {chip.registers[0x0A] for chip in chain.chips}


# -- the fault table ------------------------------------------------------------------------------


def test_not_there_is_a_lost_panel_that_says_which() -> None:
    panel = from_settings(PanelSettings(bus="spi:0.1"), spidev=NoSpiDev())
    with pytest.raises(PanelLost, match=r"spi:0\.1 .*it is not there; dtparam=spi=on"):
        panel.init()


def test_without_spidev_the_panel_is_lost_and_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "spidev", None)
    with pytest.raises(PanelLost, match="spidev is not installed"):
        from_settings(PanelSettings()).init()


def test_not_there_yet_is_dark_first_once_it_is(wire: SpiWire, panel: Max7219Panel) -> None:
    panel.close()
    wire.is_there = False
    with pytest.raises(PanelLost, match="No such file"):
        panel.show(ABC, 7_000)
    wire.plug_in()
    before = len(wire.sent)
    panel.init()
    assert OFF == wire.sent[before]


def test_darkness_needs_no_start(wire: SpiWire) -> None:
    """Who stops before the start has ended does not know what stands there."""
    for transfer in lit(encode(ABC), 5, 7):
        wire.wall.take(transfer)
    Max7219Panel(SpiLine(wire.open, "the wall", wire.now_s), 5).blank()
    assert OFF == wire.sent[0]
    assert wire.wall.is_dark


class Refusing:
    """A driver library that does not like what it is told."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def data(self, data: list[int]) -> None:
        raise self.error

    def cleanup(self) -> None:
        raise self.error


REFUSALS = [
    ValueError("not so"),
    OverflowError("too large"),
    RuntimeError("is closed"),
    LumaError("no"),
]


@pytest.mark.parametrize("error", REFUSALS, ids=repr)
def test_whatever_the_driver_library_raises_is_a_lost_panel(error: Exception) -> None:
    def fails() -> Refusing:
        raise error

    for opened in (fails, lambda: Refusing(error)):
        panel = Max7219Panel(SpiLine(opened, "the wall"), 5)
        with pytest.raises(PanelLost, match="the wall"):
            panel.init()


def test_never_started_is_a_lost_panel(wire: SpiWire) -> None:
    panel = Max7219Panel(SpiLine(wire.open, "the wall"), 5)
    with pytest.raises(PanelLost, match="never started"):
        panel.show(ABC, 7_000)
    assert [] == wire.sent


def test_unplugged_in_the_middle_of_a_frame_is_a_lost_panel_and_the_next_start_begins_dark(
    recorder: PanelRecorder, far: Max7219Panel, tmp_path: Path
) -> None:
    far.show(ABC, 7_000)
    recorder.close()
    with pytest.raises(PanelLost, match="check its cable"):
        far.heal(6_000)
    with pytest.raises(PanelLost):
        far.init()

    again = PanelRecorder(tmp_path / "panel.sock", 5)
    far.init()
    far.show(WMX, 7_000)
    until(lambda: list(WMX.rows) == again.rows(), what="the plate")
    assert OFF == again.seen()[0]
    again.close()


@pytest.mark.parametrize("taken", range(CHANGE))
def test_half_a_write_is_never_a_mix_of_two_plates_and_a_start_makes_it_right(
    wire: SpiWire, panel: Max7219Panel, taken: int
) -> None:
    panel.show(ABC, 7_000)
    wire.bytes_left = taken * TRANSFER
    with pytest.raises(PanelLost, match="Broken pipe"):
        panel.show(WMX, 7_000)
    stands = [list(ABC.rows)] if taken == 0 else [list(Frame.dark(40, 8).rows)]
    assert wire.wall.rows() in stands

    wire.plug_in()
    panel.init()
    assert wire.wall.is_dark
    panel.show(WMX, 7_000)
    assert list(WMX.rows) == wire.wall.rows()


@pytest.mark.parametrize("taken", range(CHANGE))
def test_half_a_write_that_nobody_noticed_is_right_after_the_next_heal(
    wire: SpiWire, panel: Max7219Panel, taken: int
) -> None:
    """A pulled SPI cable gives no error, so the sign finds out by nothing."""
    panel.show(ABC, 7_000)
    wire.bytes_left, wire.tells = taken * TRANSFER, False
    panel.show(WMX, 7_000)
    assert wire.wall.rows() in [list(ABC.rows), list(Frame.dark(40, 8).rows)]

    wire.plug_in()
    panel.heal(6_000)
    assert list(WMX.rows) == wire.wall.rows()


def test_half_a_blank_is_dark_unless_nothing_of_it_came(wire: SpiWire, panel: Max7219Panel) -> None:
    for taken in range(1, 9):
        panel.show(ABC, 7_000)
        wire.bytes_left = taken * TRANSFER
        with pytest.raises(PanelLost):
            panel.blank()
        assert wire.wall.is_dark
        wire.plug_in()
        panel.init()


def test_a_power_cut_of_the_panel_alone_ends_with_the_next_heal(
    chain: Chain, panel: Max7219Panel
) -> None:
    panel.show(ABC, 7_000)
    for chip in chain.chips:
        chip.registers.update(dict.fromkeys(range(16), 0))
    panel.heal(6_000)
    assert list(ABC.rows) == chain.rows()


def test_no_answer_is_its_nature_so_it_confirms_nothing(panel: Max7219Panel) -> None:
    assert panel.health() is None
    panel.show(ABC, 7_000)
    assert panel.health() is None
    assert panel.facts.reads_back is False


def test_a_garbage_answer_cannot_hurt_for_nothing_is_ever_read() -> None:
    spidev = SpiDev()
    assert not {"readbytes", "xfer", "xfer2", "xfer3"} & set(dir(spidev))
    panel = from_settings(PanelSettings(modules=5), spidev=spidev)
    panel.init()
    panel.show(ABC, 7_000)
    panel.heal(6_000)
    panel.blank()
    assert len(spidev.sent) == 15 + 13 + 13 + 9


def test_too_slow_is_a_lost_panel_after_half_a_second(wire: SpiWire, panel: Max7219Panel) -> None:
    wire.transfer_s = 0.1
    begun_s = wire.time_s
    with pytest.raises(PanelLost, match="too long"):
        panel.show(ABC, 7_000)
    assert wire.time_s - begun_s == pytest.approx(0.6)
    assert wire.wall.is_dark


def test_slow_but_in_time_is_no_fault(wire: SpiWire, panel: Max7219Panel) -> None:
    panel.show(ABC, 7_000)
    wire.transfer_s = 0.02
    panel.show(WMX, 7_000)
    assert list(WMX.rows) == wire.wall.rows()


def test_too_slow_to_read_at_all_is_lost_in_time_and_stays_lost(
    recorder: PanelRecorder, far: Max7219Panel
) -> None:
    recorder.hang()
    with pytest.raises(PanelLost, match="too long"):
        heal_until_lost(far)
    with pytest.raises(PanelLost, match="too long"):
        far.init()
    recorder.resume()


def heal_until_lost(panel: Max7219Panel) -> None:
    for _ in range(10_000):
        panel.heal(6_000)


# -- the settings ---------------------------------------------------------------------------------


def test_real_hardware_gets_the_same_bytes_through_lumas_own_spi() -> None:
    spidev = SpiDev()
    settings = PanelSettings(bus="spi:0.1", modules=5, orientation=-90, hertz=4_000_000)
    panel = from_settings(settings, spidev=spidev)
    panel.init()
    panel.show(ABC, 7_000)
    panel.close()
    assert ((0, 1), 4_000_000, True) == (spidev.opened, spidev.max_speed_hz, spidev.closed)
    assert encode(ABC, Wiring(orientation=-90)) == spidev.sent[15:23]


@pytest.mark.parametrize("orientation", [0, 90, -90, 180])
@pytest.mark.parametrize("order", ["left", "right"])
def test_two_rows_stand_upright_however_they_are_wired(order: str, orientation: int) -> None:
    spidev, chain = SpiDev(), Chain(5, 2, order, orientation)
    settings = PanelSettings(modules=5, rows=2, order=order, orientation=orientation)
    panel = from_settings(settings, spidev=spidev)
    frame = layout("ABC 123", 40, 16)
    panel.init()
    panel.show(frame, 7_000)
    for transfer in spidev.sent:
        chain.take(transfer)
    assert list(frame.rows) == chain.rows()


def test_a_panel_elsewhere_is_told_over_its_socket(recorder: PanelRecorder) -> None:
    panel = from_settings(PanelSettings(bus=f"unix:{recorder.path}", modules=5))
    panel.init()
    panel.show(ABC, 7_000)
    until(lambda: list(ABC.rows) == recorder.rows(), what="the plate")
    panel.close()


def test_what_the_driver_says_of_its_panel() -> None:
    facts = from_settings(PanelSettings(modules=5)).facts
    assert (40, 8, 1) == (facts.width_px, facts.height_px, facts.lines)
    assert facts.holds_last_frame
    assert 0 < facts.worst_dark_ms <= 2_000
    assert font_shows(facts.fonts, facts.width_px, "ABC 123")
    assert not font_shows(facts.fonts, facts.width_px, "ABCDEFG 123")


def test_four_rows_are_room_for_lines() -> None:
    panel = from_settings(PanelSettings(modules=8, rows=4))
    assert (64, 32, 4) == (panel.canvas.width_px, panel.canvas.height_px, panel.facts.lines)
    assert {7, 9, 14} == {face.height_px for face in panel.canvas.typefaces}


def test_the_time_to_dark_may_be_measured_on_the_spot() -> None:
    assert 450 == from_settings(PanelSettings(dark_ms=450)).facts.worst_dark_ms


def test_a_driver_is_made_without_opening_anything() -> None:
    from_settings(PanelSettings(bus="unix:/nowhere/panel.sock"), spidev=NoSpiDev()).close()


def test_lumas_own_device_drives_the_same_wire(wire: SpiWire, panel: Max7219Panel) -> None:
    """Whoever draws with luma's canvas gets our bytes, on panels of one row and of more."""
    for rows in (1, 2):
        wire = SpiWire(Chain(5, rows))
        ours = Max7219Panel(SpiLine(wire.open, "the wall"), 5, rows)
        ours.init()
        device = ours._chain
        assert isinstance(device, max7219)
        frame = layout("ABC 123", 40, 8 * rows)
        image = Image.new("1", (40, 8 * rows))
        image.putdata([255 * (dot == "#") for row in frame.rows for dot in row])
        device.display(image)
        device.show()
        assert list(frame.rows) == wire.wall.rows()
