"""Whether the lamp in the hall does what it is told: commanded against sensed."""

from collections import deque

from kiosk.faults import Fault, Part

SETTLE_MS = 3_000  # a relay needs 20 ms, a lamp that starts slowly a second
STEADY_MS = 2_000  # a beacon or a loose contact does not keep one state for so long
# So often within this time it left by itself the state that it was told: then it flashes.
SLIPS, FLASH_MS = 3, 20_000

DARK = "The lamp in the hall does not shine: change the bulb or check signals.hall_lamp."
LIT = (
    "The lamp in the hall shines though it is switched off: check its relay and signals.hall_sense."
)
FLASHES = "The lamp in the hall flashes or has a loose contact: fit a steady lamp, check its wires."


class HallWatch:
    """Told both levels at every tick; says when a fault came or went, once.

    A fault stays until the very thing that failed has been seen to work: a broken bulb is not mended
    by switching it off.
    """

    def __init__(self) -> None:
        self._as_commanded: bool | None = None
        self._like: bool | None = None  # whether it does what it is told; None: not seen yet
        self._like_since_ms = 0
        self._sensed: bool | None = None
        self._sensed_since_ms = 0
        self._now_ms = 0
        self._slips: deque[int] = deque(maxlen=SLIPS)
        self._failed: dict[bool, str] = {}  # by what was commanded

    @property
    def lit(self) -> bool | None:
        """Whether it may be said to shine: after STEADY_MS without a break; dark at once.  None: unknown."""
        if not self._sensed or self._failed.get(bool(self._as_commanded)) == FLASHES:
            return None if self._sensed is None else False
        return self._now_ms - self._sensed_since_ms >= STEADY_MS

    def see(self, commanded: bool, sensed: bool | None, now_ms: int) -> Fault | None:
        """Judge one moment; *sensed* None: no sense line is wired, or it cannot be read."""
        self._now_ms = now_ms
        if sensed is not self._sensed:
            self._sensed, self._sensed_since_ms = sensed, now_ms
        if commanded is not self._as_commanded or sensed is None:
            self._as_commanded, self._like = commanded, None
            self._slips.clear()
        if sensed is None:
            return None
        self._compare(sensed is commanded)
        return self._judge(commanded)

    def _compare(self, like: bool) -> None:
        if like is self._like:
            return
        if self._like:
            self._slips.append(self._now_ms)
        self._like, self._like_since_ms = like, self._now_ms

    def _judge(self, commanded: bool) -> Fault | None:
        before = self._failed.get(commanded, "")
        held_ms = self._now_ms - self._like_since_ms
        if before == FLASHES or self._flashes():
            # Dark for a while between two flashes, or lit: it flashes all the same.
            now = "" if self._like and held_ms >= FLASH_MS else FLASHES
        elif self._like:
            now = "" if held_ms >= STEADY_MS else before
        else:
            now = (DARK if commanded else LIT) if held_ms >= SETTLE_MS else before
        return self._news(commanded, now) if now != before else None

    def _flashes(self) -> bool:
        return len(self._slips) == SLIPS and self._now_ms - self._slips[0] < FLASH_MS

    def _news(self, commanded: bool, reason: str) -> Fault:
        self._failed[commanded] = reason
        reasons = dict.fromkeys(one for one in self._failed.values() if one)
        return Fault(Part.HALL_LAMP, bool(reasons), " ".join(reasons))
