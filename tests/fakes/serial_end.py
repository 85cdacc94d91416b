"""The far end of a serial line: a pseudo-terminal whose other side is a fake sign."""

import os
import pty
import select
import threading
from collections.abc import Callable
from contextlib import suppress


class SerialEnd:
    """Gives every byte to *take*; `place` is the device to open.

    It reads at once until `hang`, and again after `resume`; `unplug` is the adapter pulled out.
    """

    def __init__(self, take: Callable[[bytes], object]) -> None:
        self._take = take
        self._ours, self._theirs = pty.openpty()
        self.place = os.ttyname(self._theirs)
        self.got = b""
        self._reading = threading.Event()
        self._reading.set()
        self._closing = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def hang(self) -> None:
        """Stop reading: the kernel's buffer fills up."""
        self._reading.clear()

    def resume(self) -> None:
        """Read again."""
        self._reading.set()

    def say(self, data: bytes) -> None:
        """Send *data* back."""
        os.write(self._ours, data)

    def unplug(self) -> None:
        """Pull the adapter out: what comes after fails."""
        self._closing = True
        self._reading.set()
        self._thread.join(5)
        for end in (self._ours, self._theirs):
            with suppress(OSError):
                os.close(end)

    def _run(self) -> None:
        while not self._closing:
            self._reading.wait()
            ready, _, _ = select.select([self._ours], [], [], 0.02)
            if ready and self._reading.is_set():
                data = os.read(self._ours, 4_096)
                self.got += data
                self._take(data)
