"""What a key does where it is pressed.  Only OK on a screen that shows a whole plate leads to a save."""

from dataclasses import replace

from contract.plate import DIGITS, MAX_SIGNS, MIN_SIGNS, Plate
from kiosk.code_keys import asks_for_code, press_code
from kiosk.customer import (
    cancelled,
    done,
    in_next_language,
    read_louder,
    refused,
    standing_longer,
    touched,
)
from kiosk.faults import DISABLING
from kiosk.happenings import AskStatus, Save, Step
from kiosk.helping import press_help
from kiosk.keys import SIGNS, Key, Pad
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
from kiosk.spelling import closed_spelling, open_spelling
from kiosk.typing_rules import after_ok, after_presses, confirm, spelled

# Nobody has read a screen that came so lately under the finger.
READ_WITHIN_MS = 500


def press(entry: Entry, key: str, now_ms: int) -> Step:
    """Apply one key press."""
    cover = entry.helping
    entry, was_still = touched(entry, key, now_ms), entry.still_ms is not None
    if key == Key.HELP and asks_for_code(entry):
        return refused(entry)  # it would reach nobody now, and somebody else's board later
    if key == Key.HELP:
        return press_help(entry, now_ms)
    if key == Key.CANCEL and (cover is not None or not asks_for_code(entry)):
        return cancelled(entry, now_ms), ()
    if key == Key.LANGUAGE:
        return standing_longer(in_next_language(entry), cover, now_ms), ()
    if key == Key.SPEAK:
        entry, deeds = read_louder(entry)
        return standing_longer(entry, cover, now_ms), deeds
    if asks_for_code(entry):
        return (entry, ()) if cover is not None else press_code(entry, key)
    if was_still or (cover is not None and not _types_through(entry, key)):
        return entry, ()  # the key only brought back what was covered
    return _in_phase(entry, entry.phase, key, now_ms)


def _types_through(entry: Entry, key: str) -> bool:
    return isinstance(entry.phase, Idle | Typing) and _is_sign(entry, key)


def _is_sign(entry: Entry, key: str) -> bool:
    return key in (DIGITS if entry.rules.pad is Pad.PHONE else SIGNS)


def _in_phase(entry: Entry, phase: Phase, key: str, now_ms: int) -> Step:
    match phase:
        case Idle():
            return _at_idle(entry, phase, key, now_ms)
        case Typing(presses, offer):
            return _at_typing(entry, presses, offer, key, now_ms)
        case Offer():
            return _at_offer(entry, phase, key, now_ms)
        case Which():
            return _at_which(entry, phase, key, now_ms)
        case Spell():
            return _at_spell(entry, phase, key, now_ms)
        case Confirm():
            return _at_confirm(entry, phase, key, now_ms)
        case Answered() if key == Key.OK:
            return _asked_again(entry, phase, now_ms)
        case Waiting(told_ms=None):
            # An answer is due within three seconds; a second OK must not lose it.
            return (entry, ()) if key == Key.OK else refused(entry)
        case Waiting() | Answered() | Failed():
            return _after_answer(entry, key, now_ms)


def _at_idle(entry: Entry, phase: Idle, key: str, now_ms: int) -> Step:
    if entry.faults & DISABLING:
        return refused(entry, "")  # what would be typed could not be saved
    if _is_sign(entry, key):
        return _typed(entry, "", key, now_ms)
    if key == Key.OTHER:
        return replace(entry, phase=Spell(open_spelling())), ()
    if key == Key.OK and phase.last is not None and now_ms < phase.until_ms:
        ask = AskStatus(phase.last.ticket, phase.last.plate)
        back = replace(entry, language=phase.language or entry.language, speaking=phase.speaking)
        return replace(back, phase=Waiting(phase.last, now_ms)), (ask,)
    return refused(entry, "type_first" if key == Key.OK else "not_here")


def _typed(entry: Entry, presses: str, key: str, now_ms: int) -> Step:
    if len(presses) >= MAX_SIGNS:
        return refused(entry, "too_long")
    return replace(entry, phase=after_presses(entry, presses + key, now_ms)), ()


def _at_typing(entry: Entry, presses: str, offer: Plate | None, key: str, now_ms: int) -> Step:
    if _is_sign(entry, key):
        return _typed(entry, presses, key, now_ms)
    if key == Key.CLEAR and offer is not None:
        return replace(entry, phase=Typing(presses)), ()
    if key == Key.CLEAR:
        return _one_less(entry, presses), ()
    if key == Key.OTHER:
        return replace(entry, phase=Spell(open_spelling(presses))), ()
    if key == Key.OK and offer is not None:
        return _saving(entry, offer, now_ms)
    if key == Key.OK:
        phase = after_ok(entry, presses, now_ms)
        return refused(entry, "too_short") if phase is None else (replace(entry, phase=phase), ())
    return refused(entry)


def _one_less(entry: Entry, presses: str) -> Entry:
    """Take the last sign away without jumping to a question that was just answered."""
    shorter = Typing(presses[:-1]) if presses[1:] else Idle()
    # Whoever types on an empty plate may be somebody else, who has not failed yet.
    tries = 0 if isinstance(shorter, Idle) else entry.failed_tries
    return replace(entry, phase=shorter, failed_tries=tries)


def _at_offer(entry: Entry, phase: Offer, key: str, now_ms: int) -> Step:
    if key == Key.OK:
        return _saving(entry, phase.plate, now_ms)
    if key == Key.CLEAR:
        return _not_on_the_list(entry, phase.presses, now_ms), ()
    if _is_sign(entry, key):
        return _typed(entry, phase.presses, key, now_ms)
    if key == Key.OTHER:
        return replace(entry, phase=Spell(open_spelling(phase.presses))), ()
    return refused(entry)


def _not_on_the_list(entry: Entry, presses: str, now_ms: int) -> Entry:
    phase = spelled(entry, closed_spelling(presses), now_ms)
    return replace(entry, phase=phase, failed_tries=entry.failed_tries + 1)


def _at_which(entry: Entry, phase: Which, key: str, now_ms: int) -> Step:
    if key in {"1", "2"}:
        return replace(entry, phase=Offer(phase.presses, phase.plates[int(key) - 1])), ()
    if key == "3":
        return _not_on_the_list(entry, phase.presses, now_ms), ()
    if key == Key.CLEAR:
        return _one_less(entry, phase.presses), ()
    if key == Key.OTHER:
        return replace(entry, phase=Spell(open_spelling(phase.presses))), ()
    return refused(entry)


def _at_spell(entry: Entry, phase: Spell, key: str, now_ms: int) -> Step:
    spelling = phase.spelling
    if key == Key.CLEAR:
        return _unspelled(entry, phase), ()
    if _is_sign(entry, key) and _types_on(phase, key, now_ms):
        return _typed(entry, spelling.presses, key, now_ms)
    if spelling.settling and (chosen := spelling.chosen(key)) is not None:
        return replace(entry, phase=spelled(entry, chosen, now_ms)), ()
    if key == Key.OTHER and not spelling.open_ended:
        return replace(entry, phase=Spell(open_spelling(spelling.presses))), ()
    if spelling.settling:
        return refused(entry)
    if key == Key.OK and len(spelling.signs) >= MIN_SIGNS:
        return replace(entry, phase=confirm(entry, spelling.signs, phase, now_ms)), ()
    if _is_sign(entry, key) and not spelling.full:
        return replace(entry, phase=Spell(spelling.pressed(key))), ()
    if key == Key.OK:
        return refused(entry, "too_short")
    return refused(entry, "too_long" if _is_sign(entry, key) else "not_here")


def _types_on(phase: Spell, key: str, now_ms: int) -> bool:
    """Whether a sign belongs to a longer plate rather than to the first question, which came unasked."""
    if phase.unasked_ms is None:
        return False
    too_soon = now_ms - phase.unasked_ms < READ_WITHIN_MS
    return too_soon or phase.spelling.chosen(key) is None


def _unspelled(entry: Entry, phase: Spell) -> Entry:
    undone = phase.spelling.undone()
    if undone is not None:
        return replace(entry, phase=Spell(undone))
    return _one_less(entry, phase.spelling.presses)


def _at_confirm(entry: Entry, phase: Confirm, key: str, now_ms: int) -> Step:
    if key == Key.OK:
        return _saving(entry, phase.plate, now_ms, told_elsewhere=_has_read(phase, now_ms))
    if key == Key.CLEAR:
        entry = replace(entry, failed_tries=entry.failed_tries + 1)
        if isinstance(phase.before, Spell):
            return _unspelled(entry, phase.before), ()
        return _one_less(entry, phase.before.presses), ()
    if isinstance(phase.before, Typing) and _is_sign(entry, key):
        return _typed(entry, phase.before.presses, key, now_ms)
    return refused(entry)


def _has_read(phase: Confirm, now_ms: int) -> bool:
    """Whether the other booking stood on the screen long enough to be read."""
    return phase.elsewhere is not None and now_ms - phase.heard_ms >= READ_WITHIN_MS


def _saving(entry: Entry, plate: Plate, now_ms: int, *, told_elsewhere: bool = False) -> Step:
    ticket = entry.tickets + 1
    waiting = Waiting(Saving(ticket, plate, told_elsewhere=told_elsewhere), now_ms)
    return replace(entry, phase=waiting, tickets=ticket, failed_tries=0), (Save(ticket, plate),)


def _asked_again(entry: Entry, phase: Answered, now_ms: int) -> Step:
    ask = AskStatus(phase.saving.ticket, phase.saving.plate)
    return replace(entry, phase=replace(phase, shown_ms=now_ms, polled_ms=now_ms)), (ask,)


def _after_answer(entry: Entry, key: str, now_ms: int) -> Step:
    if _is_sign(entry, key) or key == Key.OTHER:
        return _at_idle(done(entry, Idle()), Idle(), key, now_ms)
    return refused(entry)
