import shutil
import sysconfig
from pathlib import Path

import pytest

from tests.deploy.places import copied_checkout, run_install

ROLES = ("post", "sign", "central")
NEED_NETWORK = "could not be fetched"


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fetched once for all installations of a run."""
    return tmp_path_factory.mktemp("wheels")


@pytest.fixture(scope="session")
def compiler() -> None:
    """Skip where evdev and spidev, which have no wheels, cannot be compiled."""
    if shutil.which("gcc") is None:
        pytest.skip("no gcc: the wheels of evdev and spidev were not built")
    if not (Path(sysconfig.get_path("include")) / "Python.h").exists():
        pytest.skip("no Python.h: the wheels of evdev and spidev were not built")


@pytest.fixture(scope="session")
def installed(
    checkout: Path, wheels: Path, compiler: None, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A plain folder with all three roles, as `deploy/install` leaves it."""
    root = tmp_path_factory.mktemp("root")
    words = [word for role in ROLES for word in ("--role", role)]
    done = run_install(checkout, *words, "--root", root, "--wheels", wheels)
    if NEED_NETWORK in done.stderr:
        pytest.skip(f"no package index within reach: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    return root
