"""How this post is, for the page where the whole fleet is looked at."""

import threading
from pathlib import Path

from contract.wire import Heartbeat
from device.clock import Clock
from device.heartbeat import Heart, LastError, heartbeat
from device.outbox import Outbox, SavedAt
from device.vitals import PROC, SYS, Machine
from kiosk.faults import Faults
from kiosk.showing import Showing
from kiosk.uplink import Uplink


class PostHeart:
    """Tells central how the post is: `run` is a worker's body, `soon` follows a fault that came or went.

    Of the screen it tells the name alone, for the words on it hold plates.
    """

    def __init__(
        self,
        uplink: Uplink,
        clock: Clock,
        folder: Path,
        outbox: Outbox,
        faults: Faults,
        showing: Showing,
        *,
        proc: Path = PROC,
        sys: Path = SYS,
    ) -> None:
        self._clock = clock
        self._trust = uplink.trust
        self._outbox = outbox
        self._faults = faults
        self._showing = showing
        self._machine = Machine(clock, folder, proc, sys)
        self._errors = LastError(clock)
        self._heart = Heart(uplink, self.state, clock)

    def soon(self) -> None:
        """Something came or went; any thread."""
        self._heart.soon()

    def run(self, stopping: threading.Event) -> None:
        """Body of the telling thread."""
        with self._errors.listening():
            self._heart.run(stopping)

    def turn(self) -> bool:
        """Tell central if it is time; whether that was tried."""
        return self._heart.turn()

    def state(self) -> Heartbeat:
        """Say how the post is now."""
        shown = self._showing.shown()
        ago_ms = shown.get("drawn_ms_ago")
        now = SavedAt(self._clock.boot_id, self._clock.monotonic_ms(), self._clock.now())
        return heartbeat(
            self._clock.boot_id,
            self._machine.look(),
            shows=str(shown.get("name") or ""),
            drawn_s=ago_ms // 1000 if isinstance(ago_ms, int) else None,
            outbox=self._outbox.facts(now),
            faults=self._faults.standing() + self._trust.faults(),
            last_error=self._errors.text,
        )
