"""How a service is, in a file of its runtime folder: what an update is judged by."""

import logging
import os
from collections.abc import Iterable
from pathlib import Path

from contract.release import STATE_EVERY_MS, STATE_FILE, running, service_state
from device.clock import Clock
from device.files import write_whole
from device.log import event

log = logging.getLogger(__name__)

_FOR_ALL = 0o644


def runtime_folder() -> Path | None:
    """The folder that systemd made for this process (systemd.exec(5), RuntimeDirectory=), if it did."""
    folders = os.environ.get("RUNTIME_DIRECTORY", "")
    return Path(folders.partition(":")[0]) if folders else None


class StateFile:
    """Keeps `state.json` in *folder* up to date; without a folder it does nothing.

    A file that cannot be written is logged once and holds nothing up.
    """

    def __init__(self, clock: Clock, folder: Path | None) -> None:
        self._clock = clock
        self._path = None if folder is None else folder / STATE_FILE
        self._release = running()
        self._noted: tuple[frozenset[str], bool] | None = None
        self._due_ms = 0
        self._said = False

    def note(self, faults: Iterable[str], *, busy: bool = False) -> None:
        """Write what fails and whether a customer is here: when that changed, or after half a minute."""
        if self._path is None:
            return
        noted, now_ms = (frozenset(faults), busy), self._clock.monotonic_ms()
        if noted == self._noted and now_ms < self._due_ms:
            return
        self._noted, self._due_ms = noted, now_ms + STATE_EVERY_MS
        try:
            content = service_state(self._release, noted[0], busy=busy)
            write_whole(self._path, content, _FOR_ALL)
        except OSError as error:
            if not self._said:
                log.warning(event("state not written", path=self._path, reason=error.strerror))
            self._said = True
