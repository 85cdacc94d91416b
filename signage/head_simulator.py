"""A sign head on a pseudo-terminal: try `panel.kind = "signhead"` on a bench without a head."""

import os
import select
import threading
import time
import tty
from collections.abc import Callable

from signage.simulated_head import SimulatedHead

TURN_S = 0.01
READ_BYTES = 4_096
_DOTS = str.maketrans("#.", "●·")


class PtyHead:
    """Serves *head* on a pseudo-terminal, whose `name` goes into the settings as serial:NAME.

    Its main loop is `serve`; where that does not run, the head hangs.
    """

    def __init__(self, head: SimulatedHead) -> None:
        self.head = head
        # Kept open by us as well: without any reader the other end would report an error.
        self._wire, self._far_end = os.openpty()
        tty.setraw(self._far_end)
        self.name = os.ttyname(self._far_end)

    def turn(self) -> None:
        """Take what has come and answer it; wait for it a hundredth of a second at most."""
        ready, _, _ = select.select([self._wire], [], [], TURN_S)
        if ready:
            os.write(self._wire, self.head.hears(os.read(self._wire, READ_BYTES)))

    def serve(self, stopping: threading.Event, seen: Callable[[list[str]], object]) -> None:
        """Turn until *stopping*; *seen* hears of every change of the dots."""
        stood: list[str] = []
        while not stopping.is_set():
            self.turn()
            stands = self.head.rows()
            if stands != stood:
                seen(stands)
                stood = stands

    def close(self) -> None:
        """Pull the plug."""
        os.close(self._wire)
        os.close(self._far_end)


def run(
    out: Callable[[str], object],
    width_px: int = 96,
    height_px: int = 16,
    address: int = 1,
    stopping: threading.Event | None = None,
) -> None:
    """Be a head until interrupted: tell *out* where it hangs, then its dots whenever they change.

    Up to 256 x 64 dots, as the protocol allows; a sign's own settings end at 48 rows.
    """
    head = PtyHead(SimulatedHead(width_px, height_px, address, now_ms=_now_ms))
    try:
        out(f'kind = "signhead", bus = "serial:{head.name}"')
        out(f"width_px = {width_px}, height_px = {height_px}, signhead.address = {address}")
        head.serve(
            stopping or threading.Event(), lambda rows: out("\n".join(rows).translate(_DOTS) + "\n")
        )
    except KeyboardInterrupt:
        pass
    finally:
        head.close()


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
