from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest

from central.halls.link import Link
from central.migrations import migrate
from tests.central.halls.offices import Cable, Office, link
from tests.central.yards import PITEA, Station


@pytest.fixture(scope="session")
def empty_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once and copied: making the tables takes longer than most tests."""
    path = tmp_path_factory.mktemp("office") / "office.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def office(tmp_path: Path, empty_office: Path, sqlite_station: Station) -> Iterator[Office]:
    """The office of Piteå, on the hall's own clock."""
    path = tmp_path / "office.db"
    copyfile(empty_office, path)
    office = Office(f"sqlite:///{path}", sqlite_station.clock)
    yield office
    office.store.close()


@pytest.fixture
def cable(office: Office) -> Cable:
    return Cable(office, office.connect(PITEA))


@pytest.fixture
def hall_link(sqlite_station: Station, cable: Cable) -> Link:
    return link(sqlite_station, cable)
