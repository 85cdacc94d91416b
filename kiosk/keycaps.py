"""What is printed on the keys, for the demo's picture of a keypad."""

from dataclasses import dataclass

from kiosk.keys import LETTERS_ON, Key, Layout

_WORDS = {
    "sv": {
        Key.OK: "OK",
        Key.CLEAR: "RÄTTA",
        Key.CANCEL: "AVBRYT",
        Key.OTHER: "ÅÄÖ",
        Key.LANGUAGE: "SPRÅK",
        Key.SPEAK: "TAL",
    },
    "en": {
        Key.OK: "OK",
        Key.CLEAR: "CLEAR",
        Key.CANCEL: "CANCEL",
        Key.OTHER: "ÅÄÖ",
        Key.LANGUAGE: "LANGUAGE",
        Key.SPEAK: "SPEECH",
    },
}


KEYPAD_WORDS = {
    "sv": {"title": "Stolpens knappar", "help": "Hjälp", "beep": "Ton för varje knapp"},
    "en": {"title": "The post's keypad", "help": "Help", "beep": "A tone for each key"},
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
    return [[_cap(key, language) if key else None for key in row] for row in layout]


def _cap(key: str, language: str) -> Cap:
    words = _WORDS[language]
    if key in words:
        return Cap(key, words[Key(key)])
    return Cap(key, key, LETTERS_ON.get(key, ""))
