"""Very many schedules and a week: `python -m tests.simulation.many --schedules 100000 --jobs 2`.

What was played is kept in a file after each thousand, so a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.simulation.course import BrokenPromise
from tests.simulation.schedules import around_a_change
from tests.simulation.week import play_week
from tests.simulation.world import Parts, World

DOORS = 8
BATCH = 100
KEPT_EVERY = 1_000
COLLECT_EVERY = 25
RECORD = """| `python -m tests.simulation.many --week`, 8 doors, a yard sign in every other | result |
| --- | --- |"""
USUAL = Parts()


@dataclass
class Tally:
    """What many histories held together."""

    schedules: int = 0
    minutes: float = 0.0
    showings: int = 0
    cpu_s: float = 0.0
    changes: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    longest_ms: dict[str, tuple[int, int]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Count another's histories too."""
        self.schedules += other.schedules
        self.minutes += other.minutes
        self.showings += other.showings
        self.cpu_s += other.cpu_s
        self.changes += other.changes
        self.troubles += other.troubles
        self.faults += other.faults
        self.beyond += other.beyond
        for how, most in other.longest_ms.items():
            self.longest_ms[how] = max(most, self.longest_ms.get(how, most))

    def text(self) -> str:
        """What a person wants to know of it, as rows of a table in Markdown."""
        longest = "; ".join(
            f"{how} {ms / 1000:.2f} s (seed {seed})"
            for how, (ms, seed) in sorted(self.longest_ms.items())
        )
        rows = {
            "schedules, simulated hours": f"{self.schedules:,}, {self.minutes / 60:,.0f}",
            "plates that came to stand on a sign": f"{self.showings:,}",
            "changes": _counted(self.changes),
            "troubles": _counted(self.troubles),
            "frames with a stale, doubled or cancelled plate": f"{len(self.faults)}",
            "the same where two things befell one sign at once": f"{len(self.beyond)}",
            "longest lit after the last answered beat, by what befell the sign": longest,
            "processor": f"{self.cpu_s:,.0f} s, {1000 * self.cpu_s / max(1, self.schedules):.1f} ms each",
        }
        return "\n".join(f"| {name} | {what} |" for name, what in rows.items())


def play(seed: int, parts: Parts = USUAL) -> Tally:
    """One schedule; a broken promise is in its `faults`."""
    began_s = time.process_time()
    world = World(seed, doors=DOORS, parts=parts, has_yard_sign=seed % 2 == 0)
    tally = Tally(schedules=1)
    try:
        played = around_a_change(world)
    except BrokenPromise as broken:
        tally.faults.append(f"seed {seed} at {world.now_ms} ms: {broken}")
    else:
        tally.changes, tally.troubles = played.changes, played.troubles
    tally.beyond = [f"seed {seed}: {how}" for how in world.eye.beyond]
    tally.minutes = world.now_ms / 60_000
    tally.showings = world.eye.showings
    tally.longest_ms = {how: (ms, seed) for how, ms in world.eye.longest_ms.items()}
    tally.cpu_s = time.process_time() - began_s
    return tally


def play_some(seeds: Sequence[int]) -> Tally:
    """Several schedules, one after another."""
    logging.disable(logging.CRITICAL)  # every failed write would be a line
    together = Tally()
    # A history is many small things that all end together: looking for them meanwhile costs a quarter.
    gc.disable()
    for seed in seeds:
        together.add(play(seed))
        if seed % COLLECT_EVERY == 0:
            gc.collect()
    gc.enable()
    return together


def play_many(first: int, schedules: int, jobs: int) -> Iterator[Tally]:
    """All schedules from a first seed on, on several processors, in batches."""
    batches = [
        range(at, min(at + BATCH, first + schedules))
        for at in range(first, first + schedules, BATCH)
    ]
    if jobs == 1:
        yield from map(play_some, batches)
        return
    with multiprocessing.Pool(jobs) as pool:
        yield from pool.imap(play_some, batches)


def kept(file: Path) -> Tally:
    """What a run that was stopped had played."""
    if not file.exists():
        return Tally()
    before = json.loads(file.read_text("utf-8"))
    before["changes"], before["troubles"] = Counter(before["changes"]), Counter(before["troubles"])
    before["longest_ms"] = {how: (ms, seed) for how, (ms, seed) in before["longest_ms"].items()}
    return Tally(**before)


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, say how it goes, and give 1 when a promise was broken."""
    asked = _asked(arguments)
    done = kept(asked.keep)
    at_first, began_s = done.schedules, time.monotonic()
    for tally in play_many(asked.from_seed + at_first, asked.schedules - at_first, asked.jobs):
        done.add(tally)
        for fault in tally.faults:
            _say(f"FAULT {fault}")
        if done.schedules % KEPT_EVERY == 0 or done.schedules == asked.schedules:
            asked.keep.parent.mkdir(parents=True, exist_ok=True)
            asked.keep.write_text(json.dumps(vars(done)), "utf-8")
            rate = (done.schedules - at_first) / (time.monotonic() - began_s)
            _say(_progress(done, asked.schedules, rate))
    week = play_week(asked.from_seed).text() if asked.week else ""
    _say(week)
    _say("\n".join((*done.faults, *done.beyond)) + "\n" + done.text())
    if asked.record is not None:
        with asked.record.open("a", encoding="utf-8") as record:
            record.write(f"\n{RECORD}\n{done.text()}\n{week}\n")
    return 1 if done.faults else 0


def _progress(done: Tally, wanted: int, rate: float) -> str:
    return (
        f"{done.schedules:,} of {wanted:,}, {rate:.0f} a second,"
        f" {(wanted - done.schedules) / rate / 60:.0f} min to go, {len(done.faults)} faults,"
        f" longest {max((ms for ms, _ in done.longest_ms.values()), default=0)} ms"
    )


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.many", description=__doc__)
    parser.add_argument("--schedules", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--from-seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("build/many.json"))
    parser.add_argument("--record", type=Path, help="a page to which the result is added")
    parser.add_argument("--week", action="store_true", help="a whole week at the end")
    return parser.parse_args(arguments)


def _counted(what: Counter[str]) -> str:
    return ", ".join(f"{name} {times:,}" for name, times in what.most_common())


if __name__ == "__main__":
    sys.exit(main())
