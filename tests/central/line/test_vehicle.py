"""What staff see of a vehicle in one place, and finding a visit by a part of its plate."""

import logging

import pytest

from central.bookings.register import Facts, RegisterUnreachable
from central.line.desk import Desk
from contract.plate import Plate
from contract.problems import Problem
from contract.transitions import Verb
from contract.words import ReInspection
from contract.yard import Vehicle
from tests.central.desk import books, does, inspected
from tests.central.yards import PITEA, Station

OWNER = "The owner of the car"


class FakeRegister:
    """Knows what a test says; `asked` are the plates."""

    def __init__(self, **facts: Facts) -> None:
        self.facts = facts
        self.asked: list[str] = []
        self.is_down = False

    def look_up(self, plate: Plate) -> Facts | None:
        self.asked.append(plate.text)
        if self.is_down:
            raise RegisterUnreachable("The register did not answer in time.")
        return self.facts.get(plate.text)


def seen(station: Station, visit: str, register: FakeRegister | None = None) -> Vehicle:
    return Desk(station.store, station.yard._known, register).vehicle(PITEA, visit)


def found(station: Station, part: str) -> list[tuple[str, str]]:
    rows = station.yard.desk.visits_with(PITEA, Plate.parse(part))
    return [(row.plate, row.state) for row in rows]


# -- a vehicle ----------------------------------------------------------------------------------


def test_a_vehicle_s_booking_its_last_inspection_and_what_is_to_come(station: Station) -> None:
    books(station, "R0", "ABC123", "2026-11-23 08:40", make="Volvo", remark="tow bar")
    inspected(station, "ABC123", ReInspection(remarks=["brake hose"]))
    station.minutes(24 * 60)
    books(station, "R1", "VOLVO", "2026-11-24 09:00", plate2="ABC123", make="Saab", colour="blue")
    books(station, "R2", "ABC123", "2026-12-01 09:00", make="Fiat")
    books(station, "R3", "DEF456", "2026-11-24 09:00", make="Audi")
    vehicle = seen(station, station.comes("ABC123").visit)
    assert ("ABC123", "VOLVO", "Saab", "blue", None) == (
        vehicle.plate,
        vehicle.plate2,
        vehicle.make,
        vehicle.colour,
        vehicle.remark,
    )
    assert vehicle.last is not None
    assert ReInspection(remarks=["brake hose"]) == vehicle.last.outcome
    assert ["R1", "R2"] == [row.ref for row in vehicle.bookings]
    assert "none" == vehicle.register


def test_without_a_booking_there_is_only_the_plate(station: Station) -> None:
    vehicle = seen(station, station.comes("ABC123").visit)
    assert Vehicle(plate="ABC123") == vehicle


def test_the_register_adds_what_nobody_said(station: Station) -> None:
    books(station, "R1", "ABC123", "2026-11-23 09:00", colour="green")
    register = FakeRegister(
        ABC123=Facts(plate="ABC123", make="Volvo", colour="blue", year=2014, owner=OWNER)
    )
    vehicle = seen(station, station.comes("ABC123").visit, register)
    assert ("found", "Volvo", "green", 2014, OWNER) == (
        vehicle.register,
        vehicle.make,
        vehicle.colour,
        vehicle.year,
        vehicle.owner,
    )


def test_a_personal_plate_is_looked_up_by_the_ordinary_one_too(station: Station) -> None:
    books(station, "R1", "ABC123", "2026-11-23 09:00", plate2="VOLVO")
    register = FakeRegister(ABC123=Facts(plate="ABC123", owner=OWNER))
    vehicle = seen(station, station.comes("VOLVO").visit, register)
    assert (["VOLVO", "ABC123"], OWNER) == (register.asked, vehicle.owner)


def test_a_register_that_is_silent_or_knows_nothing_hides_nothing_else(station: Station) -> None:
    books(station, "R1", "ABC123", "2026-11-23 09:00", make="Volvo")
    visit = station.comes("ABC123").visit
    register = FakeRegister()
    assert ("unknown", "Volvo") == ((known := seen(station, visit, register)).register, known.make)
    register.is_down = True
    assert ("unreachable", "Volvo") == (
        (known := seen(station, visit, register)).register,
        known.make,
    )


def test_what_the_register_says_is_kept_nowhere(
    station: Station, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    register = FakeRegister(ABC123=Facts(plate="ABC123", make="Volvo", owner=OWNER))
    visit = station.comes("ABC123").visit
    before = station.happened()
    for _ in range(2):
        assert OWNER == seen(station, visit, register).owner
    assert 2 == len(register.asked)
    assert before == station.happened()
    assert OWNER not in str(station.queue()) + str(station.yard.events_after(PITEA, 0))
    assert OWNER not in caplog.text


def test_a_visit_of_another_station_is_not_shown(station: Station) -> None:
    visit = station.comes("ABC123").visit
    station.yard.places.create_station("lulea", "Luleå", "Europe/Stockholm")
    with pytest.raises(Problem) as error:
        station.yard.desk.vehicle("lulea", visit)
    assert "not_found" == error.value.kind.reason


# -- by a part of a plate -----------------------------------------------------------------------


def test_a_part_of_a_plate_finds_today_s_visits_newest_first(station: Station) -> None:
    inspected(station, "ABC123")
    station.comes("XBC124")
    station.comes("DEF456")
    assert [("XBC124", "waiting"), ("ABC123", "done")] == found(station, "bc 12")
    assert [] == found(station, "BC125")


def test_the_other_plate_finds_it_too_and_o_is_0(station: Station) -> None:
    books(station, "R1", "ABC100", "2026-11-23 09:00", plate2="VOLVO")
    station.comes("ABC100")
    assert [("ABC100", "waiting")] == found(station, "volv")
    assert [("ABC100", "waiting")] == found(station, "1OO")


def test_yesterday_s_visits_are_not_found_but_who_is_still_here_is(station: Station) -> None:
    inspected(station, "ABC123")
    station.comes("ABC124")
    station.minutes(24 * 60)
    assert [("ABC124", "waiting")] == found(station, "ABC")


def test_signs_that_mean_something_to_the_database_are_no_signs_of_a_plate(
    station: Station,
) -> None:
    station.comes("ABC123")
    for part in ("%%", "A_", "B\\", "//"):
        with pytest.raises(ValueError, match="plate"):
            found(station, part)


def test_no_more_than_fifty_are_given(station: Station) -> None:
    for number in range(55):
        visit = station.comes(f"CAR{number:03}").visit
        if number % 2:
            does(station, Verb.LEAVE, visit)
    rows = found(station, "CAR")
    assert (50, "CAR054") == (len(rows), rows[0][0])
