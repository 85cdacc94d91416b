"""What the tests of the yard share: the same station on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from central.migrations import migrate
from tests.central.yards import Station, a_station, on_postgres
from tests.fakes.clock import FakeClock
from tests.postgres import Databases, databases


@pytest.fixture(scope="session")
def postgres() -> Iterator[Databases]:
    """A PostgreSQL of this test process, started when the first test asks."""
    with databases() as found:
        yield found


@pytest.fixture(scope="session")
def model_station(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A station set up once: its codes cost real argon2."""
    folder = tmp_path_factory.mktemp("model")
    station = Station(folder, FakeClock()).set_up()
    station.store.close()
    return folder


@pytest.fixture(scope="session")
def model_database(tmp_path_factory: pytest.TempPathFactory, postgres: Databases) -> str:
    """The same station on PostgreSQL; gives the name of the database to copy."""
    url = postgres.new()
    migrate(url)
    station = Station(tmp_path_factory.mktemp("none"), FakeClock(), url).set_up()
    station.store.close()
    return url.rpartition("/")[2].partition("?")[0]


@pytest.fixture
def sqlite_station(tmp_path: Path, model_station: Path) -> Iterator[Station]:
    """A station on a Monday at 8.30 in the morning, with nobody there yet; for what only SQLite has."""
    with a_station(tmp_path / "data", model_station) as station:
        yield station


@pytest.fixture
def postgres_station(tmp_path: Path, postgres: Databases, model_database: str) -> Iterator[Station]:
    """The same, for what only PostgreSQL has."""
    with on_postgres(tmp_path, postgres, model_database) as station:
        yield station


@pytest.fixture(params=["sqlite", "postgres"])
def station(request: pytest.FixtureRequest) -> Station:
    """The same on both, one after the other."""
    station = request.getfixturevalue(f"{request.param}_station")
    assert isinstance(station, Station)
    return station
