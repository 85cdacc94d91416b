"""Each way in which an installation can be impossible gets one sentence that says what to do."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.errors import InstallError, told
from deploy.platforms import Python
from deploy.target import Target, judged
from deploy.wheels import Kept, gather, requirements
from tests.deploy.places import NOWHERE, run_install
from tests.fakes.disks import set_read_only, tmpfs

HERE = Python((sys.version_info[0], sys.version_info[1]), platform.machine(), (2, 99))


def refusal(checkout: Path, *words: str | Path, env: dict[str, str] | None = None) -> str:
    done = run_install(checkout, *words, env=env)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr.strip()


@pytest.mark.processes
def test_an_unknown_role(checkout: Path, tmp_path: Path) -> None:
    assert refusal(checkout, "--role", "keypad", "--root", tmp_path) == (
        'deploy/install: there is no role "keypad"; choose post, sign, central.'
    )


@pytest.mark.processes
def test_no_role(checkout: Path) -> None:
    assert "--role" in refusal(checkout)


@pytest.mark.processes
def test_a_root_of_another_system(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text("ID=fedora\n")

    text = refusal(checkout, "--role", "sign", "--root", tmp_path)

    assert "is not a Debian or Raspberry Pi OS root; choose another --root" in text


def debian_root(tmp_path: Path) -> Path:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/debian_version").write_text("12.11\n")
    return tmp_path


def test_a_debian_root_without_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    with pytest.raises(InstallError, match="run there: apt-get install python3-venv"):
        Target.at(debian_root(tmp_path))


def test_a_debian_root_and_an_ordinary_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(InstallError, match="needs root; run: sudo deploy/install"):
        Target.at(debian_root(tmp_path))


@pytest.mark.parametrize(
    ("fact", "sentence"),
    [
        ({"has_venv": False}, "run there: apt-get install python3-venv"),
        ({"is_64_bit": False}, "this system is 32-bit; flash the 64-bit image"),
        ({"version": [3, 9]}, "needs Python 3.11 or later; /x has 3.9"),
    ],
)
def test_a_python_that_will_not_do(fact: dict[str, object], sentence: str) -> None:
    good = {"version": [3, 11], "machine": "x86_64", "libc": "2.36", "has_venv": True}
    facts = {**good, "is_64_bit": True, **fact}

    with pytest.raises(InstallError, match=sentence):
        judged(facts, Path("/x"))


def test_no_compiler_for_spidev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    lock = tmp_path / "lock.txt"
    lock.write_text("spidev==3.8 \\\n    --hash=sha256:00\n")

    with pytest.raises(InstallError, match="run first: apt-get install gcc python3-dev"):
        gather([lock], HERE, Kept(tmp_path / "kept"), tmp_path / "into")


def test_spidev_for_another_kind_of_machine(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("spidev==3.8 \\\n    --hash=sha256:00\n")
    other = Python((3, 13), "aarch64", (2, 41))

    with pytest.raises(
        InstallError, match=r"compiled for Python 3\.13 on aarch64; run deploy/inst"
    ):
        gather([lock], other, Kept(tmp_path / "kept"), tmp_path / "into")


@pytest.mark.processes
def test_no_network_and_no_wheels_at_hand(checkout: Path, tmp_path: Path) -> None:
    text = refusal(checkout, "--role", "post", "--root", tmp_path, env=NOWHERE)

    assert "the packages could not be fetched" in text
    assert "check the network, or give --wheels DIR" in text
    assert not list((tmp_path / "opt/portvakt/releases").iterdir()), "no torso stays"


@pytest.mark.processes
def test_a_disk_without_room(checkout: Path, tmp_path: Path) -> None:
    with tmpfs(tmp_path, size_kib=4096):
        text = refusal(checkout, "--role", "sign", "--root", tmp_path)

    assert "has 4 MiB free; a release needs 200, so free some space" in text


@pytest.mark.processes
def test_a_disk_that_cannot_be_written(checkout: Path, tmp_path: Path) -> None:
    with tmpfs(tmp_path, size_kib=4096):
        set_read_only(tmp_path, True)
        text = refusal(checkout, "--role", "sign", "--root", tmp_path)

    assert "cannot be written; run this as root on a writable disk" in text


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (28, "is full; free some space"),
        (30, "run this as root on a writable disk"),
        (5, "Input/out"),
    ],
)
def test_what_the_disk_says_on_the_way(number: int, sentence: str) -> None:
    error = OSError(number, os.strerror(number), "/x/file")

    assert sentence in str(told(error, Path("/x")))


def test_locks_that_disagree_are_not_mixed(tmp_path: Path) -> None:
    first, second = tmp_path / "requirements-kiosk.txt", tmp_path / "requirements-sign.txt"
    first.write_text("requests==2 \\\n    --hash=sha256:00\nrich==1 \\\n    --hash=sha256:01\n")
    second.write_text("requests==3 \\\n    --hash=sha256:02\n")

    with pytest.raises(InstallError, match=r"requirements-sign\.txt locks another requests"):
        list(requirements([first, second]))


def test_the_wrapper_refuses_an_old_python(checkout: Path, tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}

    done = subprocess.run(
        [checkout / "deploy/install"], capture_output=True, text=True, check=False, env=path
    )

    assert done.returncode == 2
    assert "it needs Python 3.11 or later here" in done.stderr


@pytest.mark.processes
def test_a_folder_named_deploy_where_we_stand_is_not_run(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy/__init__.py").write_text("raise SystemExit('the wrong one')\n")

    done = run_install(checkout, "--help", cwd=tmp_path)

    assert done.returncode == 0
    assert "the wrong one" not in done.stderr
