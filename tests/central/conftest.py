"""What the tests of the yard share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.central.yards import Station, a_station
from tests.fakes.clock import FakeClock


@pytest.fixture(scope="session")
def model_station(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A station set up once: its codes cost real argon2."""
    folder = tmp_path_factory.mktemp("model")
    station = Station(folder, FakeClock()).set_up()
    station.store.close()
    return folder


@pytest.fixture
def station(tmp_path: Path, model_station: Path) -> Iterator[Station]:
    """A station on a Monday at 8.30 in the morning, with nobody there yet."""
    with a_station(tmp_path / "data", model_station) as station:
        yield station
