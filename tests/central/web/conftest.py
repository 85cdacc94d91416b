from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest

from tests.central.web.hall import Hall, new_database
from tests.central.web.served import Served, running
from tests.postgres import Databases


@pytest.fixture(scope="session")
def fresh_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once and copied: making the tables takes longer than most tests."""
    path = tmp_path_factory.mktemp("fresh") / "central.db"
    new_database(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def fresh_postgres(postgres: Databases) -> str:
    """The same on PostgreSQL; gives the name of the database to copy."""
    url = postgres.new()
    new_database(url)
    return url.rpartition("/")[2].partition("?")[0]


@pytest.fixture
def sqlite_hall(tmp_path: Path, fresh_database: Path) -> Iterator[Hall]:
    path = tmp_path / "central.db"
    copyfile(fresh_database, path)
    hall = Hall(f"sqlite:///{path}")
    yield hall
    hall.store.close()


@pytest.fixture
def postgres_hall(postgres: Databases, fresh_postgres: str) -> Iterator[Hall]:
    url = postgres.new(fresh_postgres)
    hall = Hall(url)
    yield hall
    hall.store.close()
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgres"])
def hall(request: pytest.FixtureRequest) -> Hall:
    """The same questions to both databases, one after the other."""
    hall = request.getfixturevalue(f"{request.param}_hall")
    assert isinstance(hall, Hall)
    return hall


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A running central with a station, shared by the tests of a module."""
    with running(tmp_path_factory.mktemp("served"), heartbeat_s=0.3) as served:
        served.set_up()
        yield served
