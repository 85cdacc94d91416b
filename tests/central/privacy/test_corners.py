"""Where a plate, a number or a name could hide, and what must not be forgotten too early."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from central import schema
from central.people import accounts
from central.people.person import Person
from central.places.setup import StationSetup
from central.words import COMMAND_LINE, SYSTEM
from contract import problems
from contract.event import EventKind
from contract.plate import Plate
from contract.problems import Problem
from contract.transitions import Verb
from contract.visit import Kind
from contract.wire import HelpCall
from contract.words import BookingWords, HelpClose, NotInspected, VisitWords
from tests.central.privacy.yards import (
    AGAIN,
    DAY_MS,
    NUMBER,
    PLATE,
    booked,
    days,
    helped,
    new_id,
    said_anywhere,
    whole_visit,
)
from tests.central.yards import DESK_1, PITEA, Station

ABC = Plate(PLATE)


def nights(station: Station, count: int) -> None:
    for _ in range(count):
        days(station, 1)
        station.yard.personal_data.night()


def erase(station: Station, plate: Plate = ABC) -> None:
    station.yard.personal_data.erase(PITEA, DESK_1, plate)


# -- what a request must wait for ----------------------------------------------------------------


def test_while_a_sign_may_still_show_it_a_plate_is_not_erased(station: Station) -> None:
    station.sign_1.wakes()
    station.comes(PLATE)
    station.calls(PLATE)
    assert station.sign_1.lit() == "ABC 123"
    station.does(Verb.LEAVE, PLATE)
    with pytest.raises(Problem, match="wait until the board says that it is dark") as refused:
        erase(station)
    assert refused.value.kind is problems.WRONG_STATE
    station.sign_1.dark()  # hears it
    station.sign_1.dark()  # and says that it is so
    erase(station)
    assert said_anywhere(station, PLATE) == set()


def test_an_arrival_that_waits_for_somebody_to_look_at_it_is_not_erased_on_request(
    station: Station,
) -> None:
    station.yard.places.set_station(PITEA, StationSetup(hours="mon-fri 12:00-16:00"))
    station.comes(PLATE)
    with pytest.raises(Problem, match="waits for somebody to look at it"):
        erase(station)


def test_one_that_nobody_looked_at_for_a_week_waits_no_longer(station: Station) -> None:
    station.yard.places.set_station(PITEA, StationSetup(hours="mon-fri 12:00-16:00"))
    station.comes(PLATE)
    nights(station, 8)
    assert station.queue().held == []
    assert said_anywhere(station, PLATE) == set()


# -- what bears the plate and belongs to nobody else ----------------------------------------------


def test_a_dealer_s_plate_goes_from_every_car_that_bore_it(station: Station) -> None:
    later = station.clock.now() + timedelta(hours=1)
    for ref, plate in (("R1", PLATE), ("R2", "DEF456")):
        words = BookingWords(plate=plate, plate2="XYZ789", slot_at=later)
        station.yard.desk.save_booking(PITEA, DESK_1, ref, words)
    for plate in (PLATE, "XYZ789"):
        station.comes(plate)
    helped(station, "XYZ789")
    station.does(Verb.LEAVE, station.queue().line[0].plate)
    for plate in ("DEF456", PLATE):  # the plate goes over to the other car
        station.comes(plate)
    for row in station.queue().line:
        station.does(Verb.LEAVE, row.plate)
    erase(station, Plate("XYZ789"))
    assert said_anywhere(station, "XYZ789") <= {"booking"}


@pytest.mark.parametrize("by", ["request", "night"])
def test_a_cancelled_booking_is_needed_no_longer(station: Station, by: str) -> None:
    booked(station, in_days=100)
    station.yard.desk.cancel_booking(PITEA, DESK_1, "B-77")
    if by == "night":
        nights(station, 8)
    else:
        erase(station)
    assert said_anywhere(station, PLATE, NUMBER) == set()


def test_a_picture_that_no_beat_takes_away_goes_with_the_night(station: Station) -> None:
    picture = {"rows": [PLATE]}
    station.store.write(lambda tx: tx.run(sa.update(schema.device).values(picture=picture)))
    nights(station, 1)
    assert said_anywhere(station, PLATE) == set()


# -- words and names ------------------------------------------------------------------------------


def test_a_word_that_comes_after_the_erasure_goes_too(station: Station) -> None:
    station.comes(PLATE)
    call = HelpCall(id=new_id(station), plate=PLATE)
    station.yard.raise_help(PITEA, station.post, call)
    station.does(Verb.LEAVE, PLATE)
    erase(station)
    station.yard.close_help(PITEA, DESK_1, call.id, HelpClose(word=f"rang {NUMBER}"))
    nights(station, 8)
    assert said_anywhere(station, NUMBER) == set()


def test_who_is_on_the_way_to_an_open_call_for_help_stays_known(station: Station) -> None:
    call = HelpCall(id=new_id(station), plate=PLATE)
    station.yard.raise_help(PITEA, station.post, call)
    station.yard.acknowledge(PITEA, DESK_1, call.id)
    nights(station, 9)
    (help_row,) = station.queue().help
    assert help_row.acknowledged_by == DESK_1.name
    assert said_anywhere(station, PLATE) == set()


def test_the_desk_s_own_names_go_from_arrivals_and_from_what_the_machine_did(
    station: Station,
) -> None:
    station.told_at_the_desk(PLATE)
    assert DESK_1.id not in str(station.yard.personal_data.export(PITEA, ABC))
    station.does(Verb.LEAVE, PLATE)
    somebody = Person("p1", "somebody new", "staff", frozenset({PITEA}))
    station.store.write(lambda tx: accounts.tell(tx, COMMAND_LINE, somebody, "changed"))
    days(station, 400)
    nights(station, 2)
    assert said_anywhere(station, "somebody new", DESK_1.id, DESK_1.name) == set()


# -- what must not be forgotten yet, and clocks ---------------------------------------------------


def test_a_recheck_that_could_not_be_made_is_still_to_be_made(station: Station) -> None:
    whole_visit(station, outcome=AGAIN)
    days(station, 3)
    station.comes(PLATE)
    row = station.does(Verb.ENTER, PLATE, "1")
    missed = VisitWords(version=row.version, outcome=NotInspected(reason="no key"))
    station.yard.act(PITEA, DESK_1, row.visit, Verb.FINISH, missed)
    nights(station, 10)
    station.comes(PLATE)
    assert station.row(PLATE).kind == Kind.RECHECK


def test_a_clock_that_was_years_ahead_does_not_stop_the_nights(station: Station) -> None:
    days(station, 3 * 365)
    station.yard.personal_data.night()
    days(station, -3 * 365)
    whole_visit(station)
    nights(station, 8)
    assert said_anywhere(station, PLATE, NUMBER) == set()


def test_events_of_a_clock_that_was_ahead_do_not_hide_those_behind_them(station: Station) -> None:
    station.clock.advance(3_650 * DAY_MS)
    station.store.write(
        lambda tx: [tx.event(PITEA, EventKind.DEVICE_WELL, SYSTEM) for _ in range(450)]
    )
    station.clock.advance(-3_650 * DAY_MS)
    helped(station, None)
    nights(station, 8)
    assert said_anywhere(station, NUMBER) == set()


def test_the_export_holds_the_calls_and_what_was_said_of_a_held_arrival(station: Station) -> None:
    whole_visit(station)
    found = station.yard.personal_data.export(PITEA, ABC)
    assert [call["plate"] for call in found.calls] == [PLATE]
    helped(station, PLATE)
    found = station.yard.personal_data.export(PITEA, ABC)
    assert f"rang {NUMBER}" in str(found.events)
