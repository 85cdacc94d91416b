"""From the call at the desk to the last byte at the panel, beside what polling makes of the same calls.

All of it is real but the panel: central's process, a sign's process above each door, their HTTP and their
stream.  The moment of the call is when the desk begins to ask; the last byte is the one that lights the
panel.  Beside it two clients poll the same central every two and every three seconds, as the sign
controllers of other systems do, and the first answer to a question that was asked after central had
acknowledged the call is when they would have known: without a lease, without their own drawing.
"""

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from portvakt.bench.crowd import SIGNS_A_STATION, crowd
from portvakt.bench.desk import Desk
from portvakt.bench.doors import Door, doors, wait_until
from portvakt.bench.figure import Figure, figure, quantile
from portvakt.bench.fleet import day
from portvakt.bench.server import Bench, BenchFailed, running

STATION = "bench-0"
SIGNS = 20
CROWD = 980  # with the twenty signs a thousand devices
TARGET_MS, CROWDED_TARGET_MS = 100.0, 250.0
POLLS_S = (2.0, 3.0)
LIT_WITHIN_S = 30.0
PAUSE_S = (0.0, 0.2)

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Called:
    """Moments of one call, in ns of CLOCK_MONOTONIC: asked, acknowledged by central, lit."""

    asked_ns: int
    said_ns: int
    lit_ns: int

    @property
    def ms(self) -> float:
        """From the asking to the last byte."""
        return (self.lit_ns - self.asked_ns) / 1e6


class Poller:
    """Asks for the whole yard every *every_s*, and notes when each question went and was answered."""

    def __init__(self, desk: Desk, every_s: float) -> None:
        self.every_s = every_s
        self.asked: list[tuple[int, int]] = []
        self._desk = desk
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def known_ms(self, call: Called) -> float | None:
        """When this one would have known of *call*; None if it had not by the time it was stopped."""
        for asked_ns, answered_ns in self.asked:
            if asked_ns >= call.said_ns:
                return (answered_ns - call.asked_ns) / 1e6
        return None

    def close(self) -> None:
        """Ask once more, and stop."""
        self._leaving.set()
        self._thread.join()
        self._desk.close()

    def _run(self) -> None:
        while True:
            leaving = self._leaving.wait(self.every_s)
            asked_ns = time.monotonic_ns()
            self._desk.queue()
            self.asked.append((asked_ns, time.monotonic_ns()))
            if leaving:
                return


def measure(passes: int, calls: int, progress: Progress, crowd_of: int = CROWD) -> Iterator[Figure]:
    """Yield the time to the last byte with *SIGNS* signs, that of polling, and the same in a crowd."""
    others = [f"bench-{number + 1}" for number in range(-(-crowd_of // SIGNS_A_STATION))]
    with running(1 + len(others)) as bench, doors(bench, STATION, SIGNS) as at:
        desk = Desk(bench, STATION, "desk")
        pollers = [Poller(Desk(bench, STATION, f"poller {s:g}"), s) for s in POLLS_S]
        try:
            rounds = _rounds(desk, at, passes, calls, progress)
        finally:
            for poller in pollers:
                poller.close()
        yield _figure(f"call to last byte, {SIGNS} signs", rounds, TARGET_MS)
        yield from (_polled(poller, rounds) for poller in pollers)
        if crowd_of:
            yield _crowded(bench, desk, at, others, crowd_of, (passes, calls), progress)
        desk.close()


def _crowded(
    bench: Bench,
    desk: Desk,
    at: Sequence[Door],
    others: list[str],
    count: int,
    size: tuple[int, int],
    progress: Progress,
) -> Figure:
    progress(f"calls: {count} more devices connect")
    with crowd(bench, others, count):
        rounds = _rounds(desk, at, *size, progress)
    return _figure(
        f"call to last byte, {count + len(at)} devices connected", rounds, CROWDED_TARGET_MS
    )


def _rounds(
    desk: Desk, at: Sequence[Door], passes: int, calls: int, progress: Progress
) -> list[list[Called]]:
    chance = random.Random(7)  # noqa: S311 - plates, and moments to call at
    plates = iter([plate.display for plate in day(chance, passes * calls)])
    # In turn: a door that went dark a moment ago may not beat again for a tenth of a second.
    turns = itertools.cycle(at)
    rounds = []
    for number in range(passes):
        progress(f"calls, pass {number + 1} of {passes}")
        one = []
        for _ in range(calls):
            time.sleep(chance.uniform(*PAUSE_S))
            one.append(_called(desk, next(turns), next(plates)))
        rounds.append(one)
    return rounds


def _called(desk: Desk, door: Door, plate: str) -> Called:
    """Let one car arrive and call it; let it go when it is lit."""
    desk.arrive(plate)
    asked_ns = time.monotonic_ns()
    desk.call_next(door.bay)
    said_ns = time.monotonic_ns()
    wait_until(lambda: door.is_lit, f"Door {door.bay} stayed dark.", LIT_WITHIN_S)
    call = Called(asked_ns, said_ns, door.changed_ns)
    desk.let_go(door.bay)
    wait_until(lambda: door.is_out, f"Door {door.bay} stayed lit.", LIT_WITHIN_S)
    return call


def _figure(name: str, rounds: list[list[Called]], target_ms: float) -> Figure:
    middle = quantile([call.ms for one in rounds for call in one], 0.5)
    return figure(
        f"{name}, p95",
        [quantile([call.ms for call in one], 0.95) for one in rounds],
        "ms",
        target=target_ms,
        detail=f"p50 {middle:.0f} ms of {sum(map(len, rounds))} calls",
    )


def _polled(poller: Poller, rounds: list[list[Called]]) -> Figure:
    known = [[ms for call in one if (ms := poller.known_ms(call)) is not None] for one in rounds]
    if not all(known):
        raise BenchFailed("The bench was over before a poller had asked; take more calls.")
    middle = quantile([ms for one in known for ms in one], 0.5)
    return figure(
        f"the same, polling every {poller.every_s:g} s, p95",
        [quantile(one, 0.95) for one in known],
        "ms",
        detail=f"p50 {middle:.0f} ms, without lease or drawing",
    )
