"""An arrival acknowledged, that is on disk, beside the least that it could cost in the same run.

The floor is a bare durable commit (SQLite, WAL, `synchronous=FULL`, one row) plus the emptiest view of the
same server.  Both are measured between the arrivals, by the same client.  The empty view takes the
arrival's whole way there and back (event loop, thread, Flask), so a faster server lowers the floor too:
look at the milliseconds beside the ratio.  The bare commit writes 2 pages; an arrival's rows and their
indexes are about 12, which no floor forgives.
"""

import itertools
import sqlite3
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime

import msgspec

from contract.ids import uuid7
from contract.wire import HEADER_BOOT, HEADER_MONO_MS, Arrival
from portvakt.bench.figure import Figure, figure, quantile
from portvakt.bench.server import Bench, BenchFailed, running
from portvakt.bench.wire import Connection, request

STATIONS = 40
CLIENTS = (1, 8)
CREATED = (200, 201)
_LETTERS = "ABCDEFGHJKLMNPRSTUWXYZ"

Progress = Callable[[str], None]


def measure(passes: int, calls: int, progress: Progress) -> Iterator[Figure]:
    """Yield the figures for one client and for eight; *calls* of each kind in a pass."""
    with running(STATIONS) as bench:
        requests = _arrivals(bench)
        for clients in CLIENTS:
            rounds = []
            for number in range(passes):
                progress(f"arrivals, {clients} clients, pass {number + 1} of {passes}")
                rounds.append(_one_pass(bench, requests, clients, calls))
            yield from _figures(clients, rounds)


def _one_pass(
    bench: Bench, arrivals: Iterator[bytes], clients: int, calls: int
) -> tuple[float, float, list[float]]:
    """Give the commit floor and the empty view's p50, and every arrival's time, in milliseconds."""
    commit = statistics.median(_commits(bench, calls))
    empty = itertools.repeat(request("GET", "/healthz", {}))
    view = statistics.median(_ask(bench.port, empty, clients, calls))
    return commit, view, _ask(bench.port, arrivals, clients, calls)


def _figures(clients: int, rounds: list[tuple[float, float, list[float]]]) -> Iterator[Figure]:
    p50s = [statistics.median(times) for _, _, times in rounds]
    floors = [commit + view for commit, view, _ in rounds]
    who = "1 client" if clients == 1 else f"{clients} clients"
    yield figure(
        f"arrival acknowledged, {who}, p50",
        [p50 / floor for p50, floor in zip(p50s, floors, strict=True)],
        "x floor",
        target=2.5,
        detail=f"{statistics.median(p50s):.2f} ms; floor {statistics.median(floors):.2f} ms"
        f" (commit {statistics.median(c for c, _, _ in rounds):.2f},"
        f" view {statistics.median(view for _, view, _ in rounds):.2f})",
    )
    yield figure(
        f"arrival acknowledged, {who}, p99",
        [quantile(times, 0.99) for _, _, times in rounds],
        "ms",
        target=None if clients == 1 else 150.0,
    )


def _commits(bench: Bench, calls: int) -> list[float]:
    """Times of bare durable commits in the folder of the same disk, in milliseconds."""
    with closing(sqlite3.connect(bench.folder / "floor.sqlite", isolation_level=None)) as floor:
        floor.execute("PRAGMA journal_mode=WAL")
        floor.execute("PRAGMA synchronous=FULL")
        floor.execute("CREATE TABLE IF NOT EXISTS row (id TEXT, body TEXT)")
        times = []
        for number in range(calls):
            started_ns = time.perf_counter_ns()
            floor.execute("INSERT INTO row VALUES (?, ?)", (str(number), "x" * 200))
            times.append((time.perf_counter_ns() - started_ns) / 1e6)
        return times


def _ask(port: int, requests: Iterator[bytes], clients: int, calls: int) -> list[float]:
    """Ask *calls* times over *clients* kept connections, each asking again as soon as it has its answer."""
    work = [[next(requests) for _ in range(calls // clients)] for _ in range(clients)]
    times: list[float] = []
    failures: list[str] = []
    threads = [
        threading.Thread(target=_client, args=(port, mine, times, failures)) for mine in work
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise BenchFailed(f"Central refused what the bench asked: {failures[0]}")
    return times


def _client(port: int, requests: list[bytes], times: list[float], failures: list[str]) -> None:
    connection = Connection(port)
    for one in requests:
        started_ns = time.perf_counter_ns()
        status, body = connection.ask(one)
        times.append((time.perf_counter_ns() - started_ns) / 1e6)
        if status not in CREATED:
            failures.append(f"HTTP {status} {body.decode(errors='replace')[:200]}")
            break
    connection.close()


def _arrivals(bench: Bench) -> Iterator[bytes]:
    """Arrivals of ever new plates, going round the stations: their lines are some 110 long in the end."""
    stations = itertools.cycle(bench.tokens.items())
    for number, (station, token) in enumerate(stations):
        headers = {
            "Authorization": f"Bearer {token}",
            HEADER_BOOT: "bench",
            HEADER_MONO_MS: str(number + 1),
        }
        body = msgspec.json.encode(_arrival(number))
        yield request("POST", f"/v1/stations/{station}/arrivals", headers, body)


def _arrival(number: int) -> Arrival:
    rest, digits = divmod(number, 1_000)
    letters = ""
    for _ in range(3):
        rest, letter = divmod(rest, len(_LETTERS))
        letters = _LETTERS[letter] + letters
    now = datetime.now(UTC)
    return Arrival(
        id=uuid7(int(now.timestamp() * 1_000)),
        plate=f"{letters}{digits:03d}",
        at=now,
        synced=True,
        boot_id="bench",
        mono_ms=number,
    )
