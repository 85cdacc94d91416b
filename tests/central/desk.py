"""What a booking system and the desk do, for tests; beside `yards.Station`."""

from datetime import date

import msgspec

from central.places.setup import StationSetup
from central.words import Actor
from contract.ids import uuid7
from contract.transitions import Verb
from contract.wire import Standing
from contract.words import BookingWords, DeskArrival, Outcome, VisitWords
from contract.yard import BookingRow, QueueRow
from tests.central.yards import DESK_1, PITEA, Station, local

LULEA = "lulea"
WEEKDAYS = "mon-fri 07:00-17:00"
OFFICE = Actor("staff", "office-1", "Office 1")


def open_from(station: Station, hours: str = WEEKDAYS, **more: object) -> None:
    station.yard.places.set_station(PITEA, StationSetup(hours=hours, **more))  # type: ignore[arg-type]


def with_lulea(station: Station) -> None:
    station.yard.places.create_station(LULEA, "Luleå", "Europe/Stockholm")
    station.yard.places.create_bay(LULEA, "1", "1", ["full", "recheck"])


def books(
    station: Station, ref: str, plate: str, at: str, place: str = PITEA, **more: object
) -> BookingRow:
    """Save one booking as the booking system has it now; *at* is the station's local time."""
    words = BookingWords(plate=plate, slot_at=local(at), **more)  # type: ignore[arg-type]
    row, _ = station.yard.desk.save_booking(place, OFFICE, ref, words)
    return row


def booked(station: Station, day: str = "2026-11-23") -> dict[str, BookingRow]:
    rows = station.yard.desk.bookings_of(PITEA, date.fromisoformat(day))
    return {row.ref: row for row in rows}


def another(station: Station, plate: str) -> Standing:
    """The desk says: this is a second vehicle with that number."""
    station.clock.advance(1_000)
    new_id = uuid7(int(station.clock.now().timestamp() * 1000))
    arrival = DeskArrival(id=new_id, plate=plate, another=True)
    return station.yard.arrive(PITEA, DESK_1, arrival, msgspec.json.encode(arrival))


def does(station: Station, verb: Verb, visit: str, **words: object) -> QueueRow:
    """Move a visit by its id, with what the verb needs."""
    row = next(row for row in station.queue().line if row.visit == visit)
    told = VisitWords(version=row.version, **words)  # type: ignore[arg-type]
    return station.yard.act(PITEA, DESK_1, visit, verb, told)


def inspected(station: Station, plate: str, outcome: Outcome | None = None) -> str:
    """A car comes, drives in and is finished; gives its visit's id."""
    visit = station.comes(plate).visit
    door = (
        "2"
        if next(row for row in station.queue().line if row.visit == visit).kind == "heavy"
        else "1"
    )
    does(station, Verb.ENTER, visit, bay=door)
    does(station, Verb.FINISH, visit, outcome=outcome)
    return visit


def told(station: Station, visit: str) -> list[str]:
    """The kinds of a visit's timeline."""
    return [event.kind for event in station.yard.timeline(PITEA, visit)]
