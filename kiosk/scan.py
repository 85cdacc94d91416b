"""From closed contacts to key events: bounce, tremor, ghosts and ice, all in values and a clock.

A contact chatters for 1.56 ms on average and 6.2 ms at worst (Jack Ganssle, "A Guide to Debouncing",
16 kinds of switch), so the first edge counts at once and the release needs 20 ms of quiet.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from kiosk.keys import KeyEvent, KeyStuck, PadEvent

SCAN_MS = 5
RELEASE_QUIET_MS = 20
STUCK_AFTER_MS = 30_000


@dataclass(slots=True)
class _Contact:
    """One key that is down, or was until a moment ago."""

    since_ms: int
    closed_ms: int
    accepted: bool


class Scanner:
    """Takes one key at a time: while more than one is down none is accepted until all are up.

    `lockout_ms` is how soon after its last contact the same key may be pressed again; another key is
    never locked out (EN 301 549 clause 5.8 asks for a range that reaches 500 ms).
    """

    def __init__(self, lockout_ms: int) -> None:
        self._lockout_ms = lockout_ms
        self._down: dict[str, _Contact] = {}
        self._stuck: dict[str, int] = {}
        self._crowded = False
        self._last_key = ""
        self._last_up_ms = 0

    def see(self, closed: Iterable[str], now_ms: int) -> list[PadEvent]:
        """Take what one scan of the contacts found at *now_ms*; give what a hand did."""
        found = set(closed)
        events = self._loosened(found, now_ms) + self._released(found, now_ms)
        for key in found & self._down.keys():
            self._down[key].closed_ms = now_ms
        events += self._frozen(now_ms)
        return events + self._pressed(found - self._stuck.keys(), now_ms)

    def _released(self, found: set[str], now_ms: int) -> list[PadEvent]:
        quiet = [
            key
            for key, contact in self._down.items()
            if key not in found and now_ms - contact.closed_ms >= RELEASE_QUIET_MS
        ]
        events: list[PadEvent] = []
        for key in quiet:
            contact = self._down.pop(key)
            if contact.accepted:
                # The key was last seen closed then; counting the quiet time would lengthen the lockout.
                self._last_key, self._last_up_ms = key, contact.closed_ms
                events.append(KeyEvent(key, False, now_ms))
        if not self._down:
            self._crowded = False
        return events

    def _pressed(self, found: set[str], now_ms: int) -> list[PadEvent]:
        self._crowded = self._crowded or len(found) > 1
        events: list[PadEvent] = []
        for key in sorted(found - self._down.keys()):
            accepted = not self._crowded and not self._locked_out(key, now_ms)
            self._down[key] = _Contact(now_ms, now_ms, accepted)
            if accepted:
                events.append(KeyEvent(key, True, now_ms))
        return events

    def _locked_out(self, key: str, now_ms: int) -> bool:
        return key == self._last_key and now_ms - self._last_up_ms < self._lockout_ms

    def _frozen(self, now_ms: int) -> list[PadEvent]:
        """Take keys that are held too long out of the game, so that the others work again."""
        frozen = [k for k, c in self._down.items() if now_ms - c.since_ms >= STUCK_AFTER_MS]
        for key in frozen:
            del self._down[key]
            self._stuck[key] = now_ms
        return [KeyStuck(key, True, now_ms) for key in frozen]

    def _loosened(self, found: set[str], now_ms: int) -> list[PadEvent]:
        for key in found & self._stuck.keys():
            self._stuck[key] = now_ms
        loose = [k for k, seen_ms in self._stuck.items() if now_ms - seen_ms >= RELEASE_QUIET_MS]
        for key in loose:
            del self._stuck[key]
        return [KeyStuck(key, False, now_ms) for key in loose]
