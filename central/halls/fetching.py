"""In a hall: the release files that the office wants here, fetched a piece at a time.

A piece for each turn: events go first, a slow line is not filled, and what was cut goes on where it stopped.
Who made a file is for its signature to say, which is checked when it is whole, and again by each machine.
What fails here waits by itself and keeps nothing else of the link waiting.  When all is here that is wanted,
what came before and nobody wants any more goes.
"""

import hashlib
import logging
import shutil
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from central.fleet.releases import FOLDER, PART, Releases
from central.fleet.wants import WantedFile
from contract.errors import PortvaktError
from contract.halls import NotTaken

log = logging.getLogger(__name__)

# Some seconds of a slow line, and far less than a question may take; a line that is slower gets less.
PIECE = 512 * 1024
PIECE_LEAST = 16 * 1024
SIGNATURE_MAX = 16 * 1024
# The line of the hall writes to the same disk.
RESERVE = 1024 * 1024 * 1024
AGAIN_MS = 30_000
LONGEST_MS = 300_000
# Who is trusted here may change, and a person may make room.
HOURLY_MS = 3_600_000
TOLD_AFTER = 3
ORPHAN_S = 24 * 3600.0


class Source(Protocol):
    """Where the files come from."""

    def piece(self, station: str, file: str, start: int, size: int) -> bytes:
        """The bytes of *file* from *start* on, at most *size*; raises OfficeAway."""
        ...


class NotFetched(PortvaktError):
    """A file is not here yet; `reason` is a stable word for the office's page."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(slots=True)
class _Trouble:
    """What is wrong with a file, and when it is tried again."""

    reason: str
    failures: int = 0
    due_ms: int = 0


def _quiet(_done: int, _of: int) -> None:
    """Nobody looks."""


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


class ReleaseFetch:
    """Fetches into the data folder *data*; without one, a test's hall, it fetches nothing."""

    def __init__(
        self,
        releases: Releases,
        data: Path | None,
        source: Source,
        station: str,
        *,
        now_ms: Callable[[], int] = _monotonic_ms,
        free: Callable[[Path], int] = _free,
        wall_s: Callable[[], float] = time.time,
    ) -> None:
        self._releases = releases
        self._folder = None if data is None else data / FOLDER
        self._source = source
        self._station = station
        self._now_ms = now_ms
        self._free = free
        self._wall_s = wall_s
        self._piece = PIECE
        self._troubles: dict[str, _Trouble] = {}
        self._let_go_ms = now_ms()

    @property
    def not_taken(self) -> list[NotTaken]:
        """The files that do not get here, for the office's page."""
        return [
            NotTaken(kind="release", id=file, reason=one.reason)
            for file, one in self._troubles.items()
            if one.reason != "release_unfetched" or one.failures >= TOLD_AFTER
        ]

    def turn(self, wanted: Iterable[WantedFile], by_others: Iterable[str] = ()) -> bool:
        """Fetch the next piece of what is wanted and not here; whether there is more to fetch now.

        *by_others* are files that the office wants for other stations and machines of this box.
        """
        if self._folder is None:
            return False
        wanted = list(wanted)
        self._tidy(self._folder, {one.file for one in wanted})
        missing = {one.file: one for one in wanted if self._releases.path_of(one.file) is None}
        self._troubles = {file: one for file, one in self._troubles.items() if file in missing}
        if wanted and not missing:
            self._let_go({one.file for one in wanted} | set(by_others))
        due = [one for one in missing.values() if self._is_due(one)]
        if not due:
            return False
        try:
            self._fetch(self._folder, due[0])
        except NotFetched as error:
            self._failed(due[0], error.reason, error)
        except (PortvaktError, OSError) as error:
            self._piece = max(self._piece // 2, PIECE_LEAST)
            self._failed(due[0], "release_unfetched", error)
        else:
            return True
        return len(due) > 1

    def _tidy(self, folder: Path, wanted: Collection[str]) -> None:
        """Throw away what was begun and nobody wants any more; what a person has just put there stays."""
        for part in folder.glob(f"*{PART}"):
            age_s = self._wall_s() - part.stat().st_mtime
            if part.name.removesuffix(PART) not in wanted and age_s > ORPHAN_S:
                _drop(part)

    def _let_go(self, wanted: set[str]) -> None:
        """Delete what nobody wants any more: a hall box has a small disk."""
        if self._now_ms() < self._let_go_ms:
            return
        self._let_go_ms = self._now_ms() + HOURLY_MS
        try:
            for file in self._releases.let_go(wanted):
                log.info("release that nobody wants any more removed file=%s", file)
        except OSError as error:
            log.warning("releases that nobody wants not removed reason=%s", error.strerror)

    def _is_due(self, one: WantedFile) -> bool:
        trouble = self._troubles.get(one.file)
        return trouble is None or trouble.due_ms <= self._now_ms()

    def _failed(self, one: WantedFile, reason: str, error: Exception) -> None:
        trouble = self._troubles.get(one.file)
        if trouble is None or trouble.reason != reason:
            log.warning("release of the office not fetched file=%s reason=%s", one.file, error)
            trouble = self._troubles[one.file] = _Trouble(reason)
        trouble.failures += 1
        wait_ms = min(LONGEST_MS, AGAIN_MS * 2 ** min(trouble.failures - 1, 8))
        trouble.due_ms = self._now_ms() + (wait_ms if reason == "release_unfetched" else HOURLY_MS)

    def _fetch(self, folder: Path, one: WantedFile) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        part = folder / f"{one.file}{PART}"
        had = part.stat().st_size if part.exists() else 0
        if had < one.size:
            self._fetch_piece(part, one, had)
        elif _digest(part) == one.sha256:
            self._take_in(part, one)
        else:
            _drop(part)
            raise NotFetched("release_broken", "It came broken and is fetched once more.")

    def _fetch_piece(self, part: Path, one: WantedFile, had: int) -> None:
        if self._free(part.parent) < RESERVE + one.size - had:
            raise NotFetched("release_no_room", "The disk of the data folder has no room for it.")
        piece = self._source.piece(self._station, one.file, had, min(self._piece, one.size - had))
        if not piece:
            raise NotFetched("release_broken", "The office's file is shorter than it says.")
        with part.open("ab") as file:
            file.write(piece)
        self._piece = min(self._piece * 2, PIECE)
        self._troubles.pop(one.file, None)

    def _take_in(self, part: Path, one: WantedFile) -> None:
        """A file that is whole and refused stays, to be tried again when somebody has mended it."""
        signature = self._source.piece(self._station, f"{one.file}.sig", 0, SIGNATURE_MAX)
        part.with_name(f"{part.name}.sig").write_bytes(signature)
        try:
            self._releases.add(part.name, _quiet)
        except PortvaktError as error:
            raise NotFetched("release_refused", str(error)) from error
        self._troubles.pop(one.file, None)
        log.info("release of the office fetched file=%s", one.file)


def _drop(part: Path) -> None:
    part.unlink(missing_ok=True)
    part.with_name(f"{part.name}.sig").unlink(missing_ok=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
