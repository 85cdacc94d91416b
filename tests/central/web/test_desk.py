"""The addresses of the desk and of the booking system, and who may ask there."""

from typing import Any

import msgspec
import pytest

from central.places.setup import StationSetup
from central.web.routes import Who
from contract.ids import uuid7
from contract.wire import Role
from tests.central.web.hall import STATION, Hall, reason

BOOKING = {"plate": "ABC 123", "slot_at": "2026-11-23T09:00:00+01:00", "make": "Volvo"}


def closed(hall: Hall) -> None:
    hall.yard.places.set_station(STATION, StationSetup(hours="sun 10:00-11:00"))


def held(hall: Hall) -> str:
    """A car has come while the station is closed; gives the arrival's id."""
    closed(hall)
    arrival = hall.arrival()
    assert 201 == hall.device(Role.POST).post("arrivals", arrival).status_code
    return str(arrival["id"])


# -- arrivals -----------------------------------------------------------------------------------


def test_the_first_is_created_and_its_retry_is_not(hall: Hall) -> None:
    post, arrival = hall.device(Role.POST), hall.arrival()
    first, retry = post.post("arrivals", arrival), post.post("arrivals", arrival)
    assert (201, 200) == (first.status_code, retry.status_code)
    assert first.json == retry.json


@pytest.mark.parametrize(
    "at",
    ["nonsense", "2026-11-23T07:30:00", "0001-01-01T00:00:00+23:59", "2026-11-22T07:30:00Z", ""],
)
def test_a_clock_s_nonsense_in_a_header_harms_no_arrival(hall: Hall, at: str) -> None:
    clocks = {"Portvakt-Boot": "post-boot", "Portvakt-Mono-Ms": "6000", "Portvakt-At": at}
    answer = hall.device(Role.POST).post("arrivals", hall.arrival(), headers=clocks)
    assert 201 == answer.status_code
    (row,) = hall.yard.queue(STATION).line
    assert 1 == (hall.clock.now() - row.arrived_at).total_seconds()


def test_a_time_of_sending_is_believed_for_the_network_s_sake(hall: Hall) -> None:
    sent = {
        "Portvakt-Boot": "post-boot",
        "Portvakt-Mono-Ms": "6000",
        "Portvakt-At": "2026-11-23T07:29:50Z",
    }
    assert 201 == hall.device(Role.POST).post("arrivals", hall.arrival(), headers=sent).status_code
    (row,) = hall.yard.queue(STATION).line
    assert 11 == (hall.clock.now() - row.arrived_at).total_seconds()


def test_the_desk_splits_off_a_second_vehicle(hall: Hall) -> None:
    staff = hall.person()
    for more in ({}, {"another": True}):
        hall.clock.advance(5)
        new_id = uuid7(int(hall.clock.now().timestamp() * 1000))
        answer = staff.post("arrivals", {"id": new_id, "plate": "ABC123", **more})
        assert 201 == answer.status_code
    assert [0, 1] == [row.twin for row in hall.yard.queue(STATION).line]


# -- held ---------------------------------------------------------------------------------------


def test_a_held_arrival_is_told_so_and_let_in(hall: Hall) -> None:
    closed(hall)
    arrival = hall.arrival()
    answer = hall.device(Role.POST).post("arrivals", arrival)
    assert answer.json is not None
    assert (201, "held", "", "2026-11-29T09:00:00Z") == (
        answer.status_code,
        answer.json["state"],
        answer.json["visit"],
        answer.json["opens_at"],
    )
    staff = hall.person()
    queue = staff.get("queue").json
    assert queue is not None
    assert [arrival["id"]] == [row["arrival"] for row in queue["held"]]
    row = staff.post(f"held/{arrival['id']}/admit", {})
    assert row.json is not None
    assert (200, "waiting", "ABC123") == (row.status_code, row.json["state"], row.json["plate"])
    again = staff.post(f"held/{arrival['id']}/admit", {})
    assert (409, "changed_meanwhile") == reason(again)
    assert again.json is not None
    assert "staff of hall" == again.json["by"]


def test_a_held_arrival_is_turned_away_with_a_reason(hall: Hall) -> None:
    arrival, staff = held(hall), hall.person()
    assert (400, "bad_request") == reason(staff.post(f"held/{arrival}/dismiss", {}))
    assert 204 == staff.post(f"held/{arrival}/dismiss", {"reason": "not here"}).status_code
    assert [] == hall.yard.queue(STATION).held


def test_what_is_not_held_is_not_found(hall: Hall) -> None:
    assert (404, "not_found") == reason(hall.person().post("held/nothing/admit", {}))


# -- bookings -----------------------------------------------------------------------------------


def put(asker: Any, **more: object) -> Any:
    raw = msgspec.json.encode({**BOOKING, **more})
    return asker.ask("PUT", "bookings/B-1", data=raw, content_type="application/json")


def test_a_booking_is_made_changed_listed_and_cancelled(hall: Hall) -> None:
    office = hall.person(Who.OFFICE)
    made, changed = put(office), put(office, plate2="VOLVO")
    assert (201, 200) == (made.status_code, changed.status_code)
    assert ("B-1", "ABC123", "VOLVO") == (
        changed.json["ref"],
        changed.json["plate"],
        changed.json["plate2"],
    )
    assert [changed.json] == office.get("bookings?day=2026-11-23").json
    assert [] == office.get("bookings?day=2026-11-24").json
    assert [204, 204] == [office.ask("DELETE", "bookings/B-1").status_code for _ in range(2)]
    listed = office.get("bookings?day=2026-11-23").json
    assert [True] == [row["cancelled"] for row in listed or []]
    assert (404, "not_found") == reason(office.ask("DELETE", "bookings/B-2"))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"price": 5}, (400, "bad_request")),
        ({"slot_at": "noon"}, (400, "bad_request")),
        ({"slot_at": "2026-11-23T09:00:00"}, (400, "bad_request")),
        ({"remark": "x" * 201}, (400, "bad_request")),
        ({"plate": "A²B"}, (422, "plate_refused")),
        ({"plate2": "A"}, (422, "plate_refused")),
        ({"kind": "boat"}, (422, "value_refused")),
        ({"slot_at": "0001-01-01T00:00:00+14:00"}, (422, "value_refused")),
    ],
)
def test_a_booking_that_cannot_be_is_refused(
    hall: Hall, more: dict[str, object], said: tuple[int, str]
) -> None:
    assert said == reason(put(hall.person(Who.OFFICE), **more))


@pytest.mark.parametrize("day", ["", "day=today", "day=2026-13-01", "when=2026-11-23"])
def test_a_day_that_is_none_is_refused(hall: Hall, day: str) -> None:
    assert (400, "bad_request") == reason(hall.person(Who.OFFICE).get(f"bookings?{day}"))


@pytest.mark.parametrize("who", [Who.STAFF, Who.TECHNICIAN])
def test_bookings_are_the_office_s_and_the_manager_s(hall: Hall, who: Who) -> None:
    person = hall.person(who)
    assert (403, "not_allowed") == reason(put(person))
    assert (403, "not_allowed") == reason(person.ask("DELETE", "bookings/B-1"))
    assert (403, "not_allowed") == reason(person.get("bookings?day=2026-11-23"))


# -- vehicles -----------------------------------------------------------------------------------


def test_staff_see_a_vehicle_and_a_post_does_not(hall: Hall) -> None:
    put(hall.person(Who.MANAGER))
    post = hall.device(Role.POST)
    visit = post.post("arrivals", hall.arrival()).json["visit"]  # type: ignore[index]
    vehicle = hall.person().get(f"visits/{visit}/vehicle").json
    assert vehicle is not None
    assert ("ABC123", "Volvo", "none") == (
        vehicle["plate"],
        vehicle["make"],
        vehicle["register"],
    )
    assert (403, "not_allowed") == reason(post.get(f"visits/{visit}/vehicle"))
    assert (403, "not_allowed") == reason(hall.person(Who.OFFICE).get(f"visits/{visit}/vehicle"))


def test_a_visit_is_found_by_part_of_its_plate(hall: Hall) -> None:
    hall.device(Role.POST).post("arrivals", hall.arrival())
    staff = hall.person()
    found = staff.get("visits?plate=bc1").json
    assert found is not None
    assert ["ABC123"] == [row["plate"] for row in found]
    assert (422, "plate_refused") == reason(staff.get("visits?plate=a"))
    assert (422, "plate_refused") == reason(staff.get("visits?plate=%25%25"))
    assert (400, "bad_request") == reason(staff.get("visits"))
