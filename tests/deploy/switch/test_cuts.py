"""The plug is pulled at every step of an update, once and twice: there is always a release that works."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.deploy.switch.worlds import FRESH, NEW, OLD, SIGN, UNITS, CutDisk, PowerCut, World

STEPS_AT_LEAST = 6


def cuts(root: Path, *, bad: bool) -> Iterator[CutDisk]:
    """A disk for each step of an update, cut before it and after it, until one is never cut."""
    for step in count(1):
        for after in (False, True):
            disk = CutDisk(step, after=after)
            world = World(root / f"probe-{step}-{after}", bad=bad)
            world.live_through([disk])
            if disk.steps < step:
                assert step > STEPS_AT_LEAST, "the update took so few steps that nothing was cut"
                return
            yield CutDisk(step, after=after)


def check(world: World, *, bad: bool, cut: str) -> None:
    assert world.current == (OLD if bad else NEW), cut
    assert world.trials.records.trial() is None, cut
    assert world.machine.runs_from[SIGN] == world.current, cut
    has_fresh = (world.place.path(UNITS) / FRESH).is_symlink()
    assert has_fresh is not bad, f"{cut}: the units are those of the release that runs"


@pytest.mark.parametrize("bad", [False, True], ids=["good", "bad"])
def test_one_cut_at_any_step_ends_on_a_working_release(tmp_path: Path, *, bad: bool) -> None:
    for number, disk in enumerate(cuts(tmp_path, bad=bad)):
        world = World(tmp_path / f"{number}", bad=bad)
        world.live_through([disk])
        check(world, bad=bad, cut=f"cut at {disk.cut_at}, after: {disk.after}")


@pytest.mark.parametrize("bad", [False, True], ids=["good", "bad"])
def test_a_second_cut_while_the_first_is_mended_does_too(tmp_path: Path, *, bad: bool) -> None:
    seen = 0
    for first in cuts(tmp_path, bad=bad):
        for step in count(1):
            second = CutDisk(step)
            world = World(tmp_path / f"{first.cut_at}-{first.after}-{step}", bad=bad)
            world.live_through([CutDisk(first.cut_at, after=first.after), second])
            check(world, bad=bad, cut=f"cuts at {first.cut_at} and {step}")
            seen += 1
            if second.steps < step:
                break
    assert seen > STEPS_AT_LEAST**2


def test_a_good_release_whose_watch_is_cut_off_three_times_is_taken_back(tmp_path: Path) -> None:
    """Each boot might be its own doing: a crash of the kernel, a hang that the watchdog ended."""
    world = World(tmp_path, bad=False)
    for _ in range(3):
        world.machine.cut_at_s = world.machine.now + 30
        with pytest.raises(PowerCut):
            world.update()
        assert world.current == NEW
        world.boot()

    assert world.current == OLD
    assert world.machine.runs_from == {SIGN: OLD}
    assert "started 3 times" in world.trials.records.bad()["26.11.5-bbbbbbbb"]
    world.update()
    assert world.current == OLD, "it is not tried again"


def test_two_boots_in_its_watch_do_not_condemn_a_release(tmp_path: Path) -> None:
    world = World(tmp_path, bad=False)
    world.trials.begin(NEW)
    world.boot()
    world.boot()
    world.update()

    assert world.current == NEW
    assert world.trials.records.bad() == {}
    assert world.trials.records.last()["phase"] == "settled"


def test_a_release_that_lost_its_mark_is_left_at_the_next_boot(tmp_path: Path) -> None:
    """A dying card: whatever is whole takes its place."""
    world = World(tmp_path, bad=False)
    world.update()
    (world.place.path("/opt/portvakt/releases") / NEW / "release.json").unlink()

    world.boot()

    assert world.current == OLD
