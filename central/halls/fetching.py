"""In a hall: the release files that the office wants here, fetched a piece at a time.

A piece for each turn: events go first, a slow line is not filled, and what was cut goes on where it stopped.
Who made a file is for its signature to say, which is checked when it is whole, and again by each machine.
"""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from central.fleet.releases import FOLDER, PART, Releases
from central.fleet.wants import WantedFile
from contract.errors import PortvaktError

log = logging.getLogger(__name__)

# Some seconds of a slow line, and far less than a question may take.
PIECE = 512 * 1024
SIGNATURE_MAX = 16 * 1024


class Source(Protocol):
    """Where the files come from."""

    def piece(self, station: str, file: str, start: int, size: int) -> bytes:
        """The bytes of *file* from *start* on, at most *size*; raises OfficeAway."""
        ...


def _quiet(_done: int, _of: int) -> None:
    """Nobody looks."""


class ReleaseFetch:
    """Fetches into the data folder *data*; without one, a test's hall, it fetches nothing."""

    def __init__(self, releases: Releases, data: Path | None, source: Source, station: str) -> None:
        self._releases = releases
        self._folder = None if data is None else data / FOLDER
        self._source = source
        self._station = station
        self._unfit: set[str] = set()

    def turn(self, wanted: Iterable[WantedFile]) -> bool:
        """Fetch the next piece of what is wanted and not here; whether there is more to fetch."""
        if self._folder is None:
            return False
        missing = [one for one in wanted if self._is_missing(one)]
        if not missing:
            return False
        self._fetch(self._folder, missing[0])
        return True

    def _is_missing(self, one: WantedFile) -> bool:
        return one.sha256 not in self._unfit and self._releases.path_of(one.file) is None

    def _fetch(self, folder: Path, one: WantedFile) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        part = folder / f"{one.file}{PART}"
        had = part.stat().st_size if part.exists() else 0
        if had < one.size:
            size = min(PIECE, one.size - had)
            piece = self._source.piece(self._station, one.file, had, size)
            with part.open("ab") as file:
                file.write(piece)
            return
        signature = self._source.piece(self._station, f"{one.file}.sig", 0, SIGNATURE_MAX)
        part.with_name(f"{part.name}.sig").write_bytes(signature)
        self._take_in(part, one)

    def _take_in(self, part: Path, one: WantedFile) -> None:
        """A file that is none is thrown away and not fetched again until this process ends."""
        try:
            self._releases.add(part.name, _quiet)
        except PortvaktError as error:
            log.warning("release of the office refused file=%s reason=%s", one.file, error)
            self._unfit.add(one.sha256)
            part.unlink(missing_ok=True)
            part.with_name(f"{part.name}.sig").unlink(missing_ok=True)
        else:
            log.info("release of the office fetched file=%s", one.file)
