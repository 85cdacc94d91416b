"""A screen as it is read aloud: all that is shown, in the order in which it is needed."""

from collections.abc import Iterator

from contract.plate import Plate
from kiosk.screen import HIDDEN, Cell, Hint, Line, PlateMark, Screen
from kiosk.texts import TEXTS, Texts

STILL_ANSWER_S = 30

# A pause long enough to tell one sign of a plate from the next.
_BETWEEN = ", "


def spoken(screen: Screen, *, begins: bool = False) -> str:
    """Give what to read, one sentence a line; with *begins* first how the voice is used.

    A plate is read sign by sign, and a hint begins with the name that is felt on its key, because its
    colour cannot be heard.
    """
    texts = TEXTS[screen.language]
    rows = [texts["speech.on"]] if begins else []
    rows += _rows(screen, texts)
    return "\n".join(row for row in rows if row)


def _rows(screen: Screen, texts: Texts) -> Iterator[str]:
    yield screen.note
    if screen.plate is not None:
        yield f"{spelled(screen.plate.text)}."
    typed = [_cell(cell) for cell in screen.cells if cell.main not in {"", HIDDEN}]
    if typed:
        yield texts["speech.typed"].format(signs=_BETWEEN.join(typed))
    yield from _sentences(screen, texts)
    for choice in screen.choices:
        yield f"{choice.key}: {_part(choice.text)}."
    for hint in screen.hints:
        yield _hint(hint, texts)


def _sentences(screen: Screen, texts: Texts) -> Iterator[str]:
    """The lines; seconds that count down are read as they began, or nobody could listen to the end."""
    if screen.name != "still_there":
        yield from (_line(line) for line in screen.lines)
        return
    yield _line(screen.lines[0])
    yield texts["still.else"].format(seconds=STILL_ANSWER_S)


def spelled(signs: str) -> str:
    """Put a pause between the signs: "A, B, C, 1, 2, 3"."""
    return _BETWEEN.join(signs)


def _cell(cell: Cell) -> str:
    """What was pressed: one sign, or the key's figure where it stands for several letters."""
    return cell.main if len(cell.main) == 1 else cell.small


def _line(line: Line) -> str:
    return "".join(_part(part) for part in line)


def _part(part: str | PlateMark) -> str:
    if isinstance(part, PlateMark):
        return _spelled_plate(part.plate)
    return part


def _spelled_plate(plate: Plate) -> str:
    return spelled(plate.text)


def _hint(hint: Hint, texts: Texts) -> str:
    return texts["speech.key"].format(key=texts[f"key.{hint.key}"], text=hint.text)
