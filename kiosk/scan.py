"""From closed contacts to key events: bounce, tremor, ghosts and ice, all in values and a clock.

A contact chatters for 1.56 ms on average and 6.2 ms at worst (Jack Ganssle, "A Guide to Debouncing",
16 kinds of switch), so the first edge counts at once and the release needs 20 ms of quiet.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from kiosk.keys import KeyEvent, KeyStuck, PadEvent

SCAN_MS = 5
RELEASE_QUIET_MS = 20
# Hands tremble four to twelve times a second and let go for half of each time at most, so what closes
# again sooner is the same press.  A calm finger leaves a key for longer.
TREMOR_MS = 130
STUCK_AFTER_MS = 30_000
# Ice and water let go in fits; a key that was stuck is trusted again after a second without contact.
LOOSE_QUIET_MS = 1_000


@dataclass(slots=True)
class _Contact:
    """One key that is down, or was until a moment ago; `open_ms` is when it was first seen open.

    `accepted`: its release will be told.  `counts`: it belongs to a press that was taken.
    """

    since_ms: int
    closed_ms: int
    accepted: bool
    counts: bool
    locked: bool = False
    open_ms: int | None = None
    stuck: bool = False

    def quiet_ms(self, now_ms: int) -> int:
        """How long it has been open."""
        return 0 if self.open_ms is None else now_ms - self.open_ms


@dataclass(frozen=True, slots=True)
class _Last:
    """A key that is up: its last press, when that ended, and when the next one may be taken."""

    since_ms: int
    open_ms: int
    again_ms: int
    counts: bool


class Scanner:
    """Takes one key at a time: while more than one is down none is accepted until all are up.

    `lockout_ms` is how long after the last contact of a press that was taken the same key is not taken
    again; another key is never locked out (EN 301 549 clause 5.8 asks for a range that reaches 500 ms).
    A press that came too soon does not lengthen that, however often it comes: contacts belong to one
    press only while they follow within `tremor_ms`.
    """

    def __init__(
        self,
        lockout_ms: int,
        *,
        release_quiet_ms: int = RELEASE_QUIET_MS,
        tremor_ms: int = TREMOR_MS,
    ) -> None:
        self._lockout_ms = lockout_ms
        self._quiet_ms = release_quiet_ms
        self._tremor_ms = min(tremor_ms, lockout_ms)
        self._contacts: dict[str, _Contact] = {}
        # Keys that were taken, were taken too soon, or were stuck.
        self._last: dict[str, _Last] = {}
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
        self._contacts = {
            key: _Contact(now_ms, now_ms, accepted=False, counts=False) for key in found
        }
        self._crowded = len(found) > 1

    def let_go(self, now_ms: int) -> list[PadEvent]:
        """Take every key for released: the contacts cannot be seen any more."""
        events = [
            event for key, contact in self._contacts.items() for event in _up(key, contact, now_ms)
        ]
        self._contacts.clear()
        self._last.clear()
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
            needed = LOOSE_QUIET_MS if contact.stuck else self._quiet_ms
            if contact.open_ms is None or contact.quiet_ms(now_ms) < needed:
                continue
            del self._contacts[key]
            events += _up(key, contact, now_ms)
            self._remember(key, contact, contact.open_ms)
        self._crowded = self._crowded and self.busy
        return events

    def _remember(self, key: str, contact: _Contact, open_ms: int) -> None:
        """Count the lockout from when it opened: the quiet time must not lengthen it."""
        if contact.counts or contact.stuck:
            again_ms = open_ms + self._lockout_ms
        elif contact.locked:
            again_ms = self._last[key].again_ms
        else:
            return
        self._last[key] = _Last(contact.since_ms, open_ms, again_ms, contact.counts)

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
        last = self._last.get(key)
        same = last is not None and now_ms < last.open_ms + self._tremor_ms
        locked = last is not None and (same or now_ms < last.again_ms)
        accepted = not self._crowded and not locked
        # A key that flickers has been down all the time: so water becomes "stuck".
        since_ms, counts = (last.since_ms, last.counts) if last and same else (now_ms, accepted)
        self._contacts[key] = _Contact(since_ms, now_ms, accepted, counts, locked)
        if not accepted:
            return []
        self._last.clear()
        return [KeyEvent(key, True, now_ms)]


def _up(key: str, contact: _Contact, now_ms: int) -> list[PadEvent]:
    if contact.stuck:
        return [KeyStuck(key, False, now_ms)]
    return [KeyEvent(key, False, now_ms)] if contact.accepted else []
