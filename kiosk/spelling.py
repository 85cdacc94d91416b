"""Asking for a plate letter by letter, when the list does not know it."""

from dataclasses import dataclass, replace

from contract.plate import MAX_SIGNS
from kiosk.keys import KEY_OF, LETTERS_ON, MARKED_ON
from kiosk.matching import ORDINARY_SIGNS

# Never issued on ordinary Swedish plates, the O only not in the last place (Transportstyrelsen).
_NEVER = frozenset("IQV")
_NEVER_LAST = _NEVER | {"O"}
_LETTER_PLACES = 3


@dataclass(frozen=True, slots=True)
class Spelling:
    """Presses of which the first `len(signs)` are settled.

    `ordinary` uses the rule for ordinary Swedish plates, so that few signs need a question.
    `open_ended` takes further signs until somebody says OK; otherwise the presses are all there are.
    """

    presses: str
    signs: str = ""
    ordinary: bool = False
    open_ended: bool = False

    @property
    def options(self) -> dict[str, str]:
        """The signs that the next press can mean, by the key that chooses each; empty when none waits."""
        place = len(self.signs)
        return numbered(self.presses[place], self._options_at(place)) if self.settling else {}

    @property
    def settling(self) -> bool:
        """Whether a press waits for its question."""
        return len(self.signs) < len(self.presses)

    def chosen(self, number: str) -> "Spelling | None":
        """Take the option that key *number* stands for; None when there is no such option."""
        sign = self.options.get(number)
        return None if sign is None else replace(self, signs=self.signs + sign).settled()

    def pressed(self, key: str) -> "Spelling":
        """Take one more sign.  Only while nothing is being settled and the plate can grow."""
        return replace(self, presses=self.presses + key).settled()

    @property
    def full(self) -> bool:
        """Whether no plate is longer."""
        return len(self.presses) >= MAX_SIGNS

    def settled(self) -> "Spelling":
        """Settle what needs no question."""
        now = self
        while len(now.options) == 1:
            now = replace(now, signs=now.signs + "".join(now.options.values()))
        return now

    def undone(self) -> "Spelling | None":
        """Go one sign back; None when there is nothing to ask again, and typing is next."""
        if self.open_ended and len(self.presses) - len(self.signs) <= 1:
            shorter = self.presses[:-1]
            return (
                replace(self, presses=shorter, signs=self.signs[: len(shorter)])
                if shorter
                else None
            )
        for place in range(len(self.signs) - 1, -1, -1):
            if len(self._options_at(place)) > 1:
                return replace(self, signs=self.signs[:place])
        return None

    def _options_at(self, place: int) -> str:
        key = self.presses[place]
        letters = LETTERS_ON.get(key, "")
        if not self.ordinary:
            return letters + key + MARKED_ON.get(key, "")
        if place < _LETTER_PLACES:
            return "".join(letter for letter in letters if letter not in _NEVER)
        if place < ORDINARY_SIGNS - 1:
            return key
        return "".join(letter for letter in letters if letter not in _NEVER_LAST) + key


def numbered(key: str, options: str) -> dict[str, str]:
    """Number *options* from 1, in the order of their keys.

    Who means the figure presses its key once more, so it keeps that key and the letters take the others.
    """
    keeps = key in LETTERS_ON and key in options
    keys = [number for number in "123456789" if not (keeps and number == key)]
    numbered = dict(zip(keys, options.replace(key, "") if keeps else options, strict=False))
    return dict(sorted((numbered | {key: key}).items())) if keeps else numbered


def closed_spelling(presses: str) -> Spelling:
    """Start to settle presses that are complete."""
    return Spelling(presses, ordinary=is_ordinary(presses)).settled()


def is_ordinary(presses: str) -> bool:
    """Whether keys or signs can be those of an ordinary Swedish plate, three letters to begin with."""
    starts = all(key in LETTERS_ON or key in KEY_OF for key in presses[:_LETTER_PLACES])
    return len(presses) == ORDINARY_SIGNS and starts


def open_spelling(presses: str = "") -> Spelling:
    """Start to spell a plate of any shape."""
    return Spelling(presses, open_ended=True).settled()
