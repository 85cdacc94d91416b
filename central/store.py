"""The database: one thread that writes with group commit, and reads that never wait for it.

A job is a function of a `Tx`.  The writer takes all jobs that wait, runs each in its own savepoint,
commits once, and only then lets their callers go on: what a caller is told is on disk.
"""

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from central import engines, schema
from central.clock import Clock
from central.listeners import Listeners
from central.tx import Tx, View
from contract import problems
from contract.problems import Problem

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

GROUP_MAX = 64
_EPOCH = sa.select(schema.meta.c.value).where(schema.meta.c.name == "epoch")


@dataclass(slots=True)
class _Asked(Generic[_T]):
    """A job, who waits for it, and what has come of it."""

    job: Callable[[Tx], _T]
    future: "Future[_T]"
    tx: Tx | None = None
    result: _T | None = None
    error: Exception | None = None


class Store:
    """The database behind *url*, which `migrations.migrate` has brought up to date.

    `hints` hear `(station, seq)` after a commit.  `losses` hear, with no words, that a commit failed:
    whatever somebody remembers from inside that transaction did not happen.
    """

    def __init__(self, url: str, clock: Clock, *, writers: int = 1) -> None:
        if url.startswith("sqlite"):
            engines.check_sqlite(writers)
        self._clock = clock
        self._writing = engines.writing_engine(url)
        self._reading = engines.reading_engine(url)
        self._connection: sa.Connection | None = None
        self._asked: queue.SimpleQueue[_Asked[Any] | None] = queue.SimpleQueue()
        self._door = threading.Lock()
        self._open = True
        self.hints: Listeners[str, int] = Listeners()
        self.losses: Listeners[[]] = Listeners()
        self.epoch = str(self.read(lambda view: view.one(_EPOCH).value))
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the writer takes jobs."""
        return self._open and self._thread.is_alive()

    def submit(self, job: Callable[[Tx], _T]) -> "Future[_T]":
        """Hand *job* to the writer; the future is done after the commit.

        It fails with the job's own exception, or with Problem `not_saved`; then nothing was changed.
        """
        future: Future[_T] = Future()
        with self._door:
            if self.alive:
                self._asked.put(_Asked(job, future))
            else:
                future.set_exception(_not_saved("Central is shutting down; try again in a moment."))
        return future

    def write(self, job: Callable[[Tx], _T]) -> _T:
        """Run *job* in the writer; return what it returned once that is on disk."""
        return self.submit(job).result()

    def read(self, job: Callable[[View], _T]) -> _T:
        """Run *job* on one consistent moment, which begins after this call."""
        with self._reading.connect() as connection:
            return job(View(connection, self._clock.now()))

    def close(self) -> None:
        """Finish the jobs that wait, then close."""
        with self._door:
            self._open = False
            self._asked.put(None)
        self._thread.join()
        # The writer's connection closes last, so that nobody but the writer ever checkpoints.
        self._reading.dispose()
        self._drop_connection()

    def _run(self) -> None:
        while group := self._next_group():
            self._run_group(group)
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
        try:
            self._connection = self._connection or self._writing.connect()
            with self._connection.begin():
                for asked in group:
                    self._run_job(self._connection, asked)
        except Exception as error:  # noqa: BLE001 - a writer that died would take the station with it
            _log.exception("commit failed jobs=%d", len(group))
            self._fail(group, error)
        else:
            self._tell(group)

    def _run_job(self, connection: sa.Connection, asked: _Asked[Any]) -> None:
        connection.exec_driver_sql("SAVEPOINT job")
        asked.tx = Tx(connection, self._clock.now())
        try:
            asked.result = asked.job(asked.tx)
        except Exception as error:  # noqa: BLE001 - it goes to the caller, who waits in another thread
            asked.tx, asked.error = None, _as_told(error)
            # SQLite may have ended the whole transaction by itself: then this fails, and with it the group.
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT job")
        connection.exec_driver_sql("RELEASE SAVEPOINT job")

    def _fail(self, group: list[_Asked[Any]], error: Exception) -> None:
        self._drop_connection()
        self.losses.tell()
        for asked in group:
            problem = _not_saved(
                "The database could not save this; nothing was changed. Try again."
            )
            problem.__cause__ = error
            asked.future.set_exception(problem)

    def _tell(self, group: list[_Asked[Any]]) -> None:
        for asked in group:
            if asked.error is None:
                asked.future.set_result(asked.result)
            else:
                asked.future.set_exception(asked.error)
        newest: dict[str, int] = {}
        for tx in (asked.tx for asked in group if asked.tx is not None):
            newest |= tx.seqs
            for deed in tx.afterwards:
                deed()
        for station, seq in newest.items():
            self.hints.tell(station, seq)

    def _drop_connection(self) -> None:
        """Let go of a connection whose state nobody knows; the next group opens a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()
        self._writing.dispose()


def _as_told(error: Exception) -> Exception:
    """What the caller hears: a database that failed is `not_saved`; a broken rule stays what it is."""
    if isinstance(error, DBAPIError) and not isinstance(error, IntegrityError):
        problem = _not_saved("The database could not save this; nothing was changed. Try again.")
        problem.__cause__ = error
        return problem
    return error


def _not_saved(detail: str) -> Problem:
    return Problem(problems.NOT_SAVED, detail)
