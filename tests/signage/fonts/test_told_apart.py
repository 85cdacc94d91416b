"""How far apart any two signs are, in dots: a letter misread sends the wrong car in."""

from itertools import combinations

import pytest

from signage.fonts import ALL, FIVE_BY_SEVEN, Typeface
from tests.signage.golden import size

# Signs that drivers take for each other, on plates that hold any of them.
MISTAKEN = (
    *("0O", "0D", "0Q", "OD", "OQ", "DQ", "0Ø", "OØ", "8B", "08", "68", "38", "2Z", "5S"),
    *("1I", "6G", "UV", "VY", "ÅA", "ÄA", "ÅÄ", "OÖ", "ÖØ", "UÜ", "CČ", "SŠ", "ZŽ", "DĐ"),
)
LEAST_MISTAKEN = {"5x7": 6, "7x9": 6, "10x14": 16}
LEAST = {"5x7": 4, "7x9": 4, "10x14": 9}
# Five columns leave no more between C and O than O's open side, nor between O and Ü than its lid.
CLOSER: dict[str, set[str]] = {"5x7": {"CO", "OÜ"}, "7x9": set(), "10x14": set()}


def dots_apart(face: Typeface, one: str, other: str) -> int:
    """Dots that differ, wherever the second stands: in its place or a column to either side."""
    mine, theirs = face.glyphs[one], face.glyphs[other]
    return min(
        sum(
            (a ^ b).bit_count()
            for a, b in zip((0, *mine, 0), (*[0] * left, *theirs, *[0] * (2 - left)), strict=True)
        )
        for left in (0, 1, 2)
    )


@pytest.mark.parametrize("pair", MISTAKEN)
@pytest.mark.parametrize("face", ALL, ids=size)
def test_signs_that_drivers_mistake_differ_in_many_dots(face: Typeface, pair: str) -> None:
    assert dots_apart(face, *pair) >= LEAST_MISTAKEN[size(face)]


@pytest.mark.parametrize("face", ALL, ids=size)
def test_no_two_signs_are_nearly_the_same(face: Typeface) -> None:
    near = {
        one + other
        for one, other in combinations(face.letters, 2)
        if dots_apart(face, one, other) < LEAST[size(face)]
    }
    assert near == CLOSER[size(face)]


def test_a_copy_that_stands_one_column_aside_is_no_other_sign() -> None:
    glyph = FIVE_BY_SEVEN.glyphs["1"]
    aside = Typeface(7, 6, 3, {"1": glyph, "I": (0, *glyph[:-1])})
    cut_off = glyph[-1].bit_count()
    assert dots_apart(aside, "1", "I") == cut_off
