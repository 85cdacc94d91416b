"""Waiting times between tries."""

from collections.abc import Callable
from random import SystemRandom

Spread = Callable[[float, float], float]
_RANDOM = SystemRandom()


class BackOff:
    """Waiting times that double from `first_s` to `last_s`.

    Each is shortened by chance to between half and all of it, so that seventy posts do not come back
    in step after the same outage.
    """

    def __init__(self, first_s: float, last_s: float, spread: Spread = _RANDOM.uniform) -> None:
        self._first_s = first_s
        self._last_s = max(first_s, last_s)
        self._spread = spread
        self._s = first_s

    def reset(self) -> None:
        """Begin again with the shortest."""
        self._s = self._first_s

    def next_ms(self) -> int:
        """The next waiting time in milliseconds."""
        waited, self._s = self._s, min(self._s * 2, self._last_s)
        return int(self._spread(waited / 2, waited) * 1000)
