"""The screens of a post that is nobody yet: they ask for its code, and nobody for a plate."""

from kiosk.enrolling import CODE_LENGTH, HALF, Enrolling, Outcome
from kiosk.help_screens import door_text
from kiosk.keys import Key, Pad
from kiosk.phases import Entry
from kiosk.screen import HIDDEN, Cell, Choice, Hint, Line, Screen, line_of
from kiosk.texts import Texts


def enrol_screen(entry: Entry, texts: Texts) -> Screen:
    """Ask for the code, sign by sign; or say that it is on its way, or what came of it.

    Whoever comes to be inspected reads first, on each of them, that this is not for them.
    """
    now = entry.enrolling
    cells = _cells(now)
    customer = line_of(door_text(entry, "enrol.customer"))
    if now.trying:
        lines: tuple[Line, ...] = customer, line_of(texts["enrol.trying"])
        return Screen("enrol", entry.language, lines, cells=cells)
    clear = Hint(Key.CLEAR, texts["typing.hint_clear"])
    if now.key:
        lines = customer, line_of(texts["enrol.which"]), line_of(texts["spell.pick"])
        choices = tuple(Choice(key, sign) for key, sign in now.options.items())
        return Screen("enrol", entry.language, lines, cells=cells, choices=choices, hints=(clear,))
    hints = (Hint(Key.OK, texts["enrol.hint_ok"]), clear) if now.signs else ()
    lines = customer, *_lines(entry, texts)
    return Screen("enrol", entry.language, lines, cells=cells, hints=hints)


def _lines(entry: Entry, texts: Texts) -> tuple[Line, ...]:
    now = entry.enrolling
    if now.outcome is not Outcome.NONE:
        return (line_of(texts[f"enrol.{now.outcome}"], minutes=now.minutes),)
    lines = [line_of(texts["enrol.ask"])]
    if entry.rules.pad is Pad.PHONE and not now.is_whole:
        lines.append(line_of(texts["enrol.how"]))
    return tuple(lines)


def _cells(now: Enrolling) -> tuple[Cell, ...]:
    """The signs so far, the pressed key where one is chosen, and the places that are empty.

    A code that was sent keeps its second half to itself: it may work yet, and this screen is outdoors.
    """
    signs = now.signs
    if now.is_sent:
        signs = signs[:HALF] + HIDDEN * (len(signs) - HALF)
    cells = [Cell(sign) for sign in signs]
    if now.key:
        cells.append(Cell(now.key, asked=True))
    return (*cells, *[Cell()] * (CODE_LENGTH - len(cells)))
