"""No line moves into a hall box while somebody is in it here: nobody would see them any more."""

import msgspec
import pytest

from central.halls.link import OfficeAway
from central.words import SYSTEM, SendClocks
from contract import problems
from contract.accounts import Scope, TokenMade, TokenWords
from contract.halls import HallReport, HallRow, HallSaid, HallTaken
from contract.ids import uuid7
from contract.problems import Problem
from contract.transitions import Verb
from contract.words import DeskArrival, VisitWords
from tests.central.desk import open_from
from tests.central.halls.offices import Cable, Office, settle
from tests.central.halls.offices import link as linked
from tests.central.halls.test_events import a_visit, is_all_there
from tests.central.web.hall import reason
from tests.central.yards import DESK_1, PITEA, Station, local

REPORT = HallReport(epoch="e", said=HallSaid(name="Piteå"))


def key(station: Station, *scopes: Scope) -> TokenMade:
    words = TokenWords(name="Hall box", scopes=list(scopes or [Scope.HALL]))
    return station.yard.tokens.create([PITEA], SYSTEM, words)


def row(station: Station) -> HallRow:
    return station.yard.halls.rows()[0]


def reports(station: Station) -> HallTaken:
    return station.yard.halls.report(PITEA, SYSTEM, REPORT)


def test_a_key_is_refused_while_somebody_waits_is_called_or_is_in_a_bay(station: Station) -> None:
    for plate in ("ABC123", "ABC124", "ABC125"):
        station.comes(plate)
    station.sign_1.wakes()
    station.calls("ABC123")
    with pytest.raises(Problem) as refused:
        key(station)
    assert refused.value.kind is problems.LINE_NOT_EMPTY
    assert refused.value.members == {"vehicles": 3}
    assert refused.value.detail == (
        "3 vehicles are still on the board of Piteå here. Finish or close them first, for nobody would"
        " see them any more."
    )
    assert [station.yard.halls.rows(), station.yard.tokens.of_station(PITEA)] == [[], []]


def test_of_one_vehicle_it_speaks_as_of_one(station: Station) -> None:
    station.comes("ABC123")
    with pytest.raises(Problem, match=r"^1 vehicle is still .* close it first, .* see it any more"):
        key(station)


def test_an_arrival_that_waits_for_a_person_is_somebody_too(station: Station) -> None:
    open_from(station)
    friday = station.typed("ABC123", at=local("2026-11-20 16:50"))
    assert station.deliver(friday, sent=SendClocks("next-boot", 5)).state == "held"
    with pytest.raises(Problem, match=r"^1 vehicle is still"):
        key(station)


def test_a_key_is_made_when_the_last_has_gone(station: Station) -> None:
    station.comes("ABC123")
    station.does(Verb.LEAVE, "ABC123")
    assert key(station).row.scopes == [Scope.HALL]


def test_a_booking_system_gets_its_token_whoever_waits(station: Station) -> None:
    station.comes("ABC123")
    assert key(station, Scope.BOOKINGS_READ).row.scopes == [Scope.BOOKINGS_READ]


def test_who_came_between_key_and_first_report_keeps_the_line_here(station: Station) -> None:
    """Another process of the office learns some seconds later that the line has moved."""
    made = key(station)
    station.comes("ABC123")
    with pytest.raises(Problem) as refused:
        reports(station)
    assert refused.value.kind is problems.LINE_NOT_EMPTY
    assert refused.value.detail == (
        "1 vehicle is still on the board of Piteå at the office. Revoke the key there, finish or close it,"
        " then make a new key."
    )
    assert (row(station).left_here, row(station).heard_at) == (1, None)

    with pytest.raises(Problem, match="Revoke the key there"):
        key(station)

    station.yard.tokens.revoke(PITEA, SYSTEM, made.row.id)
    station.does(Verb.LEAVE, "ABC123")
    key(station)
    assert reports(station).last == 0
    assert row(station).left_here == 0


def test_a_hall_that_has_reported_gets_another_key_whatever_is_left_here(station: Station) -> None:
    """Its line is there for good: without a key it would only be silent too."""
    key(station)
    reports(station)
    station.comes("ABC123")
    assert key(station).row.scopes == [Scope.HALL]
    assert reports(station).last == 0


def test_a_hall_that_is_refused_loses_no_event_and_tells_all_when_the_line_is_empty(
    sqlite_station: Station, office: Office
) -> None:
    key_made = office.connect(PITEA)
    arrives_at(office)
    a_visit(sqlite_station)
    cable = Cable(office, key_made)
    line = linked(sqlite_station, cable)
    for _ in range(2):
        with pytest.raises(
            OfficeAway, match="1 vehicle is still on the board of Pitea at the office"
        ):
            line.turn()
    assert office.kept() == []

    (made,) = office.yard.tokens.of_station(PITEA)
    office.yard.tokens.revoke(PITEA, SYSTEM, made.id)
    (left,) = office.yard.queue(PITEA).line
    office.yard.act(PITEA, DESK_1, left.visit, Verb.LEAVE, VisitWords(version=left.version))
    cable.token = office.connect(PITEA)
    settle(line)
    is_all_there(office, sqlite_station)


def test_the_page_is_told_how_many_they_are(office: Office) -> None:
    office.yard.places.create_station(PITEA, "Piteå", "Europe/Stockholm")
    arrives_at(office)
    person = office.signed_in("office", PITEA)
    words = {"name": "Hall box", "scopes": ["hall:link"]}
    answer = person.post(f"/v1/stations/{PITEA}/tokens", words)
    assert reason(answer) == (409, "line_not_empty")
    assert answer.json is not None
    assert answer.json["vehicles"] == 1


def arrives_at(office: Office) -> None:
    """Somebody comes to the desk of the office's own Piteå, which is asked beneath its routes."""
    if not office.yard.places.at(PITEA).bays:
        office.yard.places.create_bay(PITEA, "1", "1", ["full"])
    arrival = DeskArrival(id=uuid7(int(office.clock.now().timestamp() * 1000)), plate="XYZ987")
    office.yard.arrive(PITEA, DESK_1, arrival, msgspec.json.encode(arrival))
