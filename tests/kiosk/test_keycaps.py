"""What is printed on the keys."""

import pytest

from kiosk.keycaps import KEYPAD_WORDS, Cap, rows_of_caps
from kiosk.keys import FULL_LAYOUT, PHONE_LAYOUT, Key, Layout
from kiosk.texts import TEXTS


def caps(layout: Layout, language: str) -> dict[str, Cap]:
    return {cap.key: cap for row in rows_of_caps(layout, language) for cap in row if cap}


@pytest.mark.parametrize("language", TEXTS)
def test_every_deed_has_its_word_in_every_language(language: str) -> None:
    assert set(KEYPAD_WORDS) == set(TEXTS)
    printed = caps(PHONE_LAYOUT, language)
    for key in set(Key) - {Key.HELP}:
        assert printed[key].kind == key
        assert printed[key].main.isupper()


def test_the_swedish_words_are_those_of_the_manual() -> None:
    printed = caps(PHONE_LAYOUT, "sv")
    deeds = (Key.OK, Key.CLEAR, Key.CANCEL, Key.OTHER, Key.LANGUAGE, Key.SPEAK)
    words = [printed[key].main for key in deeds]
    assert words == ["OK", "RÄTTA", "AVBRYT", "ÅÄÖ", "SPRÅK", "TAL"]


def test_figures_carry_letters_only_where_letters_have_no_keys() -> None:
    assert caps(PHONE_LAYOUT, "sv")["7"].small == "PQRS"
    assert caps(FULL_LAYOUT, "sv")["7"].small == ""
    assert caps(FULL_LAYOUT, "sv")["Å"].main == "Å"
