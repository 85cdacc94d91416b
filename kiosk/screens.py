"""Which screen stands for an entry at a moment.  Each claim on it is behind its truth condition."""

from dataclasses import replace
from datetime import date

from contract.plate import Plate
from contract.wire import Elsewhere
from kiosk.answer_screens import answered_screen, failed_screen, waiting_screen
from kiosk.answers import (
    elsewhere_line,
)
from kiosk.cells import asked_cells, cells_of, typed_cells
from kiosk.faults import Part
from kiosk.help_screens import hall_lamp, help_screen, lamp
from kiosk.idle_screens import idle_screen
from kiosk.keys import Key, Pad
from kiosk.phases import (
    Answered,
    Confirm,
    Entry,
    Failed,
    Idle,
    Offer,
    Phase,
    Spell,
    Typing,
    Waiting,
    Which,
)
from kiosk.screen import Choice, Hint, PlateMark, Screen, line_of
from kiosk.spelling import Spelling
from kiosk.spoken import STILL_ANSWER_S
from kiosk.texts import TEXTS, Texts

STILL_ANSWER_MS = STILL_ANSWER_S * 1000
HELP_FIRST_AFTER_TRIES = 2


def screen_of(entry: Entry, now_ms: int) -> Screen:
    """Say what the post shows at *now_ms*."""
    texts = TEXTS[entry.language]
    item = entry.help_item(entry.helping)
    if item is not None:
        screen = help_screen(entry, item, now_ms)
    elif entry.still_ms is not None:
        screen = _still(entry.still_ms, entry, texts, now_ms)
    else:
        screen = _with_help(_of_phase(entry, entry.phase, texts, now_ms), entry, texts)
    mute = Part.SPEECH in entry.faults
    about = entry.note or ("no_speech" if mute and entry.speaking else "")
    note = texts[f"note.{about}"] if about else ""
    return replace(
        screen,
        note=note,
        lamp=lamp(entry.helps),
        hall_lamp=hall_lamp(entry),
        speaking=texts["speaking"] if entry.speaking and not mute else "",
        story=_story(entry, texts) if screen.name in _NOBODY_TYPES_A_PLATE else "",
    )


_NOBODY_TYPES_A_PLATE = {"idle", "idle_closed", "out_of_order", "enrol"}


def _story(entry: Entry, texts: Texts) -> str:
    """Say in a word how far the post has come, and the code of what stops it."""
    if entry.story is None:
        return ""
    step, fault = texts[f"story.{entry.story.step}"], entry.story.fault
    return step if fault is None else f"{step}: {fault}"


def _with_help(screen: Screen, entry: Entry, texts: Texts) -> Screen:
    """Name the help key on every screen, and first of all to somebody who has failed twice."""
    if entry.failed_tries >= HELP_FIRST_AFTER_TRIES and screen.name in _TYPING_SCREENS:
        screen = replace(screen, lines=(line_of(texts["help_first"]), *screen.lines))
    if screen.name == "enrol" or any(hint.key == Key.HELP for hint in screen.hints):
        return screen
    return replace(screen, hints=(*screen.hints, Hint(Key.HELP, texts["help"])))


_TYPING_SCREENS = {
    "typing",
    "offer",
    "which",
    "spell",
    "free",
    "confirm",
    "no_booking",
    "elsewhere",
}


def _still(since_ms: int, entry: Entry, texts: Texts, now_ms: int) -> Screen:
    seconds = max(0, -((now_ms - since_ms - STILL_ANSWER_MS) // 1000))
    otherwise = texts["still.else_one" if seconds == 1 else "still.else"]
    lines = line_of(texts["still.ask"]), line_of(otherwise, seconds=seconds)
    cells = cells_of(entry.phase, entry.rules.pad)
    return Screen("still_there", entry.language, lines, cells=cells)


def _of_phase(entry: Entry, phase: Phase, texts: Texts, now_ms: int) -> Screen:
    match phase:
        case Idle():
            return idle_screen(entry, texts, now_ms)
        case Typing(presses, offer):
            return _typing(entry, texts, presses, offer)
        case Offer():
            return _offer(entry, texts, phase)
        case Which(_, plates):
            return _which(entry, texts, plates)
        case Spell(spelling):
            return _spell(entry, texts, spelling)
        case Confirm():
            return _confirm(entry, texts, phase)
        case Waiting():
            return waiting_screen(entry, texts, phase, now_ms)
        case Answered():
            return answered_screen(entry, texts, phase, now_ms)
        case Failed():
            return failed_screen(entry, texts, phase)


def _typing(entry: Entry, texts: Texts, presses: str, offer: Plate | None) -> Screen:
    cells = typed_cells(presses, entry.rules.pad)
    clear = Hint(Key.CLEAR, texts["typing.hint_clear"])
    if offer is None:
        hints = Hint(Key.OK, texts["typing.hint_ok"]), clear
        lines = (line_of(texts["idle.presses"]),) if entry.rules.pad is Pad.PHONE else ()
        return Screen("typing", entry.language, lines, cells=cells, hints=hints)
    ask = line_of(texts["offer.ask"] + " {plate}", offer)
    hints = Hint(Key.OK, texts["yes"]), Hint(Key.CLEAR, texts["no"])
    return Screen("offer", entry.language, (ask, line_of(texts["go_on"])), cells=cells, hints=hints)


def _offer(entry: Entry, texts: Texts, phase: Offer) -> Screen:
    hints = Hint(Key.OK, texts["yes"]), Hint(Key.CLEAR, texts["no"])
    lines = (line_of(texts["offer.ask"]),)
    return Screen("offer", entry.language, lines, plate=phase.plate, hints=hints)


def _which(entry: Entry, texts: Texts, plates: tuple[Plate, ...]) -> Screen:
    choices = [Choice(str(number), PlateMark(plate)) for number, plate in enumerate(plates, 1)]
    choices.append(Choice(str(len(plates) + 1), texts["which.none"]))
    lines = (line_of(texts["which.ask"]),)
    hints = (Hint(Key.CLEAR, texts["typing.hint_clear"]),)
    return Screen("which", entry.language, lines, choices=tuple(choices), hints=hints)


def _spell(entry: Entry, texts: Texts, spelling: Spelling) -> Screen:
    cells = asked_cells(spelling)
    clear = Hint(Key.CLEAR, texts["typing.hint_clear"])
    hints: tuple[Hint, ...]
    if not spelling.settling:
        lines = line_of(texts["free.ask"]), line_of(texts["free.how"])
        hints = Hint(Key.OK, texts["typing.hint_ok"]), clear
        return Screen("free", entry.language, lines, cells=cells, hints=hints)
    ask = _which_sign(texts, spelling)
    choices = tuple(Choice(key, sign) for key, sign in spelling.options.items())
    other = Hint(Key.OTHER, texts["spell.other"])
    hints = (clear,) if spelling.open_ended else (clear, other)
    lines = line_of(ask), line_of(texts["spell.pick"])
    return Screen("spell", entry.language, lines, cells=cells, choices=choices, hints=hints)


def _which_sign(texts: Texts, spelling: Spelling) -> str:
    """Name the place that is asked about; only an ordinary plate has places for letters alone."""
    place = len(spelling.signs) + 1
    if not spelling.ordinary:
        return texts["spell.sign"].format(place=place)
    return texts["spell.last" if place == len(spelling.presses) else f"spell.letter_{place}"]


def _confirm(entry: Entry, texts: Texts, phase: Confirm) -> Screen:
    """Screen 8 says more than screen 4, so it needs a list that is central's own and fresh."""
    if phase.elsewhere is not None:
        return _elsewhere(entry, texts, phase.plate, phase.elsewhere)
    if phase.no_booking and entry.online and phase.plate not in entry.expected:
        hints = _no_booking_hints(texts, "no_booking.yes")
        lines = (line_of(texts["no_booking.ask"], phase.plate),)
        return Screen("no_booking", entry.language, lines, hints=hints)
    hints = Hint(Key.OK, texts["yes"]), Hint(Key.CLEAR, texts["change"])
    lines = (line_of(texts["confirm.ask"]),)
    return Screen("confirm", entry.language, lines, plate=phase.plate, hints=hints)


def _elsewhere(entry: Entry, texts: Texts, plate: Plate, elsewhere: Elsewhere) -> Screen:
    """Screen 8b: whoever came on the wrong day hears it before standing in the line."""
    today = date.fromisoformat(entry.day)
    lines = (elsewhere_line(texts, plate, elsewhere, today, entry.rules.zone),)
    hints = _no_booking_hints(texts, "elsewhere.join")
    return Screen("elsewhere", entry.language, lines, hints=hints)


def _no_booking_hints(texts: Texts, join: str) -> tuple[Hint, ...]:
    return (
        Hint(Key.OK, texts[join]),
        Hint(Key.CLEAR, texts["no_booking.change"]),
        Hint(Key.HELP, texts["no_booking.help"]),
    )
