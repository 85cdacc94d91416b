"""The fleet over both: machines of halls stand at the office, and what it wants of releases goes down."""

from central.fleet import wanted
from central.halls.link import Link
from central.words import SYSTEM
from contract.fleet import MachineSaid
from tests.central.halls.offices import Office, settle
from tests.central.yards import PITEA, Station

SAID = MachineSaid(release="26.11.5-1a2b3c4d", platform="cp311-aarch64", boot="boot-1")


def ring(station: Station) -> str:
    return station.store.read(lambda view: wanted.ring_of(view, PITEA))


def test_a_machine_of_a_hall_stands_in_the_fleet_of_the_office(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    post = sqlite_station.yard.devices.all(PITEA)[0]
    sqlite_station.yard.fleet.hear(post, SAID)
    settle(hall_link)
    machines = {row.device: row for row in office.yard.fleet.all().machines}
    assert machines[post.id].release == SAID.release
    assert machines[post.id].name == post.name


def test_the_ring_that_the_office_chooses_holds_in_the_hall_until_the_hall_chooses_another(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    settle(hall_link)
    usual = ring(sqlite_station)
    office.yard.fleet.put_in(PITEA, SYSTEM, "lab")
    settle(hall_link)
    assert (usual, ring(sqlite_station)) == ("all", "lab")
    sqlite_station.yard.fleet.put_in(PITEA, SYSTEM, "one")
    settle(hall_link)
    assert ring(sqlite_station) == "one"
    office.yard.fleet.put_in(PITEA, SYSTEM, "eight")
    settle(hall_link)
    assert ring(sqlite_station) == "eight"


def test_an_office_that_wants_nothing_takes_nothing_from_a_hall_that_keeps_its_own_releases(
    sqlite_station: Station, hall_link: Link
) -> None:
    sqlite_station.yard.fleet.put_in(PITEA, SYSTEM, "lab")
    settle(hall_link)
    assert ring(sqlite_station) == "lab"
