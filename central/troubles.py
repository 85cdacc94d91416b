"""What fails of a tick: tried apart, said once until it goes well again, while all else goes on."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contract.errors import PortvaktError
from contract.problems import Problem

log = logging.getLogger(__name__)

# Where nothing is of one station only.
EVERYWHERE = "all"
_HERE = Path(__file__).parent


class TickLost(PortvaktError):
    """Something of a tick failed; the log has each part and its reason."""


class Troubles:
    """What failed in the last turn, by station and part.  For one thread."""

    def __init__(self) -> None:
        self._standing: set[tuple[str, str]] = set()
        self._found: set[tuple[str, str]] = set()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One tick; TickLost after it when a part of it failed."""
        self._found.clear()
        yield
        for station, part in sorted(self._standing - self._found):
            log.info("tick well again station=%s part=%s", station, part)
        self._standing = set(self._found)
        if self._found:
            stations = ", ".join(sorted({station for station, _ in self._found}))
            raise TickLost(f"What happens by itself failed at {stations}; the log says why.")

    @contextmanager
    def apart(self, part: str, station: str = EVERYWHERE) -> Iterator[None]:
        """Try a part of the turn: what it raises ends this block, and the turn goes on behind it.

        What central itself says of all stations, such as a database that is away, ends the turn.
        """
        try:
            yield
        except Exception as error:
            if station == EVERYWHERE and isinstance(error, PortvaktError):
                raise
            self._note(station, part, error)

    def _note(self, station: str, part: str, error: Exception) -> None:
        if (station, part) not in self._standing:
            log.warning("tick failed station=%s part=%s reason=%s", station, part, _reason(error))
        self._standing.add((station, part))
        self._found.add((station, part))


def _reason(error: Exception) -> str:
    """What it was and where, without its text: that may name a plate."""
    if isinstance(error, Problem):
        return error.kind.reason
    ours = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if _HERE in Path(frame.filename).parents and frame.filename != __file__
    ]
    where = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    return type(error).__name__ + where
