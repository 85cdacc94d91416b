"""Letters of ours in place of a sign's own."""

import pytest

from signage.fonts import FIVE_BY_SEVEN, SEVEN_BY_NINE, TEN_BY_FOURTEEN, Typeface
from signage.panels.stand_ins import stand_ins

LETTERS = "ABCÅÄÖ0123-"


@pytest.mark.parametrize(
    ("rows", "advance_px", "ours"),
    [
        (7, 6, FIVE_BY_SEVEN),
        (7, 9, FIVE_BY_SEVEN),
        (13, 6, FIVE_BY_SEVEN),
        (13, 9, SEVEN_BY_NINE),
        (16, 12, TEN_BY_FOURTEEN),
    ],
)
def test_they_are_the_largest_that_fit_and_stand_in_the_middle(
    rows: int, advance_px: int, ours: Typeface
) -> None:
    face = stand_ins(LETTERS, rows, advance_px, 5)
    assert (face.height_px, face.advance_px, face.gap_px) == (rows, advance_px, 5)
    assert face.letters == LETTERS
    above, left = (rows - ours.height_px) // 2, (advance_px - 1 - len(ours.glyphs["A"])) // 2
    for letter, glyph in face.glyphs.items():
        assert len(glyph) == advance_px - 1
        drawn = glyph[left : left + len(ours.glyphs[letter])]
        assert [column >> above for column in drawn] == list(ours.glyphs[letter])
        assert max(glyph) < 1 << rows


def test_a_letter_narrower_than_any_of_ours_is_cut_for_its_preview() -> None:
    face = stand_ins("W", 7, 4, 5)
    assert len(face.glyphs["W"]) == 3


def test_a_letter_that_we_have_not_drawn_is_not_offered() -> None:
    assert stand_ins("A@", 7, 6, 5).letters == "A"
