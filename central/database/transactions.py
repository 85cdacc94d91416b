"""Writing to PostgreSQL: each job in a transaction of its own, in the thread of whoever asks.

A job that concerns a station first locks the station's row, so that jobs of one station come one after
the other in all processes, as they do behind SQLite's one writer.  No job spans two stations, so none can
wait for another in a circle.  PostgreSQL groups the commits itself.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from central import schema
from central.clock import Clock
from central.database import aftermath, postgres, wiping_server
from central.database.aftermath import Aftermath
from central.database.tx import Tx

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

# FOR NO KEY UPDATE: rows of other tables may refer to the station meanwhile.
_LOCK = (
    sa.select(schema.station.c.setup_seq)
    .where(schema.station.c.id == sa.bindparam("station"))
    .with_for_update(key_share=True)
)


class _Again(Exception):
    """Nothing was changed, and it may go well the second time."""


class Transactions:
    """Writes through *engine*, from any number of threads."""

    def __init__(self, engine: sa.Engine, clock: Clock, after: Aftermath) -> None:
        self._engine = engine
        self._clock = clock
        self._after = after
        self._open = True
        self._door = threading.Lock()
        self._later = ThreadPoolExecutor(1, thread_name_prefix="later-writer")

    @property
    def alive(self) -> bool:
        """Whether jobs are taken; a server that is away may come back."""
        return self._open

    def submit(self, job: Callable[[Tx], _T], station: str | None = None) -> "Future[_T]":
        """Do *job* soon, in a thread of its own, after those that were submitted before it."""
        with self._door:
            if self._open:
                return self._later.submit(self._twice, job, station)
        refused: Future[_T] = Future()
        refused.set_exception(aftermath.not_saved(aftermath.CLOSING))
        return refused

    def write(self, job: Callable[[Tx], _T], station: str | None = None) -> _T:
        """Do *job* and return what it returned once that is on disk; once more if it broke by chance."""
        if not self._open:
            raise aftermath.not_saved(aftermath.CLOSING)
        return self._twice(job, station)

    def wipe(self, patience_s: float) -> bool:
        """Leave no bytes of erased rows, as `wiping_server.wipe` does."""
        return self._open and wiping_server.wipe(self._engine.url, patience_s)

    def finish(self) -> None:
        """Take no more jobs, and do those that were submitted."""
        with self._door:
            self._open = False
        self._later.shutdown(wait=True)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._engine.dispose()

    def _twice(self, job: Callable[[Tx], _T], station: str | None) -> _T:
        try:
            return self._once(job, station)
        except _Again as again:
            _log.info("transaction repeated reason=%s", type(again.__cause__).__name__)
        try:
            return self._once(job, station)
        except _Again as again:
            raise aftermath.as_told(_cause(again)) from again

    def _once(self, job: Callable[[Tx], _T], station: str | None) -> _T:
        try:
            connection = self._engine.connect()
        except (DBAPIError, NoConnection) as error:
            _log.warning("no connection for a write reason=%s", type(error).__name__)
            raise aftermath.not_saved(cause=error) from error
        with connection:  # what was not committed is rolled back when it goes back to the pool
            tx = Tx(connection, self._clock.now())
            result = self._run(connection, tx, job, station)
            self._commit(connection, tx)
        self._after.committed([tx])
        return result

    def _run(
        self, connection: sa.Connection, tx: Tx, job: Callable[[Tx], _T], station: str | None
    ) -> _T:
        try:
            if station is not None:
                row = tx.first(_LOCK, station=station)
                tx.setup.update({} if row is None else {station: row.setup_seq})
            return job(tx)
        except DBAPIError as error:
            if postgres.is_useless(error):
                connection.invalidate(error)
            if postgres.is_chance(error):
                raise _Again from error
            raise aftermath.as_told(error) from error

    def _commit(self, connection: sa.Connection, tx: Tx) -> None:
        begun_s = time.perf_counter()
        try:
            connection.commit()
        except DBAPIError as error:
            _log.error("commit failed reason=%s", error.orig)
            if error.connection_invalidated:
                self._after.unsure(tx)
                raise aftermath.unsure(error) from error
            # The server itself said no, and a server that says no to a commit has rolled it back.
            self._after.losses.tell()
            if postgres.is_chance(error):
                raise _Again from error
            raise aftermath.not_saved(cause=error) from error
        self._after.commits.tell(1, time.perf_counter() - begun_s)


def _cause(again: _Again) -> Exception:
    return again.__cause__ if isinstance(again.__cause__, Exception) else again
