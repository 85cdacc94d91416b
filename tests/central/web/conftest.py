from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest

from tests.central.web.hall import Hall, new_database
from tests.central.web.served import Served, running


@pytest.fixture(scope="session")
def fresh_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once and copied: making the tables takes longer than most tests."""
    path = tmp_path_factory.mktemp("fresh") / "central.db"
    new_database(path)
    return path


@pytest.fixture
def hall(tmp_path: Path, fresh_database: Path) -> Iterator[Hall]:
    path = tmp_path / "central.db"
    copyfile(fresh_database, path)
    hall = Hall(path)
    yield hall
    hall.store.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A running central with a station, shared by the tests of a module."""
    with running(tmp_path_factory.mktemp("served"), heartbeat_s=0.3) as served:
        served.set_up()
        yield served
