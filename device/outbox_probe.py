"""Whether the disk takes an arrival, found out before a customer stands there."""

import threading
from collections.abc import Callable

from device.clock import Clock
from device.outbox import Outbox

LOOK_S = 0.25
SICK_MS = 5_000
# A card that turned read-only over night is found before the first customer, and hardly worn by it.
WELL_MS = 600_000

Tell = Callable[[bool, str], object]


class OutboxProbe:
    """Tells *tell* (whether saving fails, and why) at the start and at each change.

    While saving fails it tries every 5 s whether the disk takes a durable write again.
    """

    def __init__(self, outbox: Outbox, clock: Clock, tell: Tell) -> None:
        self._outbox = outbox
        self._clock = clock
        self._tell = tell
        self._due_ms = clock.monotonic_ms()
        self._told: str | None = None

    def run(self, stopping: threading.Event) -> None:
        """Body of the probing thread."""
        while not stopping.is_set():
            self.turn()
            stopping.wait(LOOK_S)

    def turn(self) -> None:
        """Try if it is time, and tell what is new; a save that failed meanwhile is news at once."""
        if self._clock.monotonic_ms() >= self._due_ms:
            saves = self._outbox.can_save()
            self._due_ms = self._clock.monotonic_ms() + (WELL_MS if saves else SICK_MS)
        trouble = self._outbox.trouble
        if trouble == self._told:
            return
        if trouble and not self._told:
            self._due_ms = min(self._due_ms, self._clock.monotonic_ms() + SICK_MS)
        self._told = trouble
        self._tell(bool(trouble), trouble)
