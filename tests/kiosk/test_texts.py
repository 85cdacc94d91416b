"""Every language says all of it, with the same things filled in, and in the tone that was promised."""

import re
import string

import pytest

from kiosk.texts import TEXTS, TO_BE_READ

each_language = pytest.mark.parametrize("language", TEXTS)


def filled_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@each_language
def test_every_language_has_every_text(language: str) -> None:
    assert TEXTS[language].keys() == TEXTS["sv"].keys()
    assert all(text.strip() == text != "" for text in TEXTS[language].values())


@each_language
def test_every_language_fills_in_the_same_things(language: str) -> None:
    for name, text in TEXTS["sv"].items():
        assert filled_in(TEXTS[language][name]) == filled_in(text), name


@each_language
def test_no_text_promises_soon_blames_or_shouts(language: str) -> None:
    never = {
        "sv": r"snart|strax|tyvärr|felaktig|ogiltig|!",
        "en": r"soon|shortly|unfortunately|sorry|wrong plate|invalid|!",
        "fi": r"pian|valitettavasti|virheellinen|!",
        "nb": r"snart|straks|dessverre|ugyldig|!",
    }[language]
    for name, text in TEXTS[language].items():
        assert re.search(never, text, re.IGNORECASE) is None, name


def test_no_text_gives_a_telephone_number_or_an_address_of_the_net() -> None:
    for texts in TEXTS.values():
        assert re.search(r"\d{3}|www|@|\.se|\.com", " ".join(texts.values())) is None


def test_languages_that_no_native_speaker_has_read_are_named() -> None:
    assert set(TEXTS) - TO_BE_READ == {"sv", "en"}
