"""Writing to SQLite: one thread with group commit, because one file has one writer.

The writer takes all jobs that wait, runs each in its own savepoint, commits once, and only then lets
their callers go on: what a caller is told is on disk.
"""

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from central.clock import Clock
from central.database import aftermath, wiping
from central.database.aftermath import Aftermath
from central.database.tx import Tx

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

GROUP_MAX = 64
# SQLite's primary codes (sqlite.org/rescode.html) that refuse a COMMIT before anything of it stands in
# the file.  After any other, such as a failed fsync, a crash may still bring the transaction to light.
_SURELY_NOT = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CONSTRAINT)


@dataclass(slots=True)
class _Asked(Generic[_T]):
    """A job, who waits for it, and what has come of it."""

    job: Callable[[Tx], _T]
    future: "Future[_T]"
    tx: Tx | None = None
    result: _T | None = None
    error: Exception | None = None


def _wake(_: Tx) -> None:
    """Change nothing."""


class Writer:
    """The one thread that writes through *engine*, which has one connection."""

    def __init__(self, engine: sa.Engine, clock: Clock, after: Aftermath) -> None:
        self._engine = engine
        self._clock = clock
        self._after = after
        self._connection: sa.Connection | None = None
        self._asked: queue.SimpleQueue[_Asked[Any] | None] = queue.SimpleQueue()
        self._door = threading.Lock()
        self._open = True
        # What is to be done to the connection itself, between two groups.
        self._alone: queue.SimpleQueue[tuple[wiping.Work, Future[bool]]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the writer takes jobs."""
        return self._open and self._thread.is_alive()

    def submit(self, job: Callable[[Tx], _T], station: str | None = None) -> "Future[_T]":  # noqa: ARG002 - one line for all
        """Hand *job* in; the future is done after the commit."""
        future: Future[_T] = Future()
        with self._door:
            if self.alive:
                self._asked.put(_Asked(job, future))
            else:
                future.set_exception(aftermath.not_saved(aftermath.CLOSING))
        return future

    def write(self, job: Callable[[Tx], _T], station: str | None = None) -> _T:
        """Run *job* and return what it returned once that is on disk."""
        return self.submit(job, station).result()

    def wipe(self, patience_s: float, pause: Callable[[float], None] = time.sleep) -> bool:
        """Leave no bytes of erased rows, as `wiping.wipe` does; break off when a job has waited so long."""
        return wiping.wipe(self._run_alone, wiping.Impatience(self._asked.empty, patience_s), pause)

    def finish(self) -> None:
        """Do the jobs that wait, and take no more."""
        with self._door:
            self._open = False
            self._asked.put(None)
        self._thread.join()

    def close(self) -> None:
        """Close the connection, once `finish` has returned."""
        self._drop_connection()

    def _run(self) -> None:
        while group := self._next_group():
            self._run_group(group)
            self._work_alone()
            del group  # what the jobs hold must not live until the next one comes

    def _next_group(self) -> list[_Asked[Any]]:
        """All jobs that wait, at least one; none when the store is to close."""
        group: list[_Asked[Any]] = []
        while not group or (len(group) < GROUP_MAX and not self._asked.empty()):
            asked = self._asked.get()
            if asked is None:
                self._asked.put(None)  # still there for the turn after this group
                break
            if asked.future.set_running_or_notify_cancel():
                group.append(asked)
        return group

    def _run_group(self, group: list[_Asked[Any]]) -> None:
        committing = False
        try:
            self._connection = self._connection or self._engine.connect()
            with self._connection.begin() as transaction:
                for asked in group:
                    self._run_job(self._connection, asked)
                committing, begun_s = True, time.perf_counter()
                transaction.commit()
            self._after.commits.tell(len(group), time.perf_counter() - begun_s)
        except Exception as error:  # noqa: BLE001 - a writer that died would take the station with it
            _say_failed(len(group), error)
            self._fail(group, error, sure=not committing or _is_sure(error))
        else:
            self._tell(group)

    def _run_alone(self, work: wiping.Work) -> bool:
        """Have the writer's thread do *work* outside of any transaction; give what came of it."""
        done: Future[bool] = Future()
        with self._door:
            if not self.alive:
                return False
            self._alone.put((work, done))
            self._asked.put(_Asked(_wake, Future()))
        return done.result()

    def _work_alone(self) -> None:
        while not self._alone.empty():
            work, done = self._alone.get()
            try:
                self._connection = self._connection or self._engine.connect()
                raw: Any = self._connection.connection.driver_connection
                done.set_result(work(raw))
            except Exception as error:  # noqa: BLE001 - the writer goes on, whatever this was
                _log.warning("work beside the line failed reason=%s", error)
                self._drop_connection()
                done.set_result(False)

    def _run_job(self, connection: sa.Connection, asked: _Asked[Any]) -> None:
        connection.exec_driver_sql("SAVEPOINT job")
        asked.tx = Tx(connection, self._clock.now())
        try:
            asked.result = asked.job(asked.tx)
        except Exception as error:  # noqa: BLE001 - it goes to the caller, who waits in another thread
            asked.tx, asked.error = None, aftermath.as_told(error)
            # SQLite may have ended the whole transaction by itself: then this fails, and with it the group.
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT job")
        connection.exec_driver_sql("RELEASE SAVEPOINT job")

    def _fail(self, group: list[_Asked[Any]], error: Exception, *, sure: bool) -> None:
        self._drop_connection()
        self._after.losses.tell()
        for asked in group:
            # A refusal may rest on what its neighbours did; but the refused job itself changed nothing.
            surely_not = sure or asked.error is not None
            asked.future.set_exception(
                aftermath.not_saved(cause=error) if surely_not else aftermath.unsure(error)
            )

    def _tell(self, group: list[_Asked[Any]]) -> None:
        for asked in group:
            if asked.error is None:
                asked.future.set_result(asked.result)
            else:
                asked.future.set_exception(asked.error)
        self._after.committed(asked.tx for asked in group if asked.tx is not None)

    def _drop_connection(self) -> None:
        """Let go of a connection whose state nobody knows; the next group opens a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()
        self._engine.dispose()


def _say_failed(jobs: int, error: Exception) -> None:
    """A full disk is told in a line: it says so at each try, and the log stands on that disk."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    if cause is None:
        _log.exception("commit failed jobs=%d", jobs)
    else:
        _log.error("commit failed jobs=%d reason=%s", jobs, cause)


def _is_sure(error: Exception) -> bool:
    """Whether a commit that failed with *error* has surely not happened."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    code = getattr(cause, "sqlite_errorcode", None)
    # Our own dialect's complaint has no code: there was no transaction left to commit.
    return cause is not None and (code is None or code & 0xFF in _SURELY_NOT)
