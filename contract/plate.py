"""What we make of a number plate that somebody typed, texted or said.

A string of two to ten letters and digits can always be somebody's plate: Swedish personal plates and
foreign plates have no shape that a rule could test.  So a plate is refused for its alphabet or its
length and for nothing else, and nobody is ever told "wrong plate".
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from contract.errors import PortvaktError

MIN_SIGNS, MAX_SIGNS = 2, 10
_SWEDISH_SIGNS = 6

# Every letter that a Nordic, Baltic or Balkan plate may hold.  Membership is tested, because isalpha(),
# isdigit() and upper() let ², ٣, ı and ß through.
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖÆØÜČĆĐŠŽ"
DIGITS = "0123456789"
_UPPER = {sign: sign for sign in LETTERS + DIGITS} | {sign.lower(): sign for sign in LETTERS}
SIGNS = frozenset(_UPPER)

# Printed between the groups, never part of the number.
_SEPARATORS = frozenset("-‐‑‒–—―−·•._/")

# Förordning (2019:383) 3 kap. 1 §; I, Q, V, Å, Ä, Ö are not issued, nor O in the last place.
_ORDINARY_SWEDISH = re.compile(r"[A-HJ-PR-UW-Z]{3}[0-9]{2}[0-9A-HJ-NPR-UW-Z]")
_SWEDISH_BUT_O = frozenset("ABCDEFGHJKLMNPRSTUWXYZ")

_FOLD_O = str.maketrans("0", "O")
_FOLD_DIGITS = str.maketrans("OI", "01")


class RefusalReason(StrEnum):
    """Why a text cannot be a plate.  There is no other reason."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    ALPHABET = "alphabet"


class PlateRefused(PortvaktError, ValueError):
    """The text cannot be any plate: `reason` for programs, the message for people."""

    def __init__(self, reason: RefusalReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Plate:
    """A number plate: `text` has 2 to 10 signs, upper case, without separators (`ABC123`).

    Build one with `Plate.parse`, which is the only place that knows the rules.
    """

    text: str

    @classmethod
    def parse(cls, text: str) -> "Plate":
        """Read *text* as a person writes it.

        Raises:
            PlateRefused: a sign that no plate holds, fewer than 2 signs, or more than 10.
        """
        signs = "".join(
            _sign(char) for char in unicodedata.normalize("NFC", text) if not is_separator(char)
        )
        if len(signs) < MIN_SIGNS:
            raise PlateRefused(
                RefusalReason.TOO_SHORT,
                f"A plate has at least {MIN_SIGNS} letters or digits; this has {len(signs)}.",
            )
        if len(signs) > MAX_SIGNS:
            raise PlateRefused(
                RefusalReason.TOO_LONG,
                f"A plate has at most {MAX_SIGNS} letters or digits; this has {len(signs)}.",
            )
        return cls(_repaired(signs))

    @property
    def display(self) -> str:
        """As people print it: ordinary Swedish plates in two groups (`ABC 123`), all others as they are."""
        return f"{self.text[:3]} {self.text[3:]}" if self.is_ordinary_swedish else self.text

    @property
    def match_key(self) -> str:
        """What we compare.  The authority treats O and 0, I and 1 as one sign when it allots plates."""
        return self.text.translate(_FOLD_DIGITS)

    @property
    def masked(self) -> str:
        """For logs: first and last sign (`A****3`); of a plate with two signs only the first."""
        if len(self.text) == MIN_SIGNS:
            return f"{self.text[0]}*"
        return f"{self.text[0]}{'*' * (len(self.text) - 2)}{self.text[-1]}"

    @property
    def is_ordinary_swedish(self) -> bool:
        """Three letters and three digits, or three letters, two digits and a letter."""
        return _ORDINARY_SWEDISH.fullmatch(self.text) is not None


def is_separator(char: str) -> bool:
    """Whether *char* only parts the groups of a plate: white space, a dash or dot, or nothing that prints."""
    return char.isspace() or char in _SEPARATORS or unicodedata.category(char) == "Cf"


def _sign(char: str) -> str:
    if char not in _UPPER:
        raise PlateRefused(
            RefusalReason.ALPHABET,
            f"{_named(char)} cannot stand on a plate; use A to Z, Nordic letters and 0 to 9.",
        )
    return _UPPER[char]


def _named(char: str) -> str:
    name = unicodedata.name(char, f"the character U+{ord(char):04X}")
    return f'"{char}" ({name.lower()})' if char.isprintable() else name.lower().capitalize()


def _repaired(signs: str) -> str:
    """Settle O/0 and I/1 by place where the rule for ordinary Swedish plates leaves one reading only."""
    if len(signs) != _SWEDISH_SIGNS or not _SWEDISH_BUT_O.intersection(signs[:3]):
        return signs
    settled = signs[:3].translate(_FOLD_O) + signs[3:].translate(_FOLD_DIGITS)
    return settled if _ORDINARY_SWEDISH.fullmatch(settled) else signs
