"""What an office says to a hall box of releases, and how the hall takes it over."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from central.fleet import halts, wanted
from central.fleet.fleet import Fleets
from central.fleet.wants import Wants
from central.known import Known
from central.words import COMMAND_LINE
from tests.central.fleet.bundles import NEXT, PLATFORM, RELEASE, Signer
from tests.central.yards import PITEA, Station, a_station

STATIONS = [PITEA]


class Two:
    """An office that has the releases, and a hall box that follows it."""

    def __init__(self, office: Station, hall: Station, data: Path, signer: Signer) -> None:
        self.office, self.hall = office, hall
        self.at_office = Fleets(office.store, Known(office.store, office.clock), data)
        self.at_hall = Fleets(hall.store, Known(hall.store, hall.clock))
        self.before = Wants()
        for release in (RELEASE, NEXT):
            file = signer.release(data / "releases", release)
            self.at_office.releases.add(file.name, lambda _done, _of: None)

    def syncs(self) -> Wants:
        """What goes down, by way of JSON, and is taken over."""
        found = self.office.store.read(lambda view: wanted.wants_of(view, STATIONS))
        sent = msgspec.json.decode(msgspec.json.encode(found), type=Wants)
        before, self.before = self.before, sent
        self.hall.store.write(lambda tx: wanted.set_wanted(tx, before, sent))
        return sent

    def ring(self) -> tuple[str, str | None]:
        """The hall's ring, and what that wants."""
        here = self.hall.store.read(
            lambda view: (wanted.ring_of(view, PITEA), wanted.wishes(view).rings)
        )
        return here[0], here[1].get(here[0])

    def halted(self, station: Station) -> set[str]:
        return set(station.store.read(wanted.wishes).halted)


@pytest.fixture
def two(sqlite_station: Station, tmp_path: Path, data: Path, signer: Signer) -> Iterator[Two]:
    with a_station(
        tmp_path / "hall", Path(sqlite_station.url.removeprefix("sqlite:///")).parent
    ) as hall:
        yield Two(sqlite_station, hall, data, signer)


def test_the_hall_wants_what_the_office_wants_for_its_ring(two: Two) -> None:
    two.at_office.put_in(PITEA, COMMAND_LINE, "one")
    two.at_office.release(COMMAND_LINE, RELEASE, "one")
    sent = two.syncs()
    assert two.ring() == ("one", RELEASE)
    assert [(file.release, file.platform) for file in sent.files] == [(RELEASE, PLATFORM)]


def test_what_the_office_takes_back_the_hall_wants_no_more(two: Two) -> None:
    rings = two.at_office.release(COMMAND_LINE, RELEASE, "all")
    two.syncs()
    two.at_office.take_back(COMMAND_LINE, RELEASE, rings)
    assert two.syncs().files == []
    assert two.ring() == ("all", None)


def test_pins_come_down_and_go(two: Two) -> None:
    post = two.office.post.id
    two.at_office.pin(PITEA, COMMAND_LINE, post, NEXT)
    assert [file.release for file in two.syncs().files] == [NEXT]
    pinned = two.hall.store.read(lambda view: wanted.pin_of(view, PITEA, post))
    assert pinned == NEXT
    two.at_office.pin(PITEA, COMMAND_LINE, post, None)
    two.syncs()
    assert two.hall.store.read(lambda view: wanted.pin_of(view, PITEA, post)) is None


def test_the_office_halts_and_lets_go_on(two: Two) -> None:
    two.at_office.release(COMMAND_LINE, RELEASE, "all")
    two.at_office.halt(COMMAND_LINE, RELEASE)
    two.syncs()
    assert two.halted(two.hall) == {RELEASE}
    two.at_office.resume(COMMAND_LINE, RELEASE)
    two.syncs()
    assert two.halted(two.hall) == set()


def test_what_the_hall_has_halted_itself_stays_so_until_a_person_has_seen_it(two: Two) -> None:
    """The office has not heard of it yet, and says what it knew before."""
    two.at_office.release(COMMAND_LINE, RELEASE, "all")
    two.syncs()
    two.hall.clock.advance(60_000)
    two.hall.store.write(lambda tx: halts.halt_for(tx, RELEASE, "Post 1 went back from it"))
    two.syncs()
    assert two.halted(two.hall) == {RELEASE}
    two.office.clock.set_wall(two.hall.clock.now() + timedelta(hours=1))
    two.at_office.halt(COMMAND_LINE, RELEASE)
    two.at_office.resume(COMMAND_LINE, RELEASE)
    two.syncs()
    assert two.halted(two.hall) == set()


def test_what_comes_down_twice_changes_nothing(two: Two) -> None:
    two.at_office.release(COMMAND_LINE, RELEASE, "all")
    two.syncs()
    before = two.hall.store.read(lambda view: wanted.wants_of(view, STATIONS))
    two.syncs()
    assert two.hall.store.read(lambda view: wanted.wants_of(view, STATIONS)) == before


def test_another_stations_pins_stay_at_the_office(two: Two) -> None:
    two.office.yard.places.create_station("lulea", "Luleå", "Europe/Stockholm")
    two.at_office.pin(PITEA, COMMAND_LINE, two.office.post.id, RELEASE)
    found = two.office.store.read(lambda view: wanted.wants_of(view, ["lulea"]))
    assert (found.pins, found.files) == ([], [])
