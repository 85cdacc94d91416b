"""Thousands of histories of one yard: no plate after its lease or its end, none on two doors at once."""

import pytest

from tests.simulation.course import BrokenPromise
from tests.simulation.weaker import SOAK, any_dark_report_frees, without_the_rule
from tests.simulation.world import World, a_busy_while, a_calm_while, dark_calls

SEEDS = 5_000 if SOAK else 150
CALM_SEEDS = 1_000 if SOAK else 60
BUSY_MIN = 2.0


def play(seed: int, **how: object) -> World:
    world = World(seed, **how)  # type: ignore[arg-type]
    try:
        a_busy_while(world, BUSY_MIN)
    except BrokenPromise as broken:
        pytest.fail(
            f"seed {seed} at {world.now_ms} ms: {broken}; replay: play({seed}, trace=print)"
        )
    return world


def test_no_history_shows_a_plate_after_its_time_or_on_two_doors() -> None:
    showings = sum(len(play(seed).lights.leases) for seed in range(SEEDS))
    assert showings > 3 * SEEDS, "the histories must have plates to show, or they prove nothing"


def test_when_the_network_heals_every_call_that_stands_is_lit() -> None:
    for seed in range(CALM_SEEDS):
        world = play(seed)
        a_calm_while(world, seconds=45)
        assert [] == dark_calls(world), f"seed {seed}"


def test_a_history_is_the_same_every_time_it_is_played() -> None:
    stories: list[list[str]] = [[], []]
    for story in stories:
        play(7, trace=story.append)
    assert stories[0] == stories[1]
    assert len(stories[0]) > 100


@pytest.mark.parametrize("weaker", [without_the_rule, any_dark_report_frees])
def test_the_search_finds_the_fault_in_a_weaker_rule(weaker: object) -> None:
    broken = []
    for seed in range(SEEDS):
        try:
            a_busy_while(World(seed, decide=weaker), BUSY_MIN)  # type: ignore[arg-type]
        except BrokenPromise as found:
            broken.append(str(found))
            break
    assert broken
