"""Every byte for an Alpha sign, and what a sign of the other side reads in them."""

import pytest

from signage.encoders.alpha import LETTERS, blank, blocks, packet, text
from tests.fakes.alpha_sign import AlphaSign

WAKE = bytes(5)
GOLDEN = {
    "ABC 123": "01 5a 30 30 02 41 30 1b 20 62 41 42 43 20 31 32 33 03 30 32 38 46 04",
    "ABC 12A": "01 5a 30 30 02 41 30 1b 20 62 41 42 43 20 31 32 41 03 30 32 39 44 04",
    "WMX 99W": "01 5a 30 30 02 41 30 1b 20 62 57 4d 58 20 39 39 57 03 30 32 46 38 04",
    "KÖR IN": "01 5a 30 30 02 41 30 1b 20 62 4b 08 39 52 20 49 4e 03 30 32 41 38 04",
    "ÅÄÖ 123": "01 5a 30 30 02 41 30 1b 20 62 08 2f 08 2e 08 39 20 31 32 33 03 30 32 37 37 04",
    "MIN BIL": "01 5a 30 30 02 41 30 1b 20 62 4d 49 4e 20 42 49 4c 03 30 32 45 45 04",
    "ÄRLA 1": "01 5a 30 30 02 41 30 1b 20 62 08 2e 52 4c 41 20 31 03 30 32 37 39 04",
    "ÆÜ 7": "01 5a 30 30 02 41 30 1b 20 62 08 32 08 3a 20 37 03 30 31 45 36 04",
    "A": "01 5a 30 30 02 41 30 1b 20 62 41 03 30 31 35 34 04",
    "0123456789": "01 5a 30 30 02 41 30 1b 20 62 30 31 32 33 34 35 36 37 38 39 03 30 33 32 30 04",
    "STÄNGT\nRAST": (
        "01 5a 30 30 02 41 30 1b 20 62 53 54 08 2e 4e 47 54 0d 52 41 53 54 03 30 34 32 30 04"
    ),
    "": "01 5a 30 30 02 41 30 1b 20 62 03 30 31 31 33 04",
}


@pytest.mark.parametrize(("words", "golden"), GOLDEN.items())
def test_a_text_is_these_bytes_and_the_sign_reads_it(words: str, golden: str) -> None:
    sent = text(words)
    assert WAKE + bytes.fromhex(golden) == sent
    sign = AlphaSign()
    sign.take(sent)
    assert words == sign.shows


def test_the_checksum_is_the_one_of_the_protocols_own_example() -> None:
    assert packet(b"AAHELLO").endswith(b"\x03" + b"01FB" + b"\x04")


def test_the_bytes_are_those_of_other_peoples_libraries() -> None:
    """A TEXT file A in the middle, held: what alphasignpy 0.1.1 sends."""
    known = "00 00 00 00 00 01 5a 30 30 02 41 41 1b 20 62 41 42 43 31 32 33 03 30 32 38 30 04"
    assert bytes.fromhex(known) == packet(b"AA\x1b bABC123")


def test_darkness_holds_the_sign_and_does_not_give_its_old_text_back() -> None:
    sign = AlphaSign(old="SALE")
    sign.take(text("ABC 123"))
    sign.take(blank())
    assert sign.is_dark
    # The trap: nothing at all after the label gives the priority file up.
    sign.take(packet(b"A0"))
    assert sign.shows == "SALE"


def test_every_letter_that_the_sign_has_arrives_as_itself() -> None:
    for start in range(0, len(LETTERS), 10):
        sign = AlphaSign()
        sign.take(text(LETTERS[start : start + 10]))
        assert LETTERS[start : start + 10] == sign.shows


@pytest.mark.parametrize("letter", [*"ØČĆĐŠŽåé€", "\x08", "\x1b", "\x04"])
def test_a_letter_that_the_sign_lacks_is_refused(letter: str) -> None:
    with pytest.raises(ValueError, match="has no"):
        text(f"AB{letter} 123")


def test_the_line_has_seven_bits() -> None:
    assert all(byte < 0x80 for byte in text(LETTERS))


def test_more_than_the_priority_file_holds_is_refused() -> None:
    sign = AlphaSign()
    sign.take(text("A" * 122))
    assert sign.shows == "A" * 122
    with pytest.raises(ValueError, match="125"):
        text("A" * 123)


def test_a_packet_for_one_sign_is_not_for_another() -> None:
    here, there = AlphaSign(address="01"), AlphaSign(address="02")
    for sign in (here, there):
        sign.take(text("ABC 123", "^", "01"))
    assert here.shows == "ABC 123"
    assert there.shows == "OLD TEXT"


def test_a_pattern_lights_whole_places_and_no_letter() -> None:
    sign = AlphaSign()
    sign.take(blocks(3))
    assert sign.shows == "███"


@pytest.mark.parametrize("restarts", [True, False])
def test_two_blanks_make_it_dark_wherever_the_packet_before_was_cut(restarts: bool) -> None:
    """A service that is killed leaves part of a packet; the first blank may be taken for the rest of it."""
    whole = text("WMX 99W")
    for cut in range(len(whole) + 1):
        sign = AlphaSign(restarts=restarts)
        sign.take(text("ABC 123"))
        sign.take(whole[:cut] + blank())
        sign.take(blank())
        assert sign.is_dark, f"cut at {cut}"
        sign.take(whole)
        assert sign.shows == "WMX 99W"


def test_a_byte_that_noise_changed_leaves_the_sign_as_it_was() -> None:
    whole = text("WMX 99W")
    first = whole.index(b"W")
    for at in range(first, len(whole) - 6):
        sign = AlphaSign()
        sign.take(text("ABC 123"))
        sign.take(whole[:at] + bytes((whole[at] ^ 1,)) + whole[at + 1 :])
        assert sign.shows == "ABC 123", f"byte {at}"
