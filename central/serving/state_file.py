"""How central is, in a file of its runtime folder: what an update is judged by."""

import contextlib
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from contract.release import STATE_EVERY_MS, STATE_FILE, running, service_state

_FOR_ALL = 0o644
_NS_PER_MS = 1_000_000


class StateFile:
    """Keeps `state.json` up to date in the folder that systemd made, if it did (systemd.exec(5)).

    A file that cannot be written says that by its age.
    """

    def __init__(
        self, now_ms: Callable[[], int] = lambda: time.monotonic_ns() // _NS_PER_MS
    ) -> None:
        folder = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
        self._path = Path(folder) / STATE_FILE if folder else None
        self._now_ms = now_ms
        self._release = running()
        self._standing: frozenset[str] | None = None
        self._due_ms = 0

    def note(self, faults: Iterable[str]) -> None:
        """Write which parts fail when that changed, or when the file is half a minute old."""
        if self._path is None:
            return
        standing, now_ms = frozenset(faults), self._now_ms()
        if standing == self._standing and now_ms < self._due_ms:
            return
        self._standing, self._due_ms = standing, now_ms + STATE_EVERY_MS
        new = self._path.with_suffix(".new")
        with contextlib.suppress(OSError):
            new.write_bytes(service_state(self._release, standing))
            new.chmod(_FOR_ALL)
            new.replace(self._path)
