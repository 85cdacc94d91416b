"""The screens after OK: what the disk and central have said, and never more than that."""

import msgspec

from contract.wire import SIGN_FRESH_S
from kiosk.answers import (
    clock_text,
    held_lines,
    is_fresh,
    is_registered,
    missed_lines,
    name_of,
    place_lines,
)
from kiosk.help_screens import door_text
from kiosk.phases import Answered, Entry, Failed, Saving, Waiting
from kiosk.screen import Screen, line_of
from kiosk.texts import Texts

SEARCHING_AFTER_MS = 1_000
# A place is asked for every few seconds; one that is that old comes from a line that is cut.
PLACE_FRESH_MS = SIGN_FRESH_S * 1000


def waiting_screen(entry: Entry, texts: Texts, phase: Waiting, now_ms: int) -> Screen:
    """Show the plate at once, after a second that we search, after three what we know ourselves."""
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


def answered_screen(entry: Entry, texts: Texts, phase: Answered, now_ms: int) -> Screen:
    """Show what central said, as far as it is still fresh enough to be said."""
    plate, standing = phase.saving.plate, phase.standing
    if now_ms - phase.asked_ms >= PLACE_FRESH_MS:
        return _unreached(entry, texts, phase.saving)
    name = name_of(standing, fresh=is_fresh(phase.asked_ms, now_ms))
    if name == "unreached":
        return _unreached(entry, texts, phase.saving)
    if name in {"held", "closed"}:
        return Screen(name, entry.language, held_lines(texts, plate, standing, entry.rules.zone))
    if name in {"drive_in", "in_bay", "not_in_line", "cannot_tell"}:
        lines = (line_of(texts[name], plate, door=standing.door),)
        return Screen(name, entry.language, lines)
    if name == "missed":
        return Screen(name, entry.language, missed_lines(texts, plate, standing, entry.rules.zone))
    item = entry.help_item(phase.saving.fetch)
    fetched = item is not None and item.heard is not None
    if phase.saving.told_elsewhere:
        standing = msgspec.structs.replace(standing, elsewhere=None)
    answer = place_lines(texts, plate, standing, entry.rules.zone, fetched=fetched)
    return Screen(name, entry.language, answer)


def failed_screen(entry: Entry, texts: Texts, phase: Failed) -> Screen:
    """Screen 9b; of a plate that was registered here before nobody says that it is not."""
    name = "not_taken" if phase.saved else "cannot_save"
    knows_better = name == "cannot_save" and phase.plate in entry.here
    text = texts["out_of_order" if knows_better else name]
    lines = line_of(text, phase.plate), line_of(door_text(entry, "use_door"))
    return Screen(name, entry.language, lines)
