"""Whether the lamp in the hall does what it is told: commanded against sensed."""

from kiosk.faults import Fault, Part

SETTLE_MS = 3_000  # a relay needs 20 ms, a lamp that starts slowly a second

DARK = "The lamp in the hall does not shine: change the bulb or check signals.hall_lamp."
LIT = (
    "The lamp in the hall shines though it is switched off: check its relay and signals.hall_sense."
)


class HallWatch:
    """Told both levels at every tick; says when a fault came or went, once.

    A fault stays until the very thing that failed has been seen to work: a broken bulb is not mended
    by switching it off.
    """

    def __init__(self) -> None:
        self._as_commanded: bool | None = None
        self._unlike_since_ms: int | None = None
        self._failed: dict[bool, str] = {}  # by what was commanded

    def see(self, commanded: bool, sensed: bool | None, now_ms: int) -> Fault | None:
        """Judge one moment; *sensed* None: no sense line is wired, or it cannot be read."""
        if commanded is not self._as_commanded:
            self._as_commanded, self._unlike_since_ms = commanded, None
        if sensed is None or sensed is commanded:
            self._unlike_since_ms = None
            return None if sensed is None else self._works(commanded)
        if self._unlike_since_ms is None:
            self._unlike_since_ms = now_ms
        if now_ms - self._unlike_since_ms < SETTLE_MS or commanded in self._failed:
            return None
        self._failed[commanded] = DARK if commanded else LIT
        return self._news()

    def _works(self, commanded: bool) -> Fault | None:
        return None if self._failed.pop(commanded, None) is None else self._news()

    def _news(self) -> Fault:
        return Fault(Part.HALL_LAMP, bool(self._failed), " ".join(self._failed.values()))
