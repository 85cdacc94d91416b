"""A thousand times several people want the same: one gets it, and the others hear who."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import pytest

from contract.transitions import Verb
from tests.central.racing import Try, faults, try_it
from tests.central.yards import Station

pytestmark = pytest.mark.processes

THREADS = 8
ROUNDS = 250  # of each shape, among threads and among processes: 1,000


def one_car(station: Station) -> list[Try]:
    """Half of them want the first car at door 1, half at door 2."""
    row = station.queue().line[0]
    return [Try(row.visit, row.version, "12"[number % 2]) for number in range(THREADS)]


def one_bay(station: Station) -> list[Try]:
    """Each wants another car, all at door 1."""
    return [Try(row.visit, row.version, "1") for row in station.queue().line]


SHAPES = {"one car": one_car, "one bay": one_bay}


def race(station: Station, shape: str, run: Callable[[list[Try]], dict[int, str]]) -> list[str]:
    """What was wrong in all rounds; each ends with everybody in the line again."""
    for number in range(THREADS):
        station.comes(f"CAR{number:03d}")
    wrong: list[str] = []
    for _ in range(ROUNDS):
        wrong += faults(run(SHAPES[shape](station)))
        called = next(row for row in station.queue().line if row.state == "called")
        station.does(Verb.PUT_BACK, called.plate)
    return wrong


@pytest.mark.parametrize("shape", SHAPES)
def test_of_eight_at_one_process_one_wins_each_round(postgres_station: Station, shape: str) -> None:
    start = threading.Barrier(THREADS)

    def at_once(number: int, wanted: Try) -> str:
        start.wait(30)
        return try_it(postgres_station, number, wanted)

    with ThreadPoolExecutor(THREADS) as pool:

        def run(tries: list[Try]) -> dict[int, str]:
            return dict(enumerate(pool.map(at_once, range(THREADS), tries)))

        assert [] == race(postgres_station, shape, run)


@pytest.mark.parametrize("shape", SHAPES)
def test_of_two_at_two_processes_one_wins_each_round(postgres_station: Station, shape: str) -> None:
    with a_racer(postgres_station.url, 0) as one, a_racer(postgres_station.url, 1) as other:

        def run(tries: list[Try]) -> dict[int, str]:
            for racer, wanted in zip((one, other), tries, strict=False):
                _pipe(racer.stdin).write(json.dumps(asdict(wanted)) + "\n")
            for racer in (one, other):
                _pipe(racer.stdin).flush()
            return {0: _line(one), 1: _line(other)}

        assert [] == race(postgres_station, shape, run)


@contextmanager
def a_racer(url: str, number: int) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.central.racing", url, str(number)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    ) as racer:
        try:
            assert "ready" == _line(racer)
            yield racer
        finally:
            racer.kill()


def _line(racer: "subprocess.Popen[str]") -> str:
    return str(_pipe(racer.stdout).readline()).strip()


def _pipe(pipe: object) -> Any:  # a text pipe
    assert pipe is not None
    return pipe
