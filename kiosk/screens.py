"""Which screen stands for an entry at a moment.  Each claim on it is behind its truth condition."""

from dataclasses import replace

from contract.plate import Plate
from kiosk.answers import (
    Texts,
    clock_text,
    held_lines,
    is_fresh,
    is_registered,
    name_of,
    place_lines,
)
from kiosk.cells import asked_cells, cells_of, typed_cells
from kiosk.help_screens import door_text, help_screen, lamp
from kiosk.keys import Key, Pad
from kiosk.phases import (
    Answered,
    Confirm,
    Entry,
    Failed,
    Idle,
    Offer,
    Phase,
    Saving,
    Spell,
    Typing,
    Waiting,
    Which,
)
from kiosk.screen import Choice, Hint, PlateMark, Screen, line_of
from kiosk.spelling import Spelling
from kiosk.texts import TEXTS

SEARCHING_AFTER_MS = 1_000
STILL_ANSWER_MS = 30_000
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
    note = texts[f"note.{entry.note}"] if entry.note else ""
    return replace(screen, note=note, lamp=lamp(entry.helps))


def _with_help(screen: Screen, entry: Entry, texts: Texts) -> Screen:
    """Name the help key on every screen, and first of all to somebody who has failed twice."""
    if entry.failed_tries >= HELP_FIRST_AFTER_TRIES and screen.name in _TYPING_SCREENS:
        screen = replace(screen, lines=(line_of(texts["help_first"]), *screen.lines))
    if any(hint.key == Key.HELP for hint in screen.hints):
        return screen
    return replace(screen, hints=(*screen.hints, Hint(Key.HELP, texts["help"])))


_TYPING_SCREENS = {"typing", "offer", "which", "spell", "free", "confirm", "no_booking"}


def _still(since_ms: int, entry: Entry, texts: Texts, now_ms: int) -> Screen:
    seconds = max(0, -((now_ms - since_ms - STILL_ANSWER_MS) // 1000))
    otherwise = texts["still.else_one" if seconds == 1 else "still.else"]
    lines = line_of(texts["still.ask"]), line_of(otherwise, seconds=seconds)
    cells = cells_of(entry.phase, entry.rules.pad)
    return Screen("still_there", entry.language, lines, cells=cells)


def _of_phase(entry: Entry, phase: Phase, texts: Texts, now_ms: int) -> Screen:
    match phase:
        case Idle():
            return _idle(entry, texts)
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
            return _waiting(entry, texts, phase, now_ms)
        case Answered():
            return _answered(entry, texts, phase, now_ms)
        case Failed():
            return _failed(entry, texts, phase)


def _idle(entry: Entry, texts: Texts) -> Screen:
    names = ["idle.type", "idle.drop_in"]
    if entry.rules.pad is Pad.PHONE:
        names.insert(1, "idle.presses")
    lines = tuple(line_of(texts[name]) for name in names)
    hints = (Hint(Key.HELP, texts["idle.help"]),)
    # The empty plate stands where the signs will: nothing jumps at the first key.
    cells = typed_cells("", entry.rules.pad)
    return Screen("idle", entry.language, lines, cells=cells, hints=hints)


def _typing(entry: Entry, texts: Texts, presses: str, offer: Plate | None) -> Screen:
    cells = typed_cells(presses, entry.rules.pad)
    clear = Hint(Key.CLEAR, texts["typing.hint_clear"])
    if offer is None:
        hints = Hint(Key.OK, texts["typing.hint_ok"]), clear
        lines = (line_of(texts["idle.presses"]),) if entry.rules.pad is Pad.PHONE else ()
        return Screen("typing", entry.language, lines, cells=cells, hints=hints)
    ask = line_of(texts["offer.ask"] + " {plate}", offer)
    hints = (Hint(Key.OK, texts["yes"]), clear)
    return Screen("offer", entry.language, (ask, line_of(texts["go_on"])), cells=cells, hints=hints)


def _offer(entry: Entry, texts: Texts, phase: Offer) -> Screen:
    hints = Hint(Key.OK, texts["yes"]), Hint(Key.CLEAR, texts["no"])
    lines = (line_of(texts["offer.ask"]),)
    return Screen("offer", entry.language, lines, plate=phase.plate, hints=hints)


def _which(entry: Entry, texts: Texts, plates: tuple[Plate, ...]) -> Screen:
    choices = [Choice(str(number), PlateMark(plate)) for number, plate in enumerate(plates, 1)]
    choices.append(Choice(str(len(plates) + 1), texts["which.none"]))
    lines = (line_of(texts["which.ask"]),)
    return Screen("which", entry.language, lines, choices=tuple(choices))


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
    hints: tuple[Hint, ...]
    if phase.no_booking:
        hints = (
            Hint(Key.OK, texts["no_booking.yes"]),
            Hint(Key.CLEAR, texts["no_booking.change"]),
            Hint(Key.HELP, texts["no_booking.help"]),
        )
        lines = (line_of(texts["no_booking.ask"], phase.plate),)
        return Screen("no_booking", entry.language, lines, hints=hints)
    hints = Hint(Key.OK, texts["yes"]), Hint(Key.CLEAR, texts["change"])
    lines = (line_of(texts["confirm.ask"]),)
    return Screen("confirm", entry.language, lines, plate=phase.plate, hints=hints)


def _waiting(entry: Entry, texts: Texts, phase: Waiting, now_ms: int) -> Screen:
    saving = phase.saving
    if phase.told_ms is not None and saving.known is not None:
        return _unreached(entry, texts, saving)
    if phase.told_ms is not None and saving.saved:
        return _saved_here(entry, texts, saving)
    if now_ms - phase.since_ms < SEARCHING_AFTER_MS:
        return Screen("sent", entry.language, plate=saving.plate)
    lines = (line_of(texts["searching"]),)
    return Screen("searching", entry.language, lines, plate=saving.plate)


def _saved_here(entry: Entry, texts: Texts, saving: Saving) -> Screen:
    """Screen 9: only after the disk has it, and without a time that our clock cannot vouch for."""
    if saving.saved_at is None:
        saved = line_of(texts["saved_here.no_clock"], saving.plate)
    else:
        at = clock_text(saving.saved_at, entry.rules.zone)
        saved = line_of(texts["saved_here.at"], saving.plate, time=at)
    return Screen("saved_here", entry.language, (line_of(texts["saved_here"]), saved))


def _unreached(entry: Entry, texts: Texts, saving: Saving) -> Screen:
    known = saving.known is not None and is_registered(saving.known)
    text = texts["unreached"] if known else texts["unreached.bare"]
    return Screen("unreached", entry.language, (line_of(text, saving.plate),))


def _answered(entry: Entry, texts: Texts, phase: Answered, now_ms: int) -> Screen:
    plate, standing = phase.saving.plate, phase.standing
    name = name_of(standing, fresh=is_fresh(phase.asked_ms, now_ms))
    if name == "unreached":
        return _unreached(entry, texts, phase.saving)
    if name in {"held", "closed"}:
        return Screen(name, entry.language, held_lines(texts, plate, standing, entry.rules.zone))
    if name in {"drive_in", "in_bay", "not_in_line", "cannot_tell"}:
        lines = (line_of(texts[name], plate, door=standing.door),)
        return Screen(name, entry.language, lines)
    item = entry.help_item(phase.fetch)
    fetched = item is not None and item.heard is not None
    answer = place_lines(texts, plate, standing, entry.rules.zone, fetched=fetched)
    return Screen(name, entry.language, answer)


def _failed(entry: Entry, texts: Texts, phase: Failed) -> Screen:
    name = "not_taken" if phase.saved else "cannot_save"
    lines = line_of(texts[name], phase.plate), line_of(door_text(entry, "use_door"))
    return Screen(name, entry.language, lines)
