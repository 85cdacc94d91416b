"""Which release stands there when a person installs; what an update does on its own is in switch/."""

import json
import platform
from contextlib import suppress
from pathlib import Path

import pytest

from deploy import release, roles
from deploy.errors import InstallError
from deploy.platforms import Python
from deploy.release import make_current, put
from deploy.roles import release_name
from deploy.switch.disk import Disk
from deploy.switch.place import UNITS, Place
from deploy.switch.staging import roles_here
from deploy.target import Target
from tests.deploy.places import copied_checkout
from tests.deploy.switch.worlds import FRESH, NEW, SIGN, CutDisk, PowerCut, make_release

UNITS_OF_IT = (SIGN, FRESH)


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return Target(Place(tmp_path, is_root=False), Python((3, 11), platform.machine(), (2, 36)))


def staged(target: Target, version: str, roles: str) -> str:
    folder = f"{version}.{roles}"
    path = target.place.path(f"/opt/portvakt/releases/{folder}")
    path.mkdir(parents=True)
    mark = {"release": version, "roles": roles.split("-"), "units": [], "links": []}
    (path / "release.json").write_text(json.dumps(mark))
    return folder


def test_the_one_before_is_kept_and_older_ones_go(target: Target) -> None:
    names = []
    for number in range(3):
        names.append(staged(target, f"26.1.{number}", "sign"))
        assert make_current(target, names[-1])

    kept = {path.name for path in target.place.path("/opt/portvakt/releases").iterdir()}
    assert kept == set(names[1:])
    assert roles_here(target.place) == ["sign"]


def test_the_same_release_again_is_no_change(target: Target) -> None:
    name = staged(target, "26.1.1", "sign")

    assert make_current(target, name)
    assert not make_current(target, name)


def test_an_installation_that_lost_its_power_is_mended_when_it_is_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cut between `current` and the links of the units would leave a machine that starts nothing."""
    for step in range(1, 15):
        place = Place(tmp_path / f"{step}", is_root=False)
        target = Target(place, Python((3, 11), platform.machine(), (2, 36)))
        make_release(place, NEW, UNITS_OF_IT)
        cut = CutDisk(step)
        monkeypatch.setattr(release, "Disk", lambda cut=cut: cut)
        with suppress(PowerCut):
            make_current(target, NEW)
        monkeypatch.setattr(release, "Disk", Disk)
        make_current(target, NEW)

        links = [place.path(UNITS) / unit for unit in UNITS_OF_IT]
        assert [link.is_symlink() for link in links] == [True, True], f"cut at step {step}"
        assert not make_current(target, NEW), "and then it is whole"
    assert cut.steps < step, "the last one was not cut any more"


def test_a_release_that_a_person_installs_is_not_bad_any_more(target: Target) -> None:
    name = staged(target, "26.1.1", "sign")
    state = target.place.path("/var/lib/portvakt-update/state/bad.json")
    state.parent.mkdir(parents=True)
    state.write_text('[{"release": "26.1.1", "why": "the panel did not open"}]')

    make_current(target, name)

    assert json.loads(state.read_text()) == []


def test_a_release_that_is_there_is_not_made_again(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = staged(target, release_name(), "post-sign")

    def refused(*_words: object) -> None:
        raise InstallError("it was made again")

    monkeypatch.setattr(release, "bundle_for", refused)

    assert put(target, {"sign", "post"}, None) == name
    with pytest.raises(InstallError, match="made again"):
        put(target, {"sign"}, None)


def test_the_name_of_a_release_changes_with_any_source_and_with_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copied_checkout(tmp_path)
    monkeypatch.setattr(roles, "CHECKOUT", copy)
    before = release_name()
    (copy / "kiosk/__pycache__").mkdir(exist_ok=True)
    (copy / "kiosk/__pycache__/x.pyc").touch()

    assert release_name() == before
    for name in (
        "requirements-sign.txt",
        "systemd/portvakt-sign.service",
        "central/serving/serve.py",
    ):
        with (copy / name).open("a") as file:
            file.write("\n")
        assert release_name() != before
        before = release_name()
