"""What a sign may say by itself, when nobody is called."""

import pytest

from contract.notice import NoticeRefused, read_notice
from contract.plate import LETTERS
from signage.fonts import ALL


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("STÄNGD", "STÄNGD"),
        ("  stängd   för  lunch ", "STÄNGD FÖR LUNCH"),
        ("Lunch-rast", "LUNCH-RAST"),
        ("", ""),
        ("   ", ""),
        ("A" * 20, "A" * 20),
    ],
)
def test_a_few_words_in_capitals(written: str, shown: str) -> None:
    assert shown == read_notice(written)


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("ABC 123", '"1" cannot stand'),
        ("ÖPPNAR 13", '"1" cannot stand'),
        ("GÅ TILL 2", '"2" cannot stand'),
        ("STÄNGD!", '"!" cannot stand'),
        ("RAST ☕", '"☕" cannot stand'),
        ("LUNCH\0", "cannot stand"),
        ("A" * 21, "at most 20 signs"),
        ("KÖR IN", "it says drive in"),
        ("kör-in", "it says drive in"),
        ("Nu kör in här", "it says drive in"),
        ("DRIVE IN", "it says drive in"),
    ],
)
def test_nothing_that_could_send_anybody_through_a_door(written: str, sentence: str) -> None:
    with pytest.raises(NoticeRefused, match=sentence):
        read_notice(written)


def test_every_typeface_can_draw_what_a_notice_may_hold() -> None:
    allowed = set(LETTERS + "-")
    assert set(read_notice("åäö-")) <= allowed
    assert [set(), set(), set()] == [allowed - set(face.glyphs) for face in ALL]
