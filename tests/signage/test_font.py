from pathlib import Path

import pytest

from contract.plate import DIGITS, LETTERS
from signage.font import FIVE_BY_SEVEN, GLYPH_HEIGHT_PX, GLYPH_WIDTH_PX

FRAMES = Path(__file__).parent.parent / "frames"


def drawn(sign: str) -> list[str]:
    columns = FIVE_BY_SEVEN.glyphs[sign]
    return ["".join("#" if c >> y & 1 else "." for c in columns) for y in range(GLYPH_HEIGHT_PX)]


def golden(sign: str) -> list[str]:
    return (FRAMES / f"glyph-{ord(sign):04X}.txt").read_text("utf-8").splitlines()


def dots_apart(one: str, other: str) -> int:
    pairs = zip("".join(drawn(one)), "".join(drawn(other)), strict=True)
    return sum(a != b for a, b in pairs)


def test_every_sign_that_a_plate_may_hold_can_be_drawn() -> None:
    assert set(LETTERS + DIGITS + "-") == set(FIVE_BY_SEVEN.letters)


@pytest.mark.parametrize("sign", FIVE_BY_SEVEN.letters)
def test_a_glyph_is_the_one_that_was_looked_at(sign: str) -> None:
    assert golden(sign) == drawn(sign)


def test_every_golden_glyph_belongs_to_a_sign() -> None:
    wanted = {f"glyph-{ord(sign):04X}.txt" for sign in FIVE_BY_SEVEN.letters}
    assert wanted == {path.name for path in FRAMES.glob("glyph-*.txt")}


def test_no_two_glyphs_are_nearly_the_same() -> None:
    """O is C closed, and Ü opened; everything else is further apart."""
    signs = FIVE_BY_SEVEN.letters
    close = {
        (one, other)
        for place, one in enumerate(signs)
        for other in signs[place + 1 :]
        if dots_apart(one, other) < 4
    }
    assert {("C", "O"), ("O", "Ü")} == close


@pytest.mark.parametrize("pair", ["0O", "0D", "OD", "0Ø", "8B", "2Z", "5S", "1I", "0Q", "OQ", "68"])
def test_signs_that_drivers_mistake_differ_in_many_dots(pair: str) -> None:
    assert dots_apart(*pair) >= 6


def test_marks_stand_clear_above_their_letters() -> None:
    for sign in "ÄÖÜ":
        dots, gap, *letter = drawn(sign)
        assert 2 == dots.count("#")
        assert "." * GLYPH_WIDTH_PX == gap
        assert "#" in letter[0]
