"""The driver of an Alpha sign against a sign that decodes every byte."""

from collections.abc import Iterator

import pytest

from contract.wire import font_shows
from signage.frame import Frame
from signage.layout import CannotDraw, DrawRefusal, lines_of, notice, plate
from signage.panel import Panel, PanelLost
from signage.panel_settings import AlphaSettings, PanelSettings
from signage.panels.alpha import GAP_S, AlphaPanel, from_settings
from signage.panels.serial_line import SerialLine
from tests.fakes.alpha_sign import AlphaSign
from tests.fakes.serial_end import SerialEnd
from tests.fakes.still_clock import StillClock
from tests.waiting import until


@pytest.fixture
def sign() -> AlphaSign:
    return AlphaSign(old="SALE")


@pytest.fixture
def end(sign: AlphaSign) -> Iterator[SerialEnd]:
    end = SerialEnd(sign.take)
    yield end
    end.unplug()


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def panel(end: SerialEnd, clock: StillClock) -> Iterator[AlphaPanel]:
    line = SerialLine(
        end.place,
        9_600,
        "E",
        7,
        write_s=0.05,
        gap_s=GAP_S,
        now_s=clock.now_s,
        sleep_s=clock.sleep_s,
    )
    panel = AlphaPanel(line, 80)
    yield panel
    panel.close()


def abc(panel: AlphaPanel) -> Frame:
    return plate("ABC 123", panel.canvas)


def heal_for_hours(panel: AlphaPanel, clock: StillClock) -> None:
    for _ in range(5_000):
        clock.now += 10
        panel.heal(7_000)


def shows(sign: AlphaSign, words: str) -> None:
    until(lambda: sign.shows == words, what=f"{words!r} on the sign")


def test_a_start_is_dark_before_anything_else_and_says_so_twice(
    sign: AlphaSign, panel: AlphaPanel
) -> None:
    assert sign.shows == "SALE"
    panel.init()
    until(lambda: len(sign.taken) == 2, what="two packets")
    assert sign.is_dark


def test_a_plate_stands_and_goes(sign: AlphaSign, panel: AlphaPanel) -> None:
    panel.init()
    digest = panel.show(abc(panel), 7_000)
    shows(sign, "ABC 123")
    assert digest != panel.blank()
    until(lambda: sign.is_dark, what="darkness")


def test_the_old_text_never_comes_back_from_one_plate_to_the_next(
    sign: AlphaSign, panel: AlphaPanel
) -> None:
    panel.init()
    seen = set()
    for words in ("ABC 123", "KÖR IN", "WMX 99W"):
        panel.show(plate(words, panel.canvas), 7_000)
        shows(sign, words)
        panel.blank()
        until(lambda: sign.is_dark, what="darkness")
        seen.add(sign.priority)
    assert seen == {""}


def test_after_a_power_cut_of_the_sign_darkness_is_back_with_the_next_heal(
    sign: AlphaSign, panel: AlphaPanel
) -> None:
    panel.init()
    until(lambda: sign.is_dark, what="darkness")
    sign.power_cut()
    assert sign.shows == "SALE"
    panel.heal(0)
    until(lambda: sign.is_dark, what="darkness")


def test_a_plate_is_told_again_every_ten_seconds_and_not_oftener(
    sign: AlphaSign, panel: AlphaPanel, clock: StillClock
) -> None:
    """Each rewrite of a text makes the sign blink."""
    panel.init()
    panel.show(abc(panel), 7_000)
    shows(sign, "ABC 123")
    for _ in range(9):
        clock.now += 1
        panel.heal(7_000)
    panel.show(plate("WMX 99W", panel.canvas), 7_000)
    shows(sign, "WMX 99W")
    assert len(sign.taken) == 4
    sign.power_cut()
    clock.now += 10
    panel.heal(7_000)
    shows(sign, "WMX 99W")


def test_packets_are_a_quarter_of_a_second_apart(panel: AlphaPanel, clock: StillClock) -> None:
    panel.init()
    before = clock.now
    panel.show(abc(panel), 7_000)
    panel.blank()
    assert 0.5 <= clock.now - before <= 0.7
    assert max(clock.slept) <= 0.3


def test_what_comes_back_on_the_line_is_ignored(
    sign: AlphaSign, end: SerialEnd, panel: AlphaPanel
) -> None:
    panel.init()
    end.say(b"\x01000\x02E$AAU0100FFFF\xff\x00\x04" * 20)
    panel.show(abc(panel), 7_000)
    shows(sign, "ABC 123")


def test_an_unplugged_sign_is_lost_and_found_dark(
    sign: AlphaSign, end: SerialEnd, panel: AlphaPanel
) -> None:
    panel.init()
    panel.show(abc(panel), 7_000)
    shows(sign, "ABC 123")
    end.unplug()
    for deed in (panel.blank, panel.init, lambda: panel.show(abc(panel), 7_000)):
        with pytest.raises(PanelLost, match="check its cable"):
            deed()
    assert sign.shows == "ABC 123"


def test_a_line_that_hangs_is_lost_and_after_it_the_sign_is_dark(
    sign: AlphaSign, end: SerialEnd, panel: AlphaPanel, clock: StillClock
) -> None:
    panel.init()
    panel.show(abc(panel), 7_000)
    shows(sign, "ABC 123")
    end.hang()
    with pytest.raises(PanelLost, match="too long"):
        heal_for_hours(panel, clock)
    end.resume()
    panel.init()
    until(lambda: sign.is_dark, what="darkness")


def test_half_a_write_of_a_dead_process_does_not_outlive_the_start(
    sign: AlphaSign, end: SerialEnd, panel: AlphaPanel
) -> None:
    sign.restarts = False
    panel.init()
    panel.show(abc(panel), 7_000)
    shows(sign, "ABC 123")
    other = SerialLine(end.place, 9_600, "E", 7)
    panel.close()
    other.write(b"\x00\x00\x00\x00\x00\x01Z00\x02A0\x1b bWMX 9")
    other.close()
    panel.init()
    until(lambda: sign.is_dark, what="darkness")


def test_a_pattern_lights_every_place_and_says_nothing(sign: AlphaSign, panel: AlphaPanel) -> None:
    panel.init()
    panel.show(Frame(80, 7, (0x55, 0x2A) * 40), 2_000)
    shows(sign, "█" * 13)


def test_a_dark_frame_is_darkness(sign: AlphaSign, panel: AlphaPanel) -> None:
    panel.init()
    assert panel.show(Frame.dark(80, 7), 7_000) == panel.blank()


def test_what_the_sign_cannot_show_is_refused_before_it_is_sent(panel: AlphaPanel) -> None:
    with pytest.raises(CannotDraw) as lacking:
        plate("ČAR 1", panel.canvas)
    assert lacking.value.reason is DrawRefusal.CHARACTER_NOT_DEFINED
    with pytest.raises(CannotDraw) as wide:
        plate("WWWWWWWW WWWWWW", panel.canvas)
    assert wide.value.reason is DrawRefusal.TEXT_TOO_BIG
    plate("ÅÄÖÆÜ 1234", panel.canvas)


def test_what_the_driver_says_of_its_sign(panel: Panel) -> None:
    facts = panel.facts
    assert (80, 7, True, False, 0) == (
        facts.width_px,
        facts.height_px,
        facts.holds_last_frame,
        facts.reads_back,
        facts.lines,
    )
    assert 28 + 28 + 250 + 100 <= facts.worst_dark_ms <= 2_000
    assert font_shows(facts.fonts, 80, "ABCDEFG 123")
    assert not font_shows(facts.fonts, 80, "ØST 1")
    assert panel.health() is None
    assert (panel.traits.pages, panel.dim(15)) == (False, 100)
    assert panel.dim(10) == 100


def test_a_sign_of_two_lines_gets_a_notice_on_both(clock: StillClock) -> None:
    sign = AlphaSign()
    end = SerialEnd(sign.take)
    line = SerialLine(end.place, 9_600, now_s=clock.now_s, sleep_s=clock.sleep_s)
    panel = AlphaPanel(line, 60, 16)
    panel.init()
    panel.show(notice("STÄNGT RAST", panel.canvas), 7_000)
    shows(sign, "STÄNGT\nRAST")
    assert lines_of(panel.canvas) == 2
    panel.close()
    end.unplug()


def test_the_settings_name_line_address_and_darkness() -> None:
    settings = PanelSettings(
        kind="alpha",
        bus="serial:/dev/no-such-sign",
        width_px=60,
        dark_ms=900,
        alpha=AlphaSettings(address="0A", kind="^"),
    )
    panel = from_settings(settings)
    assert panel.line.form == "9600 7E1"
    assert (60, 7, 900) == (panel.facts.width_px, panel.facts.height_px, panel.facts.worst_dark_ms)
    with pytest.raises(PanelLost, match="/dev/no-such-sign"):
        panel.init()


@pytest.mark.parametrize(("kind", "address"), [("Å", "00"), ("Z", "0x"), ("Z", "é0")])
def test_an_address_that_cannot_be_sent_is_refused(kind: str, address: str) -> None:
    settings = PanelSettings(
        kind="alpha", bus="serial:/dev/x", alpha=AlphaSettings(address=address, kind=kind)
    )
    with pytest.raises(ValueError, match=r"panel\.alpha"):
        from_settings(settings)
