"""What a post asks beside arrivals: bookings elsewhere, when we open; and how devices say how they are."""

import logging
from datetime import date
from typing import Any

import msgspec
import pytest
from werkzeug.test import TestResponse

from central.places.setup import StationSetup
from central.web.routes import Who
from central.words import SYSTEM
from contract.ids import uuid7
from contract.wire import Role
from contract.words import BookingWords, DeskArrival
from tests.central.web.hall import STATION, Asker, Hall, reason
from tests.central.yards import DESK_1, local

HEARTBEAT = {"release": "26.11.2", "boot": "b1", "shows": "idle"}
FAULT = {"part": "outbox", "since_s": 60, "reason": "The disk is full."}


@pytest.fixture
def post(hall: Hall) -> Asker:
    return hall.device(Role.POST)


def books(hall: Hall, at: str, station: str = STATION, plate: str = "ABC 123") -> None:
    words = BookingWords(plate=plate, slot_at=local(at))
    hall.yard.desk.save_booking(station, SYSTEM, f"R {at}", words)


def elsewhere(post: Asker, plate: str = "abc-123") -> Any:
    answer = post.get(f"elsewhere?plate={plate}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.json["elsewhere"]  # type: ignore[index]


# -- bookings elsewhere -------------------------------------------------------------------------


def test_a_booking_for_tomorrow_is_told(hall: Hall, post: Asker) -> None:
    books(hall, "2026-11-24 09:00")
    books(hall, "2026-11-26 09:00")
    assert elsewhere(post) == {"slot_at": "2026-11-24T08:00:00Z", "station": None}


def test_a_booking_of_today_at_another_station_is_told_by_its_name(hall: Hall, post: Asker) -> None:
    books(hall, "2026-11-23 09:00", "other")
    assert elsewhere(post) == {"slot_at": "2026-11-23T08:00:00Z", "station": "Other"}


def test_a_plate_without_any_has_none(hall: Hall, post: Asker) -> None:
    books(hall, "2026-11-24 09:00", plate="DEF 456")
    assert elsewhere(post) is None


def test_what_is_over_is_no_booking_to_come(hall: Hall, post: Asker) -> None:
    books(hall, "2026-11-20 09:00")
    books(hall, "2026-11-20 09:05", "other")
    assert elsewhere(post) is None


def test_nothing_is_said_of_the_yard(hall: Hall, post: Asker) -> None:
    """The same answer before and after the car has come for its booking of today, typed elsewhere."""
    books(hall, "2026-11-23 09:00")
    assert elsewhere(post) is None
    books(hall, "2026-11-24 09:00")
    before = post.get("elsewhere?plate=ABC123").get_data()
    hall.device(Role.POST).post("arrivals", hall.arrival())
    assert hall.yard.desk.bookings_of(STATION, date(2026, 11, 23))[0].visit is not None
    assert before == post.get("elsewhere?plate=ABC123").get_data()


def test_nothing_is_said_of_another_yard(hall: Hall, post: Asker) -> None:
    """The same answer before and after the car has checked in where it is booked."""
    books(hall, "2026-11-23 09:00", "other")
    before = post.get("elsewhere?plate=ABC123").get_data()
    assert elsewhere(post) is not None
    arrival = DeskArrival(id=uuid7(1), plate="ABC 123")
    hall.yard.arrive("other", DESK_1, arrival, msgspec.json.encode(arrival))
    day = date(2026, 11, 23)
    assert hall.yard.desk.bookings_of("other", day)[0].visit is not None
    assert before == post.get("elsewhere?plate=ABC123").get_data()


def test_a_slot_of_today_that_is_past_is_no_booking_to_come(hall: Hall, post: Asker) -> None:
    books(hall, "2026-11-23 08:00", "other")
    assert elsewhere(post) is None


@pytest.mark.parametrize("plate", ["", "%E2%82%AC", "A", "A" * 64, "A" * 5_000, "%FF"])
def test_what_can_be_no_plate_is_refused(post: Asker, plate: str) -> None:
    status, why = reason(post.get(f"elsewhere?plate={plate}"))
    assert (status, why) in ((422, "plate_refused"), (400, "bad_request"))


def test_only_a_post_may_ask(hall: Hall) -> None:
    for asker in (hall.device(Role.SIGN), hall.person(), hall.person(Who.OFFICE)):
        assert reason(asker.get("elsewhere?plate=ABC123")) == (403, "not_allowed")


def test_ten_a_minute_are_asked_and_it_takes_nothing_from_the_look_ups(
    hall: Hall, post: Asker
) -> None:
    post.post("arrivals", hall.arrival())
    for _ in range(10):
        assert post.get("elsewhere?plate=ABC123").status_code == 200
    assert reason(post.get("elsewhere?plate=ABC123")) == (429, "too_many")
    assert post.get("status?plate=ABC123").status_code == 200
    hall.clock.advance(60_000)
    assert post.get("elsewhere?plate=ABC123").status_code == 200


def test_no_plate_is_in_the_log(hall: Hall, post: Asker, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for plate in ("ABC123", "%E2%82%AC", "A"):
            post.get(f"elsewhere?plate={plate}")
            post.get(f"status?plate={plate}")
    assert "ABC" not in caplog.text


# -- when we open -------------------------------------------------------------------------------


def test_a_list_whose_station_has_closed_is_another_one(hall: Hall, post: Asker) -> None:
    week = StationSetup(hours="mon-fri 07:00-17:00")
    hall.yard.places.set_station(STATION, week)
    first = post.get("expected")
    assert first.json["opens_at"] is None  # type: ignore[index]
    hall.clock.set_wall(local("2026-11-23 17:00"))
    closed = post.get("expected", headers={"If-None-Match": first.headers["ETag"]})
    assert (closed.status_code, closed.json["opens_at"]) == (200, "2026-11-24T06:00:00Z")  # type: ignore[index]
    same = post.get("expected", headers={"If-None-Match": closed.headers["ETag"]})
    assert same.status_code == 304


# -- heartbeats ---------------------------------------------------------------------------------


def beats(device: Asker, own_id: str = "", **words: Any) -> TestResponse:
    return device.post(f"devices/{own_id or device.id}/heartbeat", {**HEARTBEAT, **words})


def listed(hall: Hall, device: Asker, who: Who = Who.TECHNICIAN) -> dict[str, Any]:
    rows: list[dict[str, Any]] = hall.person(who).get("devices").json  # type: ignore[assignment]
    return next(row for row in rows if row["id"] == device.id)


def test_a_post_and_a_sign_say_how_they_are_and_hear_when_to_come_again(hall: Hall) -> None:
    for role in Role:
        answer = beats(hall.device(role))
        assert (answer.status_code, answer.json) == (200, {"every_s": 60, "new_token": False})


def test_the_office_sees_each_device_with_its_last_heartbeat(hall: Hall, post: Asker) -> None:
    beats(post, faults=[FAULT], temperature_c=61.5)
    hall.clock.advance(12_000)
    row = listed(hall, post, Who.OFFICE)
    assert (row["age_s"], row["heartbeat"]["temperature_c"]) == (12, 61.5)
    assert row["faults"] == [
        {"part": "outbox", "since": "2026-11-23T07:29:00Z", "reason": "The disk is full."}
    ]
    assert row["says"] == ["The post: nothing can be saved: The disk is full."]


def test_the_board_is_told_of_a_device_that_needs_somebody(hall: Hall, post: Asker) -> None:
    staff = hall.person()
    beats(post)
    assert staff.get("queue").json["devices"] == []  # type: ignore[index]
    beats(post, faults=[FAULT], outbox={"waiting": 1, "refused": 1})
    (notice,) = staff.get("queue").json["devices"]  # type: ignore[index]
    assert (notice["name"], notice["refused"], notice["faults"][0]["part"]) == (
        "The post",
        1,
        "outbox",
    )


def test_a_device_speaks_for_itself_only(hall: Hall, post: Asker) -> None:
    other = hall.device(Role.POST)
    assert reason(beats(post, other.id)) == (403, "not_allowed")
    assert listed(hall, other)["heartbeat"] is None
    assert reason(beats(hall.person(), other.id)) == (403, "not_allowed")


def test_a_newer_device_may_say_more_and_an_older_one_less(hall: Hall, post: Asker) -> None:
    assert beats(post, battery_percent=80).status_code == 200
    bare = post.post(f"devices/{post.id}/heartbeat", {"release": "26.11.2", "boot": "b1"})
    assert bare.status_code == 200


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ({"boot": ""}, "$.boot"),
        ({"uptime_s": -1}, "$.uptime_s"),
        ({"shows": "x" * 65}, "$.shows"),
        ({"faults": [{"part": "key", "reason": "x" * 201}]}, "$.faults[0].reason"),
        ({"faults": [{"part": f"part {n}"} for n in range(33)]}, "$.faults"),
        ({"outbox": {"refused": "one"}}, "$.outbox.refused"),
    ],
)
def test_a_heartbeat_that_cannot_be_is_refused_and_the_last_one_stays(
    hall: Hall, post: Asker, words: dict[str, Any], path: str
) -> None:
    beats(post)
    refused = beats(post, **words)
    assert reason(refused) == (400, "bad_request")
    assert refused.json["path"] == path  # type: ignore[index]
    assert listed(hall, post)["heartbeat"]["shows"] == "idle"


def test_a_device_that_never_stops_is_told_to_wait(hall: Hall, post: Asker) -> None:
    for _ in range(30):
        assert beats(post).status_code == 200
    assert reason(beats(post)) == (429, "too_many")
    assert beats(hall.device(Role.SIGN)).status_code == 200
    hall.clock.advance(60_000)
    assert beats(post).status_code == 200
