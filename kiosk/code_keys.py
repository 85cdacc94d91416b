"""What a key does on a post that asks for its code."""

from dataclasses import replace

from kiosk.becoming import TryCode
from kiosk.customer import refused
from kiosk.enrolling import LEFT_AFTER_MS, Enrolling, Who, pressed
from kiosk.happenings import Step
from kiosk.phases import Entry, Idle


def asks_for_code(entry: Entry) -> bool:
    """Whether the keys type a code now; a customer who had begun before goes on."""
    return entry.who is Who.NOBODY and isinstance(entry.phase, Idle)


def press_code(entry: Entry, key: str) -> Step:
    """Apply one key press."""
    after = pressed(entry.enrolling, key, entry.rules.pad)
    if isinstance(after, str):
        return refused(entry, after)
    deeds = (TryCode(after.code),) if after.trying else ()
    return replace(entry, enrolling=after), deeds


def left(entry: Entry, now_ms: int) -> Entry:
    """Forget a code that somebody typed and left; one that is being tried stays."""
    now = entry.enrolling
    if now == Enrolling() or now.trying or now_ms - entry.key_ms < LEFT_AFTER_MS:
        return entry
    return replace(entry, enrolling=Enrolling())
