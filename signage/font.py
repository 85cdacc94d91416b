"""Our own letters: 5 columns by 7 rows, every sign that a plate may hold.

Libraries' fonts leave out Å, Ä and Ö or draw something else in their place, and say nothing.  These
were drawn to be told apart from a car 25 m away, where a single dark dot is hardly seen: zero is
pointed and dotted beside a boxy O and a D with a straight back, 8 has a narrow head beside B, 1 a flag
and a foot beside I, 5 and 2 are round where S and Z are not.  Letters with a mark above stand on
5 rows, so that the mark keeps its distance.
"""

from collections.abc import Mapping
from dataclasses import dataclass

GLYPH_WIDTH_PX, GLYPH_HEIGHT_PX = 5, 7

_ART = """
A     B     C     D     E     F     G     H     I     J
..#.. ####. .###. ###.. ##### ##### .#### #...# .###. ..###
.#.#. #...# #...# #..#. #.... #.... #.... #...# ..#.. ...#.
#...# #...# #.... #...# #.... #.... #.... #...# ..#.. ...#.
#...# ####. #.... #...# ####. ####. #..## ##### ..#.. ...#.
##### #...# #.... #...# #.... #.... #...# #...# ..#.. ...#.
#...# #...# #...# #..#. #.... #.... #...# #...# ..#.. #..#.
#...# ####. .###. ###.. ##### #.... .#### #...# .###. .##..

K     L     M     N     O     P     Q     R     S     T
#...# #.... #...# #...# .###. ####. .###. ####. .#### #####
#..#. #.... ##.## ##..# #...# #...# #...# #...# #.... ..#..
#.#.. #.... #.#.# ##..# #...# #...# #...# #...# #.... ..#..
##... #.... #.#.# #.#.# #...# #...# #...# ####. .###. ..#..
#.#.. #.... #...# #..## #...# ####. #.#.# #.#.. ....# ..#..
#..#. #.... #...# #..## #...# #.... .###. #..#. ....# ..#..
#...# ##### #...# #...# .###. #.... ...## #...# ####. ..#..

U     V     W     X     Y     Z     Å     Ä     Ö     -
#...# #...# #...# #...# #...# ##### ..#.. .#.#. .#.#. .....
#...# #...# #...# #...# #...# ....# .#.#. ..... ..... .....
#...# #...# #...# .#.#. .#.#. ...#. ..#.. ..#.. .###. .....
#...# #...# #.#.# ..#.. ..#.. ..#.. .###. .#.#. #...# .###.
#...# .#.#. #.#.# .#.#. ..#.. .#... #...# #...# #...# .....
#...# .#.#. ##.## #...# ..#.. #.... ##### ##### #...# .....
.###. ..#.. #...# #...# ..#.. ##### #...# #...# .###. .....

Æ     Ø     Ü     Č     Ć     Đ     Š     Ž
.#### ....# .#.#. .#.#. ....# .###. .#.#. .#.#.
#.#.. .###. ..... ..#.. ...#. .#..# ..#.. ..#..
#.#.. #..## #...# .###. .###. .#..# .#### #####
##### #.#.# #...# #.... #.... ###.# #.... ...#.
#.#.. ##..# #...# #.... #.... .#..# .###. ..#..
#.#.. .###. #...# #.... #.... .#..# ....# .#...
#.### #.... .###. .###. .###. .###. ####. #####

0     1     2     3     4     5     6     7     8     9
..#.. ..#.. .###. ##### ...#. ##### ..##. ##### .###. .###.
.#.#. .##.. #...# ...#. ..##. #.... .#... ....# #...# #...#
#...# #.#.. ....# ..#.. .#.#. ####. #.... ....# .#.#. #...#
#.#.# ..#.. ...#. ...#. #..#. ....# ####. ...#. .###. .####
#...# ..#.. ..#.. ....# ##### ....# #...# ..#.. #...# ....#
.#.#. ..#.. .#... #...# ...#. #...# #...# ..#.. #...# ...#.
..#.. ##### ##### .###. ...#. .###. .###. ..#.. .###. .##..
"""


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


def _glyphs() -> dict[str, tuple[int, ...]]:
    found = {}
    for band in _ART.strip().split("\n\n"):
        heads, *rows = band.splitlines()
        for place, sign in enumerate(heads.split()):
            left = place * (GLYPH_WIDTH_PX + 1)
            found[sign] = tuple(_column(rows, left + x) for x in range(GLYPH_WIDTH_PX))
    return found


def _column(rows: list[str], x: int) -> int:
    return sum((row[x] == "#") << y for y, row in enumerate(rows))


# Three dark columns are gap enough between the groups of a plate, and let `ABC 123` fit five modules.
FIVE_BY_SEVEN = Typeface(GLYPH_HEIGHT_PX, GLYPH_WIDTH_PX + 1, 3, _glyphs())
