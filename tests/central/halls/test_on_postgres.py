"""An office on PostgreSQL: the same events, once, and the same news."""

from collections.abc import Iterator

import pytest

from central.words import SYSTEM
from contract.plate import Plate
from contract.transitions import Verb
from tests.central.desk import booked
from tests.central.halls.offices import PASSWORD, Cable, Office, link, settle
from tests.central.halls.test_events import a_visit, is_all_there
from tests.central.halls.test_news import books, signs_in
from tests.central.yards import PITEA, Station
from tests.postgres import Databases


@pytest.fixture
def office(postgres: Databases, sqlite_station: Station) -> Iterator[Office]:
    url = postgres.new()
    office = Office(url, sqlite_station.clock)
    yield office
    office.store.close()
    postgres.drop(url)


def test_a_chain_s_own_office_keeps_shows_and_gives_the_same(
    sqlite_station: Station, office: Office
) -> None:
    cable = Cable(office, office.connect(PITEA))
    line = link(sqlite_station, cable)
    a_visit(sqlite_station)
    settle(line)
    books(office, "B-1", "ABC 123", "2026-11-23 10:00")
    office.yard.people.create_user("Desk 7", PASSWORD, [PITEA])
    cable.loses_answers = True
    with pytest.raises(Exception, match="did not answer"):
        line.turn()
    cable.loses_answers = False
    settle(line)
    assert "B-1" in booked(sqlite_station)
    assert signs_in(sqlite_station, "Desk 7")
    sqlite_station.comes("XYZ98Q")
    sqlite_station.does(Verb.LEAVE, "XYZ98Q")
    office.yard.personal_data.erase(PITEA, SYSTEM, Plate.parse("XYZ98Q"))
    settle(line)
    settle(line)
    is_all_there(office, sqlite_station)
    row = office.row()
    assert (row.contact, row.erasures, row.behind) == ("good", 0, 0)


def test_a_hall_on_postgres_reports_as_well(postgres_station: Station, office: Office) -> None:
    line = link(postgres_station, Cable(office, office.connect(PITEA)))
    a_visit(postgres_station)
    books(office, "B-1", "ABC 123", "2026-11-23 10:00")
    settle(line)
    settle(line)
    is_all_there(office, postgres_station)
    assert "B-1" in booked(postgres_station)
