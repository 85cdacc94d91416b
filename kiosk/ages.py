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
        least_ms = mono_ms - APART_MS
        for arrival in reversed(typed):
            if arrival.boot_id == boot_id:
                continue
            least_ms = max(least_ms + APART_MS, _known_ms(arrival, typed, now))
            typed_ms = mono_ms - least_ms
            self._typed_ms[arrival.id] = min(typed_ms, self._typed_ms.get(arrival.id, typed_ms))

    def of(self, arrival: Arrival, boot_id: str, mono_ms: int) -> int | None:
        """The least age of *arrival*; None where its own clocks say more."""
        if arrival.synced or arrival.boot_id == boot_id or arrival.id not in self._typed_ms:
            return None
        return mono_ms - self._typed_ms[arrival.id]


def _known_ms(arrival: Arrival, typed: Sequence[Arrival], now: datetime | None) -> int:
    at = _own_time(arrival, typed)
    return 0 if now is None or at is None else (now - at) // _MS


def _own_time(arrival: Arrival, typed: Sequence[Arrival]) -> datetime | None:
    """When it was typed, by its own clock or by that of another one of its boot."""
    if arrival.synced:
        return arrival.at
    kin = (one for one in typed if one.boot_id == arrival.boot_id and one.synced)
    other = next(kin, None)
    if other is None:
        return None
    return other.at - (other.mono_ms - arrival.mono_ms) * _MS
