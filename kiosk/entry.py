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
    AskStatus,
    Deed,
    Expected,
    Happening,
    HelpHeard,
    HelpUnheard,
    Link,
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
from kiosk.phases import (
    INTERACTIVE,
    Answered,
    Entry,
    Failed,
    HelpItem,
    Idle,
    Phase,
    Saving,
    Waiting,
)
from kiosk.pressing import done, press
from kiosk.screens import STILL_ANSWER_MS, screen_of

STILL_AFTER_MS = 60_000
ANSWER_WITHIN_MS = 3_000
ANSWER_STAYS_MS = 20_000
ANSWER_COMES_BACK_MS = 60_000
# A door is shown only from an answer younger than 5 s, so it needs asking more often than a place.
ASK_AGAIN_MS = 4_000
ASK_ABOUT_DOOR_MS = 2_000
HELP_STAYS_MS = 300_000
HELP_SEEN_STAYS_MS = 60_000
KEPT_HERE = 500


def step(entry: Entry, happening: Happening, now_ms: int) -> tuple[Entry, list[Deed]]:
    """Apply *happening* at monotonic time *now_ms*; the last deed shows the screen if it changed."""
    entry, deeds = _happened(entry, happening, now_ms)
    screen = screen_of(entry, now_ms)
    if screen == entry.shown:
        return entry, list(deeds)
    return replace(entry, shown=screen), [*deeds, Show(screen)]


def _happened(entry: Entry, happening: Happening, now_ms: int) -> Step:
    match happening:
        case Press(key):
            return press(entry, key, now_ms)
        case Tick():
            return _ticked(entry, now_ms)
        case Expected():
            return _listed(entry, happening, now_ms), ()
        case Link(up):
            return replace(entry, online=up), ()
        case HelpHeard(number, state):
            return help_heard(entry, number, state, now_ms), ()
        case HelpUnheard(number, gave_up):
            return help_unheard(entry, number, gave_up=gave_up), ()
        case Answer():
            return _answered(entry, happening, now_ms)
        case Saved(ticket, at):
            return _saved(entry, ticket, at), ()
        case NotSaved() | NoAnswer() | NotTaken():
            return replace(entry, phase=_outcome(entry.phase, happening, now_ms)), ()


def _listed(entry: Entry, news: Expected, now_ms: int) -> Entry:
    here = entry.here if news.day == entry.day else ()
    plates = news.plates.adding(here)
    return replace(entry, expected=plates, here=here, day=news.day, listed_ms=now_ms, online=True)


# -- a plate on its way -----------------------------------------------------------------------------


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
    entry, fetch, deeds = _fetched(entry, saving.plate, standing, now_ms)
    now = Answered(saving, standing, answer.asked_ms, shown_ms, now_ms, fetch)
    return _knowing(replace(entry, phase=now), saving.plate), deeds


def _fetched(
    entry: Entry, plate: Plate, standing: Standing, now_ms: int
) -> tuple[Entry, int | None, tuple[Deed, ...]]:
    """Where no sign can call a customer, a person must: raise help, once."""
    if not waits_for_sign(standing) or standing.watch_sign:
        return entry, None, ()
    item = next((item for item in entry.helps if item.plate == plate), None)
    if item is not None:
        return entry, item.number, ()
    entry, item = raised(entry, plate, now_ms, fetch=True)
    return entry, item.number, (AskHelp(item.number, plate),)


# -- time -------------------------------------------------------------------------------------------


def _ticked(entry: Entry, now_ms: int) -> Step:
    item = entry.help_item(entry.helping)
    if item is not None:
        return _help_ticked(entry, item, now_ms), ()
    match entry.phase:
        case Waiting() | Answered() | Failed():
            return _answer_ticked(entry, entry.phase, now_ms)
        case _:
            return _presence_ticked(entry, now_ms), ()


def _help_ticked(entry: Entry, item: HelpItem, now_ms: int) -> Entry:
    seen = item.heard is not None and item.heard.acknowledged_by is not None
    stays_ms = HELP_SEEN_STAYS_MS if seen else HELP_STAYS_MS
    return done(entry, Idle()) if now_ms - entry.help_shown_ms >= stays_ms else entry


def _presence_ticked(entry: Entry, now_ms: int) -> Entry:
    """Ask whether somebody is still there before their signs are thrown away (WCAG 2.1, 2.2.1)."""
    if entry.still_ms is not None:
        return done(entry, Idle()) if now_ms - entry.still_ms >= STILL_ANSWER_MS else entry
    if now_ms - entry.key_ms < STILL_AFTER_MS:
        return entry
    if isinstance(entry.phase, INTERACTIVE):
        return replace(entry, still_ms=now_ms, note="")
    return _forgotten(entry, now_ms)


def _forgotten(entry: Entry, now_ms: int) -> Entry:
    """Nobody is at an idle post: it forgets the language, the failed tries and the last answer."""
    last = isinstance(entry.phase, Idle) and now_ms < entry.phase.until_ms
    return entry if last else done(entry, Idle())


def _answer_ticked(entry: Entry, phase: Waiting | Answered | Failed, now_ms: int) -> Step:
    match phase:
        case Waiting(saving, since_ms, None):
            told_ms = now_ms if saving.saved and now_ms - since_ms >= ANSWER_WITHIN_MS else None
            return replace(entry, phase=replace(phase, told_ms=told_ms)), ()
        case Waiting(saving, _, shown_ms) | Answered(saving=saving, shown_ms=shown_ms):
            if now_ms - (shown_ms or 0) >= ANSWER_STAYS_MS:
                return _left_alone(entry, saving, now_ms), ()
        case Failed(since_ms=since_ms):
            return (done(entry, Idle()) if now_ms - since_ms >= ANSWER_STAYS_MS else entry), ()
    if isinstance(phase, Answered) and now_ms - phase.polled_ms >= _ask_again_ms(phase):
        ask = AskStatus(phase.saving.ticket, phase.saving.plate)
        return replace(entry, phase=replace(phase, polled_ms=now_ms)), (ask,)
    return entry, ()


def _ask_again_ms(phase: Answered) -> int:
    return ASK_ABOUT_DOOR_MS if phase.standing.door is not None else ASK_AGAIN_MS


def _left_alone(entry: Entry, saving: Saving, now_ms: int) -> Entry:
    """Show the idle screen; for a while OK brings the same customer's answer back, asked afresh."""
    return done(entry, Idle(saving, now_ms + ANSWER_COMES_BACK_MS))
