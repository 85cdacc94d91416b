"""What is erased is gone from PostgreSQL's data folder: its tables, indexes, statistics and log."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL

from central import schema
from central.copies.leftovers import Copies
from central.database.folder import DataFolder
from central.database.tx import View
from central.migrations import migrate
from contract.plate import Plate
from tests.central.privacy.searching import files_that_say
from tests.central.privacy.yards import NUMBER, PLATE, days, whole_visit
from tests.central.yards import DESK_1, PITEA, Station
from tests.fakes.clock import FakeClock
from tests.postgres import Server, a_server

OWNER = "portvakt-central"
# What docs/operations.md asks the administrator of the server for.
GRANTS = (
    f'GRANT pg_checkpoint TO "{OWNER}"',
    f'GRANT EXECUTE ON FUNCTION pg_switch_wal() TO "{OWNER}"',
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of its own: its whole data folder is searched, so nobody else may write there."""
    with a_server() as server:
        _administer(server.url, "ALTER SYSTEM SET wal_recycle = off", "SELECT pg_reload_conf()")
        _administer(server.url, f'CREATE ROLE "{OWNER}" LOGIN')
        yield server


@contextmanager
def a_hall(server: Server, name: str, folder: Path, *grants: str) -> Iterator[Station]:
    """A station whose database belongs to the service's own role, with *grants* and no other right."""
    _administer(server.url, f'CREATE DATABASE {name} OWNER "{OWNER}"')
    _administer(server.url.set(database=name), *grants)
    url = server.url.set(database=name, username=OWNER).render_as_string(hide_password=False)
    migrate(url)
    station = Station(folder, FakeClock(), url).set_up()
    copies = Copies(DataFolder(folder), station.store, station.clock)
    station.yard.personal_data.leftovers = copies
    with closing(station.store):
        yield station
    _administer(
        server.url, f"DROP DATABASE {name} WITH (FORCE)", f'REVOKE pg_checkpoint FROM "{OWNER}"'
    )


def test_after_the_night_the_whole_data_folder_says_nothing(server: Server, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with a_hall(server, "night", tmp_path, *GRANTS) as station:
        whole_visit(station)
        whole_visit(station, "ABC124")
        _administer(server.url.set(database="night"), "ANALYZE", "CHECKPOINT")
        assert any("base" in name for name in _found(server, PLATE, NUMBER))
        assert any("pg_wal" in name for name in _found(server, PLATE, NUMBER))
        days(station, 8)
        station.yard.personal_data.night()
        assert _found(server, PLATE, NUMBER, "ABC124") == []
        assert files_that_say(tmp_path, PLATE, NUMBER, "ABC124") == []


def test_after_an_erase_on_request_only_the_others_are_there(
    server: Server, tmp_path: Path
) -> None:
    with a_hall(server, "request", tmp_path, *GRANTS) as station:
        whole_visit(station)
        whole_visit(station, "DEF456")
        station.yard.personal_data.export(PITEA, Plate(PLATE))
        station.yard.personal_data.erase(PITEA, DESK_1, Plate(PLATE))
        assert _found(server, PLATE) == []
        assert _found(server, "DEF456")


def test_an_owner_with_no_other_right_empties_the_tables_and_not_the_log(
    server: Server, tmp_path: Path
) -> None:
    with a_hall(server, "owner", tmp_path) as station:
        whole_visit(station, "GHJ789")
        days(station, 8)
        station.yard.personal_data.night()
        assert station.store.wipe(60), "it is done as far as the owner may"
        _administer(server.url, "CHECKPOINT")
        assert [name for name in _found(server, "GHJ789") if "pg_wal" not in name] == []


def test_it_is_not_done_while_somebody_holds_a_table_or_still_sees_what_was_erased(
    server: Server, tmp_path: Path
) -> None:
    """A backup that began before holds the rows: their table says so, and is written anew later."""
    with a_hall(server, "seen", tmp_path, *GRANTS) as station:
        whole_visit(station)
        station.minutes(60)

        def looks(view: View) -> None:
            view.all(
                sa.select(schema.meta)
            )  # the moment is taken, and no table of the line is held
            station.store.write(lambda tx: tx.run(sa.delete(schema.booking)))
            assert not station.store.wipe(2)

        def holds(view: View) -> None:
            view.all(sa.select(schema.visit))  # and VACUUM FULL wants it alone
            assert not station.store.wipe(0.2)
            station.comes("DEF456")

        station.store.read(looks)
        station.store.read(holds)
        assert station.waiting() == ["DEF456"], "the line went on"
        assert station.store.wipe(60)


def _found(server: Server, *words: str) -> list[str]:
    return files_that_say(server.folder / "data", *words)


def _administer(url: URL, *statements: str) -> None:
    with closing(psycopg.connect(_dsn(url), autocommit=True)) as connection:
        for statement in statements:
            connection.execute(statement)


def _dsn(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
