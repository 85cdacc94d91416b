"""Thousands of histories of one yard: no plate after its lease or its end, none on two doors at once."""

import logging
from collections import Counter

import pytest

from central.signs import lit, naming
from tests.simulation.course import BrokenPromise
from tests.simulation.deeds import CHANGES, TROUBLES
from tests.simulation.many import play
from tests.simulation.schedules import a_busy_while
from tests.simulation.weaker import PLANTED, SOAK, any_dark_report_frees, without_the_rule
from tests.simulation.week import play_week
from tests.simulation.world import Parts, World, a_calm_while, dark_calls

SCHEDULES = 4_000 if SOAK else 300
BUSY_SEEDS = 3_000 if SOAK else 60
CALM_SEEDS = 1_000 if SOAK else 30
DAYS = 7 if SOAK else 1
BUSY_MIN = 2.0


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Panels fail here on purpose, many thousand times."""
    caplog.set_level(logging.CRITICAL, "signage")


def busy(seed: int, parts: Parts = Parts()) -> World:  # noqa: B008 - it is frozen
    world = World(seed, parts=parts)
    try:
        a_busy_while(world, BUSY_MIN)
    except BrokenPromise as broken:
        pytest.fail(f"seed {seed} at {world.now_ms} ms: {broken}")
    return world


def test_around_a_change_no_frame_is_stale_doubled_or_cancelled() -> None:
    faults, done = [], Counter[str]()
    for seed in range(SCHEDULES):
        tally = play(seed)
        faults += tally.faults
        done += tally.changes + tally.troubles
        done["showings"] += tally.showings
    assert [] == faults, "replay: tests.simulation.many.play(seed)"
    assert done["showings"] > 5 * SCHEDULES, "without plates to show nothing is proven"
    assert set() == {*CHANGES, *TROUBLES} - set(done)


def test_no_busy_history_shows_a_plate_after_its_time_or_on_two_doors() -> None:
    showings = sum(busy(seed).eye.showings for seed in range(BUSY_SEEDS))
    assert showings > 3 * BUSY_SEEDS, (
        "the histories must have plates to show, or they prove nothing"
    )


def test_days_of_one_station_show_nothing_false() -> None:
    week = play_week(1, DAYS)
    assert week.cars > 200 * DAYS * 6 / 7
    assert week.showings > week.cars


def test_when_the_network_heals_every_call_that_stands_is_lit() -> None:
    for seed in range(CALM_SEEDS):
        world = busy(seed)
        a_calm_while(world, seconds=75)
        assert [] == dark_calls(world), f"seed {seed}"


def test_a_history_is_the_same_every_time_it_is_played() -> None:
    stories: list[list[str]] = [[], []]
    for story in stories:
        a_busy_while(World(7, trace=story.append), BUSY_MIN)
    assert stories[0] == stories[1]
    assert len(stories[0]) > 100


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found_within_few_schedules(fault: str) -> None:
    found = next((seed for seed in range(100) if play(seed, PLANTED[fault]).faults), None)
    assert found is not None


def test_a_yard_sign_that_names_a_door_too_long_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its row is waited out, and yet it is named in every answer."""

    def has_a_row(station: lit.Station, call: lit.Call) -> bool:
        own = naming._own(station, call.bay, call.match_key)
        return own is not None and own.call == call.id

    monkeypatch.setattr(naming, "_may_be_named", has_a_row)
    assert any(play(seed).faults for seed in range(0, 200, 2))


@pytest.mark.parametrize("weaker", [without_the_rule, any_dark_report_frees])
def test_the_search_finds_a_plate_on_two_doors_in_a_weaker_rule(
    weaker: type[lit.Verdict],
) -> None:
    parts = Parts(decide=weaker, rows_matter=False, is_hasty=True)
    with pytest.raises(BrokenPromise, match="on two doors"):  # noqa: PT012 - until one is found
        for seed in range(400):
            a_busy_while(World(seed, parts=parts), BUSY_MIN)
