"""Whoever stands here: is noticed, changes language or voice, starts over, and goes."""

from dataclasses import replace

from kiosk.faults import Part
from kiosk.happenings import Refuse, Step
from kiosk.keys import Key
from kiosk.phases import (
    FIRST_VOLUME,
    INTERACTIVE,
    VOLUMES,
    Answered,
    Entry,
    Failed,
    Idle,
    Phase,
    Waiting,
)

ANSWER_COMES_BACK_MS = 60_000


def standing_longer(entry: Entry, cover: int | None, now_ms: int) -> Entry:
    """Whoever wants to read or hear it in another way gets the whole time for it."""
    match entry.phase:
        case Answered():
            phase: Phase = replace(entry.phase, shown_ms=now_ms)
        case Waiting(told_ms=told_ms) if told_ms is not None:
            phase = replace(entry.phase, told_ms=now_ms)
        case Failed():
            phase = replace(entry.phase, since_ms=now_ms)
        case phase:
            pass
    return replace(entry, phase=phase, helping=cover, help_shown_ms=now_ms)


def read_louder(entry: Entry) -> Step:
    """Read aloud from now on; read it once more and louder, and after the loudest quietly again."""
    if not entry.rules.speech or Part.SPEECH in entry.faults:
        return refused(entry, "no_speech")
    if not entry.speaking:
        return replace(entry, speaking=True), ()
    return replace(entry, volume=(entry.volume + 1) % VOLUMES), ()


def done(entry: Entry, phase: Idle) -> Entry:
    """The customer has finished: nothing of them stays, and the next one finds the first language."""
    return replace(
        entry,
        phase=phase,
        language=entry.rules.languages[0],
        note="",
        still_ms=None,
        failed_tries=0,
        helping=None,
        speaking=False,
        volume=FIRST_VOLUME,
        said="",
        customer=entry.customer + 1,
    )


def touched(entry: Entry, key: str, now_ms: int) -> Entry:
    """Somebody is here: no question stands, and the answer of the one before does not come back."""
    phase = entry.phase
    if isinstance(phase, Idle) and key != Key.OK:
        phase = Idle()
    return replace(entry, phase=phase, key_ms=now_ms, note="", still_ms=None, helping=None)


def refused(entry: Entry, note: str = "not_here") -> Step:
    """Say by a tone and in words that the key does nothing here."""
    return replace(entry, note=note), (Refuse(),)


def in_next_language(entry: Entry) -> Entry:
    """Change the language, round and round."""
    languages = entry.rules.languages
    place = (languages.index(entry.language) + 1) % len(languages)
    return replace(entry, language=languages[place])


def cancelled(entry: Entry, now_ms: int) -> Entry:
    """Start over: perhaps the same customer after typing, who keeps the language; else the next one."""
    phase = entry.phase
    if isinstance(phase, INTERACTIVE):
        return replace(entry, phase=Idle(), failed_tries=0)
    if isinstance(phase, Waiting) and phase.told_ms is None:
        # OK was pressed and counts; its answer is on the way, and OK brings it.
        until_ms = now_ms + ANSWER_COMES_BACK_MS
        return done(entry, Idle(phase.saving, until_ms, entry.language, entry.speaking))
    return done(entry, Idle())
