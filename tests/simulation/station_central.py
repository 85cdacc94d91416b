"""Central processes of the simulation: the real yard and its web pages on one real database file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from central.clock import Clock
from central.database.aftermath import Aftermath
from central.database.store import Store
from central.database.tx import Tx
from central.database.writer import Writer, _Asked
from central.web.app import create_app
from central.yard import Yard
from contract.errors import PortvaktError
from contract.problems import Problem
from contract.wire import Beat, Lease
from tests.simulation.course import Course
from tests.simulation.station_model import STATION, wall

T = TypeVar("T")

TICK_MS = 2_000  # a slow second hand: half of central's time would go into it otherwise
# Statements are compiled once for all lives of all processes; the cache goes by the dialect's identity.
_COMPILED: dict[Any, Any] = {}
_DIALECTS: dict[type, Any] = {}
BEFORE_COMMIT, AFTER_COMMIT = "before the commit", "after the commit"


class Killed(BaseException):
    """The process died here; no code of its own runs any more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it leaves a post."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it leaves central."""

    status: int
    headers: dict[str, str]
    body: bytes


class Process:
    """One central process, life after life.  `wall_off_ms` is how wrong its wall clock is."""

    def __init__(self, name: str, url: str, course: Course, nudge: Callable[..., None]) -> None:
        self.name = name
        self.url = url
        self.alive = False
        self.wall_off_ms = 0
        self.dies_at = ""
        self.disk_full_until_ms = 0
        self._course = course
        self._nudge = nudge
        self._lives = 0
        self.start()

    def start(self) -> None:
        """A new life: new memory, a new monotonic clock, the same database."""
        if self.alive:
            return
        self._lives += 1
        self.clock = CentralClock(self, self._course)
        self.store = OneThreadStore(self, self.clock)
        self.yard = Yard(self.store, self.clock)
        self.yard.nudges.add(self._nudge)
        self._pages: FlaskClient | None = None
        self.alive = True
        self._tick_on(self._lives)

    def kill(self) -> None:
        """Die as by SIGKILL; somebody starts it again."""
        self._course.say(f"central {self.name} is killed")
        self.alive, self.dies_at = False, ""
        self.store.close()
        self._course.after(self._course.rng.randint(500, 8_000), self.start)

    def may_die(self, at: str) -> None:
        """A point in its code at which a history may have it killed."""
        if self.dies_at == at:
            raise Killed(at)

    def living(self, work: Callable[[], T]) -> T | None:
        """Let it do something; None when it is dead, or died of it."""
        if not self.alive:
            return None
        try:
            return work()
        except Killed:
            self.kill()
            return None

    def answer(self, asked: Asked) -> Reply | None:
        """Answer a post's request through the real web application."""

        def ask() -> Reply:
            self._pages = self._pages or create_app(self.yard, self.clock).test_client(
                use_cookies=False
            )
            response = self._pages.open(
                asked.path, method=asked.method, headers=asked.headers, data=asked.body
            )
            return Reply(response.status_code, dict(response.headers), response.data)

        return self.living(ask)

    def beat(self, device: str, beat: Beat) -> Lease | None:
        """Answer a sign."""
        try:
            return self.living(lambda: self.yard.beat(STATION, device, beat))
        except Problem:  # its disk is full
            return None

    def _tick_on(self, life: int) -> None:
        """Again and again, while this life lasts."""
        if not self.alive or life != self._lives:
            return
        try:
            self.living(self.yard.tick)
        except PortvaktError as error:  # as the ticker: a full disk must not end the process
            self._course.say(f"central {self.name} cannot tick: {error}")
        self._course.after(TICK_MS, lambda: self._tick_on(life))


class CentralClock:
    """Its monotonic clock starts anywhere; its wall clock may be wrong."""

    boot_id = "simulated"

    def __init__(self, process: Process, course: Course) -> None:
        self._process = process
        self._course = course
        self._zero_ms = -course.rng.randint(0, 99_999_999)

    def monotonic_ms(self) -> int:
        return self._course.now_ms - self._zero_ms

    def now(self) -> datetime:
        return wall(self._course.now_ms) + timedelta(milliseconds=self._process.wall_off_ms)

    def synced(self) -> bool:
        return True


class OneThreadStore(Store):
    """The real store on SQLite, whose writer is ours."""

    def __init__(self, process: Process, clock: CentralClock) -> None:
        self._process = process
        super().__init__(process.url, clock, writers=2)
        _use_known_statements(self._reading)

    def _way(self, engine: sa.Engine, clock: Clock, after: Aftermath) -> Writer:
        _use_known_statements(engine)
        return OneThreadWriter(self._process, engine, clock, after)


class OneThreadWriter(Writer):
    """The real writer, whose work is done where it is asked for: one order, and points to die at."""

    def __init__(self, process: Process, engine: sa.Engine, clock: Clock, after: Aftermath) -> None:
        self._process = process
        super().__init__(engine, clock, after)

    @property
    def alive(self) -> bool:
        return self._open

    def _run(self) -> None:
        """Nothing is left for a thread."""

    def submit(self, job: Callable[[Tx], T], station: str | None = None) -> Future[T]:
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        self._run_group([_Asked(job, future)])
        return future

    def _run_job(self, connection: sa.Connection, asked: _Asked[Any]) -> None:
        super()._run_job(connection, asked)
        self._process.may_die(BEFORE_COMMIT)
        if self._process.disk_full_until_ms > self._process._course.now_ms:
            raise OperationalError("commit", None, sqlite3.OperationalError("disk is full"))

    def _tell(self, group: list[_Asked[Any]]) -> None:
        self._process.may_die(AFTER_COMMIT)
        super()._tell(group)


def _use_known_statements(engine: sa.Engine) -> None:
    """Thousands of stores ask the same: compile each statement once."""
    engine.dialect = _DIALECTS.setdefault(type(engine.dialect), engine.dialect)
    engine.update_execution_options(compiled_cache=_COMPILED)
