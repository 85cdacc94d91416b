"""The driver of a Mobitec sign against a sign that decodes every byte."""

from collections.abc import Callable, Iterator

import pytest

from contract.wire import font_shows
from signage.encoders.mobitec import Sign, text
from signage.fonts import ALL
from signage.frame import Frame
from signage.layout import CannotDraw, listing, notice, plate
from signage.panel import Panel, PanelLost
from signage.panel_settings import MobitecSettings, PanelSettings
from signage.panels.mobitec import MobitecPanel, from_settings
from signage.panels.serial_line import SerialLine
from tests.fakes.mobitec_sign import Framing, MobitecSign
from tests.fakes.serial_end import SerialEnd
from tests.fakes.still_clock import StillClock
from tests.waiting import until

SIGN = Sign(6, 112, 16)
Made = Callable[..., MobitecPanel]


@pytest.fixture
def sign() -> MobitecSign:
    return MobitecSign()


@pytest.fixture
def end(sign: MobitecSign) -> Iterator[SerialEnd]:
    end = SerialEnd(sign.take)
    yield end
    end.unplug()


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def made(end: SerialEnd, clock: StillClock) -> Iterator[Made]:
    """Makes a driver of the sign at the far end; keywords are `panel.mobitec`."""
    panels: list[MobitecPanel] = []

    def make(**how: object) -> MobitecPanel:
        line = SerialLine(end.place, 4_800, write_s=0.05, now_s=clock.now_s, sleep_s=clock.sleep_s)
        panels.append(MobitecPanel(line, SIGN, MobitecSettings(**how)))  # type: ignore[arg-type]
        return panels[-1]

    yield make
    for panel in panels:
        panel.close()


@pytest.fixture
def panel(made: Made) -> MobitecPanel:
    return made()


def abc(panel: MobitecPanel) -> Frame:
    return plate("ABC 123", panel.canvas)


def takes(sign: MobitecSign, packets: int) -> None:
    until(lambda: len(sign.taken) == packets, what=f"{packets} packets")


def heal_for_hours(panel: MobitecPanel, clock: StillClock) -> None:
    for _ in range(5_000):
        clock.now += 10
        panel.heal(7_000)


def shows(sign: MobitecSign, words: str) -> None:
    until(lambda: sign.shows == words, what=f"{words!r} on the sign")


def stands(sign: MobitecSign, frame: Frame) -> None:
    until(lambda: sign.rows == frame.rows, what=f"the frame\n{frame}")


def dark(sign: MobitecSign) -> None:
    until(lambda: sign.is_dark, what="darkness")


def test_a_start_is_dark_before_anything_else(sign: MobitecSign, panel: MobitecPanel) -> None:
    sign.take(text("WMX 99W", SIGN))
    panel.init()
    dark(sign)


def test_a_plate_stands_in_the_middle_and_goes(sign: MobitecSign, panel: MobitecPanel) -> None:
    panel.init()
    digest = panel.show(abc(panel), 7_000)
    shows(sign, "ABC 123")
    (written,) = sign.texts
    # Seven places of nine columns at the most, on 112 x 16 dots, in a font of 13 rows.
    assert (written.across, written.down, written.font) == (25, 14, 0x64)
    assert digest != panel.blank()
    dark(sign)


def test_with_dots_the_sign_shows_the_frame_itself(sign: MobitecSign, made: Made) -> None:
    panel = made(draws="dots")
    panel.init()
    for words in ("ČĆĐ 123", "ÆØÜ 1", "KÖR IN"):
        frame = plate(words, panel.canvas)
        panel.show(frame, 7_000)
        stands(sign, frame)
    panel.blank()
    dark(sign)


def test_a_pattern_is_sent_dot_by_dot_also_to_a_sign_that_draws_itself(
    sign: MobitecSign, panel: MobitecPanel
) -> None:
    frame = Frame(112, 16, (0x5555, 0xAAAA) * 56)
    panel.init()
    panel.show(frame, 2_000)
    stands(sign, frame)


def test_a_notice_of_two_lines_is_two_texts(sign: MobitecSign, made: Made) -> None:
    panel = made(font=0x60, advance_px=6)
    panel.init()
    panel.show(notice("STÄNGT FÖR LUNCH KL 11", panel.canvas), 7_000)
    shows(sign, "STÄNGT FÖR LUNCH KL 11")
    assert [one.down for one in sign.texts] == [7, 15]


def test_a_listing_is_sent_dot_by_dot(sign: MobitecSign, made: Made) -> None:
    panel = made(draws="dots")
    assert panel.facts.lines == 2
    frame = listing([("ABC 123", "2"), ("WMX 99W", None)], panel.canvas)
    panel.init()
    panel.show(frame, 7_000)
    stands(sign, frame)


def test_darkness_is_told_again_while_the_sign_may_have_been_deaf(
    sign: MobitecSign, panel: MobitecPanel, clock: StillClock
) -> None:
    panel.init()
    panel.show(abc(panel), 7_000)
    panel.blank()
    takes(sign, 5)
    sign.take(text("ABC 123", SIGN))
    clock.now += 1
    panel.heal(0)
    dark(sign)


def test_a_picture_is_told_twice_more_and_then_every_ten_seconds(
    sign: MobitecSign, panel: MobitecPanel, clock: StillClock
) -> None:
    panel.init()
    panel.show(abc(panel), 7_000)
    for _ in range(38):
        clock.now += 0.25
        panel.heal(7_000)
    panel.show(plate("WMX 99W", panel.canvas), 7_000)
    shows(sign, "WMX 99W")
    # The start, the first plate, both its repetitions, and the second.
    assert len(sign.taken) == 2 + 1 + 2 + 1
    sign.power_cut()
    clock.now += 10
    panel.heal(7_000)
    shows(sign, "WMX 99W")


def test_long_dark_it_is_told_again_every_ten_seconds(
    sign: MobitecSign, panel: MobitecPanel, clock: StillClock
) -> None:
    panel.init()
    for _ in range(20):
        clock.now += 1
        panel.heal(0)
    panel.show(abc(panel), 7_000)
    shows(sign, "ABC 123")
    # The start, both its repetitions, one ten seconds later, and the plate.
    assert len(sign.taken) == 2 + 2 * 2 + 2 + 1


def test_a_line_that_hangs_is_lost_and_after_it_the_sign_is_dark(
    sign: MobitecSign, end: SerialEnd, panel: MobitecPanel, clock: StillClock
) -> None:
    panel.init()
    panel.show(abc(panel), 7_000)
    shows(sign, "ABC 123")
    end.hang()
    with pytest.raises(PanelLost, match="too long"):
        heal_for_hours(panel, clock)
    end.resume()
    panel.init()
    dark(sign)


@pytest.mark.parametrize("framing", Framing)
def test_half_a_write_of_a_dead_process_does_not_swallow_the_blank(
    sign: MobitecSign, panel: MobitecPanel, framing: Framing
) -> None:
    sign.framing = framing
    sign.take(text("ABC 123", SIGN) + text("WMX 99W", SIGN)[:-1])
    assert sign.shows == "ABC 123"
    panel.init()
    dark(sign)


def test_an_unplugged_sign_is_lost(end: SerialEnd, panel: MobitecPanel) -> None:
    panel.init()
    end.unplug()
    for deed in (panel.blank, panel.init, lambda: panel.show(abc(panel), 7_000)):
        with pytest.raises(PanelLost, match="check its cable"):
            deed()


def test_what_comes_back_on_the_line_is_ignored(
    sign: MobitecSign, end: SerialEnd, panel: MobitecPanel
) -> None:
    panel.init()
    end.say(b"\xff\x01\xff" * 50)
    panel.show(abc(panel), 7_000)
    shows(sign, "ABC 123")


def test_what_the_sign_cannot_show_is_refused_before_it_is_sent(made: Made) -> None:
    panel = made()
    plate("ÅÄÖ 123", panel.canvas)
    for lacking in ("ÜLO 1", "ČAR 1"):
        with pytest.raises(CannotDraw, match="has no"):
            plate(lacking, panel.canvas)
    with pytest.raises(CannotDraw, match="wider"):
        plate("WWWWWWWW WWWWW", panel.canvas)
    with pytest.raises(CannotDraw, match="has no"):
        plate("ABC 123", made(font=0x6A).canvas)


def test_what_the_driver_says_of_its_sign(panel: Panel) -> None:
    facts = panel.facts
    assert (112, 16, True, False, 0) == (
        facts.width_px,
        facts.height_px,
        facts.holds_last_frame,
        facts.reads_back,
        facts.lines,
    )
    # Nobody has measured how long it draws, so it may lose a blank for a second and draw for another.
    assert 2_000 < facts.worst_dark_ms <= 3_000
    assert font_shows(facts.fonts, 112, "ABCDEFG 123")
    assert not font_shows(facts.fonts, 112, "ÜLO 1")
    assert panel.health() is None
    assert panel.traits.settle_ms >= 2_000, "a repetition, and its drawing"
    assert (panel.traits.pages, panel.dim(15)) == (False, 100)
    assert panel.dim(10) == 100


def settings(**panel: object) -> PanelSettings:
    return PanelSettings(kind="mobitec", bus="serial:/dev/no-such-sign", **panel)  # type: ignore[arg-type]


def dark_ms(draws: str, **panel: int) -> int:
    measured = {"draws_ms": panel.pop("draws_ms")} if "draws_ms" in panel else {}
    how = MobitecSettings(draws=draws, **measured)
    return from_settings(
        settings(**{"width_px": 112, "height_px": 16, **panel}, mobitec=how)
    ).facts.worst_dark_ms


def test_a_sign_that_nobody_measured_is_too_slow_for_a_door() -> None:
    assert dark_ms("text") > 2_000
    assert dark_ms("dots") > 2_000


def test_a_sign_that_was_measured_is_dark_in_two_seconds() -> None:
    assert 1_000 < dark_ms("text", draws_ms=500) <= 1_700
    # 363 bytes of a picture under way are 757 ms on the wire.
    assert 1_700 < dark_ms("dots", draws_ms=300) <= 2_000
    assert dark_ms("dots", draws_ms=500) > 2_000
    assert dark_ms("dots", draws_ms=500, baud=9_600) <= 2_000


def test_what_somebody_measured_outweighs_the_arithmetic() -> None:
    assert dark_ms("dots", width_px=160, dark_ms=1_800) == 1_800


def test_its_typefaces_are_ours_where_we_send_the_dots(made: Made) -> None:
    fonts = made(draws="dots").facts.fonts
    assert {face.letters for face in ALL} == {font.letters for font in fonts}


def test_a_sign_too_wide_for_the_protocol_is_refused() -> None:
    with pytest.raises(ValueError, match=r"253 for panel\.width_px"):
        from_settings(settings(width_px=254))


def test_a_line_that_is_not_there_is_lost_by_name() -> None:
    panel = from_settings(settings())
    assert panel.line.form == "4800 8N1"
    with pytest.raises(PanelLost, match="/dev/no-such-sign"):
        panel.init()
