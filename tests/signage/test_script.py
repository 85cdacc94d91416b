"""What an answer of central looks like on a sign: pages of a door, lines of a yard."""

import pytest

from contract.wire import Dark, Grant, Listed, Listing
from signage.layout import CannotDraw, Canvas
from signage.script import LIST_PAGE_MS, Drawing
from signage.showing import PAGE_MS, Script

WIDE = Canvas(96, 16)
TOLD = {"nonce": "n", "epoch": "e", "seq": 1}


def grant(text: str = "ABC 123", door: str = "3") -> Grant:
    return Grant(**TOLD, bay="b", call="c1", plate="ABC123", text=text, ttl_ms=7_000, door=door)  # type: ignore[arg-type]


def listed(*rows: tuple[str, str | None]) -> Listing:
    """Rows of text and door; a row with a door has a call of its text's name."""
    made = [Listed(text=text, door=door, call=door and text) for text, door in rows]
    return Listing(**TOLD, rows=made, ttl_ms=7_000)  # type: ignore[arg-type]


def words(script: Script) -> list[str]:
    return [page.words for page in script.pages]


def test_the_plate_stands_alone_where_no_second_page_is_wanted() -> None:
    assert ["ABC 123"] == words(Drawing(WIDE).script(grant()))


def test_after_the_plate_comes_how_to_drive_in() -> None:
    drawing = Drawing(WIDE, second="KÖR IN", arrow="left", door=True)
    script = drawing.script(grant())
    assert ["ABC 123", "← KÖR IN 3"] == words(script)
    assert (("c1",), PAGE_MS) == (script.calls, script.page_ms)


def test_a_door_without_words_is_a_second_page_too() -> None:
    assert ["ABC 123", "3"] == words(Drawing(WIDE, door=True).script(grant()))
    assert ["ABC 123"] == words(Drawing(WIDE, door=True).script(grant(door="")))


def test_a_second_page_that_does_not_fit_is_left_out_and_the_plate_stands() -> None:
    narrow = Drawing(Canvas(40, 8), second="KÖR IN", door=True, arrow="right")
    assert ["ABC 123"] == words(narrow.script(grant()))


def test_a_plate_that_does_not_fit_is_refused() -> None:
    with pytest.raises(CannotDraw):
        Drawing(Canvas(32, 8)).script(grant())


def test_a_notice_has_no_call() -> None:
    script = Drawing(WIDE).script(Dark(**TOLD, reason="no_call", notice="RAST"))  # type: ignore[arg-type]
    assert ((), ["RAST"]) == (script.calls, words(script))


def test_a_called_plate_is_sent_to_a_port() -> None:
    script = Drawing(WIDE).script(listed(("ABC 123", "1"), ("BCD 234", "2")))
    assert ["ABC 123  PORT 1\nBCD 234  PORT 2"] == words(script)
    assert (("ABC 123", "BCD 234"), LIST_PAGE_MS) == (script.calls, script.page_ms)


def test_where_that_does_not_fit_the_number_of_the_door_stands_alone() -> None:
    assert ["ABC 123  1"] == words(Drawing(Canvas(64, 8)).script(listed(("ABC 123", "1"))))


def test_nobody_who_waits_stands_without_a_word_that_says_so() -> None:
    """A bare plate means: you, drive in now."""
    waiting = listed(("ABC 123", "1"), ("BCD 234", None), ("CDE 345", None))
    assert ["ABC 123  PORT 1", "NÄST\nBCD 234", "NÄST\nCDE 345"] == words(
        Drawing(WIDE).script(waiting)
    )
    assert ["NÄST BCD 234"] == words(Drawing(Canvas(80, 8)).script(listed(("BCD 234", None))))


def test_who_waits_is_left_out_where_the_word_does_not_fit_beside_the_plate() -> None:
    script = Drawing(Canvas(48, 8)).script(listed(("BCD 234", None)))
    assert script.is_dark
    assert "NÄST BCD 234" in script.refusal


def test_an_empty_list_is_a_dark_page() -> None:
    script = Drawing(WIDE).script(listed())
    assert script.is_dark
    assert script.lists


def test_a_line_that_cannot_be_drawn_is_left_out_and_the_others_stand() -> None:
    script = Drawing(Canvas(64, 8)).script(listed(("ABCDEFG 123", "1"), ("BCD 234", "2")))
    assert (("BCD 234",), ["BCD 234  2"]) == (script.calls, words(script))
    assert "ABCDEFG 123" in script.refusal
