"""What a queue, a call and an arrival cost with ten years of history, against an empty station's.

Both stations lie on the same disk, have the same line, and are asked in turn in one run.  The yard is
asked directly: what HTTP adds to both would only make the ratio look better.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec
from sqlalchemy.engine import make_url

from central.clock import Clock, SystemClock
from central.database.folder import DataFolder
from central.database.store import Store
from central.migrations import migrate
from central.words import Actor
from central.yard import Yard
from contract.ids import uuid7
from contract.transitions import Verb
from contract.wire import Arrival
from contract.words import VisitWords
from contract.yard import QueueRow
from portvakt.bench.figure import Figure, figure
from portvakt.bench.past import VEHICLES, Progress, fill, plate

YEARS = timedelta(days=3_652)
STATION, BAY = "hall", "b1"
WAITING = 20
TARGET = 1.2
_POST, _DESK = Actor("post", "post", "Post"), Actor("staff", "desk-1", "Desk 1")
_WHAT = ("queue", "call", "arrival")

Times = dict[str, list[float]]
_T = TypeVar("_T")


class _Then:
    """Ten years ago; a minute passes with every look."""

    boot_id = "then"

    def __init__(self) -> None:
        self._now = datetime.now(UTC).replace(hour=10, microsecond=0) - YEARS

    def monotonic_ms(self) -> int:
        """Follow the other clock."""
        return int(self._now.timestamp() * 1_000)

    def now(self) -> datetime:
        """A minute later than the last time."""
        self._now += timedelta(minutes=1)
        return self._now

    def synced(self) -> bool:
        """Say that it can be believed."""
        return True


class Station:
    """A station whose yard is asked and timed."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._clock = clock
        self._store = Store(url, clock)
        self._yard = Yard(self._store, clock)
        self._vehicle = 0

    def set_up(self) -> None:
        """One door."""
        self._yard.places.create_station(STATION, STATION, "Europe/Stockholm")
        self._yard.places.create_bay(STATION, BAY, "1", ["full"])

    def whole_visit(self) -> str:
        """A car is booked, comes, types twice, is called twice, driven in and finished; give the visit."""
        slot = f"{self._clock.now():%Y-%m-%d %H:%M}"
        csv = f"ref,plate,slot,kind\n00000000-booked,{plate(0)},{slot},full\n"
        self._yard.import_bookings(STATION, _DESK, csv)
        visit = self._comes(0)
        self._comes(0)
        for verb in (Verb.CALL, Verb.RECALL, Verb.ENTER, Verb.FINISH):
            row = self._does(verb, visit)
        return row.visit

    def line_up(self) -> None:
        """Let the cars come that wait all the while."""
        for _ in range(WAITING):
            self._next_comes()

    def round(self, times: Times) -> None:
        """One car comes and another is served; keep how long each took, in milliseconds."""
        line = _timed(times["queue"], lambda: self._yard.queue(STATION)).line
        _timed(times["call"], lambda: self._does(Verb.CALL, line[0].visit, line[0].version))
        self._does(Verb.ENTER, line[0].visit)
        self._does(Verb.FINISH, line[0].visit)
        _timed(times["arrival"], self._next_comes)

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    def _next_comes(self) -> str:
        # Steps without a common factor: every vehicle was here before, and none is here now.
        self._vehicle = (self._vehicle + 7_919) % VEHICLES
        return self._comes(self._vehicle)

    def _comes(self, vehicle: int) -> str:
        now = self._clock.now()
        arrival = Arrival(
            id=uuid7(int(now.timestamp() * 1_000)),
            plate=plate(vehicle),
            at=now,
            synced=True,
            boot_id="bench",
            mono_ms=1,
        )
        raw = msgspec.json.encode(arrival)
        return str(self._yard.arrive(STATION, _POST, arrival, raw).visit)

    def _does(self, verb: Verb, visit: str, version: int | None = None) -> QueueRow:
        if version is None:
            version = next(r.version for r in self._yard.queue(STATION).line if r.visit == visit)
        bay = BAY if verb in {Verb.CALL, Verb.ENTER} else None
        return self._yard.act(STATION, _DESK, visit, verb, VisitWords(version=version, bay=bay))


def measure(events: int, passes: int, calls: int, progress: Progress) -> Iterator[Figure]:
    """Yield the three ratios, with *events* rows of history; *calls* of each kind in a pass."""
    with tempfile.TemporaryDirectory(prefix="portvakt-bench-") as name, ExitStack() as open_parts:
        urls = [DataFolder(Path(name) / what).url for what in ("empty", "full")]
        total = [_make(url, n * events, progress) for n, url in enumerate(urls)][-1]
        stations = [Station(url, SystemClock()) for url in urls]
        for station in stations:
            open_parts.callback(station.close)
            station.line_up()
        rounds = []
        for number in range(passes):
            progress(f"queue, call, arrival with {total:,} events, pass {number + 1} of {passes}")
            rounds.append(_one_pass(stations, calls))
    yield from (_figure(what, total, rounds) for what in _WHAT)


def _make(url: str, events: int, progress: Progress) -> int:
    """Make a station with so many events of the past, and give how many they are."""
    Path(make_url(url).database or "").parent.mkdir()
    migrate(url)
    then = Station(url, _Then())
    then.set_up()
    visit = then.whole_visit() if events else None
    then.close()
    if visit is None:
        return 0
    return fill(url, STATION, visit, events, YEARS, progress)


def _one_pass(stations: list[Station], calls: int) -> list[dict[str, float]]:
    """Give the medians of the empty station and of the other one; they are asked in turn."""
    times: list[Times] = [{what: [] for what in _WHAT} for _ in stations]
    for number in range(calls):
        for station, own in list(zip(stations, times, strict=True))[:: 1 if number % 2 else -1]:
            station.round(own)
    return [{what: statistics.median(own[what]) for what in _WHAT} for own in times]


def _figure(what: str, total: int, rounds: list[list[dict[str, float]]]) -> Figure:
    empty = [one[0][what] for one in rounds]
    full = [one[1][what] for one in rounds]
    return figure(
        f"{what} with {total:,} events",
        [old / new for new, old in zip(empty, full, strict=True)],
        "x empty",
        target=TARGET,
        detail=f"{statistics.median(full):.2f} ms; empty {statistics.median(empty):.2f} ms",
    )


def _timed(times: list[float], deed: Callable[[], _T]) -> _T:
    begun_ns = time.perf_counter_ns()
    done = deed()
    times.append((time.perf_counter_ns() - begun_ns) / 1e6)
    return done
