"""The fleet over both: machines of halls stand at the office, and what it wants of releases goes down."""

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from central import schema
from central.database.tx import Tx
from central.fleet import wanted
from central.fleet.releases import FETCHED, Releases
from central.halls.link import Link
from central.words import SYSTEM
from contract.fleet import MachineSaid
from tests.central.halls.offices import Cable, Office, link, settle
from tests.central.yards import PITEA, Station

NEXT = "26.11.6-1a2b3c4d"
SAID = MachineSaid(release="26.11.5-1a2b3c4d", platform="cp311-aarch64", boot="boot-1")


def ring(station: Station) -> str:
    return station.store.read(lambda view: wanted.ring_of(view, PITEA))


def pinned(station: Station, device: str) -> str | None:
    return station.store.read(lambda view: wanted.pin_of(view, PITEA, device))


def adds(office: Office, release: str, ring: str = "") -> None:
    """The office has a release, and lets *ring* want it."""

    def job(tx: Tx) -> None:
        tx.run(sa.insert(schema.release), name=release, added_at=tx.now, why="")
        if ring:
            wanted.want(tx, release, ring, [])

    office.store.write(job)


def test_a_pin_of_the_hall_stands_whatever_releases_the_office_adds_or_wants(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    post = sqlite_station.yard.devices.all(PITEA)[0]
    sqlite_station.yard.fleet.hear(post, SAID)
    office.yard.fleet.put_in(PITEA, SYSTEM, "lab")
    settle(hall_link)
    sqlite_station.yard.fleet.pin(PITEA, SYSTEM, post.id, SAID.release)
    sqlite_station.yard.fleet.put_in(PITEA, SYSTEM, "one")
    settle(hall_link)
    adds(office, NEXT, "lab")
    settle(hall_link)
    assert pinned(sqlite_station, post.id) == SAID.release
    assert ring(sqlite_station) == "one"
    assert sqlite_station.store.read(wanted.wishes).rings == {"lab": NEXT}


def test_a_pin_that_the_office_makes_and_takes_away_is_followed(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    post = sqlite_station.yard.devices.all(PITEA)[0]
    office.store.write(lambda tx: wanted.pin(tx, PITEA, post.id, NEXT))
    settle(hall_link)
    assert pinned(sqlite_station, post.id) == NEXT
    office.store.write(lambda tx: wanted.unpin(tx, PITEA, post.id))
    settle(hall_link)
    assert pinned(sqlite_station, post.id) is None


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


def test_a_machine_whose_device_is_out_of_service_stands_at_the_office_no_longer(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    post, *others = sqlite_station.yard.devices.all(PITEA)
    for one in (post, *others):
        sqlite_station.yard.fleet.hear(one, SAID)
    settle(hall_link)
    sqlite_station.yard.devices.revoke(PITEA, SYSTEM, post.id)
    settle(hall_link)
    assert {row.device for row in office.yard.fleet.all().machines} == {one.id for one in others}


def test_a_release_is_fetched_for_machines_that_are_here_and_one_that_fails_keeps_nothing_waiting(
    sqlite_station: Station, office: Office, cable: Cable, tmp_path: Path
) -> None:
    files = {
        platform: f"portvakt-{NEXT}-{platform}.tar" for platform in (SAID.platform, "cp313-x86_64")
    }

    def job(tx: Tx) -> None:
        for platform, file in files.items():
            words = {"release": NEXT, "platform": platform, "size": 10, "sha256": "f" * 64}
            tx.run(sa.insert(schema.release_file), file=file, added_at=tx.now, **words)

    adds(office, NEXT, "all")
    office.store.write(job)
    sqlite_station.yard.fleet.folder = tmp_path
    one = link(sqlite_station, cable)
    settle(one)
    assert cable.pieces == []
    sqlite_station.yard.fleet.hear(sqlite_station.yard.devices.all(PITEA)[0], SAID)
    settle(one)  # the office has no such file: nothing of it ends the turn
    assert cable.pieces == [files[SAID.platform]]


def test_a_release_of_long_ago_goes_from_a_hall_whose_machines_have_all_that_is_wanted(
    sqlite_station: Station, office: Office, cable: Cable, tmp_path: Path
) -> None:
    """The store is the hall's own: it knows what came from the office, and what somebody put there."""
    fleet, releases = sqlite_station.yard.fleet, ("26.11.3-1a2b3c4d", "26.11.4-1a2b3c4d", NEXT)
    fleet.folder, fleet.releases = tmp_path, Releases(sqlite_station.store, tmp_path)
    (tmp_path / "releases").mkdir()
    names = [f"portvakt-{release}-{SAID.platform}.tar" for release in releases]
    words = {"platform": SAID.platform, "size": 10, "sha256": "f" * 64}

    def job(tx: Tx) -> None:
        for number, (release, file) in enumerate(zip(releases, names, strict=True)):
            at = tx.now + timedelta(hours=number)
            tx.run(sa.insert(schema.release_file), file=file, release=release, added_at=at, **words)

    adds(office, NEXT, "all")
    office.store.write(job)
    sqlite_station.store.write(job)
    for file in names:
        for name in (file, f"{file}.sig", f"{file}{FETCHED}"):
            (tmp_path / "releases" / name).write_text("0123456789")
    fleet.hear(sqlite_station.yard.devices.all(PITEA)[0], SAID)
    settle(link(sqlite_station, cable))
    assert [file for file in names if fleet.releases.path_of(file)] == names[1:]
    assert not list((tmp_path / "releases").glob(f"{names[0]}*"))
