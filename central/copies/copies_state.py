"""How far the copies on this machine have forgotten; on the disk, beside the database.

Each machine has copies of its own, so each keeps this for itself, whoever erased the rows.
"""

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct, structs

from central.copies.scratch import write_whole
from contract.reading import from_json

FILE = "copies.json"


class KnownFile(Struct, frozen=True):
    """A file as it was when it was looked at last, `at`; nothing in it is due before `until`."""

    size: int
    mtime_ns: int
    at: datetime
    until: datetime

    @classmethod
    def of(cls, file: Path, at: datetime, until: datetime) -> "KnownFile":
        """The *file* as it stands."""
        stat = file.stat()
        return cls(stat.st_size, stat.st_mtime_ns, at, until)

    def is_still(self, file: Path) -> bool:
        """Whether nobody has written to the *file* since."""
        return KnownFile.of(file, self.at, self.until) == self


class Standing(Struct, frozen=True):
    """All copies were aged at `at`, and the requests in events up to `seen` were followed.

    `begun` names requests of this machine that are not erased everywhere yet; `epoch` is the database's.
    """

    at: datetime | None = None
    epoch: str = ""
    seen: Mapping[str, int] = {}
    begun: tuple[str, ...] = ()
    files: Mapping[str, KnownFile] = {}


class CopiesState:
    """The file in the data folder; for any thread of the process that holds it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = threading.Lock()
        self._running: set[str] = set()

    def read(self) -> Standing:
        """What stands there; one that makes no sense is as none: the copies are aged once more."""
        try:
            return from_json(self._path.read_bytes(), Standing)
        except (FileNotFoundError, msgspec.DecodeError):
            return Standing()

    def change(self, how: Callable[[Standing], Standing]) -> None:
        """Have another on the disk when this returns."""
        with self._lock:
            write_whole(self._path, msgspec.json.encode(how(self.read())))

    def begin(self) -> str:
        """Remember that a request is begun; gives its name."""
        name = secrets.token_hex(8)
        self._running.add(name)
        self.change(lambda was: structs.replace(was, begun=(*was.begun, name)))
        return name

    def end(self, name: str, *, done: bool) -> None:
        """A request is over; one that is not *done* is left to the next night."""
        if done:
            self.drop([name])
        self._running.discard(name)

    def drop(self, names: Sequence[str]) -> None:
        """These are done."""
        self.change(
            lambda was: structs.replace(
                was, begun=tuple(one for one in was.begun if one not in names)
            )
        )

    def left_behind(self, standing: Standing) -> list[str]:
        """Requests that nobody is at any more: cut off, or their copies could not be reached."""
        return [name for name in standing.begun if name not in self._running]
