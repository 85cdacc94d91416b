"""Bytes for a bus sign that speaks Mobitec's protocol (Nosen92/maskin-flipdot, protocol.md).

A packet is a start byte, the sign's address, fields, the sum of all these bytes but the first, and a stop
byte that equals the start byte.  Each packet replaces the whole picture.  A field of text needs its place
and its font before it; what its font lacks the sign leaves out without a word, so no letter is sent that
is not known to be in the sign (datagutten/mobitec-php, class_mobitec.php, has other signs with other ones).
"""

import string
from dataclasses import dataclass

from signage.frame import Frame

BAUD = 4_800
_FLAG = b"\xff"
_TEXT_MODE = 0xA2
_WIDTH, _HEIGHT, _ACROSS, _DOWN, _FONT = 0xD0, 0xD1, 0xD2, 0xD3, 0xD4
# Only here would a byte of the packet look like the flag or the escape.
_ESCAPED = {0xFE: b"\xfe\x00", 0xFF: b"\xfe\x01"}
MOST_PX = 0xFD

# The font that all signs have: each sign of it is one column of five dots, the top one the lowest bit.
DOTS_FONT, DOTS_ROWS, _NO_DOT = 0x77, 5, 0x20
# How high the others are; signs differ, and what they do not know they draw in font 60.
FONT_ROWS = {0x60: 7, 0x62: 7, 0x63: 12, 0x64: 13, 0x65: 13, 0x69: 13, 0x68: 16, 0x6A: 16}
_FIGURES_ONLY = (0x68, 0x6A)

# Swedish ASCII, as far as somebody has seen it on a sign.
_SWEDISH = {"Å": 0x5D, "Ä": 0x5B, "Ö": 0x5C}
LETTERS = string.ascii_uppercase + "".join(_SWEDISH) + string.digits + "-.:/!"


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign on the line: its address and its size, which go into every packet.

    Raises:
        ValueError: a size that cannot be told from the flag.
    """

    address: int = 6
    width_px: int = 112
    height_px: int = 16

    def __post_init__(self) -> None:
        if max(self.width_px, self.height_px) > MOST_PX:
            raise ValueError(
                f"a mobitec sign of {self.width_px} x {self.height_px} dots cannot be told its size; write"
                f" at most {MOST_PX} for panel.width_px"
            )


def letters_of(font: int) -> str:
    """Every sign that *font* can draw."""
    return string.digits if font in _FIGURES_ONLY else LETTERS


def rows_of(font: int) -> int:
    """How many rows *font* is high."""
    return FONT_ROWS.get(font, FONT_ROWS[0x60])


def text(words: str, sign: Sign, font: int = 0x64, across_px: int = 0, down_px: int = 0) -> bytes:
    """Give the packet that shows one line of *words*; as `line`."""
    return packet(line(words, font, across_px, down_px), sign)


def line(words: str, font: int, across_px: int, down_px: int) -> bytes:
    """Give the field for *words* in one of the sign's fonts, the first letter's top left at a place.

    Raises:
        ValueError: a letter that the font lacks.
    """
    # The sign counts down to below the letter's foot; from less than that it draws at its top edge.
    place = _place(across_px, down_px + rows_of(font), font)
    return place + bytes(_code(letter, font) for letter in words)


def dots(frame: Frame, sign: Sign) -> bytes:
    """Give the packet that shows *frame*, dot by dot: bands of five rows, each from its first lit column."""
    lit = [y for y in range(frame.height_px) if any(column >> y & 1 for column in frame.columns)]
    if not lit:
        return blank(sign)
    tops = range(lit[0], lit[-1] + 1, DOTS_ROWS)
    return packet(b"".join(_band(frame, top) for top in tops), sign)


def blank(sign: Sign) -> bytes:
    """Give the packet that shows nothing: one column without a dot."""
    return packet(_place(0, DOTS_ROWS - 1, DOTS_FONT) + bytes((_NO_DOT,)), sign)


def surely_blank(sign: Sign) -> bytes:
    """Give what makes the sign dark even in the middle of somebody else's packet.

    There the next flag ends that packet, spoilt, and what follows is heard only if flags pair up again.
    The flag between two blanks has either of them heard, whichever way the sign counts; the last
    one puts the count back.
    """
    return (blank(sign) + _FLAG) * 2


def packet(fields: bytes, sign: Sign) -> bytes:
    """Wrap *fields* for *sign*."""
    size = (_WIDTH, sign.width_px, _HEIGHT, sign.height_px)
    body = bytes((sign.address, _TEXT_MODE, *size)) + fields
    check = sum(body) & 0xFF
    return _FLAG + body + _ESCAPED.get(check, bytes((check,))) + _FLAG


def _place(across_px: int, down_px: int, font: int) -> bytes:
    return bytes((_ACROSS, across_px, _DOWN, down_px, _FONT, font))


def _band(frame: Frame, top: int) -> bytes:
    bits = [column >> top & (1 << DOTS_ROWS) - 1 for column in frame.columns]
    lit = [x for x, column in enumerate(bits) if column]
    if not lit:
        return b""
    columns = bytes(_NO_DOT + column for column in bits[lit[0] : lit[-1] + 1])
    return _place(lit[0], top + DOTS_ROWS - 1, DOTS_FONT) + columns


def _code(letter: str, font: int) -> int:
    if letter != " " and letter not in letters_of(font):
        raise ValueError(f"this Mobitec font has no {letter}")
    return _SWEDISH.get(letter) or ord(letter)
