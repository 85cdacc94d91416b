"""What the board asks about a bay: open, break, closing, close."""

from datetime import timedelta

import pytest

from central.web.routes import Who
from contract.wire import Role
from tests.central.web.hall import Hall, reason


def test_a_bay_goes_on_its_break_and_comes_back(hall: Hall) -> None:
    staff = hall.person()
    until = hall.clock.now() + timedelta(minutes=15)
    row = staff.post("bays/bay-1/break", {"until": until}).json
    assert row is not None
    assert (row["bay"], row["state"], row["until"]) == (
        "bay-1",
        "on_break",
        until.isoformat().replace("+00:00", "Z"),
    )
    opened = staff.post("bays/bay-1/open", {}).json
    assert opened is not None
    assert (opened["state"], opened["until"]) == ("open", None)


@pytest.mark.parametrize(("verb", "state"), [("closing", "closing"), ("close", "closed")])
def test_a_bay_closes(hall: Hall, verb: str, state: str) -> None:
    row = hall.person().post(f"bays/bay-1/{verb}", {}).json
    assert row is not None
    assert row["state"] == state


def test_nobody_is_called_to_a_closed_bay(hall: Hall) -> None:
    staff = hall.person()
    arrival = {"id": hall.arrival()["id"], "plate": "ABC 123"}
    visit = staff.post("arrivals", arrival).json["visit"]  # type: ignore[index]
    staff.post("bays/bay-1/close", {})
    assert reason(staff.post("bays/bay-1/call-next", {})) == (409, "bay_closed")
    called = staff.post(f"visits/{visit}/call", {"version": 1, "bay": "bay-1"})
    assert reason(called) == (409, "bay_closed")
    assert called.json is not None
    assert called.json["state"] == "closed"


def test_a_bay_is_not_closed_over_a_customer(hall: Hall) -> None:
    staff = hall.person()
    arrival = {"id": hall.arrival()["id"], "plate": "ABC 123"}
    visit = staff.post("arrivals", arrival).json["visit"]  # type: ignore[index]
    staff.post("bays/bay-1/call-next", {})
    refused = staff.post("bays/bay-1/close", {})
    assert reason(refused) == (409, "bay_busy")
    assert refused.json is not None
    assert (refused.json["plate"], refused.json["visit"]) == ("ABC123", visit)


def test_what_cannot_be_read_or_found_is_refused(hall: Hall) -> None:
    staff = hall.person()
    past = hall.clock.now() - timedelta(minutes=1)
    assert reason(staff.post("bays/bay-1/break", {"until": past})) == (422, "value_refused")
    assert reason(staff.post("bays/bay-1/break", {"until": "noon"})) == (400, "bad_request")
    assert reason(staff.post("bays/bay-1/break", {"for": 15})) == (400, "bad_request")
    assert reason(staff.post("bays/bay-9/break", {})) == (404, "not_found")
    assert reason(staff.post("bays/bay-1/explode", {})) == (404, "not_found")


def test_only_those_at_the_line_open_and_close(hall: Hall) -> None:
    assert hall.person(Who.MANAGER).post("bays/bay-1/break", {}).status_code == 200
    for asker in (hall.person(Who.OFFICE), hall.person(Who.TECHNICIAN), hall.device(Role.POST)):
        assert reason(asker.post("bays/bay-1/break", {})) == (403, "not_allowed")
