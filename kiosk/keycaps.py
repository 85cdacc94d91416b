"""What is printed on the keys, for the demo's picture of a keypad."""

from dataclasses import dataclass

from kiosk.keys import LETTERS_ON, Key, Layout
from kiosk.texts import TEXTS

# The keys of deeds have a word besides their colour and shape; this one has its letters.
_OTHER = "ÅÄÖ"

KEYPAD_WORDS = {
    "sv": {
        "title": "Stolpens knappar",
        "help": "Hjälp",
        "beep": "Ton för varje knapp",
        "hall": "Lampan i hallen",
    },
    "en": {
        "title": "The post's keypad",
        "help": "Help",
        "beep": "A tone for each key",
        "hall": "Lamp in the hall",
    },
    "fi": {
        "title": "Tolpan näppäimet",
        "help": "Apua",
        "beep": "Ääni joka näppäimelle",
        "hall": "Hallin lamppu",
    },
    "nb": {
        "title": "Stolpens taster",
        "help": "Hjelp",
        "beep": "En tone for hver tast",
        "hall": "Lampen i hallen",
    },
}


@dataclass(frozen=True, slots=True)
class Cap:
    """One key as it looks: its name on the wire, the large print, the small print."""

    key: str
    main: str
    small: str = ""

    @property
    def kind(self) -> str:
        """Its look: a sign, or the deed that it stands for."""
        return self.key if self.key in set(Key) else "sign"


def rows_of_caps(layout: Layout, language: str) -> list[list[Cap | None]]:
    """Print the keys of *layout*; None where there is no key."""
    # Where each letter has a key of its own, the figures carry none.
    letters = {} if any("A" in row for row in layout) else LETTERS_ON
    return [[_cap(key, language, letters) if key else None for key in row] for row in layout]


def _cap(key: str, language: str, letters: dict[str, str]) -> Cap:
    if key == Key.OTHER:
        return Cap(key, _OTHER)
    if key in set(Key):
        # The word that the voice uses for this key stands on it too.
        return Cap(key, TEXTS[language][f"key.{key}"].upper())
    return Cap(key, key, letters.get(key, ""))
