from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.wire import font_shows
from signage.font import FIVE_BY_SEVEN
from signage.frame import CannotDraw, DrawRefusal, Frame, layout
from signage.panel import described

FRAMES = Path(__file__).parent.parent / "frames"


@pytest.mark.parametrize(
    ("text", "width_px", "name"),
    [
        ("ABC 123", 40, "ABC-123-5-modules"),
        ("KÖR IN", 40, "KOR-IN-5-modules"),
        ("WMX 99W", 48, "WMX-99W-6-modules"),
        ("ÅÄÖÆØÜŠ", 48, "personal-plate-6-modules"),
    ],
)
def test_a_frame_is_the_one_that_was_looked_at(text: str, width_px: int, name: str) -> None:
    expected = (FRAMES / f"frame-{name}.txt").read_text("utf-8").splitlines()
    assert expected == list(layout(text, width_px, 8).rows)


def test_a_plate_with_a_gap_of_three_columns_just_fits_five_modules() -> None:
    with pytest.raises(CannotDraw) as refused:
        layout("ABC 123", 36, 8)
    assert DrawRefusal.TEXT_TOO_BIG == refused.value.reason
    assert "needs 37 columns" in refused.value.detail
    assert "has 36" in refused.value.detail
    assert layout("ABC 123", 37, 8).width_px == 37


def test_text_stands_in_the_middle() -> None:
    rows = layout("T", 11, 9).rows
    assert "...#####..." == rows[1]
    assert rows[0] == rows[8] == "." * 11


def test_what_the_font_lacks_is_named_and_nothing_is_drawn() -> None:
    with pytest.raises(CannotDraw) as refused:
        layout("ABC Ñ23", 40, 8)
    assert DrawRefusal.CHARACTER_NOT_DEFINED == refused.value.reason
    assert 'LATIN CAPITAL LETTER N WITH TILDE "Ñ"' in refused.value.detail


def test_a_sign_that_cannot_be_printed_is_named_all_the_same() -> None:
    with pytest.raises(CannotDraw, match="ZERO WIDTH SPACE;"):
        layout("AB\u200bC", 40, 8)


def test_a_sign_too_low_for_the_font_is_refused() -> None:
    with pytest.raises(CannotDraw, match="7 rows"):
        layout("A", 40, 6)


def test_no_text_is_darkness() -> None:
    assert Frame.dark(40, 8) == layout("  ", 40, 8)
    assert layout("", 40, 8).is_dark


SIGNS = st.sampled_from(FIVE_BY_SEVEN.letters + "   " + "ñab²\u00a0\t")


@given(st.text(SIGNS, max_size=14), st.integers(1, 12))
def test_central_and_sign_agree_on_what_can_be_shown(text: str, modules: int) -> None:
    """Central tells the board at once what a sign cannot show, so it must judge as the sign does."""
    try:
        layout(text, modules * 8, 8)
    except CannotDraw:
        shows = False
    else:
        shows = True
    assert font_shows([described()], modules * 8, text) == shows


@given(st.text(st.sampled_from(FIVE_BY_SEVEN.letters + " "), max_size=9))
def test_text_is_centred_to_a_column(text: str) -> None:
    columns = layout(text, 96, 8).columns
    assert 96 == len(columns)
    words = text.split()
    if words:
        width = len("".join(words)) * 6 - len(words) + 3 * (len(words) - 1)
        left = (96 - width) // 2
        assert not any(columns[:left])
        assert not any(columns[left + width :])
