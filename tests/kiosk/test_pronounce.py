"""What espeak-ng is given to read, and that it reads it as a person would."""

import re
import shutil
import subprocess
from collections import defaultdict

import pytest

from kiosk.pronounce import pronounced
from kiosk.texts import TEXTS


@pytest.mark.parametrize(
    ("language", "written", "read"),
    [
        ("sv", "Din tur: ungefär kl. 10.45–11.05.", "Din tur: ungefär klockan 10 45 till 11 05."),
        ("en", "Your turn: about 10.45–11.05.", "Your turn: about 10 45 to 11 oh 5."),
        ("fi", "Vuorosi: noin klo 10.45–11.05.", "Vuorosi: noin kello 10 45 viiva 11 05."),
        ("nb", "Din tur: omtrent kl. 10.45–11.05.", "Din tur: omtrent klokka 10 45 til 11 05."),
        ("sv", "Din tid är 09.00.", "Din tid är klockan 9."),
        ("en", "We open today at 7.00.", "We open today at 7 o'clock."),
        ("en", "10.00–11.00", "10 o'clock to 11 o'clock."),
        ("sv", "kl. 0.05", "klockan 0 05."),
        ("sv", "kl. 10:45", "klockan 10 45."),
        ("sv", "om 25–40 minuter", "om 25 till 40 minuter."),
        ("sv", "ca 10 minuter", "cirka 10 minuter."),
        ("sv", "Tryck på ?", "Tryck på frågetecken."),
        ("en", "Press ? for a person.", "Press question mark for a person."),
        ("fi", "Paina ?, niin saat apua.", "Paina kysymysmerkki, niin saat apua."),
        ("nb", "? = hjelp.", "spørsmålstegn: hjelp."),
        ("sv", "Menar du den här bilen?", "Menar du den här bilen?"),
        ("sv", "Grön = ja.", "Grön: ja."),
        ("sv", "Tryck på OK.", "Tryck på okej."),
        ("nb", "Trykk på OK.", "Trykk på o kå."),
        ("en", "None of these: press ÅÄÖ.", "None of these: press Å, Ä, Ö."),
        ("sv", "A, B, C, 1, 2, 3", "A, B, C, 1, 2, 3."),
        ("sv", "Æ, Ü, 1", "danskt ä, u med två prickar, 1."),
        ("fi", "Ü, Y", "saksalainen y, Y."),
        ("nb", "Ä, Æ, Š", "svensk æ, Æ, s med hake."),
        ("sv", "Över Östersund", "Över Östersund."),
        ("sv", "version 1.10.2 och 123.45", "version 1.10.2 och 123.45."),
        ("sv", "Söker …", "Söker …"),
        ("sv", "en rad\nen till.", "en rad.\nen till."),
    ],
)
def test_it_is_written_as_it_is_said(language: str, written: str, read: str) -> None:
    assert pronounced(written, language) == read


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_no_text_of_the_post_keeps_what_is_read_wrong(language: str) -> None:
    for text in TEXTS[language].values():
        filled = text.format_map(defaultdict(lambda: "10.45"))
        left = re.search(r"\bklo?\b|–|=|(?<!\S)\?|\d[.:]\d|ÅÄÖ", pronounced(filled, language))
        assert left is None, filled


@pytest.mark.processes
@pytest.mark.skipif(
    shutil.which("espeak-ng") is None,
    reason="espeak-ng is not installed (apt-get install espeak-ng)",
)
@pytest.mark.parametrize(
    ("language", "written", "heard", "unheard"),
    [
        ("sv", "kl. 10.45–10.55", ["klockan", "till"], ["punkt", "k, l"]),
        ("en", "10.45–10.55", ["ten", "five"], ["point"]),
        ("fi", "klo 10.45–10.55", ["kello", "viiva"], ["piste"]),
        ("nb", "kl. 10.45–10.55", ["klokka", "til"], ["punktum", "k, l"]),
        ("sv", "? = hjälp", ["frågetecken", "hjälp"], []),
        ("fi", "? = apua", ["kysymysmerkki", "apua"], ["yhtäkuin"]),
    ],
)
def test_espeak_says_what_was_meant(
    language: str, written: str, heard: list[str], unheard: list[str]
) -> None:
    said = phonemes(pronounced(written, language), language)
    assert all(phonemes(word, language) in said for word in heard), said
    wrong = [phonemes(word, language) for word in unheard]
    assert all(word in phonemes(written, language) for word in wrong)
    assert not any(word in said for word in wrong), said


@pytest.mark.processes
@pytest.mark.skipif(
    shutil.which("espeak-ng") is None,
    reason="espeak-ng is not installed (apt-get install espeak-ng)",
)
@pytest.mark.parametrize("language", sorted(TEXTS))
def test_no_two_signs_of_a_plate_sound_the_same(language: str) -> None:
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖÆØÜČĆĐŠŽÉ0123456789"
    sounds = {sign: phonemes(pronounced(f"{sign}, 1", language), language) for sign in signs}
    by_sound: dict[str, str] = defaultdict(str)
    for sign, sound in sounds.items():
        by_sound[sound] += sign
    assert [same for same in by_sound.values() if len(same) > 1] == []


def phonemes(text: str, language: str) -> str:
    """What espeak-ng makes of *text*, without stress and pauses."""
    said = subprocess.run(
        ["espeak-ng", "-v", language, "-b", "1", "-x", "-q", "--stdin"],
        input=text.encode(),
        capture_output=True,
        check=True,
    ).stdout.decode()
    return re.sub(r"[\s',_!|;]", "", said)
