"""What the tests of signing in by a provider share: the provider, and boards that know it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from tests.central.oidc.board import Board, House
from tests.central.web.conftest import fresh_database, fresh_postgres
from tests.fakes.oidc_provider_process import RealProvider, real_provider
from tests.postgres import Databases

__all__ = ["fresh_database", "fresh_postgres"]


@pytest.fixture(scope="session")
def one_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealProvider]:
    """Started once for a test process."""
    with real_provider(tmp_path_factory.mktemp("provider")) as provider:
        yield provider


@pytest.fixture
def provider(one_provider: RealProvider) -> RealProvider:
    """The provider as it began: one key, and nobody has a role."""
    one_provider.begin_again()
    return one_provider


@pytest.fixture
def sqlite_house(tmp_path: Path, fresh_database: Path) -> Iterator[House]:
    """Two stations and nobody who works there, in a file."""
    path = tmp_path / "central.db"
    copyfile(fresh_database, path)
    with House(f"sqlite:///{path}") as house:
        yield house


@pytest.fixture
def postgres_house(postgres: Databases, fresh_postgres: str) -> Iterator[House]:
    """The same on PostgreSQL."""
    url = postgres.new(fresh_postgres)
    with House(url) as house:
        yield house
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest) -> House:
    """The same on both, one after the other."""
    house = request.getfixturevalue(f"{request.param}_house")
    assert isinstance(house, House)
    return house


@pytest.fixture
def board_of(provider: RealProvider) -> Callable[..., Board]:
    """Make a board of a house, with settings that differ from the usual in these words."""

    def make(house: House, **other: Any) -> Board:
        return Board(house, provider, **other)

    return make


@pytest.fixture
def new_board(sqlite_house: House, board_of: Callable[..., Board], provider: RealProvider) -> Board:
    """A board at which the person `Desk` is bound to the provider's `desk`."""
    sqlite_house.bind("Desk", provider.address, provider.subjects["desk"])
    return board_of(sqlite_house)


@pytest.fixture(scope="session")
def shared_board(
    tmp_path_factory: pytest.TempPathFactory, fresh_database: Path, one_provider: RealProvider
) -> Iterator[Board]:
    """Such a board for a whole test process."""
    path = tmp_path_factory.mktemp("shared") / "central.db"
    copyfile(fresh_database, path)
    with House(f"sqlite:///{path}") as house:
        house.bind("Desk", one_provider.address, one_provider.subjects["desk"])
        yield Board(house, one_provider)


@pytest.fixture
def board(shared_board: Board, provider: RealProvider) -> Board:
    """The same board for all who neither turn its clock nor tire it."""
    shared_board.clock.set_wall(datetime.now(UTC))  # the provider's own clock went on
    return shared_board
