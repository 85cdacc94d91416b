"""From the loss of contact until nothing can be read: every sign of a station, lit, loses central at once.

Central is frozen (SIGSTOP): its connections stand, and nothing comes.  That is the worst kind of cut, for
nobody is told of it.  The moment is any within a sign's beat.
"""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence

from portvakt.bench.calls import SIGNS, STATION
from portvakt.bench.desk import Desk
from portvakt.bench.doors import Door, doors, wait_until
from portvakt.bench.figure import Figure, figure
from portvakt.bench.fleet import day
from portvakt.bench.server import Bench, running

TARGET_S = 7.2
_BEAT_S = 2.0
_BACK_S = 40.0

Progress = Callable[[str], None]


def measure(cuts: int, progress: Progress, signs: int = SIGNS) -> Iterator[Figure]:
    """Yield the longest time from a cut to darkness, over *cuts* cuts of *signs* signs each."""
    chance = random.Random(11)  # noqa: S311 - moments to cut at
    with running(1) as bench, doors(bench, STATION, signs) as at:
        longest, shortest = [], []
        for number in range(cuts):
            progress(f"cuts, {number + 1} of {cuts}")
            _light(bench, at, number)
            times_s = _cut(bench.pid, at, chance.uniform(0, _BEAT_S))
            longest.append(max(times_s))
            shortest.append(min(times_s))
    yield figure(
        "loss of contact to dark, longest",
        [max(longest)],
        "s",
        target=TARGET_S,
        detail=f"{cuts} cuts of {signs} lit signs, from {min(shortest):.2f} s",
    )


def _light(bench: Bench, at: Sequence[Door], number: int) -> None:
    """Call a car to every door, after those of the last cut have gone."""
    desk = Desk(bench, STATION, f"desk {number}")
    wait_until(lambda: all(door.is_lit for door in at) or not number, "Not lit again.", _BACK_S)
    plates = [plate.display for plate in day(random.Random(number), len(at))]  # noqa: S311
    for door, plate in zip(at, plates, strict=True):
        desk.let_go(door.bay)
        desk.arrive(plate)
        desk.call_next(door.bay)
    wait_until(lambda: all(door.is_lit for door in at), "A door stayed dark.", _BACK_S)
    desk.close()


def _cut(central: int, at: Sequence[Door], after_s: float) -> list[float]:
    """Freeze central *after_s* from now until every door is dark; seconds until each was."""
    time.sleep(after_s)
    os.kill(central, signal.SIGSTOP)
    cut_ns = time.monotonic_ns()
    try:
        wait_until(lambda: all(door.is_out for door in at), "A door stayed lit.", _BACK_S)
    finally:
        os.kill(central, signal.SIGCONT)
    return [(door.changed_ns - cut_ns) / 1e9 for door in at]
