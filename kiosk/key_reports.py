"""The one way from every kind of keypad to the loop: what its contacts did, and whether it can be read."""

import logging
from collections.abc import Callable, Iterable
from threading import Event

from device.log import event
from kiosk.backoff import BackOff
from kiosk.faults import Fault, Part
from kiosk.keys import KeyEvent, KeypadLost, PadEvent, Put
from kiosk.scan import Scanner

FIRST_RETRY_S, LAST_RETRY_S = 0.5, 5.0
STEADY_MS = 10_000  # a keypad that was read for so long is not one with a loose plug

log = logging.getLogger(__name__)


class KeyReports:
    """Runs contacts through a `Scanner`; calls *click* at the first edge of a taken key, then *put*.

    *part* is what fails when the keys cannot be read; *scanner* is for a keypad whose presses are not
    those of bare contacts.
    """

    def __init__(
        self,
        lockout_ms: int,
        monotonic_ms: Callable[[], int],
        put: Put,
        click: Callable[[], object],
        part: Part = Part.KEYPAD,
        *,
        scanner: Callable[[int], Scanner] = Scanner,
    ) -> None:
        self.now_ms = monotonic_ms
        self._scanner = scanner(lockout_ms)
        self._put = put
        self._click = click
        self._part = part
        self._reason = ""
        self._looked_ms = monotonic_ms()
        self.strange = 0

    @property
    def busy(self) -> bool:
        """Whether the contacts must be looked at again soon."""
        return self._scanner.busy

    def begin(self, closed: Iterable[str] = ()) -> None:
        """The keypad can be read; keys that are down already were not pressed for us."""
        self._scanner.begin(closed, self.now_ms())
        self.well()

    def see(self, closed: Iterable[str], at_ms: int | None = None) -> None:
        """Report what a hand did when these contacts are closed now, or at *at_ms*, never before the last."""
        now_ms = self.now_ms() if at_ms is None else at_ms
        self._looked_ms = max(self._looked_ms, now_ms)
        self._report(self._scanner.see(closed, self._looked_ms))

    def let_go(self) -> None:
        """The contacts cannot be seen any more: what was held is taken for released."""
        self._report(self._scanner.let_go(self.now_ms()))

    def lost(self, reason: str) -> None:
        """The keypad cannot be read: what was held is let go, and *reason* is told once."""
        self.let_go()
        if reason != self._reason:
            self._reason = reason
            self._put(Fault(self._part, True, reason))

    def well(self) -> None:
        """Nothing is wrong (any more)."""
        if self._reason:
            self._reason = ""
            self._put(Fault(self._part, False))

    def wondered(self) -> None:
        """Count something that no key of this pad sends."""
        self.strange += 1
        # At 1, 10, 100 ...  Only how often: names of keys in a log would spell plates.
        if str(self.strange).strip("0") == "1":
            log.warning(event("keypad sends what no key has", times=self.strange))

    def _report(self, events: Iterable[PadEvent]) -> None:
        for one in events:
            if isinstance(one, KeyEvent) and one.down:
                self._click()
            self._put(one)


def keep_reading(read: Callable[[Event], object], reports: KeyReports, stopping: Event) -> None:
    """Call *read* until *stopping* is set; when it raises KeypadLost, tell, wait, and call it again.

    *read* opens the keypad, calls `reports.begin`, reads, and lets go of it whatever happens.
    """
    back_off = BackOff(FIRST_RETRY_S, LAST_RETRY_S, max)
    while not stopping.is_set():
        began_ms = reports.now_ms()
        try:
            read(stopping)
        except KeypadLost as error:
            reports.lost(str(error))
            if reports.now_ms() - began_ms >= STEADY_MS:
                back_off.reset()
            stopping.wait(back_off.next_ms() / 1000)
