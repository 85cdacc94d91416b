"""Which letters a text gets on a panel, where they stand, and when nothing does."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.wire import font_shows
from signage.fonts import ALL, FIVE_BY_SEVEN, SEVEN_BY_NINE, TEN_BY_FOURTEEN, Typeface
from signage.frame import Frame
from signage.layout import (
    CannotDraw,
    Canvas,
    DrawRefusal,
    call_page,
    fitting,
    layout,
    lines_of,
    listing,
    notice,
    plate,
)
from signage.panel import described
from tests.signage.golden import CANVASES, PLATES, kept_layouts, panel, size, written_layouts

FEW_LETTERS = Typeface(7, 6, 3, {sign: FIVE_BY_SEVEN.glyphs[sign] for sign in "ABC123"})
FEW_LARGE = Typeface(14, 12, 5, {sign: TEN_BY_FOURTEEN.glyphs[sign] for sign in "ABC123"})
ROWS = [("ABC 123", "3"), ("WMX 99W", "12"), ("ÅÄÖ", None)]


def lit_rows(frame: Frame) -> list[int]:
    """Numbers of the rows in which anything is lit."""
    return [y for y, row in enumerate(frame.rows) if "#" in row]


def letters_px(frame: Frame) -> int:
    """Rows from the highest lit dot to the lowest."""
    rows = lit_rows(frame)
    return rows[-1] - rows[0] + 1


def refusal(draw: Callable[[], Frame]) -> CannotDraw:
    with pytest.raises(CannotDraw) as refused:
        draw()
    return refused.value


@pytest.mark.parametrize("canvas", CANVASES, ids=panel)
def test_every_layout_of_a_panel_is_the_one_that_was_looked_at(canvas: Canvas) -> None:
    assert kept_layouts(canvas).splitlines() == written_layouts(canvas).splitlines()


# -- a plate -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width_px", "height_px", "rows"),
    [
        (40, 8, 7),
        (80, 7, 7),
        (64, 9, 9),
        (64, 16, 9),
        (74, 16, 9),
        (75, 16, 14),
        (96, 13, 9),
        (49, 16, 7),
    ],
)
def test_a_plate_gets_the_largest_letters_that_fit(
    width_px: int, height_px: int, rows: int
) -> None:
    assert letters_px(plate("ABC 123", Canvas(width_px, height_px))) == rows


@pytest.mark.parametrize(
    ("face", "columns"), [(FIVE_BY_SEVEN, 37), (SEVEN_BY_NINE, 50), (TEN_BY_FOURTEEN, 75)]
)
@pytest.mark.parametrize("text", ["ABC 123", "WMX 99W"])
def test_a_plate_of_six_takes_the_columns_that_its_typeface_says(
    face: Typeface, columns: int, text: str
) -> None:
    frame = layout(text, columns, 16, face)
    assert frame.columns[0]
    # One of the two dark columns behind a large letter counts as part of its word.
    assert any(frame.columns[-2:])
    refused = refusal(lambda: layout(text, columns - 1, 16, face))
    assert refused.reason == DrawRefusal.TEXT_TOO_BIG
    assert f"needs {columns} columns of {face.height_px} rows" in refused.detail
    assert f"has {columns - 1} of 16" in refused.detail


def test_a_plate_is_never_split_over_lines() -> None:
    refused = refusal(lambda: plate("ABC 123", Canvas(30, 32)))
    assert refused.reason == DrawRefusal.TEXT_TOO_BIG


def test_too_big_is_told_by_the_smallest_letters() -> None:
    refused = refusal(lambda: plate("ABC 123", Canvas(32, 32)))
    assert "needs 37 columns of 7 rows, this sign has 32 of 32" in refused.detail
    assert "hang a wider sign or fetch this customer" in refused.detail


@pytest.mark.parametrize("text", PLATES, ids=lambda text: f"{len(text.replace(' ', ''))} signs")
@pytest.mark.parametrize("height_px", [7, 8, 16, 32])
def test_every_plate_of_two_to_ten_signs_fits_eighty_columns(text: str, height_px: int) -> None:
    frame = plate(text, Canvas(80, height_px))
    assert frame.words == text
    assert not frame.is_dark


def test_text_stands_in_the_middle() -> None:
    rows = layout("T", 11, 9).rows
    assert rows[1] == "...#####..."
    assert rows[0] == rows[8] == "." * 11


def test_what_no_typeface_has_is_named_and_nothing_is_drawn() -> None:
    refused = refusal(lambda: plate("ABC Ñ23", Canvas(96, 16)))
    assert refused.reason == DrawRefusal.CHARACTER_NOT_DEFINED
    assert 'LATIN CAPITAL LETTER N WITH TILDE "Ñ"' in refused.detail


def test_a_sign_that_cannot_be_printed_is_named_all_the_same() -> None:
    with pytest.raises(CannotDraw, match="ZERO WIDTH SPACE;"):
        layout("AB\u200bC", 40, 8)


def test_a_smaller_typeface_helps_out_with_letters_that_the_larger_lacks() -> None:
    canvas = Canvas(96, 16, (FEW_LARGE, FIVE_BY_SEVEN))
    assert letters_px(plate("ABC 123", canvas)) == 14
    assert letters_px(plate("ABC 12A", canvas)) == 14
    assert letters_px(plate("ABC 124", canvas)) == 7


def test_letters_of_a_typeface_that_is_too_high_do_not_count() -> None:
    """All signs are in some typeface, but none that fits eight rows has a Č."""
    refused = refusal(lambda: plate("ČAB", Canvas(96, 8, (TEN_BY_FOURTEEN, FEW_LETTERS))))
    assert refused.reason == DrawRefusal.CHARACTER_NOT_DEFINED


def test_a_sign_too_low_for_every_typeface_is_refused() -> None:
    refused = refusal(lambda: plate("A", Canvas(40, 6)))
    assert refused.reason == DrawRefusal.TEXT_TOO_BIG
    assert "7 rows" in refused.detail


def test_no_text_is_darkness() -> None:
    assert layout("  ", 40, 8) == Frame.dark(40, 8)
    assert plate("", Canvas(96, 16)).is_dark


def test_the_order_of_the_typefaces_does_not_matter() -> None:
    assert plate("ABC 123", Canvas(96, 16, ALL[::-1])) == plate("ABC 123", Canvas(96, 16))


def test_typefaces_that_are_too_high_are_left_out() -> None:
    assert [size(face) for face in fitting(Canvas(40, 13, ALL[::-1]))] == ["7x9", "5x7"]


@given(st.text(st.sampled_from(FIVE_BY_SEVEN.letters + " "), max_size=9))
def test_text_is_centred_to_a_column(text: str) -> None:
    columns = layout(text, 96, 8).columns
    assert len(columns) == 96
    words = text.split()
    if words:
        width = len("".join(words)) * 6 - len(words) + 3 * (len(words) - 1)
        left = (96 - width) // 2
        assert not any(columns[:left])
        assert not any(columns[left + width :])


# -- central must judge as the sign does: it tells the board at once what a sign cannot show --------


def is_drawn(text: str, canvas: Canvas) -> bool:
    try:
        plate(text, canvas)
    except CannotDraw:
        return False
    return True


@pytest.mark.parametrize("height_px", [7, 9, 16])
def test_central_and_sign_agree_on_every_plate_at_every_width(height_px: int) -> None:
    for width_px in range(16, 201):
        canvas = Canvas(width_px, height_px)
        fonts = described(canvas)
        for text in (*PLATES, "WMX 99W", "ABCDEFGHIJ", "A B C D E"):
            assert font_shows(fonts, width_px, text) == is_drawn(text, canvas), (text, width_px)


SIGNS = st.sampled_from(FIVE_BY_SEVEN.letters + "   " + "ñab²\u00a0\t")
FACES = st.lists(st.sampled_from([*ALL, FEW_LETTERS, FEW_LARGE]), min_size=1, max_size=3)


@given(
    st.text(SIGNS, min_size=1, max_size=14).filter(lambda text: text.split() != []),
    st.integers(16, 200),
    st.integers(1, 20),
    FACES,
)
def test_central_and_sign_agree_whatever_the_typefaces(
    text: str, width_px: int, height_px: int, faces: list[Typeface]
) -> None:
    canvas = Canvas(width_px, height_px, tuple(faces))
    assert font_shows(described(canvas), width_px, text) == is_drawn(text, canvas)


# -- a notice ------------------------------------------------------------------------------------


def test_a_notice_is_broken_at_spaces_to_make_its_letters_as_large_as_can_be() -> None:
    one_line = notice("FRÅGA I DISKEN", Canvas(128, 16))
    two_lines = notice("FRÅGA I DISKEN", Canvas(128, 32))
    assert one_line.words == "FRÅGA I DISKEN"
    assert two_lines.words == "FRÅGA I\nDISKEN"
    assert letters_px(one_line) == 9
    assert letters_px(two_lines) == 14 + 2 + 14


def test_a_notice_takes_one_line_where_two_would_not_make_it_larger() -> None:
    assert notice("KÖR IN", Canvas(96, 16)).words == "KÖR IN"
    assert notice("KÖR IN", Canvas(128, 32)).words == "KÖR IN"


def test_a_notice_takes_as_many_lines_as_there_is_room_for() -> None:
    frame = notice("STÄNGT TILL 7:30 KOM DÅ", Canvas(40, 32))
    assert frame.words == "STÄNGT\nTILL\n7:30\nKOM DÅ"
    assert lit_rows(frame) == [y for y in range(31) if y not in (7, 15, 23)]


def test_a_notice_that_just_fits_is_not_broken() -> None:
    assert notice("AA A", Canvas(19, 16, (FIVE_BY_SEVEN,))).words == "AA A"
    assert notice("AA A", Canvas(18, 16, (FIVE_BY_SEVEN,))).words == "AA\nA"


def test_lines_of_a_notice_stand_in_the_middle_each() -> None:
    frame = notice("AA A", Canvas(13, 16, (FIVE_BY_SEVEN,)))
    assert frame.words == "AA\nA"
    assert frame.rows[6] == ".#...#.#...#."
    assert frame.rows[14] == "....#...#...."


@pytest.mark.parametrize("canvas", [Canvas(30, 16), Canvas(80, 7)])
def test_a_notice_that_does_not_fit_is_refused_whole(canvas: Canvas) -> None:
    refused = refusal(lambda: notice("RING PÅ KLOCKAN TACK", canvas))
    assert refused.reason == DrawRefusal.TEXT_TOO_BIG
    assert "shorten it or hang a larger sign" in refused.detail


def test_a_notice_with_a_letter_that_nobody_drew_is_refused() -> None:
    refused = refusal(lambda: notice("LUNCH 11–12", Canvas(128, 32)))
    assert refused.reason == DrawRefusal.CHARACTER_NOT_DEFINED
    assert "EN DASH" in refused.detail


# -- the page after the plate --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("door", "arrow", "words"),
    [
        (None, "none", "KÖR IN"),
        (None, None, "KÖR IN"),
        ("3", "none", "KÖR IN 3"),
        ("3", "right", "KÖR IN 3 →"),
        ("3", "left", "← KÖR IN 3"),
        ("3", "ahead", "KÖR IN 3 ↑"),
        (None, "left", "← KÖR IN"),
    ],
)
def test_an_arrow_stands_at_the_end_to_which_it_points(
    door: str | None, arrow: str | None, words: str
) -> None:
    assert call_page("KÖR IN", door, arrow, Canvas(96, 16)).words == words


def test_door_and_arrow_go_below_where_that_makes_all_larger() -> None:
    frame = call_page("KÖR IN", "12", "left", Canvas(64, 32))
    assert frame.words == "KÖR IN\n← 12"
    assert letters_px(frame) == 30


def test_a_page_without_words_shows_door_and_arrow() -> None:
    assert call_page("", "3", "right", Canvas(40, 8)).words == "3 →"


def test_the_page_after_the_plate_drops_nothing_to_make_the_rest_fit() -> None:
    assert call_page("KÖR IN", "3", "none", Canvas(40, 8)).words == "KÖR IN 3"
    refused = refusal(lambda: call_page("KÖR IN", "3", "right", Canvas(40, 8)))
    assert refused.reason == DrawRefusal.TEXT_TOO_BIG
    assert "KÖR IN 3 → needs 47 columns of 7 rows, this sign has 40 of 8" in refused.detail


def test_an_arrow_that_the_sign_lacks_is_refused() -> None:
    without = Typeface(7, 6, 3, {s: FIVE_BY_SEVEN.glyphs[s] for s in "KÖRIN"})
    refused = refusal(lambda: call_page("KÖR IN", None, "ahead", Canvas(80, 7, (without,))))
    assert refused.reason == DrawRefusal.CHARACTER_NOT_DEFINED
    assert "UPWARDS ARROW" in refused.detail


# -- a listing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("height_px", "lines"), [(6, 0), (7, 1), (8, 1), (14, 1), (15, 2), (16, 2), (24, 3), (32, 4)]
)
def test_lines_need_a_dark_row_between_them(height_px: int, lines: int) -> None:
    assert lines_of(Canvas(128, height_px)) == lines


def test_a_listing_has_plates_at_the_left_and_doors_at_the_right() -> None:
    frame = listing(ROWS, Canvas(128, 24))
    assert frame.words == "ABC 123  3\nWMX 99W  12\nÅÄÖ"
    left_of = layout("ÅÄÖ", 17, 7)
    assert frame.columns[0] >> 16 & 127 == left_of.columns[0]
    assert frame.columns[-1] & 127 == FIVE_BY_SEVEN.glyphs["3"][-1]
    assert frame.columns[-1] >> 8 & 127 == FIVE_BY_SEVEN.glyphs["2"][-1]
    assert not any(column >> 16 for column in frame.columns[17:])


def test_a_listing_takes_the_largest_letters_in_which_all_its_rows_fit() -> None:
    canvas = Canvas(128, 32)
    assert letters_px(listing([("ABC 123", "3")], canvas)) == 14
    assert letters_px(listing([("ABC 123", "3"), ("AB", None)], canvas)) == 14 + 2 + 14
    assert letters_px(listing([("ABC 123", "3"), ("2Z5S 8B6G", "12")], canvas)) == 9 + 1 + 9
    assert letters_px(listing(ROWS, canvas)) == 3 * 9 + 2


def test_a_door_keeps_so_far_from_its_plate_that_it_is_no_part_of_it() -> None:
    widest_gap_in_a_plate = FIVE_BY_SEVEN.gap_px
    frame = listing([("AB 12", "3")], Canvas(41, 8))
    lit = [any(row[x] == "#" for row in frame.rows) for x in range(41)]
    between = lit[25 : 41 - 5]
    assert not any(between)
    assert len(between) > 3 * widest_gap_in_a_plate
    refused = refusal(lambda: listing([("AB 12", "3")], Canvas(40, 8)))
    assert refused.reason == DrawRefusal.TEXT_TOO_BIG


def test_a_row_without_a_door_is_a_plate_alone() -> None:
    alone = listing([("AB", None)], Canvas(64, 8))
    assert alone.words == "AB"
    assert listing([("AB", "")], Canvas(64, 8)) == alone


def test_every_listing_of_full_length_can_be_drawn() -> None:
    canvas = Canvas(80, 32)
    frame = listing([("ABC 123", "12")] * lines_of(canvas), canvas)
    assert frame.words.count("\n") == 3


def test_a_row_that_cannot_be_drawn_is_named_and_no_other_is_shown() -> None:
    refused = refusal(lambda: listing([("ABC 123", "3"), ("ÑÑ 1", None)], Canvas(64, 16)))
    assert refused.reason == DrawRefusal.CHARACTER_NOT_DEFINED
    assert '"Ñ"' in refused.detail
    refused = refusal(lambda: listing([("AB", "3"), ("ABCDE 12345", "12")], Canvas(64, 16)))
    assert refused.reason == DrawRefusal.TEXT_TOO_BIG
    assert refused.detail.startswith("ABCDE 12345 - 12 needs ")


def test_more_rows_than_lines_are_refused() -> None:
    refused = refusal(lambda: listing(ROWS, Canvas(64, 16)))
    assert refused.reason == DrawRefusal.TEXT_TOO_BIG
    assert "of 23 rows, this sign has 64 of 16" in refused.detail


def test_an_empty_listing_is_darkness() -> None:
    assert listing([], Canvas(64, 16)) == Frame.dark(64, 16)
