"""An update as systemd and a technician see it."""

import errno
import json
from contextlib import suppress
from pathlib import Path

import pytest

from deploy.errors import InstallError
from deploy.switch.disk import Disk
from deploy.switch.place import RELEASES
from tests.deploy.switch.worlds import (
    FRESH,
    NEW,
    OLD,
    SIGN,
    UNITS,
    CutDisk,
    PowerCut,
    World,
    make_release,
)

RELEASE = "26.11.5-bbbbbbbb"


def last(world: World) -> dict[str, object]:
    return world.trials.records.last()


def test_a_good_release_stays_with_the_unit_that_it_brings(tmp_path: Path) -> None:
    world = World(tmp_path, bad=False)

    world.update()

    assert world.machine.runs_from == {SIGN: NEW, FRESH: NEW}
    assert (last(world)["phase"], last(world)["about"]) == ("settled", RELEASE)


def test_a_bad_release_is_taken_back_and_said_why(tmp_path: Path) -> None:
    world = World(tmp_path, bad=True)

    world.update()

    assert world.machine.runs_from == {SIGN: OLD}, "the unit that it brought is stopped"
    assert last(world)["phase"] == "rolled_back"
    assert last(world)["why"] == f"{SIGN} is failed"
    assert world.trials.records.bad() == {RELEASE: f"{SIGN} is failed"}


def test_while_it_is_tried_the_machine_says_so(tmp_path: Path) -> None:
    world = World(tmp_path, bad=False)

    world.trials.begin(NEW)

    assert last(world)["phase"] == "trial"
    assert world.trials.records.trial() is not None


def test_a_unit_that_a_person_switched_off_stays_off(tmp_path: Path) -> None:
    """As the single central does where two share one database."""
    world = World(tmp_path, bad=False)
    (world.place.path(UNITS) / SIGN).unlink()
    world.machine.runs_from = {}

    world.update()

    assert SIGN not in world.machine.runs_from
    assert not (world.place.path(UNITS) / SIGN).is_symlink()
    assert (world.place.path(UNITS) / FRESH).is_symlink()


def test_a_person_goes_back_and_the_release_is_not_tried_again(tmp_path: Path) -> None:
    world = World(tmp_path, bad=False)
    world.update()

    assert world.trials.back() == OLD

    assert world.machine.runs_from == {SIGN: OLD}
    assert world.trials.records.bad() == {RELEASE: "a person went back"}
    world.update()
    assert world.current == OLD


def test_a_person_goes_back_in_the_middle_of_a_trial(tmp_path: Path) -> None:
    world = World(tmp_path, bad=False)
    world.trials.begin(NEW)

    assert world.trials.back() == OLD
    assert world.trials.records.trial() is None


def test_there_may_be_nothing_to_go_back_to(tmp_path: Path) -> None:
    world = World(tmp_path, bad=False)
    world.trials.records.condemn(RELEASE, "it was bad")

    with pytest.raises(InstallError, match="no release to go back to"):
        world.trials.back()

    assert world.current == OLD


def test_a_forgotten_bad_release_is_tried_again(tmp_path: Path) -> None:
    world = World(tmp_path, bad=True)
    world.update()
    world.machine.bad = set()
    world.trials.records.forget(RELEASE)

    world.update()

    assert world.current == NEW


def test_an_update_ended_between_two_steps_goes_on_without_a_boot(tmp_path: Path) -> None:
    """systemd stopped the updater, and starts it again because a trial is under way."""
    world = World(tmp_path, bad=True)
    world.trials.begin(NEW)
    world.trials.records.condemn(RELEASE, "it was bad")

    world.watch()

    assert world.machine.runs_from == {SIGN: OLD}
    assert world.trials.records.trial() is None


def test_a_folder_in_the_place_of_a_unit_takes_the_release_back(tmp_path: Path) -> None:
    """Somebody's override is not ours to remove, and half a release must not stay."""
    world = World(tmp_path, bad=False)
    (world.place.path(UNITS) / FRESH).mkdir(parents=True)

    world.update()

    assert world.current == OLD
    assert world.machine.runs_from == {SIGN: OLD}
    assert "is a folder; move it away" in world.trials.records.bad()[RELEASE]


def test_a_full_disk_does_not_keep_a_bad_release(tmp_path: Path) -> None:
    class Full(Disk):
        def write(self, path: Path, text: str, mode: int = 0o644) -> None:
            if path.name == "bad.json":
                raise OSError(errno.ENOSPC, "No space left on device")
            super().write(path, text, mode)

    world = World(tmp_path, bad=True)
    world.disk = Full()

    world.update()

    assert world.current == OLD
    assert world.machine.runs_from == {SIGN: OLD}


def test_a_unit_that_a_bad_release_dropped_runs_again(tmp_path: Path) -> None:
    world = World(tmp_path, bad=False)
    world.update()
    third = "26.11.6-cccccccc.sign"
    make_release(world.place, third, [SIGN])
    world.machine.bad = {third}

    world.trials.begin(third)
    assert FRESH not in world.machine.runs_from
    world.watch()

    assert world.machine.runs_from == {SIGN: NEW, FRESH: NEW}
    assert (world.place.path(UNITS) / FRESH).is_symlink()


def test_a_unit_that_a_good_release_dropped_leaves_no_link_to_nothing(tmp_path: Path) -> None:
    world = World(tmp_path, bad=False)
    world.update()
    third = "26.11.6-cccccccc.sign"
    make_release(world.place, third, [SIGN])

    world.trials.begin(third)
    world.watch()

    assert world.machine.runs_from == {SIGN: third}
    assert not (world.place.path(UNITS) / FRESH).is_symlink()


def test_a_unit_file_of_a_persons_own_stays(tmp_path: Path) -> None:
    world = World(tmp_path, bad=False)
    (world.place.path(UNITS) / FRESH).write_text("[Service]\n# ours\n")

    world.update()

    assert world.current == NEW
    assert not (world.place.path(UNITS) / FRESH).is_symlink()
    assert "# ours" in (world.place.path(UNITS) / FRESH).read_text()


def test_several_centrals_on_one_database_are_restarted_and_watched(tmp_path: Path) -> None:
    """They are instances of one unit, and a person says which there are."""
    world = World(tmp_path, bad=False)
    several = "portvakt-central@.service"
    third, fourth = "26.11.6-cccccccc.sign", "26.11.7-dddddddd.sign"
    one = "portvakt-central@8081.service"
    for folder in (third, fourth):
        make_release(world.place, folder, [several])
        path = world.place.path(RELEASES) / folder / "release.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"units": []}))
        if folder == third:
            world.trials.settle_on(third)
    world.machine.runs_from = {one: third}
    world.machine.bad = {fourth}

    world.trials.begin(fourth)
    assert world.machine.runs_from == {one: fourth}
    world.watch()

    assert world.machine.runs_from == {one: third}


def test_two_releases_stay_on_the_disk(tmp_path: Path) -> None:
    world = World(tmp_path, bad=False)
    world.update()
    third = "26.11.6-cccccccc.sign"
    make_release(world.place, third, [SIGN, FRESH])
    torso = world.place.path(RELEASES) / "26.11.7-dddddddd.sign"
    torso.mkdir()

    world.trials.begin(third)
    world.watch()

    found = {path.name for path in world.place.path(RELEASES).iterdir()}
    assert found == {NEW, third}


def test_a_customer_who_types_is_waited_for(tmp_path: Path) -> None:
    world = World(tmp_path, bad=False)
    world.machine.busy_until = 40.0
    world.machine.told.clear()

    world.trials.begin(NEW)

    assert world.machine.now >= 40.0
    assert world.machine.runs_from[SIGN] == NEW


def test_a_key_that_hangs_does_not_hold_up_an_update_for_ever(tmp_path: Path) -> None:
    world = World(tmp_path, bad=False)
    world.machine.busy_until = 1e9

    world.update()

    assert world.current == NEW


def test_what_a_person_installs_in_a_watch_is_left_alone(tmp_path: Path) -> None:
    """The updater of the night watches on, and must neither remove nor undo it."""
    world = World(tmp_path, bad=True)
    world.trials.begin(NEW)
    third = "26.11.6-cccccccc.sign"
    make_release(world.place, third, [SIGN])
    world.machine.at_s[10.0] = lambda: world.trials.settle_on(third)

    world.watch()

    assert world.current == third
    assert (world.place.path(RELEASES) / third / "release.json").exists()


def test_two_who_watch_the_same_trial_end_it_once(tmp_path: Path) -> None:
    """A person took a release, and systemd starts the updater beside them because a trial is under way."""
    world = World(tmp_path, bad=True)
    world.trials.begin(NEW)
    world.machine.at_s[10.0] = world.watch

    world.watch()

    assert world.current == OLD
    assert world.machine.told.count(f"restart {SIGN}") == 2, "once at first, once on the way back"


def test_a_disk_that_takes_nothing_more_still_lets_go_of_a_bad_release(tmp_path: Path) -> None:
    class Full(Disk):
        def write(self, path: Path, text: str, mode: int = 0o644) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    world = World(tmp_path, bad=True)
    world.trials.begin(NEW)
    world.disk = Full()

    world.watch()

    assert world.current == OLD
    assert world.machine.runs_from == {SIGN: OLD}
    assert world.trials.records.trial() is None


def test_a_trial_that_cannot_be_read_is_over_at_the_next_boot(tmp_path: Path) -> None:
    world = World(tmp_path, bad=False)
    world.trials.begin(NEW)
    (world.trials.records.folder / "trial.json").write_text('{"to": 3')

    world.boot()

    assert not (world.trials.records.folder / "trial.json").exists()
    assert world.machine.runs_from[SIGN] == NEW


def test_the_check_before_our_services_counts_a_boot_once(tmp_path: Path) -> None:
    """A technician restarts it, or systemd starts it again because another unit wants it."""
    world = World(tmp_path, bad=False)
    world.trials.begin(NEW)
    world.boot()
    for _ in range(5):
        world.trials.boot()

    world.update()

    assert world.current == NEW


def test_a_unit_that_a_release_brings_and_that_falls_takes_it_back(tmp_path: Path) -> None:
    world = World(tmp_path, bad=False)
    world.machine.fallen = {FRESH}

    world.update()

    assert world.current == OLD
    assert world.trials.records.bad() == {RELEASE: f"{FRESH} is auto-restart"}


def test_an_installation_that_was_cut_is_mended_by_the_next_one(tmp_path: Path) -> None:
    for step in range(1, 12):
        world = World(tmp_path / f"{step}", bad=False)
        make_release(world.place, NEW, [SIGN, FRESH])
        world.disk = CutDisk(step)
        with suppress(PowerCut):
            world.trials.settle_on(NEW)
        world.disk = Disk()
        world.trials.settle_on(NEW)

        assert world.current == NEW
        for unit in (SIGN, FRESH):
            assert (world.place.path(UNITS) / unit).is_symlink(), f"cut at {step}: no {unit}"
