"""The post's decisions as one pure function: something happens, the entry changes, deeds follow.

Durations are monotonic milliseconds, given by the caller.
"""

from dataclasses import replace
from datetime import datetime

import msgspec

from contract.plate import Plate
from contract.wire import Standing
from kiosk.answers import waits_for_sign
from kiosk.happenings import (
    Answer,
    AskHelp,
    Deed,
    Happening,
    HelpHeard,
    HelpUnheard,
    NoAnswer,
    NotSaved,
    NotTaken,
    Press,
    Saved,
    Show,
    Step,
    Tick,
)
from kiosk.helping import help_heard, help_unheard, raised
from kiosk.learning import learned, looked_elsewhere
from kiosk.phases import (
    Answered,
    Entry,
    Failed,
    Phase,
    Saving,
    Waiting,
)
from kiosk.pressing import press
from kiosk.reading import read_aloud
from kiosk.screens import screen_of
from kiosk.ticking import ticked

KEPT_HERE = 500


def step(entry: Entry, happening: Happening, now_ms: int) -> tuple[Entry, list[Deed]]:
    """Apply *happening* at monotonic time *now_ms*.

    What is to be shown comes before what is to be done: a slow disk must not hold up the picture.
    """
    covered = entry.helping is not None
    entry, deeds = _happened(entry, happening, now_ms)
    if covered and entry.helping is None:
        entry = _uncovered(entry, now_ms)
    entry, asking = looked_elsewhere(entry)
    screen = screen_of(entry, now_ms)
    entry, voice = read_aloud(entry, screen, happening)
    shows: tuple[Deed, ...] = () if screen == entry.shown else (Show(screen),)
    return replace(entry, shown=screen), [*shows, *deeds, *asking, *voice]


def _uncovered(entry: Entry, now_ms: int) -> Entry:
    """An answer that stood behind a call for help gets its whole time again, and is asked afresh."""
    phase = entry.phase
    if not isinstance(phase, Answered):
        return entry
    return replace(entry, phase=replace(phase, shown_ms=now_ms, polled_ms=0))


def _happened(entry: Entry, happening: Happening, now_ms: int) -> Step:
    match happening:
        case Press(key):
            return press(entry, key, now_ms)
        case Tick():
            return ticked(entry, now_ms)
        case Answer():
            return _answered(entry, happening, now_ms)
        case Saved(ticket, at):
            return _saved(entry, ticket, at), ()
        case NotSaved() | NoAnswer() | NotTaken():
            return replace(entry, phase=_outcome(entry.phase, happening, now_ms)), ()
        case HelpHeard(number, state):
            return help_heard(entry, number, state, now_ms), ()
        case HelpUnheard(number, gave_up):
            return help_unheard(entry, number, gave_up=gave_up), ()
        case _:
            return learned(entry, happening, now_ms), ()


def _saved(entry: Entry, ticket: int, at: datetime | None) -> Entry:
    phase = entry.phase
    if not isinstance(phase, Waiting) or phase.saving.ticket != ticket:
        return entry
    saving = replace(phase.saving, saved=True, saved_at=at)
    return _knowing(replace(entry, phase=replace(phase, saving=saving)), saving.plate)


def _knowing(entry: Entry, plate: Plate) -> Entry:
    """Remember for today that *plate* was registered here: its driver may type it again."""
    if plate in entry.here:
        return entry
    here = (*entry.here, plate)[-KEPT_HERE:]
    return replace(entry, here=here, expected=entry.expected.adding([plate]))


def _outcome(phase: Phase, happening: NotSaved | NoAnswer | NotTaken, now_ms: int) -> Phase:
    """Note what became of the arrival on the screen; news of earlier customers change nothing."""
    if not isinstance(phase, Waiting) or phase.saving.ticket != happening.ticket:
        return phase
    match happening:
        case NotSaved():
            return Failed(phase.saving.plate, False, now_ms)
        case NotTaken():
            return Failed(phase.saving.plate, True, now_ms)
        case NoAnswer():
            return replace(phase, told_ms=phase.told_ms or now_ms)


def _answered(entry: Entry, answer: Answer, now_ms: int) -> Step:
    phase = entry.phase
    if not isinstance(phase, Waiting | Answered) or phase.saving.ticket != answer.ticket:
        return entry, ()
    if isinstance(phase, Answered) and answer.asked_ms < phase.asked_ms:
        return entry, ()  # overtaken by a younger answer
    before = phase.saving.known
    # A later look-up does not know that this plate was typed twice; the first answer did.
    again = answer.standing.again if before is None else before.again
    standing = msgspec.structs.replace(answer.standing, again=again)
    news = isinstance(phase, Waiting) or phase.standing.state != standing.state
    shown_ms = phase.shown_ms if isinstance(phase, Answered) and not news else now_ms
    saving = replace(phase.saving, saved=True, known=standing)
    entry, saving, deeds = _fetched(entry, saving, standing, now_ms)
    now = Answered(saving, standing, answer.asked_ms, shown_ms, now_ms)
    return _knowing(replace(entry, phase=now), saving.plate), deeds


def _fetched(
    entry: Entry, saving: Saving, standing: Standing, now_ms: int
) -> tuple[Entry, Saving, tuple[Deed, ...]]:
    """Where no sign can call a customer, a person must: raise help, once."""
    if not waits_for_sign(standing) or standing.watch_sign or saving.fetch is not None:
        return entry, saving, ()
    item = next((item for item in entry.helps if item.plate == saving.plate), None)
    if item is not None:
        return entry, replace(saving, fetch=item.number), ()
    entry, item = raised(entry, saving.plate, now_ms, fetch=True)
    return entry, replace(saving, fetch=item.number), (AskHelp(item.number, saving.plate),)
