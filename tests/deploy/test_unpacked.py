"""`sudo ./install` from an unpacked release: no network, no compiler, and nothing that was changed."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.conftest import NEED_NETWORK
from tests.deploy.places import NOWHERE

pytestmark = pytest.mark.processes

# Makes the release of the checkout that it runs in, for this machine's own Python.
_FILL = """
import sys
from pathlib import Path
from deploy.bundle import fill, named
from deploy.platforms import Python
from deploy.wheels import Kept
import platform
python = Python(sys.version_info[:2], platform.machine(), (2, 36))
folder = Path(sys.argv[1]) / named()
folder.mkdir()
fill(folder, python, ["sign"], Kept(Path(sys.argv[2])))
"""


@pytest.fixture(scope="module")
def unpacked(
    checkout: Path, wheels: Path, compiler: None, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """As `deploy/make-release` packs it, for one role."""
    folder = tmp_path_factory.mktemp("unpacked")
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    words = [sys.executable, "-P", "-c", _FILL, str(folder), str(wheels)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    if NEED_NETWORK in done.stderr:
        pytest.skip("no package index within reach")
    assert done.returncode == 0, done.stderr
    return next(folder.iterdir())


def run(unpacked: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [unpacked / "install", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **NOWHERE},
    )


def test_it_installs_without_a_network_and_is_the_same_release(
    unpacked: Path, tmp_path: Path
) -> None:
    done = run(unpacked, "--role", "sign", "--root", tmp_path)

    assert done.returncode == 0, done.stderr
    mark = json.loads((tmp_path / "opt/portvakt/current/release.json").read_text())
    assert f"portvakt-{mark['release']}" == unpacked.name
    assert mark["roles"] == ["sign"]
    assert "run: apt-get install openssh-client" in done.stdout


def changed(path: Path, to: bytes, unpacked: Path, tmp_path: Path) -> str:
    before = path.read_bytes() if path.exists() else None
    path.write_bytes(to)
    try:
        done = run(unpacked, "--role", "sign", "--root", tmp_path)
    finally:
        path.unlink() if before is None else path.write_bytes(before)
    assert done.returncode == 2
    assert done.stdout == ""
    assert not list(tmp_path.glob("opt/portvakt/releases/*"))
    (line,) = done.stderr.splitlines()
    return line


def test_a_changed_wheel_is_refused(unpacked: Path, tmp_path: Path) -> None:
    wheel = min((unpacked / "wheels").iterdir())

    text = changed(wheel, wheel.read_bytes() + b"x", unpacked, tmp_path)

    assert f"is damaged: wheels/{wheel.name} is not what was signed; fetch it again" in text


def test_a_file_that_nobody_signed_is_refused(unpacked: Path, tmp_path: Path) -> None:
    text = changed(unpacked / "systemd/extra.service", b"[Service]\n", unpacked, tmp_path)

    assert "is damaged: systemd/extra.service is not what was signed" in text


def test_a_release_for_another_machine_is_refused_with_the_name_of_the_right_one(
    unpacked: Path, tmp_path: Path
) -> None:
    mark = unpacked / "release.json"
    ours = f"cp{sys.version_info[0]}{sys.version_info[1]}-{platform.machine()}"
    facts = json.loads(mark.read_text())
    assert facts["platform"] == ours
    other = json.dumps({**facts, "platform": "cp399-aarch64"}).encode()

    text = changed(mark, other, unpacked, tmp_path)

    assert f"this release is for cp399-aarch64 and the machine is {ours}; take the file" in text
