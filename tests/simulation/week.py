"""A week of one station: customers in opening hours, staff who call them, and troubles now and then."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial

from contract.transitions import Verb
from contract.visit import State
from tests.simulation.deeds import CHANGES, TROUBLES, Deed
from tests.simulation.world import World

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
OPENS_MS, CLOSES_MS = 7 * HOUR_MS, 17 * HOUR_MS
CARS_A_DAY = 300
STAY_MS = (12 * 60_000, 25 * 60_000)
LOOKS_MS = 20_000  # how often somebody looks at the board
TROUBLE_MS = 20 * 60_000
LETTERS = "ABCDEFGHJKLMNPRSTUWXYZ"
CARS = tuple(f"{a}{b}C{n}" for a in LETTERS for b in LETTERS for n in range(123, 128))
SATURDAY = 5


@dataclass
class Week:
    """What was played."""

    days: int
    cars: int = 0
    showings: int = 0
    cpu_s: float = 0.0
    happened: Counter[str] = field(default_factory=Counter)
    longest_ms: dict[str, int] = field(default_factory=dict)

    def text(self) -> str:
        """What a person wants to know of it, as a row of a table in Markdown."""
        longest = "; ".join(f"{how} {ms / 1000:.2f} s" for how, ms in self.longest_ms.items())
        return (
            f"| {self.days} days of one station, 8 doors and a yard sign | {self.cars:,} cars,"
            f" {self.showings:,} showings, {sum(self.happened.values()):,} troubles; nothing stale, doubled"
            f" or cancelled; longest lit after the last answered beat: {longest};"
            f" {self.cpu_s:,.0f} s of processor |"
        )


class Staff:
    """Those at the desk: they call who is next, the cars drive in, and out again."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cars = 0

    def looks(self) -> None:
        """Look at the board: call whoever waits to a door that is free, and see who has driven in."""
        world, rng = self.world, self.world.rng
        visits = world.ledger.visits.values()
        busy = {v.bay for v in visits if v.state in (State.CALLED, State.IN_BAY)}
        free = [bay for bay in world.ledger.bays if bay not in busy]
        for visit in [v for v in visits if v.state is State.CALLED]:
            self._is_called(visit.id, str(visit.bay))
        for visit in [v for v in visits if v.state is State.WAITING][: len(free)]:
            world.act(visit.id, Verb.CALL, free.pop(rng.randrange(len(free))))

    def arrives(self) -> None:
        """A car comes."""
        self.cars += self.world.arrive(CARS) is not None

    def forgets(self) -> None:
        """What is over is not looked at any more."""
        visits, calls = self.world.ledger.visits, self.world.ledger.calls
        open_ids = {
            v.id for v in visits.values() if v.state in (State.WAITING, State.CALLED, State.IN_BAY)
        }
        for gone in [v for v in visits if v not in open_ids]:
            del visits[gone]
        for call in [c for c in calls.values() if c.ended_seq is not None]:
            del calls[call.id]

    def _is_called(self, visit: str, bay: str) -> None:
        """Most drive in within a minute; some are fetched, moved, called again or never come."""
        world, rng = self.world, self.world.rng
        chance = rng.random()
        if chance < 0.4:
            world.act(visit, Verb.ENTER, bay)
            world.after(rng.randint(*STAY_MS), partial(self._finishes, visit, bay))
        elif chance < 0.46:
            world.act(visit, Verb.MOVE, rng.choice(list(world.ledger.bays)))
        elif chance < 0.5:
            world.act(visit, rng.choice((Verb.RECALL, Verb.PUT_BACK, Verb.NO_SHOW)), bay)

    def _finishes(self, visit: str, bay: str) -> None:
        if visit in self.world.ledger.visits:
            self.world.act(visit, Verb.FINISH, bay)


def play_week(seed: int, days: int = 7) -> Week:
    """Play some days of a station with eight doors.

    Raises:
        BrokenPromise: a plate stood that must not.
    """
    began_s = time.process_time()
    world = World(seed, doors=8, has_yard_sign=True)
    world.net.loss, world.net.doubled, world.net.slow = 0.01, 0.01, 0.01
    staff, week = Staff(world), Week(days)
    world.start()
    for day in range(days):
        _plan_day(world, staff, day)
    _plan_troubles(world, week, days)
    world.end(days * DAY_MS)
    week.cars, week.showings = staff.cars, world.eye.showings
    week.longest_ms = dict(world.eye.longest_ms)
    week.cpu_s = time.process_time() - began_s
    return week


def _plan_day(world: World, staff: Staff, day: int) -> None:
    rng, opens_ms = world.rng, day * DAY_MS + OPENS_MS
    closes_ms = day * DAY_MS + CLOSES_MS
    world.after(opens_ms, staff.forgets)
    if day % 7 > SATURDAY:
        return
    for at_ms in _moments(rng, opens_ms, closes_ms, (CLOSES_MS - OPENS_MS) / CARS_A_DAY):
        world.after(at_ms, staff.arrives)
    for at_ms in range(opens_ms, closes_ms + 2 * HOUR_MS, LOOKS_MS):
        world.after(at_ms + rng.randint(0, 5_000), staff.looks)


def _plan_troubles(world: World, week: Week, days: int) -> None:
    """By day and by night; now and then somebody hangs a sign elsewhere, too, and it comes back."""
    hung = {device: sign.bay for device, sign in world.ledger.signs.items()}
    kinds: dict[str, tuple[int, Deed]] = {**TROUBLES, "a spare": CHANGES["spare"]}
    for at_ms in _moments(world.rng, 0, days * DAY_MS, TROUBLE_MS):
        name = world.rng.choices(list(kinds), [weight for weight, _ in kinds.values()])[0]
        week.happened[name] += 1
        world.after(at_ms, partial(kinds[name][1], world, world.rng))
    for at_ms in range(HOUR_MS, days * DAY_MS, HOUR_MS):
        world.after(at_ms, partial(_as_before, world, hung))


def _as_before(world: World, hung: dict[str, str | None]) -> None:
    """Every sign over its own door, every clock right."""
    for device, bay in hung.items():
        if world.ledger.signs[device].bay != bay:
            world.hang(device, bay)
    for process in world.processes:
        process.wall_off_ms = 0


def _moments(rng: random.Random, first_ms: int, last_ms: int, mean_ms: float) -> list[int]:
    moments, at_ms = [], first_ms + int(rng.expovariate(1 / mean_ms))
    while at_ms < last_ms:
        moments.append(at_ms)
        at_ms += 1 + int(rng.expovariate(1 / mean_ms))
    return moments
