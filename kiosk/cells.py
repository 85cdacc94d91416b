"""The plate while it is being typed, place by place.

One press stands for several letters, so the place shows what stands on the pressed key: letters large
where an ordinary plate has letters, the figure large where it has figures.
"""

from kiosk.keys import LETTERS_ON, Pad
from kiosk.matching import ORDINARY_SIGNS
from kiosk.phases import Confirm, Offer, Phase, Spell, Typing, Which
from kiosk.screen import Cell
from kiosk.spelling import Spelling

_LETTER_PLACES = 3


def typed_cells(presses: str, pad: Pad) -> tuple[Cell, ...]:
    """Show presses on *pad*, with empty places up to the length of an ordinary plate."""
    if pad is Pad.PHONE:
        return _filled([_pressed(key, place) for place, key in enumerate(presses)])
    return _filled([Cell(sign) for sign in presses])


def asked_cells(spelling: Spelling) -> tuple[Cell, ...]:
    """Show settled signs, the place that is being asked about, and the presses that wait."""
    cells = [Cell(sign) for sign in spelling.signs]
    for place in range(len(spelling.signs), len(spelling.presses)):
        pressed = _pressed(spelling.presses[place], place)
        cells.append(Cell(pressed.main, pressed.small, asked=place == len(spelling.signs)))
    return _filled(cells)


def cells_of(phase: Phase, pad: Pad) -> tuple[Cell, ...]:
    """Show what somebody has typed in *phase*; nothing where nobody is typing."""
    match phase:
        case Typing(presses=presses) | Offer(presses=presses) | Which(presses=presses):
            return typed_cells(presses, pad)
        case Spell(spelling):
            return asked_cells(spelling)
        case Confirm(plate):
            return _filled([Cell(sign) for sign in plate.text])
        case _:
            return ()


def _pressed(key: str, place: int) -> Cell:
    letters = LETTERS_ON.get(key, "")
    if letters and place < _LETTER_PLACES:
        return Cell(letters, key)
    return Cell(key, letters)


def _filled(cells: list[Cell]) -> tuple[Cell, ...]:
    return (*cells, *[Cell()] * (ORDINARY_SIGNS - len(cells)))
