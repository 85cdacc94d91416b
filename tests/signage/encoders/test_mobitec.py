"""Every byte for a Mobitec sign, and what a sign of the other side reads in them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from signage.encoders.mobitec import LETTERS, Sign, blank, dots, line, packet, surely_blank, text
from signage.fonts import ALL, FIVE_BY_SEVEN, Typeface
from signage.frame import Frame
from signage.layout import Canvas, plate
from tests.fakes.mobitec_sign import Framing, MobitecSign, Written

SIGN = Sign(address=6, width_px=112, height_px=16)
HEAD = "ff 06 a2 d0 70 d1 10 d2 00 d3 0d d4 64 "
GOLDEN = {
    "ABC 123": HEAD + "41 42 43 20 31 32 33 2f ff",
    "ABC 12A": HEAD + "41 42 43 20 31 32 41 3d ff",
    "WMX 99W": HEAD + "57 4d 58 20 39 39 57 98 ff",
    "KÖR IN": HEAD + "4b 5c 52 20 49 4e 63 ff",
    "ÅÄÖ 123": HEAD + "5d 5b 5c 20 31 32 33 7d ff",
    "MIN BIL": HEAD + "4d 49 4e 20 42 49 4c 8e ff",
    "ÄRLA 1": HEAD + "5b 52 4c 41 20 31 3e ff",
    "A": HEAD + "41 f4 ff",
    "0123456789": HEAD + "30 31 32 33 34 35 36 37 38 39 c0 ff",
    "STÄNGT": HEAD + "53 54 5b 4e 47 54 9e ff",
    # The checksum is fe, and ff: only there it is escaped.
    "AB 699": HEAD + "41 42 20 36 39 39 fe 00 ff",
    "AB 799": HEAD + "41 42 20 37 39 39 fe 01 ff",
}


def after(*packets: bytes, framing: Framing = Framing.RESTARTS) -> MobitecSign:
    sign = MobitecSign(framing=framing)
    for one in packets:
        sign.take(one)
    return sign


@pytest.mark.parametrize(("words", "golden"), GOLDEN.items())
def test_a_text_is_these_bytes_and_the_sign_reads_it(words: str, golden: str) -> None:
    sent = text(words, SIGN)
    assert bytes.fromhex(golden) == sent
    for framing in Framing:
        sign = after(sent, framing=framing)
        assert [Written(words, 0, 13, 0x64)] == sign.texts
        assert (112, 16) == (sign.width, sign.height)


def test_dots_are_these_bytes() -> None:
    frame = plate("AB", Canvas(16, 7, (FIVE_BY_SEVEN,)))
    upper = "d2 02 d3 04 d4 77 3c 32 31 32 3c 20 3f 29 29 29 36"
    lower = "d2 02 d3 09 d4 77 23 20 20 20 23 20 23 22 22 22 21"
    sent = dots(frame, Sign(6, 16, 7))
    assert bytes.fromhex(f"ff 06 a2 d0 10 d1 07 {upper} {lower} de ff") == sent
    assert frame.rows == after(sent).rows


@pytest.mark.parametrize(
    "words", ["ABC 123", "ÅÄÖ 12A", "KÖR IN", "ČĆĐŠŽ", "ÆØÜ 1", "WMX99WX", "A"]
)
@pytest.mark.parametrize("face", ALL, ids=lambda face: f"{face.height_px} rows")
def test_every_glyph_of_ours_arrives_dot_by_dot(words: str, face: Typeface) -> None:
    frame = plate(words, Canvas(112, 16, (face,)))
    assert frame.rows == after(dots(frame, SIGN)).rows


@pytest.mark.parametrize("lit", [1, 1 << 15, 0xFFFF, 0x5555, 0x8001])
def test_corners_edges_and_patterns_arrive_dot_by_dot(lit: int) -> None:
    for columns in ((lit,) * 112, (lit, *[0] * 111), (*[0] * 111, lit), (lit, 0) * 56):
        frame = Frame(112, 16, columns)
        assert frame.rows == after(dots(frame, SIGN)).rows


def test_a_new_picture_leaves_nothing_of_the_old_one() -> None:
    frame = plate("ABC 123", Canvas(112, 16))
    sign = after(dots(frame, SIGN), text("WMX 99W", SIGN))
    assert (sign.shows, sign.dots) == ("WMX 99W", set())
    sign.take(dots(frame, SIGN))
    assert (sign.shows, sign.rows) == ("", frame.rows)


@pytest.mark.parametrize("framing", Framing)
def test_blanks_are_dark(framing: Framing) -> None:
    assert after(text("ABC 123", SIGN), blank(SIGN), framing=framing).is_dark
    assert after(text("ABC 123", SIGN), surely_blank(SIGN), framing=framing).is_dark
    assert dots(Frame.dark(112, 16), SIGN) == blank(SIGN)
    assert bytes.fromhex("ff 06 a2 d0 70 d1 10 d2 00 d3 04 d4 77 20 dd ff") == blank(SIGN)


@pytest.mark.parametrize("framing", Framing)
@pytest.mark.parametrize("words", ["WMX 99W", "AB 699", "AB 799"])
def test_it_goes_dark_wherever_the_packet_before_was_cut(words: str, framing: Framing) -> None:
    """A service that is killed leaves part of a packet, whose end the next flag would be taken for."""
    whole = text(words, SIGN)
    for cut in range(len(whole) + 1):
        sign = after(text("ABC 123", SIGN), whole[:cut], surely_blank(SIGN), framing=framing)
        assert sign.is_dark, f"cut at {cut}"


@pytest.mark.parametrize("framing", [Framing.RESTARTS, Framing.SHARED])
def test_after_a_cut_and_a_blank_the_next_plate_stands(framing: Framing) -> None:
    whole = text("WMX 99W", SIGN)
    for cut in range(len(whole) + 1):
        sign = after(whole[:cut], surely_blank(SIGN), whole, framing=framing)
        assert sign.shows == "WMX 99W", f"cut at {cut}"


def test_a_sign_that_only_counts_flags_reads_on_after_any_number_of_blanks() -> None:
    for times in (1, 2, 3):
        sign = after(surely_blank(SIGN) * times, framing=Framing.PAIRS)
        sign.take(text("ABC 123", SIGN))
        assert sign.shows == "ABC 123", f"after {times}"


@given(noise=st.binary(max_size=40), framing=st.sampled_from(Framing))
@example(noise=b"\xff", framing=Framing.PAIRS)
@example(noise=b"\xff\xff\xff\xfe", framing=Framing.RESTARTS)
def test_it_goes_dark_whatever_noise_was_on_the_line(noise: bytes, framing: Framing) -> None:
    sign = after(text("ABC 123", SIGN), noise, surely_blank(SIGN), framing=framing)
    assert sign.is_dark


def test_one_blank_would_be_swallowed_by_half_a_packet() -> None:
    """Why a blank is more than one packet."""
    cut = text("WMX 99W", SIGN)[:-1]
    assert not after(text("ABC 123", SIGN), cut, blank(SIGN), framing=Framing.PAIRS).is_dark


def test_a_byte_that_noise_changed_leaves_the_sign_as_it_was() -> None:
    whole = text("WMX 99W", SIGN)
    for at in range(1, len(whole) - 1):
        sign = after(text("ABC 123", SIGN), whole[:at], bytes((whole[at] ^ 1,)), whole[at + 1 :])
        assert sign.shows == "ABC 123", f"byte {at}"


def test_every_letter_that_the_sign_has_arrives_as_itself() -> None:
    for start in range(0, len(LETTERS), 10):
        assert after(text(LETTERS[start : start + 10], SIGN)).shows == LETTERS[start : start + 10]


@pytest.mark.parametrize("letter", [*"ÜÆØČĆĐŠŽåé[]\\^", "\xff", "\xd2"])
def test_a_letter_that_nobody_has_seen_on_such_a_sign_is_refused(letter: str) -> None:
    with pytest.raises(ValueError, match="has no"):
        text(f"AB{letter} 123", SIGN)


def test_a_font_of_figures_has_no_letters() -> None:
    assert after(text("123", SIGN, 0x68)).shows == "123"
    with pytest.raises(ValueError, match="has no A"):
        text("ABC 123", SIGN, 0x68)


def test_two_lines_each_have_a_place_of_their_own() -> None:
    sign = after(packet(line("STÄNGT", 0x60, 20, 0) + line("RAST", 0x60, 32, 8), SIGN))
    assert [Written("STÄNGT", 20, 7, 0x60), Written("RAST", 32, 15, 0x60)] == sign.texts


def test_a_font_that_we_do_not_know_is_not_pushed_over_the_lower_edge() -> None:
    """The sign draws it at its top edge then."""
    assert after(text("A", SIGN, 0x73)).texts[0].down == 7


def test_another_sign_on_the_line_does_not_listen() -> None:
    other = MobitecSign(address=7)
    other.take(text("ABC 123", SIGN))
    assert other.is_dark
    assert other.taken == []


@pytest.mark.parametrize("size", [(254, 16), (256, 16), (255, 8)])
def test_a_size_that_looks_like_a_flag_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="253"):
        Sign(6, *size)
