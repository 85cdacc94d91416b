"""What of the post itself is watched on every tick and at every news: each finding becomes a fault."""

import logging
from collections.abc import Callable

from device.clock import Clock
from device.log import event
from kiosk.browser_watch import PageFaults, Shown
from kiosk.faults import Fault, Faults, Part
from kiosk.hall_lamp import HallWatch
from kiosk.happenings import HallLamp
from kiosk.keys import KeyStuck

log = logging.getLogger(__name__)


class Alarms:
    """Keeps the faults that stand, writes each into the log once, and passes it on to *put*."""

    def __init__(
        self, clock: Clock, put: Callable[[Fault | HallLamp], object], page: PageFaults | None
    ) -> None:
        self.faults = Faults(clock.monotonic_ms)
        self._clock = clock
        self._put = put
        self._page = page
        self._lamp = HallWatch()
        self._lit: bool | None = None
        self._stuck: set[str] = set()

    def heard(self, fault: Fault) -> bool:
        """Note *fault*; true when it is news."""
        is_news = self.faults.note(fault)
        if is_news and fault.present:
            log.warning(event("fault", part=fault.part, reason=fault.reason))
        elif is_news:
            log.info(event("fault over", part=fault.part))
        return is_news

    def stuck(self, key: KeyStuck) -> None:
        """A key is held by ice or came loose.  Not which: a log that names keys would spell plates."""
        (self._stuck.add if key.stuck else self._stuck.discard)(key.key)
        many = f"{len(self._stuck)} keys are" if len(self._stuck) > 1 else "one key is"
        reason = f"{many} held down without a break: look for ice or dirt" if self._stuck else ""
        self._put(Fault(Part.KEY, bool(self._stuck), reason))

    def lamp(self, commanded: bool, sensed: bool | None) -> None:
        """Compare the lamp in the hall with what its own circuit says."""
        fault = self._lamp.see(commanded, sensed, self._clock.monotonic_ms())
        if self._lamp.lit is not self._lit:
            self._lit = self._lamp.lit
            self._put(HallLamp(self._lit))
        if fault is not None:
            self._put(fault)

    def page(self, shown: Shown) -> None:
        """Judge what the browser has reported; without a display it draws nothing, and that is known."""
        if self._page is not None:
            seen = False if self.faults.stands(Part.SCREEN) else None
            self._page.look(self._clock.monotonic_ms(), shown, connected=seen)
