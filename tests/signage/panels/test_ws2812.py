"""The driver against pixels at the far end of the wire: what stands there, and what if the wire fails."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.settings import SettingsError, load
from signage.encoders.ws2812 import Wiring, blank, encode
from signage.frame import Frame
from signage.layout import layout
from signage.panel import PanelLost
from signage.panel_settings import PanelSettings, Ws2812Settings
from signage.panels.spi_line import SpiLine
from signage.panels.ws2812 import Ws2812Panel, from_settings
from signage.settings import SignSettings
from tests.fakes.panel_recorder import Recorder
from tests.fakes.spi_wire import NoSpiDev, SpiDev, SpiWire
from tests.fakes.ws2812_chain import Ws2812Chain
from tests.waiting import until

WIDTH, HEIGHT = 40, 7
ABC = layout("ABC 123", WIDTH, HEIGHT)
WMX = layout("WMX 99", WIDTH, HEIGHT)
DARK = Frame.dark(WIDTH, HEIGHT)
MESSAGE = len(blank(WIDTH * HEIGHT)[0])


@pytest.fixture
def wire() -> SpiWire:
    return SpiWire(Ws2812Chain(WIDTH, HEIGHT))


@pytest.fixture
def chain(wire: SpiWire) -> Ws2812Chain:
    assert isinstance(wire.wall, Ws2812Chain)
    return wire.wall


@pytest.fixture
def panel(wire: SpiWire) -> Ws2812Panel:
    panel = Ws2812Panel(SpiLine(wire.open, "the wall", wire.now_s), WIDTH, HEIGHT)
    panel.init()
    return panel


def dots(rows: list[str] | tuple[str, ...]) -> set[tuple[int, int]]:
    return {(x, y) for y, row in enumerate(rows) for x, dot in enumerate(row) if dot == "#"}


def is_of_one_plate(rows: list[str]) -> bool:
    return any(dots(rows) <= dots(plate.rows) for plate in (ABC, WMX))


def test_a_start_is_darkness(wire: SpiWire, chain: Ws2812Chain) -> None:
    chain.pixels = [(255, 0, 0)] * len(chain.pixels)
    Ws2812Panel(SpiLine(wire.open, "the wall"), WIDTH, HEIGHT).init()
    assert blank(WIDTH * HEIGHT) == wire.sent
    assert chain.is_dark


def test_a_frame_stands_on_the_panel_as_it_was_drawn(wire: SpiWire, panel: Ws2812Panel) -> None:
    digest = panel.show(ABC, 7_000)
    assert list(ABC.rows) == wire.wall.rows()
    assert hashlib.sha256(wire.sent[-1]).hexdigest() == digest
    assert encode(ABC, percent=50) == wire.sent[-1:]


def test_between_two_plates_it_is_dark(wire: SpiWire, panel: Ws2812Panel) -> None:
    panel.show(ABC, 7_000)
    panel.show(WMX, 7_000)
    chain, pictures = Ws2812Chain(WIDTH, HEIGHT), []
    for transfer in wire.sent:
        chain.take(transfer)
        pictures.append(chain.rows())
    assert [list(one.rows) for one in (DARK, ABC, DARK, WMX)] == pictures


def test_the_same_frame_again_does_not_blink(wire: SpiWire, panel: Ws2812Panel) -> None:
    panel.show(ABC, 7_000)
    panel.show(ABC, 5_000)
    assert 1 + 1 + 1 == len(wire.sent)


def test_blanking_is_one_message(wire: SpiWire, panel: Ws2812Panel) -> None:
    panel.show(ABC, 7_000)
    panel.blank()
    assert blank(WIDTH * HEIGHT) == wire.sent[-1:]
    assert wire.wall.is_dark


def test_healing_brings_back_what_a_spike_took(chain: Ws2812Chain, panel: Ws2812Panel) -> None:
    panel.show(ABC, 7_000)
    chain.pixels[40:80] = [(0, 255, 0)] * 40
    panel.heal(6_000)
    assert list(ABC.rows) == chain.rows()
    panel.blank()
    chain.pixels[3] = (0, 255, 0)
    panel.heal(0)
    assert chain.is_dark


def test_a_new_brightness_goes_out_with_the_next_heal_and_is_never_dark(
    chain: Ws2812Chain, panel: Ws2812Panel
) -> None:
    panel.show(ABC, 7_000)
    assert {(128, 48, 0), (0, 0, 0)} == set(chain.pixels)
    for percent, colour in ((100, (255, 96, 0)), (1, (3, 1, 0))):
        assert percent == panel.dim(percent)
        panel.heal(6_000)
        assert {colour, (0, 0, 0)} == set(chain.pixels)
        assert list(ABC.rows) == chain.rows()


# -- the fault table ------------------------------------------------------------------------------


def test_not_there_is_a_lost_panel_that_says_which() -> None:
    settings = PanelSettings(kind="ws2812", bus="spi:1.0", width_px=WIDTH)
    panel = from_settings(settings, spidev=NoSpiDev())
    with pytest.raises(PanelLost, match=r"spi:1\.0 .*it is not there; dtparam=spi=on"):
        panel.init()


def test_unplugged_is_a_lost_panel_and_the_next_start_begins_dark(
    wire: SpiWire, panel: Ws2812Panel
) -> None:
    panel.show(ABC, 7_000)
    wire.bytes_left = 0
    with pytest.raises(PanelLost, match="check its cable"):
        panel.heal(6_000)
    wire.is_there = False
    with pytest.raises(PanelLost, match="No such file"):
        panel.init()
    wire.plug_in()
    panel.init()
    assert wire.wall.is_dark
    panel.show(WMX, 7_000)
    assert list(WMX.rows) == wire.wall.rows()


@pytest.mark.parametrize("through", range(0, 2 * MESSAGE, 331))
@pytest.mark.parametrize("tells", [True, False], ids=["noticed", "unnoticed"])
def test_half_a_write_is_never_a_mix_of_two_plates_and_the_next_one_makes_it_right(
    wire: SpiWire, panel: Ws2812Panel, through: int, tells: bool
) -> None:
    panel.show(ABC, 7_000)
    wire.bytes_left, wire.tells = through, tells
    if tells:
        with pytest.raises(PanelLost, match="Broken pipe"):
            panel.show(WMX, 7_000)
    else:
        panel.show(WMX, 7_000)
    assert is_of_one_plate(wire.wall.rows())

    wire.plug_in()
    if tells:
        panel.init()
        assert wire.wall.is_dark
        panel.show(WMX, 7_000)
    else:
        panel.heal(6_000)
    assert list(WMX.rows) == wire.wall.rows()


def test_without_darkness_between_them_half_a_write_would_be_a_mix(chain: Ws2812Chain) -> None:
    chain.take(encode(ABC)[0])
    chain.take(encode(WMX)[0][: MESSAGE // 2])
    assert not is_of_one_plate(chain.rows())


def test_no_answer_is_its_nature_so_it_confirms_nothing(panel: Ws2812Panel) -> None:
    panel.show(ABC, 7_000)
    assert panel.health() is None
    assert panel.facts.reads_back is False


def test_a_garbage_answer_cannot_hurt_for_nothing_is_ever_read() -> None:
    spidev = SpiDev()
    assert not {"readbytes", "xfer", "xfer2", "xfer3"} & set(dir(spidev))
    panel = from_settings(PanelSettings(kind="ws2812", width_px=WIDTH), spidev=spidev)
    panel.init()
    panel.show(ABC, 7_000)
    panel.heal(6_000)
    assert 3 == len(spidev.sent)


def test_too_slow_is_a_lost_panel_after_half_a_second(wire: SpiWire, panel: Ws2812Panel) -> None:
    panel.show(ABC, 7_000)
    wire.transfer_s = 0.6
    with pytest.raises(PanelLost, match="too long"):
        panel.show(WMX, 7_000)
    assert wire.wall.is_dark


def test_too_slow_to_take_a_message_is_a_lost_panel(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "panel.sock", Ws2812Chain(WIDTH, HEIGHT))
    panel = from_settings(PanelSettings(kind="ws2812", bus=f"unix:{recorder.path}", width_px=WIDTH))
    panel.init()
    recorder.hang()
    with pytest.raises(PanelLost, match="too long"):
        heal_until_lost(panel)
    recorder.resume()
    panel.close()
    recorder.close()


def heal_until_lost(panel: Ws2812Panel) -> None:
    for _ in range(1_000):
        panel.heal(6_000)


# -- the settings ---------------------------------------------------------------------------------


def test_on_spi_each_message_is_one_transfer_at_the_speed_of_the_pixels() -> None:
    spidev = SpiDev()
    settings = PanelSettings(kind="ws2812", bus="spi:1.0", width_px=54, height_px=8)
    panel = from_settings(settings, spidev=spidev)
    panel.init()
    panel.show(layout("ABC 123", 54, 8), 7_000)
    panel.close()
    assert ((1, 0), 2_400_000, True) == (spidev.opened, spidev.max_speed_hz, spidev.closed)
    assert [4_068, 4_068] == [len(message) for message in spidev.sent]


def test_the_wiring_and_the_colour_are_settings() -> None:
    own = Ws2812Settings(colour="red", start="bottom-right", run="rows", snake=False)
    settings = PanelSettings(kind="ws2812", width_px=WIDTH, height_px=8, ws2812=own)
    spidev, frame = SpiDev(), layout("KÖR IN", WIDTH, 8)
    panel = from_settings(settings, spidev=spidev)
    panel.dim(100)
    panel.show(frame, 7_000)
    wall = Ws2812Chain(WIDTH, 8, "bottom-right", "rows", snake=False)
    wall.take(spidev.sent[0])
    assert list(frame.rows) == wall.rows()
    assert {(255, 0, 0), (0, 0, 0)} == set(wall.pixels)
    assert encode(frame, Wiring("bottom-right", "rows", snake=False), "red") == spidev.sent


@pytest.fixture
def far(tmp_path: Path) -> Iterator[Recorder]:
    recorder = Recorder(tmp_path / "panel.sock", Ws2812Chain(WIDTH, HEIGHT))
    yield recorder
    recorder.close()


def test_a_panel_elsewhere_gets_each_message_as_one_packet(far: Recorder) -> None:
    panel = from_settings(PanelSettings(kind="ws2812", bus=f"unix:{far.path}", width_px=WIDTH))
    panel.init()
    panel.show(ABC, 7_000)
    until(lambda: list(ABC.rows) == far.rows(), what="the plate")
    assert [MESSAGE, MESSAGE] == [len(packet) for packet in far.seen()]
    panel.close()


def test_more_pixels_than_one_message_carries_are_refused_with_the_settings(
    tmp_path: Path,
) -> None:
    path = tmp_path / "sign.toml"
    path.write_text(
        'central = { url = "http://127.0.0.1:9", station = "pitea" }\n'
        '[panel]\nkind = "ws2812"\nwidth_px = 80\nheight_px = 7\n'
    )
    with pytest.raises(SettingsError, match="560 dots are more than the 435 of one ws2812 message"):
        load(path, SignSettings)
    with pytest.raises(ValueError, match="435"):
        Ws2812Panel(SpiLine(SpiWire(Ws2812Chain(1, 1)).open, "the wall"), 80, 7)


def test_what_the_driver_says_of_its_panel() -> None:
    settings = PanelSettings(kind="ws2812", width_px=27, height_px=16)
    facts = from_settings(settings).facts
    assert (27, 16, 2) == (facts.width_px, facts.height_px, facts.lines)
    assert facts.holds_last_frame
    assert 0 < facts.worst_dark_ms <= 2_000


def test_the_time_to_dark_may_be_measured_on_the_spot() -> None:
    settings = PanelSettings(kind="ws2812", width_px=WIDTH, dark_ms=450)
    assert 450 == from_settings(settings).facts.worst_dark_ms
