"""A release is built from its own wheels by their hashes, whole or not at all."""

import hashlib
import json
import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from deploy.errors import InstallError
from deploy.switch import staging
from deploy.switch.disk import Disk
from deploy.switch.links import read_mark
from deploy.switch.place import RELEASES, Place
from deploy.switch.staging import stage
from tests.deploy.switch.bundles import make_bundle

# Building a virtual environment takes seconds.
pytestmark = pytest.mark.processes
FOLDER = "26.11.5-bbbbbbbb.sign"


def wheel(folder: Path, name: str, code: str) -> str:
    """A wheel of one module; its line for pip, with its hash."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    about = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(f"{name}.py", code)
        made.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        tag = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        made.writestr(f"{about}/WHEEL", tag)
        made.writestr(f"{about}/RECORD", "")
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "machine", is_root=False)


def bundle(tmp_path: Path, code: str = "SIDE = 'left'\n") -> Path:
    made = make_bundle(tmp_path / "made")
    (made / "wheels" / "one.whl").unlink()
    (made / "roles" / "sign.txt").write_text(wheel(made / "wheels", "lamp", code) + "\n")
    facts = {"units": ["portvakt-sign.service"], "links": [], "modules": ["lamp"]}
    (made / "roles" / "sign.json").write_text(json.dumps(facts))
    return made


def torsos(place: Place) -> list[Path]:
    folder = place.path(RELEASES)
    return list(folder.iterdir()) if folder.exists() else []


class Told(Disk):
    """A disk that remembers the order of what was put on it."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def settle(self, folder: Path) -> None:
        self.told.append("settled")

    def write(self, path: Path, text: str, mode: int = 0o644) -> None:
        self.told.append(path.name)
        super().write(path, text, mode)


def test_the_disk_of_a_release_is_settled_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup or a stick beside it may take minutes."""
    whole: list[str] = []
    monkeypatch.setattr(os, "sync", lambda: whole.append("every disk"))
    Disk().settle(tmp_path)
    assert whole == []

    with pytest.raises(OSError, match="Input/output error"):
        Disk().settle(tmp_path / "gone")
    monkeypatch.setenv("PATH", str(tmp_path))
    Disk().settle(tmp_path)
    assert whole == ["every disk"], "where there is no sync(1)"


def test_its_programs_run_from_a_folder_that_is_whole(tmp_path: Path, place: Place) -> None:
    made, disk = bundle(tmp_path), Told()
    folder = place.path(RELEASES) / FOLDER
    folder.mkdir(parents=True)
    (folder / "half").write_text("a power cut came in an earlier attempt")
    place.path("/opt/portvakt").chmod(0o700)  # whoever unpacked it there has a strict umask

    assert stage(made, place, ["sign"], disk) == FOLDER

    assert place.path("/opt/portvakt").stat().st_mode & 0o777 == 0o755, "services find it"
    words = [str(folder / "venv/bin/python"), "-c", "import lamp; print(lamp.SIDE)"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout == "left\n"
    mark = read_mark(place, FOLDER)
    assert mark is not None
    assert (mark["release"], mark["roles"]) == ("26.11.5-bbbbbbbb", ["sign"])
    assert disk.told == ["settled", "release.json"], "all is on the disk before the mark says so"
    assert not (folder / "wheels").exists(), "they would fill the card"
    assert not (folder / "half").exists()
    assert stage(made, place, ["sign"], disk) == FOLDER
    assert len(disk.told) == 2, "what is whole is not built again"


def test_a_wheel_with_another_hash_is_refused_and_leaves_nothing(
    tmp_path: Path, place: Place
) -> None:
    made = bundle(tmp_path)
    wheel(made / "wheels", "lamp", "SIDE = 'right'\n")

    with pytest.raises(InstallError, match="is not the one that was locked"):
        stage(made, place, ["sign"])

    assert torsos(place) == []


def test_a_release_that_cannot_be_imported_is_refused(tmp_path: Path, place: Place) -> None:
    with pytest.raises(InstallError, match=r"1 modules cannot be imported, the first is lamp"):
        stage(bundle(tmp_path, "import nowhere\n"), place, ["sign"])

    assert torsos(place) == []


def test_a_role_that_it_does_not_know_is_named(tmp_path: Path, place: Place) -> None:
    made = bundle(tmp_path)

    with pytest.raises(InstallError, match='there is no role "lift"; choose sign'):
        staging.role_facts(made, "lift")


def test_without_room_nothing_is_begun(
    tmp_path: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.switch.staging.free_mib", lambda _path: 5)

    with pytest.raises(InstallError, match="has 5 MiB free; a release needs 200"):
        stage(bundle(tmp_path), place, ["sign"])

    assert torsos(place) == []
