"""What machines say: kept, told once, and answered with what they should run."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from central import schema
from central.database.tx import Tx
from central.errors import NotPossible, NotThere
from central.fleet import machines
from central.fleet.fleet import Fleets
from central.fleet.rings import RingSkipped
from central.known import Known
from central.places import setup
from central.places.setup import StationSetup
from central.words import COMMAND_LINE
from contract.fleet import BadRelease, MachineHeard, MachineSaid, Phase, UnitFacts
from contract.fleet_view import MachineRow, MachineState
from contract.wire import Heartbeat
from tests.central.fleet.bundles import NEXT, PLATFORM, RELEASE, Signer
from tests.central.yards import DESK_1, PITEA, Station

OLD = "26.11.4-0a0b0c0d"
NEWS = {
    "update_begun",
    "update_done",
    "update_undone",
    "update_refused",
    "unit_failing",
    "unit_well",
    "release_wanted",
    "release_halted",
    "release_resumed",
    "release_taken_back",
    "machine_pinned",
    "ring_changed",
}


class Park:
    """The station's machines, and the two releases that central has."""

    def __init__(self, station: Station, data: Path, signer: Signer) -> None:
        self.station = station
        known = Known(station.store, station.clock)
        self.fleet = Fleets(station.store, known, data)
        for release in (RELEASE, NEXT):
            file = signer.release(data / "releases", release)
            self.fleet.releases.add(file.name, lambda _done, _of: None)
        self.before = len(self.events())

    def says(self, name: str = "Post 1", **words: Any) -> MachineHeard:
        device = next(one for one in self.station.yard.devices.all(PITEA) if one.name == name)
        facts = {"release": OLD, "platform": PLATFORM, "boot": "b"} | words
        return self.fleet.hear(device, MachineSaid(**facts))

    def wanted(self, name: str = "Post 1", **words: Any) -> str | None:
        heard = self.says(name, **words).wanted
        return None if heard is None else heard.release

    def hall_says(self, station: str, *names: str, **words: Any) -> None:
        """A hall reports to this office, with what these of its machines say."""
        facts = {"release": OLD, "platform": PLATFORM, "boot": "b"} | words
        self.station.store.write(lambda tx: self._report(tx, station, names, MachineSaid(**facts)))

    def _report(self, tx: Tx, station: str, names: tuple[str, ...], said: MachineSaid) -> None:
        if tx.first(sa.select(schema.station).where(schema.station.c.id == station)) is None:
            named = StationSetup(name=station, time_zone="Europe/Stockholm")
            setup.insert_station(tx, COMMAND_LINE, station, named)
            tx.run(sa.insert(schema.hall), station=station, since=tx.now, log_seq=0, after=0)
        of_hall = schema.hall.c.station == station
        tx.run(sa.update(schema.hall).where(of_hall).values(heard_at=tx.now))
        for name in names:
            machines.heard(tx, station, name, name, "post", said, tx.now, tells=False)

    def goes_back(self, name: str = "Post 1", release: str = RELEASE) -> MachineHeard:
        why = "panel did not open"
        bad = [BadRelease(release=release, why=why)]
        return self.says(name, phase=Phase.ROLLED_BACK, about=release, why=why, bad=bad)

    def row(self, name: str = "Post 1") -> MachineRow:
        return next(one for one in self.fleet.all().machines if one.name == name)

    def halted(self, release: str = RELEASE) -> str:
        """Why it is halted; empty when it is not."""
        rows = self.fleet.all().releases
        return next(row.why for row in rows if row.release == release)

    def events(self) -> list[Any]:
        found = self.station.yard.events_after(PITEA, 0)
        return [event for event in found if event.kind in NEWS]

    def news(self) -> list[tuple[str, object]]:
        """What became an event since: its kind, and the release, part or ring in it."""
        names = ("release", "part", "ring")
        return [
            (event.kind, next(event.data[name] for name in names if name in event.data))
            for event in self.events()[self.before :]
        ]

    def waits(self, minutes: float) -> None:
        self.station.clock.advance(int(minutes * 60_000))


@pytest.fixture
def park(request: pytest.FixtureRequest, data: Path, signer: Signer) -> Park:
    """On SQLite, or on what a test names."""
    station = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_station")
    assert isinstance(station, Station)
    return Park(station, data, signer)


# What is written and read by statements of its own is asked of both databases.
on_both = pytest.mark.parametrize("park", ["sqlite", "postgres"], indirect=True)


# -- kept, and told once --------------------------------------------------------------------------


@on_both
def test_a_machine_is_shown_as_it_was_heard_last(park: Park) -> None:
    park.says(units=[UnitFacts(unit="portvakt-kiosk", state="active", restarts=2)])
    park.says(disk_free_mb=900, temperature_c=51.5, under_voltage=True, clock_synced=True)
    row = park.row()
    assert (row.state, row.release, row.platform) == (MachineState.READY, OLD, PLATFORM)
    assert (row.disk_free_mb, row.temperature_c, row.under_voltage) == (900, 51.5, True)
    assert row.heard_at == park.station.clock.now()


def test_what_stays_as_it_is_is_no_event(park: Park) -> None:
    for _ in range(3):
        park.says()
    assert park.news() == []


@on_both
def test_an_update_is_told_when_it_begins_and_when_it_is_done(park: Park) -> None:
    park.says()
    park.says(phase=Phase.STAGING, about=RELEASE)
    park.says(phase=Phase.TRIAL, about=RELEASE)
    park.says(release=RELEASE, phase=Phase.TRIAL, about=RELEASE)
    park.says(release=RELEASE)
    park.says(release=RELEASE)
    assert park.news() == [("update_begun", RELEASE), ("update_done", RELEASE)]


def test_one_that_could_not_begin_says_why(park: Park) -> None:
    park.says()
    park.says(phase=Phase.REFUSED, about=RELEASE, why="disk full")
    park.says(phase=Phase.REFUSED, about=RELEASE, why="disk full")
    assert park.news() == [("update_refused", RELEASE)]
    assert (park.row().state, park.row().why) == (MachineState.REFUSED, "disk full")


def test_a_service_that_fails_is_told_once_and_when_it_works_again(park: Park) -> None:
    failed = [UnitFacts(unit="portvakt-sign", state="failed")]
    for units in (failed, failed, [UnitFacts(unit="portvakt-sign", state="active")]):
        park.says(units=units)
        park.waits(1)
    assert park.news() == [("unit_failing", "portvakt-sign"), ("unit_well", "portvakt-sign")]


def test_no_plate_and_no_nonsense_gets_in(park: Park) -> None:
    park.says(phase=Phase.REFUSED, about="<b>ABC 123</b>", why="ABC 123 is in the way")
    row = park.row()
    assert (row.about, row.why) == ("", "A****3 is in the way")


def test_what_came_by_a_detour_does_not_replace_what_is_newer(park: Park) -> None:
    park.says(release=RELEASE)
    station, post = park.station, park.station.post
    late = MachineSaid(release=OLD, platform=PLATFORM, boot="b")
    at = station.clock.now() - timedelta(minutes=5)
    station.store.write(lambda tx: machines.heard(tx, PITEA, post.id, post.name, "post", late, at))
    assert park.row().release == RELEASE


@on_both
def test_the_office_keeps_a_halls_machine_and_tells_nothing_of_it(park: Park) -> None:
    """What happens in a hall becomes an event there; the office knows neither its devices nor perhaps it."""
    said = MachineSaid(release=OLD, platform=PLATFORM, boot="b", phase=Phase.TRIAL, about=RELEASE)
    now = park.station.clock.now()
    for station, device in (("0417", "hall-1"), (PITEA, "hall-2")):
        park.station.store.write(
            lambda tx, station=station, device=device: machines.heard(  # type: ignore[misc]
                tx, station, device, "Hall box", "hall", said, now, tells=False
            )
        )
    rows = [row for row in park.fleet.all().machines if row.name == "Hall box"]
    assert {(row.station, row.state) for row in rows} == {
        ("0417", MachineState.TRIAL),
        (PITEA, MachineState.TRIAL),
    }
    assert park.news() == []


# -- what is wanted -------------------------------------------------------------------------------


def test_without_a_release_a_machine_stays_as_it_is(park: Park) -> None:
    heard = park.says()
    assert heard.wanted is None
    assert heard.every_s == 60
    assert len(heard.quiet) == 14  # always open: every night


@on_both
def test_a_machine_learns_which_file_it_needs(park: Park) -> None:
    park.fleet.release(COMMAND_LINE, RELEASE, "all")
    wanted = park.says().wanted
    assert wanted is not None
    file = f"portvakt-{RELEASE}-{PLATFORM}.tar"
    assert (wanted.release, wanted.file) == (RELEASE, file)
    path = park.fleet.releases.path_of(file)
    assert path is not None
    assert wanted.size == path.stat().st_size
    assert park.row().state is MachineState.OLD
    assert park.news() == [("release_wanted", RELEASE)]


def test_one_for_which_there_is_no_file_stays_and_says_so(park: Park) -> None:
    park.fleet.release(COMMAND_LINE, RELEASE, "all")
    assert park.wanted(platform="cp313-x86_64") is None
    assert park.row().why == f"there is no file of {RELEASE} for cp313-x86_64"


def test_nobody_begins_anything_by_a_clock_that_was_never_set(park: Park) -> None:
    park.fleet.release(COMMAND_LINE, RELEASE, "all")
    park.station.clock.is_synced = False
    assert park.says() == MachineHeard()


def test_a_station_that_is_in_no_ring_is_in_the_last(park: Park) -> None:
    park.fleet.release(COMMAND_LINE, RELEASE, "eight")
    assert park.wanted() is None
    park.fleet.put_in(PITEA, COMMAND_LINE, "lab")
    assert park.wanted() == RELEASE


@on_both
def test_a_ring_with_stations_is_not_passed(park: Park) -> None:
    park.fleet.put_in(PITEA, COMMAND_LINE, "lab")
    park.station.yard.places.create_station("lulea", "Luleå", "Europe/Stockholm")
    park.fleet.put_in("lulea", COMMAND_LINE, "one")
    park.fleet.release(COMMAND_LINE, RELEASE, "lab")
    with pytest.raises(RingSkipped, match="Ring one has not got"):
        park.fleet.release(COMMAND_LINE, RELEASE, "all")
    assert park.fleet.release(COMMAND_LINE, RELEASE, "one") == ["one"]


@on_both
def test_a_pinned_machine_stays_whatever_its_ring_wants(park: Park) -> None:
    park.says()
    park.fleet.pin(PITEA, DESK_1, park.station.post.id, OLD)
    park.fleet.release(COMMAND_LINE, RELEASE, "all")
    assert park.wanted() is None
    assert park.row().pinned == OLD
    assert park.wanted("Post 2") == RELEASE
    park.fleet.pin(PITEA, DESK_1, park.station.post.id, None)
    assert park.wanted() == RELEASE


@pytest.mark.parametrize(
    ("deed", "sentence"),
    [
        (lambda fleet: fleet.release(DESK_1, "1.0", "lab"), r"no release 1\.0 here; add it"),
        (lambda fleet: fleet.halt(DESK_1, "1.0"), "no release"),
        (lambda fleet: fleet.resume(DESK_1, "1.0"), "no release"),
        (lambda fleet: fleet.pin(PITEA, DESK_1, "post-0", OLD), "no machine post-0"),
        (lambda fleet: fleet.put_in("mars", DESK_1, "lab"), "no station mars"),
    ],
)
def test_what_is_not_there_is_said(park: Park, deed: Any, sentence: str) -> None:
    with pytest.raises(NotThere, match=sentence):
        deed(park.fleet)


@on_both
def test_a_release_is_taken_back_until_somebody_has_begun_it(park: Park) -> None:
    park.fleet.release(COMMAND_LINE, RELEASE, "all")
    rings = park.fleet.release(COMMAND_LINE, NEXT, "all")
    assert park.fleet.take_back(DESK_1, NEXT, rings) == rings
    assert park.wanted() == RELEASE
    rings = park.fleet.release(COMMAND_LINE, NEXT, "all")
    park.says(phase=Phase.STAGING, about=NEXT)
    with pytest.raises(NotPossible, match=f"{PITEA} Post 1 has begun {NEXT} already; halt it"):
        park.fleet.take_back(DESK_1, NEXT, rings)


@on_both
def test_nobody_is_taken_back_to_a_release_that_was_removed(park: Park) -> None:
    park.fleet.release(COMMAND_LINE, RELEASE, "all")
    rings = park.fleet.release(COMMAND_LINE, NEXT, "all")
    park.fleet.releases.remove(RELEASE)
    with pytest.raises(NotPossible, match=f"wanted {RELEASE} before, which was removed"):
        park.fleet.take_back(DESK_1, NEXT, rings)
    assert park.wanted() == NEXT


# -- halting --------------------------------------------------------------------------------------


@on_both
def test_one_that_goes_back_halts_the_release_for_all_who_have_not_begun(park: Park) -> None:
    park.fleet.release(COMMAND_LINE, RELEASE, "all")
    assert park.wanted("Post 2") == RELEASE
    park.says("Post 2", phase=Phase.STAGING, about=RELEASE)
    park.says()
    park.says(phase=Phase.TRIAL, about=RELEASE)
    park.goes_back()
    assert park.halted() == f"{PITEA} Post 1 went back from it: panel did not open"
    assert park.wanted("Sign 1") is None
    assert park.wanted("Post 2", phase=Phase.STAGING, about=RELEASE) == RELEASE
    assert ("release_halted", RELEASE) in park.news()
    assert (park.row().state, park.row().about) == (MachineState.ROLLED_BACK, RELEASE)


def test_a_person_lets_it_go_on_and_the_same_going_back_does_not_halt_it_again(park: Park) -> None:
    park.fleet.release(COMMAND_LINE, RELEASE, "all")
    park.goes_back()
    assert park.fleet.resume(DESK_1, RELEASE)
    park.goes_back()
    assert park.halted() == ""
    assert park.wanted("Post 2") == RELEASE
    assert park.goes_back().wanted is None  # it has left it for good
    park.goes_back("Sign 1")
    assert park.halted().startswith(f"{PITEA} Sign 1 went back")


@on_both
def test_two_that_fall_silent_on_it_halt_it_for_the_next(park: Park) -> None:
    everybody = ("Post 1", "Post 2", "Sign 1")
    for name in everybody:
        park.says(name)
    park.fleet.release(COMMAND_LINE, RELEASE, "all")
    for name in ("Post 1", "Post 2"):
        park.says(name, phase=Phase.STAGING, about=RELEASE)
    for _ in range(14):
        park.waits(1)
        assert park.wanted("Sign 1") == RELEASE
    park.waits(1)
    assert park.wanted("Sign 1") is None
    assert park.halted() == (
        f"{PITEA} Post 1 and {PITEA} Post 2 have not been heard since they began it"
    )
    assert [row.state for row in park.fleet.all().machines[:2]] == [MachineState.LOST] * 2


def test_a_central_that_was_away_does_not_call_them_silent(park: Park) -> None:
    park.says("Sign 1")
    park.fleet.release(COMMAND_LINE, RELEASE, "all")
    for name in ("Post 1", "Post 2"):
        park.says(name)
        park.says(name, phase=Phase.TRIAL, about=RELEASE)
    park.waits(120)
    assert park.wanted("Sign 1") == RELEASE
    for _ in range(15):
        park.waits(1)
        told = park.wanted("Sign 1")
    assert told is None  # now they had their time


def test_a_revoked_machine_halts_nothing(park: Park) -> None:
    park.says("Sign 1")
    park.fleet.release(COMMAND_LINE, RELEASE, "all")
    for name in ("Post 1", "Post 2"):
        park.says(name)
        park.says(name, phase=Phase.TRIAL, about=RELEASE)
    park.station.yard.devices.revoke(PITEA, DESK_1, park.station.post.id)
    for _ in range(20):
        park.waits(1)
        assert park.wanted("Sign 1") == RELEASE
    assert park.row().state is MachineState.REVOKED


def test_a_hall_whose_line_was_cut_halts_nothing_when_it_is_back(park: Park) -> None:
    """Its machines are as old as its last report, until all of the next one is taken in."""
    names = ("Post 1", "Post 2", "Sign 1")
    park.hall_says("0417", *names)
    park.fleet.release(COMMAND_LINE, RELEASE, "all")
    park.hall_says("0417", *names[:2], phase=Phase.TRIAL, about=RELEASE)
    park.hall_says("0417", names[2])
    for _ in range(30):
        park.waits(1)
        park.hall_says("0312", "Post 1")
    assert park.halted() == ""
    park.hall_says("0417", names[2], *names[:2])
    assert park.halted() == ""


@on_both
def test_machines_that_fall_silent_in_two_halls_halt_it_at_the_office(park: Park) -> None:
    park.fleet.release(COMMAND_LINE, RELEASE, "all")
    for hall in ("0312", "0417"):
        park.hall_says(hall, "Post 1")
        park.hall_says(hall, "Post 1", phase=Phase.TRIAL, about=RELEASE)
    for _ in range(16):
        park.waits(1)
        for hall in ("0312", "0417"):
            park.hall_says(hall)  # it reports, and its post has said nothing
        park.hall_says("0500", "Post 1")
    assert park.halted().startswith("0312 Post 1 and 0417 Post 1 have not been heard")


def test_a_person_halts_and_says_why(park: Park) -> None:
    park.fleet.release(COMMAND_LINE, RELEASE, "all")
    assert park.fleet.halt(DESK_1, RELEASE, "The sign of door 2 flickers.")
    assert not park.fleet.halt(DESK_1, RELEASE, "again")
    assert park.halted() == "The sign of door 2 flickers."
    assert park.wanted() is None
    with pytest.raises(NotPossible, match="is halted; let it go on first"):
        park.fleet.release(DESK_1, RELEASE, "all")


# -- all of them ----------------------------------------------------------------------------------


@on_both
def test_the_whole_fleet_in_words_and_rows(park: Park) -> None:
    park.says("Post 2")
    park.says("Sign 1")
    park.goes_back()
    fleet = park.fleet.all()
    assert fleet.says == (
        f"0 of 1 station ready; {PITEA} Post 1 rolled back {RELEASE}: panel did not open;"
        f" {PITEA} Sign 2 was never heard."
    )
    assert [row.name for row in fleet.machines] == ["Post 1", "Sign 2", "Post 2", "Sign 1"]
    assert (fleet.machines[3].door, fleet.machines[3].station_name) == ("1", "Piteå")
    assert [ring.ring for ring in fleet.rings] == ["lab", "one", "eight", "all"]
    assert fleet.rings[3].stations == [PITEA]


def test_who_sees_one_station_sees_no_other(park: Park) -> None:
    park.says()
    seen = park.fleet.all(lambda station: station == "other")
    assert seen.machines == []
    assert [ring.stations for ring in seen.rings if ring.stations] == []


def test_a_device_of_a_release_before_is_known_by_its_heartbeat(park: Park) -> None:
    station = park.station
    post = next(one for one in station.yard.devices.all(PITEA) if one.name == "Post 1")
    station.yard.heartbeats.hear(post, Heartbeat(release="26.11.2", boot="b", restarts=3))
    row = park.row()
    assert (row.release, row.restarts, row.state) == ("26.11.2", 3, MachineState.READY)
    assert park.row("Sign 1").state is MachineState.UNHEARD
