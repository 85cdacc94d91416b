"""Every glyph of every typeface: there, of the right size, and the one that was looked at."""

import pytest

from contract.plate import DIGITS, LETTERS
from signage.fonts import ALL, FIVE_BY_SEVEN, SEVEN_BY_NINE, TEN_BY_FOURTEEN, Typeface
from signage.layout import ARROWS
from tests.signage.golden import FRAMES, glyph_file, glyph_rows, size

EACH_FACE = pytest.mark.parametrize("face", ALL, ids=size)
# Rows from the top: those of the mark, then a dark one.
DOT_ROWS = ((FIVE_BY_SEVEN, 1), (SEVEN_BY_NINE, 2), (TEN_BY_FOURTEEN, 2))
RING_ROWS = ((SEVEN_BY_NINE, 3), (TEN_BY_FOURTEEN, 4))
ACCENT_ROWS = ((SEVEN_BY_NINE, 2), (TEN_BY_FOURTEEN, 3))


@EACH_FACE
def test_every_sign_that_a_plate_a_notice_or_an_arrow_needs_can_be_drawn(face: Typeface) -> None:
    wanted = LETTERS + DIGITS + "-" + ".:/!" + "".join(ARROWS.values()) + "↓"
    assert set(wanted) == set(face.letters)


@pytest.mark.parametrize(
    ("face", "sign"), [pytest.param(f, s, id=f"{size(f)} {s}") for f in ALL for s in f.letters]
)
def test_a_glyph_is_the_one_that_was_looked_at(face: Typeface, sign: str) -> None:
    kept = glyph_file(face, sign).read_text("utf-8").splitlines()
    assert kept == glyph_rows(face, sign)


@EACH_FACE
def test_every_golden_glyph_belongs_to_a_sign(face: Typeface) -> None:
    kept = {path.name for path in (FRAMES / size(face)).iterdir()}
    assert kept == {glyph_file(face, sign).name for sign in face.letters}


def test_the_largest_typeface_comes_first() -> None:
    assert [size(face) for face in ALL] == ["10x14", "7x9", "5x7"]


@EACH_FACE
def test_every_glyph_fills_a_cell_of_the_same_size(face: Typeface) -> None:
    width_px, height_px = map(int, size(face).split("x"))
    for sign, glyph in face.glyphs.items():
        assert len(glyph) == width_px, sign
        assert max(glyph) < 1 << height_px, sign


@EACH_FACE
def test_letters_and_digits_reach_from_the_top_row_to_the_bottom_row(face: Typeface) -> None:
    """Else a plate would dance, and the typeface would be smaller than it says."""
    for sign in LETTERS + DIGITS:
        rows = glyph_rows(face, sign)
        assert "#" in rows[0], sign
        assert "#" in rows[-1], sign


@EACH_FACE
def test_strokes_of_neighbours_do_not_touch(face: Typeface) -> None:
    width_px = len(face.glyphs["A"])
    dark_columns = face.advance_px - width_px
    assert dark_columns == (2 if face is TEN_BY_FOURTEEN else 1)
    assert face.gap_px >= 3 * dark_columns - 1


@pytest.mark.parametrize(("face", "dot_rows"), DOT_ROWS)
def test_dots_stand_a_dark_row_above_their_letters(face: Typeface, dot_rows: int) -> None:
    for sign in "ÄÖÜ":
        rows = glyph_rows(face, sign)
        mark, dark = rows[:dot_rows], rows[dot_rows]
        assert all("." in row.strip(".") for row in mark), f"{sign} has one dot"
        assert "#" not in dark, sign


@pytest.mark.parametrize(
    ("face", "sign", "rows"),
    [(face, "Å", rows) for face, rows in RING_ROWS]
    + [(face, sign, rows) for face, rows in ACCENT_ROWS for sign in "ČĆŠŽ"],
)
def test_larger_letters_have_room_for_a_dark_row_below_every_mark(
    face: Typeface, sign: str, rows: int
) -> None:
    drawn = glyph_rows(face, sign)
    assert all("#" in row for row in drawn[:rows])
    assert "#" not in drawn[rows]
    assert "#" in drawn[rows + 1]


def test_strokes_of_the_large_letters_are_two_dots_wide() -> None:
    """No row of a letter has a lit dot that is dark on both sides, which would look thin from afar."""
    for sign in LETTERS + DIGITS:
        for row in glyph_rows(TEN_BY_FOURTEEN, sign):
            assert ".#." not in f".{row}.", sign


@EACH_FACE
def test_arrows_to_the_sides_mirror_each_other(face: Typeface) -> None:
    assert glyph_rows(face, "←") == [row[::-1] for row in glyph_rows(face, "→")]


@EACH_FACE
def test_arrows_up_and_down_mirror_each_other(face: Typeface) -> None:
    assert glyph_rows(face, "↑") == glyph_rows(face, "↓")[::-1]


@EACH_FACE
def test_an_arrow_to_the_right_ends_in_its_point(face: Typeface) -> None:
    """The last column holds the shaft's end only; the barbs lie behind it."""
    *_, before, point = face.glyphs["→"]
    assert point.bit_count() <= 2
    assert before & point == point
    assert before.bit_count() > point.bit_count()
