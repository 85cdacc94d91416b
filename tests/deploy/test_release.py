"""Which release stands there, whatever was interrupted; the filling of a release is in test_install."""

import platform
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy import release
from deploy.errors import InstallError
from deploy.release import installed_roles, make_current, make_release
from deploy.roles import release_name
from deploy.target import Python, Target


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return Target(tmp_path, is_root=False, python=Python((3, 11), platform.machine(), (2, 36)))


Fill = Callable[[Target, str, list[str], Path], None]


def filling(monkeypatch: pytest.MonkeyPatch, fill: Fill) -> None:
    monkeypatch.setattr(release, "_fill", fill)


def whole(target: Target, place: str, roles: list[str], wheels: Path) -> None:
    names = ", ".join(f'"{role}"' for role in roles)
    target.path(f"{place}/release.json").write_text(f'{{"roles": [{names}]}}')


def test_a_torso_of_a_power_cut_is_not_taken_for_a_release(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mark is written last; here the cut came before it."""
    filling(monkeypatch, whole)
    torso = target.path(f"/opt/portvakt/releases/{release_name(['sign'], 'cp311')}")
    torso.mkdir(parents=True)
    (torso / "half").write_text("written")

    name = make_release(target, {"sign"}, None)

    assert name == torso.name
    assert [path.name for path in torso.iterdir()] == ["release.json"]


def test_a_release_that_fails_leaves_nothing_and_the_old_one_runs_on(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    filling(monkeypatch, whole)
    make_current(target, make_release(target, {"sign"}, None))

    def broken(target: Target, place: str, roles: list[str], wheels: Path) -> None:
        raise InstallError("the disk is full")

    filling(monkeypatch, broken)
    with pytest.raises(InstallError):
        make_release(target, {"sign", "post"}, None)

    assert installed_roles(target) == {"sign"}
    assert len(list(target.path("/opt/portvakt/releases").iterdir())) == 1


def test_the_one_before_is_kept_and_older_ones_go(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    filling(monkeypatch, whole)
    names = []
    for roles in ({"sign"}, {"sign", "post"}, {"sign", "post", "central"}):
        names.append(make_release(target, roles, None))
        assert make_current(target, names[-1])
        assert installed_roles(target) == roles

    kept = {path.name for path in target.path("/opt/portvakt/releases").iterdir()}
    assert kept == set(names[1:])


def test_the_same_release_again_is_no_change(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    filling(monkeypatch, whole)
    name = make_release(target, {"sign"}, None)

    assert make_current(target, name)
    assert make_release(target, {"sign"}, None) == name
    assert not make_current(target, name)


def test_other_roles_or_another_python_make_another_release() -> None:
    names = {
        release_name(["sign"], "cp311"),
        release_name(["sign", "post"], "cp311"),
        release_name(["sign"], "cp313"),
    }

    assert len(names) == 3
    assert release_name(["post", "sign"], "cp311") == release_name(["sign", "post"], "cp311")
