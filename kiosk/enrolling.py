"""Typing the one-time code of a post that is nobody yet, on its own keys; pure, as all that is decided.

A code stands for no vehicle and is never saved, offered or read as a plate.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from kiosk.keys import LETTERS_ON, Key, Pad
from kiosk.spelling import numbered

# What a code is made of: no 0 and O, no 1 and I.
CODE_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 8
HALF = 4
# A code that somebody left half typed is forgotten.
LEFT_AFTER_MS = 300_000


class Who(StrEnum):
    """Who a post is: somebody at central, somebody soon by the code on its card, or nobody."""

    KNOWN = "known"
    CARD = "card"
    NOBODY = "nobody"


class Outcome(StrEnum):
    """What came of a code, where it was not taken.  The texts of the post have each as `enrol.<value>`."""

    NONE = ""
    REFUSED = "refused"
    TOO_MANY = "too_many"
    UNREACHED = "unreached"
    UNTRUSTED = "untrusted"
    FAILS = "fails"
    OTHER_KIND = "other_kind"


# The same code may work with the next try.
MAY_YET = frozenset({Outcome.UNREACHED, Outcome.UNTRUSTED, Outcome.FAILS, Outcome.TOO_MANY})


@dataclass(frozen=True, slots=True)
class Enrolling:
    """A code that is being typed.

    `key` is a pressed key that stands for several signs, until one of them is chosen.  `trying`: central is
    being asked.  `outcome` is what came of the code before; `minutes` how long to wait after too many.
    """

    signs: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    trying: bool = False
    outcome: Outcome = Outcome.NONE
    minutes: int = 0

    @property
    def code(self) -> str:
        """As the office prints it: `K7QF-93TM`."""
        return f"{self.signs[:HALF]}-{self.signs[HALF:]}" if len(self.signs) > HALF else self.signs

    @property
    def is_whole(self) -> bool:
        """Whether it can be sent."""
        return len(self.signs) == CODE_LENGTH and not self.key

    @property
    def is_sent(self) -> bool:
        """Whether central has it, or may get it again by OK alone."""
        return self.trying or self.outcome in MAY_YET

    @property
    def options(self) -> dict[str, str]:
        """The signs that the pressed key stands for, by the key that chooses each."""
        return numbered(self.key, _signs_on(self.key)) if self.key else {}


def pressed(now: Enrolling, key: str, pad: Pad) -> Enrolling | str:
    """Apply *key*; or give the word of the note that says why it does nothing here."""
    if now.trying:
        return "not_here"
    if key == Key.CANCEL:
        return Enrolling()
    if key == Key.CLEAR:
        return _shorter(now)
    if key == Key.OK:
        if not now.is_whole:
            return "code_short"
        return replace(now, trying=True, outcome=Outcome.NONE)
    if now.key:
        sign = now.options.get(key)
        return "not_here" if sign is None else _longer(now, sign)
    return _typed(now, key, pad)


def tried(now: Enrolling, outcome: Outcome, minutes: int = 0) -> Enrolling:
    """Take in what came of the code; one that may work yet stays, so that OK sends it again."""
    if outcome in MAY_YET:
        return Enrolling(now.signs, outcome=outcome, minutes=minutes)
    return Enrolling(outcome=outcome)


def _typed(now: Enrolling, key: str, pad: Pad) -> Enrolling | str:
    if len(now.signs) == CODE_LENGTH:
        return "code_long"
    if pad is Pad.FULL:
        return _longer(now, key) if key in CODE_SIGNS else _not_a_sign(key)
    return replace(now, key=key) if _signs_on(key) else _not_a_sign(key)


def _not_a_sign(key: str) -> str:
    return "not_here" if key in set(Key) else "code_sign"


def _longer(now: Enrolling, sign: str) -> Enrolling:
    return Enrolling(now.signs + sign)


def _shorter(now: Enrolling) -> Enrolling:
    if now.is_sent:
        return Enrolling(now.signs[:HALF])  # the half that is hidden goes whole
    return Enrolling(now.signs if now.key else now.signs[:-1])


def _signs_on(key: str) -> str:
    """What of a code stands on *key* of a telephone's pad: its letters, then its figure."""
    return "".join(sign for sign in LETTERS_ON.get(key, "") + key if sign in CODE_SIGNS)
