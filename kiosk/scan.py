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
# Ice and water let go in fits; a key that was stuck is trusted again after a second without contact.
LOOSE_QUIET_MS = 1_000


@dataclass(slots=True)
class _Contact:
    """One key that is down, or was until a moment ago; `open_ms` is when it was first seen open."""

    since_ms: int
    closed_ms: int
    accepted: bool
    open_ms: int | None = None
    stuck: bool = False

    def quiet_ms(self, now_ms: int) -> int:
        """How long it has been open."""
        return 0 if self.open_ms is None else now_ms - self.open_ms


class Scanner:
    """Takes one key at a time: while more than one is down none is accepted until all are up.

    `lockout_ms` is how long after its last contact the key that was taken last is not taken again;
    another key is never locked out (EN 301 549 clause 5.8 asks for a range that reaches 500 ms).
    """

    def __init__(self, lockout_ms: int) -> None:
        self._lockout_ms = lockout_ms
        self._contacts: dict[str, _Contact] = {}
        # Keys that were taken, or were stuck, and since when they were last down and when they may again.
        self._again: dict[str, tuple[int, int]] = {}
        self._crowded = False

    @property
    def busy(self) -> bool:
        """Whether time alone may change something: a key that is down, stuck ones apart."""
        return any(not contact.stuck for contact in self._contacts.values())

    def see(self, closed: Iterable[str], now_ms: int) -> list[PadEvent]:
        """Take what one scan of the contacts found at *now_ms*; give what a hand did."""
        found = set(closed)
        self._touch(found, now_ms)
        events = self._released(now_ms) + self._frozen(now_ms)
        return events + self._pressed(found, now_ms)

    def begin(self, closed: Iterable[str], now_ms: int) -> None:
        """Look for the first time: what is down already was not pressed for us."""
        found = set(closed)
        self._contacts = {key: _Contact(now_ms, now_ms, accepted=False) for key in found}
        self._crowded = len(found) > 1

    def let_go(self, now_ms: int) -> list[PadEvent]:
        """Take every key for released: the contacts cannot be seen any more."""
        events = [
            event for key, contact in self._contacts.items() for event in _up(key, contact, now_ms)
        ]
        self._contacts.clear()
        self._again.clear()
        self._crowded = False
        return events

    def _touch(self, found: set[str], now_ms: int) -> None:
        for key, contact in self._contacts.items():
            if key in found:
                contact.closed_ms, contact.open_ms = now_ms, None
            elif contact.open_ms is None:
                # It opened after the last look at it.  After a pause of the machine one look at a
                # contact that chatters must not pass for a long silence.
                contact.open_ms = max(contact.closed_ms, now_ms - SCAN_MS)

    def _released(self, now_ms: int) -> list[PadEvent]:
        events: list[PadEvent] = []
        for key, contact in list(self._contacts.items()):
            needed = LOOSE_QUIET_MS if contact.stuck else RELEASE_QUIET_MS
            if contact.open_ms is None or contact.quiet_ms(now_ms) < needed:
                continue
            del self._contacts[key]
            events += _up(key, contact, now_ms)
            if contact.accepted or contact.stuck or key in self._again:
                # Counted from when it opened: the quiet time must not lengthen the lockout.
                self._again[key] = contact.since_ms, contact.open_ms + self._lockout_ms
        self._crowded = self._crowded and self.busy
        return events

    def _frozen(self, now_ms: int) -> list[PadEvent]:
        """Take keys that are held too long out of the game, so that the others work again."""
        events: list[PadEvent] = []
        for key, contact in self._contacts.items():
            if not contact.stuck and now_ms - contact.since_ms >= STUCK_AFTER_MS:
                events += [*_up(key, contact, now_ms), KeyStuck(key, True, now_ms)]
                contact.stuck, contact.accepted = True, False
        return events

    def _pressed(self, found: set[str], now_ms: int) -> list[PadEvent]:
        live = {key for key in found if key not in self._contacts or not self._contacts[key].stuck}
        self._crowded = self._crowded or len(live) > 1
        new = live - self._contacts.keys()
        if new and not self._crowded and self.busy:
            # Another key opened less than 20 ms ago.  Whether a hand left it or it only chatters is
            # not known yet; this one is taken, or found to be the second, as soon as it is.
            return []
        return [event for key in sorted(new) for event in self._down(key, now_ms)]

    def _down(self, key: str, now_ms: int) -> list[PadEvent]:
        since_ms, again_ms = self._again.get(key, (now_ms, now_ms))
        locked = now_ms < again_ms
        accepted = not self._crowded and not locked
        # A key that flickers within its lockout has been down all the time: so water becomes "stuck".
        self._contacts[key] = _Contact(since_ms if locked else now_ms, now_ms, accepted)
        if not accepted:
            return []
        self._again.clear()
        return [KeyEvent(key, True, now_ms)]


def _up(key: str, contact: _Contact, now_ms: int) -> list[PadEvent]:
    if contact.stuck:
        return [KeyStuck(key, False, now_ms)]
    return [KeyEvent(key, False, now_ms)] if contact.accepted else []
