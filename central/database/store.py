"""The database: writing that is on disk before anybody hears of it, and reading that never waits for it.

A job is a function of a `Tx`.  SQLite has one writer with group commit, PostgreSQL a transaction for each
job; to those who call it is the same.
"""

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from central import schema
from central.clock import Clock
from central.database import aftermath, engines, postgres
from central.database.aftermath import Aftermath
from central.database.transactions import Transactions
from central.database.tx import Tx, View
from central.database.writer import Writer

_T = TypeVar("_T")

_AWAY = "The database does not answer; nothing was changed. Try again in a moment."
_TOO_LONG = "The database took too long to find this; try again in a moment."
_UNREADABLE = (
    "The database cannot be read just now; try again in a moment. If that does not help,"
    " look at the disk of the data folder."
)
# What a disk, a lock or want of room does to SQLite (sqlite.org/rescode.html); all else is our own mistake.
_DISK = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
}
_PRIMARY = 0xFF  # the rest of a code says more of the same
_EPOCH = sa.select(schema.meta.c.value).where(schema.meta.c.name == "epoch")


class Store:
    """The database behind *url*, which `migrations.migrate` has brought up to date.

    `hints` hear `(station, seq)` after a commit.  `losses` hear, with no words, that a commit failed:
    whatever somebody remembers from inside that transaction did not happen.  `commits` hear how many
    jobs a commit held and the seconds it took.  `shared` says that other processes may write there too.
    """

    def __init__(self, url: str, clock: Clock, *, writers: int = 1) -> None:
        self.shared = not engines.is_sqlite(url)
        if not self.shared:
            engines.check_sqlite(writers)
        self._clock = clock
        self._reading = engines.reading_engine(url)
        after = Aftermath()
        self.hints, self.losses, self.commits = after.hints, after.losses, after.commits
        self.epoch = str(self.read(lambda view: view.one(_EPOCH).value))
        self._writing = self._way(engines.writing_engine(url), clock, after)

    @property
    def alive(self) -> bool:
        """Whether jobs are taken."""
        return self._writing.alive

    def submit(self, job: Callable[[Tx], _T], station: str | None = None) -> "Future[_T]":
        """Hand *job* in; the future is done after the commit, in the order in which jobs were handed in.

        It fails with the job's own exception, with Problem `not_saved`: then nothing was changed, or with
        Problem `unsure`: then nobody knows.
        """
        return self._writing.submit(job, station)

    def write(self, job: Callable[[Tx], _T], station: str | None = None) -> _T:
        """Run *job* and return what it returned once that is on disk; it fails as `submit` says.

        Name the *station* that it concerns: jobs of one station run one after the other.  A job may be run
        twice, so it changes nothing but through its `Tx`.
        """
        return self._writing.write(job, station)

    def read(self, job: Callable[[View], _T]) -> _T:
        """Run *job* on one consistent moment, which begins after this call.

        Raises:
            Problem: `not_saved` when the database cannot be read just now.
        """
        return self._read_shared(job) if self.shared else self._read_file(job)

    def wipe(self, patience_s: float) -> bool:
        """Leave no bytes of what was erased in the database's files; may take seconds, so call it at night.

        Who comes meanwhile waits *patience_s* at most, but for SQLite's last step (a second for 200 MB).
        Gives whether it is done; if not, nothing was lost: try again later.
        """
        return self._writing.wipe(patience_s)

    def close(self) -> None:
        """Finish the jobs that wait, then close."""
        self._writing.finish()
        # The writer's connection closes last, so that nobody but the writer ever checkpoints.
        self._reading.dispose()
        self._writing.close()

    def _way(self, engine: sa.Engine, clock: Clock, after: Aftermath) -> Transactions | Writer:
        """How jobs are written: what SQLite needs, or what PostgreSQL allows."""
        return (Transactions if self.shared else Writer)(engine, clock, after)

    def _look(self, job: Callable[[View], _T]) -> _T:
        with self._reading.connect() as connection:
            return job(View(connection, self._clock.now()))

    def _read_file(self, job: Callable[[View], _T]) -> _T:
        try:
            return self._look(job)
        except (DBAPIError, NoConnection) as error:
            if isinstance(error, DBAPIError) and not _is_the_disk(error):
                raise
            raise aftermath.not_saved(_UNREADABLE, error) from error

    def _read_shared(self, job: Callable[[View], _T]) -> _T:
        """A connection that died in the pool is no reason to fail; a server that is away is one."""
        try:
            return self._look(job)
        except (DBAPIError, NoConnection) as error:
            if not (isinstance(error, DBAPIError) and postgres.is_chance(error)):
                raise _away(error) from error
        try:
            return self._look(job)
        except (DBAPIError, NoConnection) as error:
            raise _away(error) from error


def _is_the_disk(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlite_errorcode", 0) & _PRIMARY in _DISK


def _away(error: Exception) -> Exception:
    if isinstance(error, DBAPIError) and postgres.is_cut_short(error):
        return aftermath.not_saved(_TOO_LONG, error)
    away = not isinstance(error, DBAPIError) or postgres.is_away(error)
    return aftermath.not_saved(_AWAY, error) if away else error
