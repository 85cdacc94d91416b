"""A customer who knows the plate, reads the screen, and presses what it asks for."""

from dataclasses import dataclass
from typing import Protocol

from contract.errors import PortvaktError
from contract.plate import Plate
from kiosk.keys import KEY_OF, Key, Pad
from kiosk.screen import Cell, Screen

# Nobody stands there longer; a customer who has pressed so often is stuck.
PATIENCE = 80
_WHOLE_PLATE = {"offer", "confirm", "no_booking", "elsewhere"}
_NONE_OF_TWO = "3"
# Time for a press, in the milliseconds of a post's clock: slow enough to have read the screen.
PRESS_MS = 1_000


class Stuck(PortvaktError):
    """The screen's own instructions did not lead to the plate's OK."""


class Keys(Protocol):
    """Something with keys and a screen.  Time passes between two presses: the customer reads."""

    @property
    def screen(self) -> Screen:
        """What is on the screen now."""

    def press(self, key: str, /) -> object:
        """Press one key."""


@dataclass(frozen=True, slots=True)
class Slip:
    """The wrong key at a place, once.

    `seen`: the customer sees it at once; otherwise only when the post asks about the plate.
    """

    place: int
    key: str
    seen: bool


def give_plate(post: Keys, plate: Plate, pad: Pad = Pad.PHONE, slip: Slip | None = None) -> int:
    """Type *plate* until it is confirmed; give the number of presses, OK included.

    Raises:
        Stuck: the screens did not lead there.
    """
    looks, doubts = slip is None or slip.seen, False
    for presses in range(1, PATIENCE + 1):
        screen = post.screen
        if shows_whole(screen, plate):
            post.press(Key.OK)
            return presses
        if slip is not None and screen.name in _TYPING and len(_typed(screen)) == slip.place:
            post.press(slip.key)
            slip = None
            continue
        looks = looks or screen.name not in _TYPING
        doubts = doubts or screen.name in _WHOLE_PLATE - _TYPING
        post.press(next_key(screen, plate, pad, looks=looks, doubts=doubts))
    raise Stuck(f"{plate.masked} was not taken after {PATIENCE} presses (screen {screen.name}).")


def spell_plate(post: Keys, plate: Plate, pad: Pad = Pad.PHONE) -> int:
    """Type *plate* sign by sign, by the key for letters that stand on no key; give the presses."""
    post.press(Key.OTHER)
    return 1 + give_plate(post, plate, pad)


def shows_whole(screen: Screen, plate: Plate) -> bool:
    """Whether *screen* asks for an OK to *plate* and to no other."""
    return screen.name in _WHOLE_PLATE and screen.plates == {plate}


def next_key(
    screen: Screen, plate: Plate, pad: Pad, *, looks: bool = True, doubts: bool = False
) -> str:
    """The key that *screen* asks somebody for whose plate is *plate*.

    *looks*: the customer compares what stands in the places with the plate.  *doubts*: a wrong plate was
    shown whole already, so the same questions are not answered in the same way again.
    """
    typed = _typed(screen)
    if looks and not all(_pressed_for(*both, pad) for both in zip(typed, plate.text, strict=False)):
        return Key.CLEAR
    match screen.name:
        case "which":
            return _choice(screen, plate.display, otherwise=_NONE_OF_TWO)
        case "spell":
            return _spelled(screen, plate, doubts=doubts)
        case "idle" | "typing" | "free":
            return _typed_on(plate, len(typed), pad)
        case "offer" if typed:
            key = _typed_on(plate, len(typed), pad)
            # OK would take another's plate: whose own is complete says no first.
            return Key.CLEAR if key == Key.OK else key
        case _:
            return _typed_past(screen, plate, pad)


_TYPING = {"idle", "typing", "offer", "free"}


def _typed(screen: Screen) -> list[Cell]:
    return [cell for cell in screen.cells if cell.main]


def _pressed_for(cell: Cell, sign: str, pad: Pad) -> bool:
    """Whether the key of a place is the one for *sign*."""
    if pad is Pad.FULL:
        return cell.main == sign
    return sign == cell.main or KEY_OF.get(sign, sign) in cell.main + cell.small + _key(cell.main)


def _key(settled: str) -> str:
    return KEY_OF.get(settled, "")


def _typed_on(plate: Plate, typed: int, pad: Pad) -> str:
    if typed >= len(plate.text):
        return Key.CLEAR if typed > len(plate.text) else Key.OK
    sign = plate.text[typed]
    return KEY_OF.get(sign, sign) if pad is Pad.PHONE else sign


def _typed_past(screen: Screen, plate: Plate, pad: Pad) -> str:
    """Another plate is shown whole: type on if it only begins like the own one, else change it."""
    if pad is Pad.FULL:
        for shown in screen.plates:
            if plate.match_key.startswith(shown.match_key):
                return _typed_on(plate, len(shown.text), pad)
    return Key.CLEAR


def _spelled(screen: Screen, plate: Plate, *, doubts: bool) -> str:
    """Choose the own sign; if it is not there, the way that the screen names for that."""
    place = [cell.asked for cell in screen.cells].index(True)
    no_way_on = not any(hint.key == Key.OTHER for hint in screen.hints)
    settled = "".join(cell.main for cell in screen.cells[:place])
    if no_way_on or (plate.text.startswith(settled) and not doubts):
        sign = plate.text[place : place + 1]
        return _choice(screen, sign, Key.CLEAR if no_way_on else Key.OTHER)
    return Key.OTHER


def _choice(screen: Screen, text: str, otherwise: str) -> str:
    found = [choice.key for choice in screen.choices if str(choice.text) == text]
    return found[0] if found else otherwise
