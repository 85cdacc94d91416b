"""The keys of a post, what stands on them, and who brings their presses."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from threading import Event
from typing import Protocol

from contract.errors import PortvaktError
from contract.plate import DIGITS, LETTERS
from kiosk.faults import Fault


class Key(StrEnum):
    """The keys that mean a deed.  A key that types is named by its sign: `"7"`, `"A"`, `"Å"`."""

    OK = "ok"
    CLEAR = "clear"  # RÄTTA: takes the last sign away
    CANCEL = "cancel"  # AVBRYT: starts over
    OTHER = "other"  # ÅÄÖ: letters that stand on no key, plates of any shape
    LANGUAGE = "language"  # SPRÅK
    SPEAK = "speak"  # TAL
    HELP = "help"  # ?, on a line of its own


SIGNS = frozenset(DIGITS + LETTERS)

# ITU-T Recommendation E.161: the letters of a telephone's keys.
LETTERS_ON = {
    "2": "ABC",
    "3": "DEF",
    "4": "GHI",
    "5": "JKL",
    "6": "MNO",
    "7": "PQRS",
    "8": "TUV",
    "9": "WXYZ",
}
# Letters with marks live behind the key of the letter that they look like.
MARKED_ON = {"2": "ÅÄÆČĆ", "3": "Đ", "6": "ÖØ", "7": "Š", "8": "Ü", "9": "Ž"}
KEY_OF = {
    letter: key for table in (LETTERS_ON, MARKED_ON) for key in table for letter in table[key]
}

Layout = tuple[tuple[str, ...], ...]

PHONE_LAYOUT: Layout = (
    ("1", "2", "3", Key.OK),
    ("4", "5", "6", Key.CLEAR),
    ("7", "8", "9", Key.CANCEL),
    (Key.OTHER, "0", Key.LANGUAGE, Key.SPEAK),
)

FULL_LAYOUT: Layout = (
    ("1", "2", "3", "4", "5", "6", "7", "8"),
    ("9", "0", "A", "B", "C", "D", "E", "F"),
    ("G", "H", "I", "J", "K", "L", "M", "N"),
    ("O", "P", "Q", "R", "S", "T", "U", "V"),
    ("W", "X", "Y", "Z", "Å", "Ä", "Ö", "Æ"),
    ("Ø", "Ü", Key.LANGUAGE, Key.SPEAK, "", Key.CANCEL, Key.CLEAR, Key.OK),
)


class Pad(StrEnum):
    """How signs are typed: one of ten keys per sign, matched against a list; or a key for every sign."""

    PHONE = "phone"
    FULL = "full"


LAYOUTS = {Pad.PHONE: PHONE_LAYOUT, Pad.FULL: FULL_LAYOUT}


def keys_of(layout: Layout) -> frozenset[str]:
    """Every key of a post: those of *layout*, and the help key beside them."""
    return frozenset(key for row in layout for key in row if key) | {Key.HELP}


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """A key went down or up at monotonic time `mono_ms`.  `key` is a `Key` or a sign."""

    key: str
    down: bool
    mono_ms: int


@dataclass(frozen=True, slots=True)
class KeyStuck:
    """A key is held down far longer than a hand would (ice, a stone), or has come loose again."""

    key: str
    stuck: bool
    mono_ms: int


class KeypadLost(PortvaktError):
    """The keys cannot be read at present; the text says what to do about it."""


PadEvent = KeyEvent | KeyStuck
Put = Callable[[PadEvent | Fault], object]


class KeySource(Protocol):
    """Brings key events from a thread of its own.  Nothing is opened before `run`."""

    def run(self, stopping: Event) -> None:
        """Read keys and hand them over until *stopping* is set; then let go of the hardware.

        Keys that cannot be read are a `Fault`, handed over likewise; the source tries again by itself.
        """
