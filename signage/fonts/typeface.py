"""What a typeface is, and how its letters are read from the art that people can check by eye."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Typeface:
    """Letters of one size.  A glyph is its columns from left to right; bit 0 of a column is the top row.

    Signs of a word begin `advance_px` apart; a gap of `gap_px` dark columns stands between words.
    """

    height_px: int
    advance_px: int
    gap_px: int
    glyphs: Mapping[str, tuple[int, ...]]

    @property
    def letters(self) -> str:
        """Every sign that it can draw."""
        return "".join(self.glyphs)


def read_art(art: str, width_px: int) -> dict[str, tuple[int, ...]]:
    """Read glyphs of *width_px* columns each, one dark column apart, in bands with an empty line between.

    A band's first line names its signs, one over each glyph; below, `#` is a lit dot and `.` a dark one.
    """
    found = {}
    for band in art.strip().split("\n\n"):
        heads, *rows = band.splitlines()
        for place, sign in enumerate(heads.split()):
            left = place * (width_px + 1)
            found[sign] = tuple(_column(rows, x) for x in range(left, left + width_px))
    return found


def _column(rows: list[str], x: int) -> int:
    return sum((row[x] == "#") << y for y, row in enumerate(rows))
