"""What happens by itself while time goes on.  All times are monotonic milliseconds."""

from dataclasses import replace

from kiosk.code_keys import left
from kiosk.customer import ANSWER_COMES_BACK_MS, done
from kiosk.happenings import AskStatus, Step
from kiosk.phases import (
    INTERACTIVE,
    Answered,
    Entry,
    Failed,
    HelpItem,
    Idle,
    Saving,
    Waiting,
)
from kiosk.screens import STILL_ANSWER_MS

STILL_AFTER_MS = 60_000
QUIET_AFTER_MS = 30_000
ANSWER_WITHIN_MS = 3_000
ANSWER_STAYS_MS = 20_000
LISTENED_TO_MS = 60_000
# A door is shown only from an answer younger than 5 s, so it needs asking more often than a place.
ASK_AGAIN_MS = 4_000
ASK_ABOUT_DOOR_MS = 2_000
HELP_STAYS_MS = 300_000
HELP_SEEN_STAYS_MS = 60_000


def ticked(entry: Entry, now_ms: int) -> Step:
    """Let time pass until *now_ms* for whatever stands on the screen."""
    entry = left(entry, now_ms)
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
    if now_ms - entry.help_shown_ms < stays_ms:
        return entry
    if isinstance(entry.phase, INTERACTIVE):
        # Signs that were typed are not thrown away unasked (WCAG 2.1, 2.2.1).
        return replace(entry, helping=None, still_ms=now_ms)
    if isinstance(entry.phase, Waiting | Answered):
        return _left_alone(entry, entry.phase.saving, now_ms)
    return done(entry, Idle())


def _presence_ticked(entry: Entry, now_ms: int) -> Entry:
    """Ask whether somebody is still there before their signs are thrown away (WCAG 2.1, 2.2.1)."""
    if entry.still_ms is not None:
        return done(entry, Idle()) if now_ms - entry.still_ms >= STILL_ANSWER_MS else entry
    alone_ms = QUIET_AFTER_MS if _only_the_voice_is_left(entry) else STILL_AFTER_MS
    if now_ms - entry.key_ms < alone_ms:
        return entry
    if isinstance(entry.phase, INTERACTIVE):
        return replace(entry, still_ms=now_ms, note="")
    return _forgotten(entry, now_ms)


def _only_the_voice_is_left(entry: Entry) -> bool:
    """Nothing is typed, but the next one's signs would be read aloud, unasked."""
    return isinstance(entry.phase, Idle) and entry.speaking


def _forgotten(entry: Entry, now_ms: int) -> Entry:
    """Nobody is at an idle post: it forgets the language, the failed tries and the last answer."""
    last = isinstance(entry.phase, Idle) and now_ms < entry.phase.until_ms
    return entry if last else done(entry, Idle())


def _answer_ticked(entry: Entry, phase: Waiting | Answered | Failed, now_ms: int) -> Step:
    # Who listens needs longer than who reads (WCAG 2.1, 2.2.1).
    stays_ms = LISTENED_TO_MS if entry.speaking else ANSWER_STAYS_MS
    match phase:
        case Waiting(saving, since_ms, None):
            told_ms = now_ms if saving.saved and now_ms - since_ms >= ANSWER_WITHIN_MS else None
            return replace(entry, phase=replace(phase, told_ms=told_ms)), ()
        case Waiting(saving, _, shown_ms) | Answered(saving=saving, shown_ms=shown_ms):
            if now_ms - (shown_ms or 0) >= stays_ms:
                return _left_alone(entry, saving, now_ms), ()
        case Failed(since_ms=since_ms):
            return (done(entry, Idle()) if now_ms - since_ms >= stays_ms else entry), ()
    if isinstance(phase, Answered) and now_ms - phase.polled_ms >= _ask_again_ms(phase):
        ask = AskStatus(phase.saving.ticket, phase.saving.plate)
        return replace(entry, phase=replace(phase, polled_ms=now_ms)), (ask,)
    return entry, ()


def _ask_again_ms(phase: Answered) -> int:
    return ASK_ABOUT_DOOR_MS if phase.standing.door is not None else ASK_AGAIN_MS


def _left_alone(entry: Entry, saving: Saving, now_ms: int) -> Entry:
    """Show the idle screen; for a while OK brings the same customer's answer back, asked afresh."""
    until_ms = now_ms + ANSWER_COMES_BACK_MS
    return done(entry, Idle(saving, until_ms, entry.language, entry.speaking))
