"""A day at a station that says what was acknowledged: the program whose power is cut in the tests.

    python -m tests.central.power_day FOLDER SAID SHAPE [SYNCHRONOUS]

Each line of SAID is one acknowledgement, written by a single `write` after the yard has answered.
"""

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from contract.problems import Problem
from contract.transitions import Verb
from contract.wire import Arrival
from contract.yard import QueueRow
from tests.central.yards import Station
from tests.fakes.clock import FakeClock

ONE_BY_ONE, AT_ONCE, SICK = 40, 320, 60
THREADS = 8


class Acknowledged(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody was told is saved: this version of a visit, and the arrival or call behind it."""

    visit: str
    version: int = 1
    arrival: str | None = None
    call: str | None = None


class Day:
    """A station that works, and says so."""

    def __init__(self, folder: Path, said: int) -> None:
        self._folder = folder
        self._said = said

    def one_by_one(self) -> None:
        """One car after the other is taken, called, driven in and finished."""
        station = Station(self._folder, FakeClock()).find()
        for plate in _plates("A", ONE_BY_ONE):
            self._comes(station, plate)
            self._tell_row(station.calls(plate))
            self._tell_row(station.does(Verb.ENTER, plate, "1"))
            self._tell_row(station.does(Verb.FINISH, plate))
        station.store.close()

    def at_once(self) -> None:
        """Eight at a time, so that several share a commit; long enough for SQLite to begin its log anew."""
        station = Station(self._folder, FakeClock()).find()
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda plate: self._comes(station, plate), _plates("B", AT_ONCE)))
        station.store.close()

    def first_day(self) -> None:
        """A folder with nothing in it becomes a station, which is stopped and started again."""
        station = Station(self._folder, FakeClock()).set_up()
        for plate in _plates("C", 6):
            self._comes(station, plate)
        station.restart()
        for plate in _plates("D", 6):
            self._comes(station, plate)
        station.store.close()

    def on_a_sick_disk(self) -> None:
        """Whoever is told that nothing was saved, or that nobody knows, tries again."""
        station = Station(self._folder, FakeClock()).find()
        for plate in _plates("E", SICK):
            arrival = station.typed(plate)
            while not self._took(station, arrival):
                pass
        station.store.close()

    def _took(self, station: Station, arrival: Arrival) -> bool:
        try:
            answer = station.deliver(arrival)
        except Problem as problem:
            print(problem.kind.reason, flush=True)  # noqa: T201 - the test reads it
            return False
        assert answer.visit is not None
        self._tell(Acknowledged(visit=answer.visit, arrival=arrival.id))
        return True

    def _comes(self, station: Station, plate: str) -> None:
        assert self._took(station, station.typed(plate))

    def _tell_row(self, row: QueueRow) -> None:
        self._tell(Acknowledged(visit=row.visit, version=row.version, call=row.call))

    def _tell(self, acknowledged: Acknowledged) -> None:
        os.write(self._said, msgspec.json.encode(acknowledged) + b"\n")


def _plates(letter: str, count: int) -> Iterator[str]:
    return (f"{letter}AB{number:03}" for number in range(count))


def _less_careful(synchronous: str) -> None:
    """Let every connection be as careless as PRAGMA synchronous=*synchronous* makes it."""

    def checkout(connection: Any, _record: object, _proxy: object) -> None:
        connection.execute(f"PRAGMA synchronous={synchronous}")

    sa.event.listen(sa.pool.Pool, "checkout", checkout)


if __name__ == "__main__":
    folder_name, said_name, shape, *careless = sys.argv[1:]
    if careless:
        _less_careful(careless[0])
    said_fd = os.open(said_name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    getattr(Day(Path(folder_name), said_fd), shape)()
