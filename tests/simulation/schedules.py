"""Schedules of one to three minutes around a change, and busy whiles in which something always happens."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial

from contract.transitions import Verb
from tests.simulation.deeds import CHANGES, TROUBLES, Deed
from tests.simulation.world import World

MEAN_PAUSE_MS = 2_000


@dataclass
class Played:
    """What a schedule held."""

    minutes: float
    changes: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)


def around_a_change(world: World) -> Played:
    """Light some plates; then one to three changes close together, with troubles just before and after."""
    rng = world.rng
    # Most are a little more than a minute: enough for every lease, wait and restart to come to its end.
    length_ms = 60_000 + min(120_000, int(rng.expovariate(1 / 15_000)))
    world.net.loss, world.net.doubled, world.net.slow = rng.choice(
        ((0, 0, 0), (0, 0, 0), (0.02, 0.02, 0.02), (0.1, 0.1, 0.1), (0.25, 0.25, 0.2))
    )
    world.start()
    for bay in rng.sample(list(world.ledger.bays), rng.randint(1, 4)):
        world.after(rng.randint(0, 2_000), partial(_light, world, bay))
    played = Played(length_ms / 60_000)
    change_ms = rng.randint(6_000, 25_000)
    for _ in range(rng.choice((1, 1, 2, 3))):
        at_ms = change_ms + int(rng.expovariate(1 / 2_500))
        _plan(world, at_ms, CHANGES, played.changes)
    for _ in range(rng.choice((0, 1, 1, 2, 2, 3))):
        at_ms = max(0, change_ms + int(rng.gauss(0, 4_000)))
        _plan(world, at_ms, TROUBLES, played.troubles)
    world.end(length_ms)
    return played


def a_busy_while(world: World, minutes: float) -> Played:
    """Something happens every few seconds."""
    played = Played(minutes)
    world.start()
    at_ms = 0
    while at_ms < minutes * 60_000:
        trouble = world.rng.random() < 0.15
        _plan(
            world, at_ms, *((TROUBLES, played.troubles) if trouble else (CHANGES, played.changes))
        )
        at_ms += int(world.rng.expovariate(1 / MEAN_PAUSE_MS)) + 1
    world.end(int(minutes * 60_000))
    return played


def _light(world: World, bay: str) -> None:
    visit = world.arrive()
    if visit:
        world.act(visit, Verb.CALL, bay)


def _plan(
    world: World, at_ms: int, deeds: dict[str, tuple[int, Deed]], count: Counter[str]
) -> None:
    name = world.rng.choices(list(deeds), [weight for weight, _ in deeds.values()])[0]
    count[name] += 1
    deed = deeds[name][1]

    def happens() -> None:
        world.say(f"-- {name}")
        deed(world, world.rng)

    world.after(at_ms, happens)
