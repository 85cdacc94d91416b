"""The safety line: a retriggerable timer keeps the panel lit only while this process kicks it.

Whatever holds the process up, a hung bus or a dead kernel, no more edges come, and the timer takes the
panel's supply or enable line away.
"""

import logging
from typing import Any

from device.log import Outage

AGAIN_MS = 1_000
OVERDUE_MS = 1_000
# The longest that the timer holds after its last edge; hardware.md asks for no more.
HANG_MS = 3_000

log = logging.getLogger(__name__)


def wants_kick(differs_since_ms: int | None, now_ms: int) -> bool:
    """Whether the panel may stay on: no write is overdue by 1 s.

    *differs_since_ms* is when what stands on the panel began to differ from what should; None: it does
    not.  So a panel that cannot be made dark, in FAULT too, loses its supply.
    """
    return differs_since_ms is None or now_ms - differs_since_ms <= OVERDUE_MS


class TimerLine:
    """GPIO *pin* at the timer's input, claimed by the first `kick`; None: no timer is wired.

    A line that cannot be claimed or written stops nothing: `fault` says why, and it is tried again each
    second.  *factory* is gpiozero's pin factory, None for the machine's own.
    """

    def __init__(self, pin: int | None, factory: Any = None) -> None:  # noqa: ANN401 - gpiozero has no types
        self.fault = ""
        self._pin = pin
        self._factory = factory
        self._device: Any = None
        self._again_ms: int | None = None
        self._outage = Outage(log, "timer line")

    def kick(self, now_ms: int) -> None:
        """Give the timer one edge, up or down by turns."""
        if self._pin is None or (self._again_ms is not None and now_ms < self._again_ms):
            return
        try:
            self._claimed().toggle()
        except Exception as error:  # noqa: BLE001 - lgpio's own error has no base but this
            self._failed(error, now_ms)
        else:
            self._outage.back(now_ms)
            self._again_ms, self.fault = None, ""

    def close(self) -> None:
        """Leave the line low and let go of it: the timer runs out."""
        device, self._device = self._device, None
        if device is None:
            return
        try:
            device.off()
        except Exception as error:  # noqa: BLE001 - as above
            log.warning("timer line not left low: %s", error)
        finally:
            device.close()

    def _claimed(self) -> Any:  # noqa: ANN401 - gpiozero has no types
        if self._device is None:
            # Only now: a sign without a timer needs no GPIO.  lgpio moves the process to a working
            # folder of its own, so every path of the service is absolute (joan2937/lg).
            from gpiozero import DigitalOutputDevice  # noqa: PLC0415

            self._device = DigitalOutputDevice(self._pin, pin_factory=self._factory)
        return self._device

    def _failed(self, error: Exception, now_ms: int) -> None:
        why = str(error) or type(error).__name__
        self._outage.lost(now_ms, why)
        self._again_ms = now_ms + AGAIN_MS
        self.fault = (
            f"timer.pin = {self._pin} cannot be used ({why}): check its GPIO; "
            "until then the timer keeps the panel dark."
        )
