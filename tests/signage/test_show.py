"""What `sign show` prints is what would leave: panels that know nothing of our encoders read it."""

from dataclasses import replace

import pytest

from device.sse import ServerSent
from signage.downlink import FIRST_RETRY_S, LAST_RETRY_S, BackOff
from signage.encoders.max7219 import lit
from signage.encoders.signhead import hello_packet
from signage.layout import CannotDraw, Canvas, layout
from signage.news import Nudged, nudge
from signage.panel_settings import MobitecSettings, PanelSettings, Ws2812Settings
from signage.script import Drawing
from signage.show import PANELS, OnePage, Shown, render
from signage.simulated_head import SimulatedHead
from tests.fakes.alpha_sign import AlphaSign
from tests.fakes.mobitec_sign import MobitecSign
from tests.fakes.panel_recorder import Chain
from tests.fakes.ws2812_chain import Ws2812Chain

SERIAL = "serial:/dev/portvakt-sign"
SECOND = Drawing(Canvas(1, 1), "KÖR IN", "right", door=True)


def max7219(shown: Shown, chain: Chain) -> list[str]:
    for transfer in lit(shown.transfers, len(chain.chips), 7):
        chain.take(transfer)
    return chain.rows()


def test_what_the_command_line_prints_is_what_would_leave() -> None:
    shown = render("ABC 123", PanelSettings(modules=5))
    assert layout("ABC 123", 40, 8) == shown.frame
    assert shown.hex_lines[0].startswith("01 ")
    assert list(shown.frame.rows) == max7219(shown, Chain(5))


@pytest.mark.parametrize("orientation", [0, 90, -90, 180])
@pytest.mark.parametrize("order", ["left", "right"])
def test_modules_that_hang_turned_or_backwards_show_the_same_picture(
    orientation: int, order: str
) -> None:
    panel = PanelSettings(modules=6, rows=2, orientation=orientation, order=order)
    shown = render("ABC 123", panel)
    assert list(shown.frame.rows) == max7219(shown, Chain(6, 2, order, orientation))


def test_a_chain_of_pixels_is_lit_in_its_colour() -> None:
    own = Ws2812Settings(colour="red", start="bottom-right", run="rows", snake=False)
    shown = render("ABC 123", PanelSettings(kind="ws2812", width_px=54, height_px=8, ws2812=own))
    wall = Ws2812Chain(54, 8, "bottom-right", "rows", snake=False)
    (transfer,) = shown.transfers
    wall.take(transfer)
    assert list(shown.frame.rows) == wall.rows()
    colours = {dot for row in wall.colours() for dot in row}
    assert {(255, 0, 0), (0, 0, 0)} == colours


def test_an_alpha_sign_reads_the_words() -> None:
    shown = render("ABÖ 123", PanelSettings(kind="alpha", bus=SERIAL))
    sign = AlphaSign()
    for packet in shown.transfers:
        sign.take(packet)
    assert "ABÖ 123" == sign.shows


def test_a_bus_sign_reads_the_words_or_gets_the_dots() -> None:
    panel = PanelSettings(kind="mobitec", bus=SERIAL, width_px=112, height_px=16)
    sign = MobitecSign()
    (packet,) = render("ABÖ 123", panel).transfers
    sign.take(packet)
    assert "ABÖ 123" == sign.shows
    shown = render("ABC 123", replace(panel, mobitec=MobitecSettings(draws="dots")))
    sign.take(b"".join(shown.transfers))
    assert shown.frame.rows == sign.rows


def test_a_sign_head_lights_the_picture_after_a_greeting() -> None:
    panel = PanelSettings(kind="signhead", bus=SERIAL, width_px=96, height_px=16)
    shown = render("ABC 123", panel)
    head = SimulatedHead(96, 16, now_ms=lambda: 0)
    head.hears(hello_packet(0))
    (packet,) = shown.transfers
    head.hears(packet)
    assert list(shown.frame.rows) == head.rows()


def test_an_emulator_has_no_transfers() -> None:
    assert [] == render("KÖR IN", PanelSettings(kind="emulator")).transfers


def test_the_second_page_says_how_to_drive_in() -> None:
    panel = PanelSettings(kind="signhead", bus=SERIAL, width_px=96, height_px=32)
    shown = render("ABC 123", panel, SECOND, door="2")
    assert shown.frame != render("ABC 123", panel).frame
    assert all(word in shown.frame.words for word in ("KÖR", "IN", "2"))


def test_a_plate_that_cannot_be_drawn_has_no_second_page_either() -> None:
    with pytest.raises(CannotDraw, match="CYRILLIC"):
        render("Ж 1", PanelSettings(), SECOND)


def test_a_sign_without_a_second_page_says_why() -> None:
    with pytest.raises(OnePage, match="alpha is too slow"):
        render("ABC 123", PanelSettings(kind="alpha", bus=SERIAL), SECOND)
    with pytest.raises(OnePage, match="no words, no arrow and no door"):
        render("ABC 123", PanelSettings(), Drawing(Canvas(1, 1)))


def test_every_panel_of_the_settings_can_be_shown() -> None:
    assert {"max7219", "ws2812", "alpha", "mobitec", "signhead", "emulator"} == set(PANELS)


def test_four_modules_are_too_few_for_a_plate() -> None:
    with pytest.raises(CannotDraw, match="this sign has 32"):
        render("ABC 123", PanelSettings(modules=4))


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
