"""How words become a picture: the largest letters that fit, in the middle; or nothing at all.

Everything here is a pure function of its arguments, and refuses rather than drops: a text that cannot
stand on the sign whole does not stand there in part.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from contract.errors import PortvaktError
from signage.fonts import ALL, FIVE_BY_SEVEN, Typeface
from signage.frame import Frame

# What the settings call an arrow, and its sign.
ARROWS = {"none": "", "left": "←", "right": "→", "ahead": "↑"}
_OTHER_WORDS = "write it in capitals, or choose other words"
# Between a plate and its door there is room for one letter at the least; any letter does to measure it.
_APART = "- "


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


@dataclass(frozen=True, slots=True)
class Canvas:
    """What a panel gives to draw on; the largest typeface that fits is taken, whatever their order."""

    width_px: int
    height_px: int
    typefaces: tuple[Typeface, ...] = ALL


def layout(text: str, width_px: int, height_px: int, face: Typeface = FIVE_BY_SEVEN) -> Frame:
    """Draw *text* as `plate` does, in one typeface."""
    return plate(text, Canvas(width_px, height_px, (face,)))


def plate(text: str, canvas: Canvas) -> Frame:
    """Draw a plate, its groups separated by spaces, on one line: a plate is never split.

    Raises:
        CannotDraw: no typeface has a sign of it, or it is too wide even in the smallest.
    """
    line = " ".join(text.split())
    return _drawn(*_largest(canvas, [[line]]), canvas)


def notice(text: str, canvas: Canvas) -> Frame:
    """Draw a text without a plate, broken at spaces into as many lines as the panel has room for.

    Raises:
        CannotDraw: as `plate` does.
    """
    words = text.split()
    faces = fitting(canvas) or canvas.typefaces
    # Larger letters win; in the same letters, fewer lines do.
    ways = sorted((_wrapped(words, face, canvas.width_px) for face in faces), key=len)
    return _drawn(*_largest(canvas, ways, "shorten it or hang a larger sign", _OTHER_WORDS), canvas)


def call_page(words: str, door: str | None, arrow: str | None, canvas: Canvas) -> Frame:
    """Draw what follows a plate: *words* ("KÖR IN"), the door's number, and an arrow of `ARROWS`.

    All of it stands there on one line or two, the door and the arrow together.

    Raises:
        CannotDraw: as `plate` does; nothing is left out to make the rest fit.
    """
    first, sign = " ".join(words.split()), ARROWS[arrow or "none"]
    second = _pointed(door or "", sign)
    one_line = _pointed(f"{first} {door or ''}".strip(), sign)
    pages = [[one_line], [first, second]] if first and second else [[one_line]]
    return _drawn(*_largest(canvas, pages, "hang a larger sign", _OTHER_WORDS), canvas)


def listing(rows: Sequence[tuple[str, str | None]], canvas: Canvas) -> Frame:
    """Draw at most `lines_of(canvas)` lines: a plate at the left and its door at the right, or a text alone.

    A door keeps so far from the plate that nobody reads it as a part of that.

    Raises:
        CannotDraw: a row that cannot be drawn, by its text; or more rows than there is room for.
    """
    measured = [_row(text, door, _APART) for text, door in rows]
    for line in measured:
        _largest(canvas, [[line]])
    face, _ = _largest(canvas, [measured])
    strips = [_justified(text, door, face, canvas.width_px) for text, door in rows]
    return _stacked(strips, [_row(text, door, " ") for text, door in rows], face, canvas)


def fitting(canvas: Canvas) -> tuple[Typeface, ...]:
    """The typefaces that are not too high for the canvas, the largest first."""
    fit = (face for face in canvas.typefaces if face.height_px <= canvas.height_px)
    return tuple(sorted(fit, key=lambda face: -face.height_px))


def lines_of(canvas: Canvas) -> int:
    """How many lines of a listing fit, at the smallest typeface, dark rows between them."""
    smallest = min(canvas.typefaces, key=lambda face: face.height_px)
    dark_px = _between_lines_px(smallest)
    return (canvas.height_px + dark_px) // (smallest.height_px + dark_px)


# -- which letters, on which lines ---------------------------------------------------------------


def _largest(
    canvas: Canvas,
    ways: list[list[str]],
    advice: str = "hang a wider sign or fetch this customer",
    lacking: str = "fetch this customer",
) -> tuple[Typeface, list[str]]:
    """Take the largest typeface in which one of the *ways*, each some lines, fits; the first that does."""
    wanted = "".join("".join(ways[0]).split())
    faces = fitting(canvas) or canvas.typefaces
    able = [face for face in faces if set(wanted) <= set(face.glyphs)]
    for face in able:
        for lines in ways:
            if _fits(lines, face, canvas):
                return face, lines
    if not able:
        raise CannotDraw(DrawRefusal.CHARACTER_NOT_DEFINED, _lacks(wanted, faces[-1], lacking))
    raise CannotDraw(DrawRefusal.TEXT_TOO_BIG, _too_big(ways[0], able[-1], canvas, advice))


def _fits(lines: list[str], face: Typeface, canvas: Canvas) -> bool:
    return _width_px(lines, face) <= canvas.width_px and _height_px(lines, face) <= canvas.height_px


def _width_px(lines: list[str], face: Typeface) -> int:
    """Columns as `contract.wire.font_shows` counts them: a word of n signs is n * advance - 1 wide."""
    return max((_line_px(line.split(), face) for line in lines), default=0)


def _line_px(words: list[str], face: Typeface) -> int:
    signs = sum(len(word) for word in words)
    return signs * face.advance_px - len(words) + max(0, len(words) - 1) * face.gap_px


def _height_px(lines: list[str], face: Typeface) -> int:
    if not any(lines):
        return 0
    return len(lines) * (face.height_px + _between_lines_px(face)) - _between_lines_px(face)


def _between_lines_px(face: Typeface) -> int:
    """Lines keep as far apart as strokes are wide: one dark row, or two for the large letters."""
    return max(1, face.height_px // 7)


def _wrapped(words: list[str], face: Typeface, width_px: int) -> list[str]:
    """Break before a word that does not fit any more."""
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _width_px([longer], face) <= width_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _pointed(text: str, arrow: str) -> str:
    """An arrow stands at the end to which it points."""
    return f"{arrow} {text}".strip() if arrow == ARROWS["left"] else f"{text} {arrow}".strip()


def _row(text: str, door: str | None, between: str) -> str:
    plate_text = " ".join(text.split())
    return f"{plate_text} {between}{door}" if door else plate_text


# -- dots ----------------------------------------------------------------------------------------


def _columns(line: str, face: Typeface) -> list[int]:
    columns: list[int] = []
    for word in line.split():
        columns += [0] * face.gap_px if columns else []
        columns += _word(word, face)
    return columns


def _word(word: str, face: Typeface) -> list[int]:
    columns: list[int] = []
    for sign in word:
        glyph = face.glyphs[sign]
        columns += [*glyph, *[0] * (face.advance_px - len(glyph))]
    return columns[:-1]


def _justified(text: str, door: str | None, face: Typeface, width_px: int) -> list[int]:
    left = _columns(text, face)
    right = _columns(door, face) if door else []
    return [*left, *[0] * (width_px - len(left) - len(right)), *right]


def _drawn(face: Typeface, lines: list[str], canvas: Canvas) -> Frame:
    return _stacked([_columns(line, face) for line in lines], lines, face, canvas)


def _stacked(strips: list[list[int]], lines: list[str], face: Typeface, canvas: Canvas) -> Frame:
    """Put each line's strip of columns in the middle, the lines below each other."""
    columns = [0] * canvas.width_px
    top = (canvas.height_px - _height_px(lines, face)) // 2
    for place, strip in enumerate(strips):
        left = (canvas.width_px - len(strip)) // 2
        down = top + place * (face.height_px + _between_lines_px(face))
        for x, column in enumerate(strip, left):
            columns[x] |= column << down
    return Frame(canvas.width_px, canvas.height_px, tuple(columns), "\n".join(lines))


# -- refusals ------------------------------------------------------------------------------------


def _lacks(wanted: str, face: Typeface, advice: str) -> str:
    sign = next(sign for sign in wanted if sign not in face.glyphs)
    name = unicodedata.name(sign, f"U+{ord(sign):04X}")
    shown = f' "{sign}"' if sign.isprintable() else ""
    return f"This sign's font has no {name}{shown}; {advice}."


def _too_big(lines: list[str], face: Typeface, canvas: Canvas, advice: str) -> str:
    return (
        f"{' / '.join(lines)} needs {_width_px(lines, face)} columns of {_height_px(lines, face)} rows,"
        f" this sign has {canvas.width_px} of {canvas.height_px}; {advice}."
    )
