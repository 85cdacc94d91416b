"""What somebody may ask about their own plate."""

import pytest

from central.places.setup import StationSetup
from contract import problems
from contract.accounts import Erased
from contract.plate import Plate
from contract.problems import Problem
from contract.visit import State
from contract.words import Dismissal
from tests.central.privacy.yards import (
    AGAIN,
    NUMBER,
    PLATE,
    booked,
    days,
    helped,
    said_anywhere,
    whole_visit,
)
from tests.central.yards import DESK_1, PITEA, Station

ABC = Plate.parse("abc 123")


def erase(station: Station) -> Erased:
    return station.yard.personal_data.erase(PITEA, DESK_1, ABC)


def test_the_export_holds_the_visit_and_everything_that_was_said(station: Station) -> None:
    whole_visit(station, outcome=AGAIN)
    booked(station, PLATE, "coming", in_days=3)
    found = station.yard.personal_data.export(PITEA, ABC)
    assert found.plate == "ABC 123"
    assert found.station == "Piteå"
    (visit,) = found.visits
    assert visit.visit["state"] == State.DONE
    kinds = [event["kind"] for event in visit.timeline]
    assert kinds[:2] == ["arrived", "help_raised"]
    assert visit.timeline[0]["data"]["said"]["state"] == "waiting"
    assert [row["ref"] for row in found.bookings] == [f"ref-{PLATE}", "coming"]
    assert found.bookings[0]["remark"] == f"phone {NUMBER}"
    assert found.inspections[0]["outcome"]["remarks"] == [f"brake hose, call {NUMBER}"]
    assert len(found.arrivals) == len(found.help_calls) == 1


def test_the_export_names_nobody_of_the_staff_and_no_hash(station: Station) -> None:
    whole_visit(station)
    text = str(station.yard.personal_data.export(PITEA, ABC))
    assert DESK_1.name not in text
    assert "sha256" not in text


def test_of_a_plate_that_was_never_here_there_is_nothing(station: Station) -> None:
    whole_visit(station, "XYZ789")
    found = station.yard.personal_data.export(PITEA, ABC)
    assert [*found.visits, *found.arrivals, *found.bookings, *found.help_calls] == []


def test_erasing_leaves_nothing_of_the_vehicle_and_all_of_the_others(station: Station) -> None:
    whole_visit(station)
    helped(station, PLATE)
    whole_visit(station, "XYZ789")
    done = erase(station)
    assert (done.visits, done.arrivals, done.bookings, done.inspections) == (1, 1, 1, 1)
    assert done.help_calls == 2
    assert said_anywhere(station, PLATE, f"ref-{PLATE}") == set()
    assert {"visit", "event", "booking"} <= said_anywhere(station, "XYZ789")


def test_a_vehicle_in_the_yard_is_not_erased_and_somebody_is_told_what_to_do(
    station: Station,
) -> None:
    whole_visit(station)
    station.comes(PLATE)
    with pytest.raises(Problem) as refused:
        erase(station)
    assert refused.value.kind is problems.WRONG_STATE
    assert "ABC 123 is in the yard now" in refused.value.detail
    assert "visit" in said_anywhere(station, PLATE)


def test_a_booking_of_a_day_to_come_is_still_needed(station: Station) -> None:
    booked(station, PLATE, "past")
    booked(station, PLATE, "coming", in_days=3)
    days(station, 1)
    done = erase(station)
    assert (done.bookings, done.bookings_to_come) == (1, 1)
    assert said_anywhere(station, PLATE) == {"booking"}


def test_what_was_held_and_turned_away_goes_with_the_words_about_it(station: Station) -> None:

    station.yard.places.set_station(PITEA, StationSetup(hours="mon-fri 12:00-16:00"))
    station.comes(PLATE)
    (held,) = station.queue().held
    station.yard.desk.dismiss(PITEA, DESK_1, held.arrival, Dismissal(reason=f"rang {NUMBER}"))
    assert erase(station).arrivals == 1
    assert said_anywhere(station, PLATE, NUMBER) == set()


def test_erasing_twice_finds_nothing_more(station: Station) -> None:
    whole_visit(station)
    erase(station)
    assert erase(station) == Erased()


def test_the_same_plate_at_another_station_is_another_station_s(station: Station) -> None:
    station.yard.places.create_station("luleaa", "Luleå", "Europe/Stockholm")
    whole_visit(station)
    assert station.yard.personal_data.erase("luleaa", DESK_1, ABC) == Erased()
    assert "visit" in said_anywhere(station, PLATE)


def test_an_unknown_station_is_refused(station: Station) -> None:
    for ask in (station.yard.personal_data.keeping, lambda name: erase_at(station, name)):
        with pytest.raises(Problem) as refused:
            ask("nowhere")
        assert refused.value.kind is problems.NOT_FOUND


def erase_at(station: Station, name: str) -> Erased:
    return station.yard.personal_data.erase(name, DESK_1, ABC)
