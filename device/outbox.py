"""Arrivals that central does not have yet, or has taken today.

"Saved" is said after the disk has it, never before.
"""

import errno
import logging
import re
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from contract.errors import PortvaktError
from contract.wire import OutboxFacts
from device import outbox_file, outbox_taken
from device.outbox_file import Row, SavedAt
from device.outbox_taken import Day

__all__ = ["Day", "Outbox", "OutboxBroken", "OutboxFull", "Row", "SavedAt"]

log = logging.getLogger(__name__)

T = TypeVar("T")

# An answer to the arrival itself, as `CentralRefused` writes it: a no, or a central that breaks over it.  A
# 503 is a central that is busy, and what nobody could read is no answer.
_NOT_TAKEN = re.compile(r"(?:Central refused with )?(?:4\d\d|500)\b")
# Primary result codes, sqlite.org/rescode.html.
_PRIMARY = 0xFF
_WRECKED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_OF_ERRNO = {
    errno.ENOSPC: sqlite3.SQLITE_FULL,
    errno.EDQUOT: sqlite3.SQLITE_FULL,
    errno.EROFS: sqlite3.SQLITE_READONLY,
    errno.EIO: sqlite3.SQLITE_IOERR,
}


class OutboxFull(PortvaktError):
    """The disk is full: the arrival is *not* saved."""


class OutboxBroken(PortvaktError):
    """The disk does not take the arrival for another reason: it is *not* saved."""


class Outbox:
    """Arrivals on disk, in the order of saving.  Any thread may use it.

    It opens its file at the first use and again after a fault, so a device whose disk is sick still
    starts and says so.  Every method raises OutboxFull or OutboxBroken when the disk does not obey.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        self._suspect = False
        self._trouble = ""
        self._facts = OutboxFacts()

    def save(self, arrival_id: str, body: bytes, saved: SavedAt) -> None:
        """Keep an arrival; when this returns, a power cut cannot take it.

        Saving the same id with the same body again changes nothing.

        Raises:
            ValueError: the id is taken by another body.
        """
        row = Row(arrival_id, body, saved)
        self._do(lambda db: outbox_file.insert(db, row))
        self._trouble = ""

    def waiting(self) -> list[Row]:
        """Everything that central has not taken yet, oldest first, refused rows included."""
        return self._do(outbox_file.rows)

    def delivered(self, arrival_id: str, epoch: str, at: SavedAt) -> None:
        """Central has answered 2xx: the arrival waits no longer, but is kept until the day is over.

        *epoch* names the database that took it, and is empty when central did not say.
        """
        self._do(lambda db: outbox_taken.take(db, arrival_id, epoch, at))

    def offer_again(self, epoch: str) -> int:
        """Central's database is another one now: what it did not take itself waits again, in its place."""
        return self._do(lambda db: outbox_taken.give_back(db, epoch))

    def erase_over(self, day: Day) -> int:
        """Wipe from the file what central took on a day that is over; give how many arrivals it was."""
        return self._do(lambda db: outbox_taken.erase_over(db, day))

    def refused(self, arrival_id: str, answer: str) -> None:
        """Note that it was offered and not taken; it stays, and later rows may pass it."""
        change = "update arrival set tries = tries + 1, last_answer = ? where id = ?"
        self._do(lambda db: db.execute(change, (answer, arrival_id)))

    def depth(self) -> int:
        """How many arrivals wait."""
        return len(self.waiting())

    @property
    def trouble(self) -> str:
        """Why the disk did not obey last; empty after something was saved, or proven to be."""
        return self._trouble

    def can_save(self) -> bool:
        """Prove that the disk takes a durable write, leaving nothing behind; else `trouble` says why not."""
        try:
            self._do(outbox_file.prove)
        except (OutboxFull, OutboxBroken):
            return False
        self._trouble = ""
        return True

    def facts(self, now: SavedAt) -> OutboxFacts:
        """What a heartbeat says of it; the last known numbers while it cannot be read, never an error."""
        with suppress(OutboxFull, OutboxBroken):
            rows = self.waiting()
            self._facts = OutboxFacts(
                waiting=len(rows),
                oldest_s=max((_age_s(row.saved, now) for row in rows), default=0),
                refused=sum(1 for row in rows if _NOT_TAKEN.match(row.last_answer)),
            )
        return replace(self._facts, writable=not self._trouble)

    def wrecks(self) -> list[Path]:
        """Files that were damaged and are kept for a person to look at, oldest first."""
        return outbox_file.wrecks(self.path)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._let_go()

    def _do(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Run *job*; on a damaged file begin a new one with all that can be read, and run it again."""
        with self._lock:
            try:
                return self._once(job)
            except (sqlite3.Error, OSError) as error:
                if _code(error) not in _WRECKED:
                    raise self._fault(error) from error
                self._suspect = True
            try:
                return self._once(job)
            except (sqlite3.Error, OSError) as error:
                raise self._fault(error) from error

    def _once(self, job: Callable[[sqlite3.Connection], T]) -> T:
        if self._suspect:
            self._let_go()
            kept = outbox_file.renew(self.path)
            self._suspect = False
            log.error("outbox damaged folder=%s rows_kept=%d", self.path.parent, kept)
        if self._db is None:
            self._db = outbox_file.opened(self.path)
        return job(self._db)

    def _let_go(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            with suppress(sqlite3.Error):  # closing a sick file may fail too; it is open no more
                db.close()

    def _fault(self, error: Exception) -> PortvaktError:
        """Close the file, which is opened again at the next use, and say what a technician can do."""
        self._let_go()
        fault = self._sentence(error)
        self._trouble = str(fault)
        return fault

    def _sentence(self, error: Exception) -> PortvaktError:
        code = _code(error)
        if code == sqlite3.SQLITE_FULL:
            return OutboxFull(f"The disk with {self.path} is full; free some space.")
        if code == sqlite3.SQLITE_READONLY:
            return OutboxBroken(f"{self.path} cannot be written: read-only; change the card.")
        if code == sqlite3.SQLITE_BUSY:
            return OutboxBroken(f"{self.path} is in use by another process; stop that one.")
        if code == sqlite3.SQLITE_IOERR:
            # After a failed fsync the kernel takes lost pages for written ones (lwn.net/Articles/752063),
            # so nothing in this file counts as saved until it has been copied into a new one.
            self._suspect = self.path.exists()
        return OutboxBroken(f"{self.path} cannot be written ({error}); check or change the card.")


def _age_s(saved: SavedAt, now: SavedAt) -> int:
    """How long ago that was; by the wall where the machine has been off meanwhile."""
    if saved.boot_id == now.boot_id:
        return max(0, now.mono_ms - saved.mono_ms) // 1000
    return max(0, int((now.at - saved.at).total_seconds()))


def _code(error: Exception) -> int:
    if isinstance(error, OSError):
        return _OF_ERRNO.get(error.errno or 0, 0)
    return int(getattr(error, "sqlite_errorcode", 0)) & _PRIMARY
