"""The whole thing in a bare Debian, by chroot: a minute or two, so only in the long run."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.places import listing, run_install

pytestmark = pytest.mark.processes

VENV = "/opt/portvakt/current/venv"
SOURCES = Path("/etc/apt/sources.list.d/debian.sources")
ROLES = ("post", "sign", "central")


@pytest.fixture(scope="session")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if os.environ.get("PORTVAKT_SOAK") != "1":
        pytest.skip("takes minutes; make soak runs it")
    if os.geteuid() != 0 or shutil.which("mmdebstrap") is None:
        pytest.skip("making a Debian root needs root and mmdebstrap")
    root = tmp_path_factory.mktemp("debian")
    words = ["mmdebstrap", "--variant=apt", "--include=python3,python3-venv", "bookworm", str(root)]
    made = subprocess.run(
        [*words, *([str(SOURCES)] if SOURCES.exists() else [])],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        pytest.skip(f"no Debian within reach: {made.stderr.strip().splitlines()[-1]}")
    return root


@pytest.mark.usefixtures("compiler")
def test_all_roles_work_in_a_bare_debian_and_a_second_time_changes_nothing(
    debian: Path, checkout: Path, wheels: Path
) -> None:
    for role in ROLES:
        done = run_install(checkout, "--role", role, "--root", debian, "--wheels", wheels)
        assert done.returncode == 0, done.stderr
    before = listing(debian)

    for role in ROLES:
        run_install(checkout, "--role", role, "--root", debian)
    assert listing(debian) == before

    inside = ["chroot", str(debian), f"{VENV}/bin/portvakt", "plate", "abc 123"]
    assert "ABC123" in subprocess.run(inside, capture_output=True, text=True, check=True).stdout
    everything = "import gpiozero, flask, luma.led_matrix, spidev, sqlalchemy, uvicorn, kiosk.entry"
    inside = ["chroot", str(debian), f"{VENV}/bin/python", "-c", f"{everything}, signage.service"]
    subprocess.run([*inside], check=True)
    users = (debian / "etc/passwd").read_text()
    assert all(f"portvakt-{name}:" in users for name in ("kiosk", "sign", "central"))
    kept = sorted(path.name for path in (debian / "opt/portvakt/releases").iterdir())
    assert len(kept) == 2, "the one that runs and the one before it"
