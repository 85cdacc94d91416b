"""What stands on a sign: a picture of dots that are lit or not, and how a plate becomes one."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from contract.errors import PortvaktError
from signage.font import FIVE_BY_SEVEN, Typeface


class DrawRefusal(StrEnum):
    """Why a text cannot be drawn, in the words of NTCIP 1203 (dmsActivateMsgError)."""

    CHARACTER_NOT_DEFINED = "characterNotDefined"
    TEXT_TOO_BIG = "textTooBig"


class CannotDraw(PortvaktError):
    """The text cannot stand on this sign whole; so nothing of it does."""

    def __init__(self, reason: DrawRefusal, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Frame:
    """One picture.  `columns` run from left to right; bit 0 of each is its top dot."""

    width_px: int
    height_px: int
    columns: tuple[int, ...]

    @classmethod
    def dark(cls, width_px: int, height_px: int) -> "Frame":
        """The picture with nothing lit."""
        return cls(width_px, height_px, (0,) * width_px)

    @cached_property
    def rows(self) -> tuple[str, ...]:
        """From top to bottom, `#` for a lit dot and `.` for a dark one."""
        return tuple(
            "".join("#" if column >> y & 1 else "." for column in self.columns)
            for y in range(self.height_px)
        )

    @property
    def is_dark(self) -> bool:
        """Whether nothing is lit."""
        return not any(self.columns)

    def __str__(self) -> str:
        return "\n".join(self.rows)


def layout(text: str, width_px: int, height_px: int, face: Typeface = FIVE_BY_SEVEN) -> Frame:
    """Draw *text*, words separated by spaces, in the middle of a frame.

    Raises:
        CannotDraw: a sign that the font lacks, or more columns or rows than there are.
    """
    words = text.split()
    for sign in "".join(words):
        if sign not in face.glyphs:
            raise CannotDraw(DrawRefusal.CHARACTER_NOT_DEFINED, _lacks(sign))
    drawn = _columns(words, face)
    if len(drawn) > width_px or (drawn and face.height_px > height_px):
        raise CannotDraw(
            DrawRefusal.TEXT_TOO_BIG,
            f"{text} needs {len(drawn)} columns of {face.height_px} rows, this sign has {width_px} of"
            f" {height_px}; hang a wider sign or fetch this customer.",
        )
    left, top = (width_px - len(drawn)) // 2, (height_px - face.height_px) // 2
    middle = [column << top for column in drawn]
    right = width_px - left - len(drawn)
    return Frame(width_px, height_px, (*[0] * left, *middle, *[0] * right))


def _columns(words: list[str], face: Typeface) -> list[int]:
    columns: list[int] = []
    for word in words:
        columns += [0] * face.gap_px if columns else []
        columns += _word(word, face)
    return columns


def _word(word: str, face: Typeface) -> list[int]:
    columns: list[int] = []
    for sign in word:
        glyph = face.glyphs[sign]
        columns += [*glyph, *[0] * (face.advance_px - len(glyph))]
    return columns[: len(columns) - (face.advance_px - len(face.glyphs[word[-1]]))]


def _lacks(sign: str) -> str:
    name = unicodedata.name(sign, f"U+{ord(sign):04X}")
    shown = f' "{sign}"' if sign.isprintable() else ""
    return f"This sign's font has no {name}{shown}; fetch this customer."
