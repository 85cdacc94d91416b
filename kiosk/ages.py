"""How old an arrival is at the least that was typed in an earlier boot, without a clock to be believed.

The outbox keeps the order in which plates were typed, and others in it may have known the time.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from contract.wire import Arrival

# Nobody types two plates within a second.
APART_MS = 1_000
_MS = timedelta(milliseconds=1)


class Ages:
    """Least ages, kept for one boot: what is delivered meanwhile makes none of the others younger."""

    def __init__(self) -> None:
        self._typed_ms: dict[str, int] = {}

    def look(
        self, typed: Sequence[Arrival], boot_id: str, mono_ms: int, now: datetime | None
    ) -> None:
        """Take in what waits, in the order of typing; *now* is None while the clock is not believed."""
        # One of each boot that knew the time: it tells that of all others in its boot.
        knowing = {one.boot_id: one for one in typed if one.synced and now is not None}
        least_ms = mono_ms - APART_MS
        for arrival in reversed(typed):
            if arrival.boot_id == boot_id:
                continue
            known_ms = 0
            if now is not None and arrival.boot_id in knowing:
                known_ms = (now - _own_time(arrival, knowing[arrival.boot_id])) // _MS
            least_ms = max(least_ms + APART_MS, known_ms)
            if arrival.synced:
                continue
            typed_ms = mono_ms - least_ms
            self._typed_ms[arrival.id] = min(typed_ms, self._typed_ms.get(arrival.id, typed_ms))

    def of(self, arrival_id: str, mono_ms: int) -> int | None:
        """The least age of an arrival; None where its own clocks say more."""
        typed_ms = self._typed_ms.get(arrival_id)
        return None if typed_ms is None else mono_ms - typed_ms


def _own_time(arrival: Arrival, knowing: Arrival) -> datetime:
    """When it was typed, by its own clock or by that of another one of its boot."""
    if arrival.synced:
        return arrival.at
    return knowing.at - (knowing.mono_ms - arrival.mono_ms) * _MS
