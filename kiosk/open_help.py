"""Calls for help that are open, on the post's own disk: whoever waits must not be forgotten by a restart."""

import logging
from collections.abc import Sequence
from pathlib import Path

import msgspec

from contract.reading import from_json
from contract.wire import Id
from device.files import write_whole
from device.log import event

log = logging.getLogger(__name__)


class OpenHelp:
    """One small file with the ids of the calls, and no plate."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: list[str] = []

    def read(self) -> list[str]:
        """Give the ids that an earlier process kept; none where there is no file that can be read."""
        try:
            self._kept = from_json(self._path.read_bytes(), list[Id])
        except FileNotFoundError:
            return []
        except (OSError, msgspec.MsgspecError) as error:
            log.warning(event("open calls for help lost", reason=type(error).__name__))
            return []
        return self._kept

    def keep(self, ids: Sequence[str]) -> None:
        """Replace them where they are others; a disk that refuses costs a later start its lamp, no more."""
        if list(ids) == self._kept:
            return
        self._kept = list(ids)
        try:
            write_whole(self._path, msgspec.json.encode(self._kept))
        except OSError as error:
            log.warning(event("open calls for help not written", reason=error.strerror))
