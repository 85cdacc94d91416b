"""Today's expected plates on the post's own disk: for a start without contact, and for today only."""

import logging
from pathlib import Path

import msgspec

from contract.reading import from_json
from contract.wire import Expected
from device.files import write_whole
from device.log import event

log = logging.getLogger(__name__)


class DayList:
    """One small file that a power cut leaves whole.  Without it a post works, with more key presses."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._complained = False

    def read(self) -> Expected | None:
        """Give the list that was kept; None when there is none that can be read."""
        try:
            return from_json(self._path.read_bytes(), Expected)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            log.warning(event("list of the day lost", reason=type(error).__name__))
            return None

    def keep(self, words: Expected) -> None:
        """Replace the list; a disk that refuses costs a later start its list, and nothing else."""
        try:
            write_whole(self._path, msgspec.json.encode(words))
        except OSError as error:
            self._complain(error)
        else:
            self._complained = False

    def erase(self) -> None:
        """Forget the plates."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            self._complain(error)

    def _complain(self, error: OSError) -> None:
        if not self._complained:
            log.warning(event("list of the day not written", reason=error.strerror))
        self._complained = True
