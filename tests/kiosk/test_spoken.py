"""What is heard is what is shown, in words that need no eyes."""

import pytest

from contract.plate import Plate
from kiosk.keys import Key
from kiosk.screen import Cell, Choice, Hint, PlateMark, Screen, line_of
from kiosk.spoken import spoken
from kiosk.texts import TEXTS

ABC = Plate.parse("ABC123")


def test_a_plate_is_read_sign_by_sign_wherever_it_stands() -> None:
    screen = Screen(
        "x",
        "en",
        (line_of("{plate}: drive in.", ABC),),
        plate=ABC,
        choices=(Choice("1", PlateMark(ABC)), Choice("2", "None of them")),
    )
    assert spoken(screen).splitlines() == [
        "A, B, C, 1, 2, 3.",
        "A, B, C, 1, 2, 3: drive in.",
        "1: A, B, C, 1, 2, 3.",
        "2: None of them.",
    ]


def test_a_key_that_stands_for_several_letters_is_read_as_its_figure() -> None:
    cells = (Cell("ABC", "2"), Cell("B"), Cell("7", "PQRS"), Cell(), Cell())
    assert spoken(Screen("typing", "en", cells=cells)) == "Typed: 2, B, 7."


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("key", Key)
def test_a_hint_begins_with_the_name_of_its_key(language: str, key: Key) -> None:
    heard = spoken(Screen("x", language, hints=(Hint(key, "does it"),)))
    assert TEXTS[language][f"key.{key}"] in heard
    assert heard.endswith("does it")


def test_a_message_comes_first_and_the_countdown_is_left_out() -> None:
    lines = (line_of("Still there?"), line_of("29 seconds."))
    screen = Screen("still_there", "en", lines, note="That key does nothing here.")
    assert spoken(screen) == (
        "That key does nothing here.\nStill there?\nOtherwise we start over in 30 seconds."
    )
