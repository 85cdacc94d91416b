"""The office never commands a line: whoever tries is told where the line is."""

import pytest

from central.halls.link import Link
from contract.wire import Role
from tests.central.halls.offices import Office, settle
from tests.central.web.hall import reason
from tests.central.yards import PITEA

LINE = [
    ("POST", "arrivals"),
    ("POST", "bays/1/call-next"),
    ("POST", "bays/1/close"),
    ("POST", "undo"),
    ("POST", "visits/019ab0f2-8c00-7d3e-9a41-5b2f6c7d8e90/call"),
    ("POST", "help/019ab0f2-9d11-7a52-8f60-1c2d3e4f5a6b/acknowledge"),
    # An empty line of the office's own would look like a hall where nobody waits.
    ("GET", "queue"),
    ("GET", "visits?plate=ABC"),
]


@pytest.mark.parametrize(("method", "path"), LINE)
def test_whatever_moves_or_shows_the_line_is_refused(
    office: Office, hall_link: Link, method: str, path: str
) -> None:
    settle(hall_link)
    manager = office.signed_in("manager", PITEA)
    answer = manager.ask(method, f"/v1/stations/{PITEA}/{path}", json={})
    assert reason(answer) == (409, "line_elsewhere")
    assert answer.json is not None
    assert answer.json["detail"] == (
        "The line of pitea is kept by the computer in its hall; do this there."
    )


def test_a_device_that_was_sent_to_the_office_by_mistake_is_told_so(
    office: Office, hall_link: Link
) -> None:
    settle(hall_link)
    code = office.yard.devices.create_device_code(PITEA, Role.POST, "Post 7")
    stranger = office.asker("")
    answer = stranger.post(f"/v1/stations/{PITEA}/devices/enrol", {"code": code})
    assert reason(answer) == (409, "line_elsewhere")


def test_bookings_accounts_and_devices_are_the_office_s_to_enter(
    office: Office, hall_link: Link
) -> None:
    settle(hall_link)
    person = office.signed_in("office", PITEA)
    words = {"plate": "ABC 123", "slot_at": "2026-11-23T10:00:00Z"}
    path = f"/v1/stations/{PITEA}"
    assert person.ask("PUT", f"{path}/bookings/B-1", json=words).status_code == 201
    assert person.post(f"{path}/people", {"name": "Desk 7"}).status_code == 201
    code = {"role": "post", "name": "Post 7"}
    assert person.post(f"{path}/devices/codes", code).status_code == 201


def test_a_station_that_is_no_hall_goes_on_as_ever(office: Office, hall_link: Link) -> None:
    settle(hall_link)
    office.yard.places.create_station("lulea", "Luleå", "Europe/Stockholm")
    person = office.signed_in("manager", "lulea")
    assert person.get("/v1/stations/lulea/queue").status_code == 200


def test_only_the_office_connects_a_hall(office: Office) -> None:
    office.yard.places.create_station(PITEA, "Piteå", "Europe/Stockholm")
    words = {"name": "Hall box", "scopes": ["hall:link"]}
    path = f"/v1/stations/{PITEA}/tokens"
    manager = office.signed_in("manager", PITEA)
    assert reason(manager.post(path, words)) == (403, "not_allowed")
    assert manager.get(f"/v1/stations/{PITEA}/queue").status_code == 200
    assert office.signed_in("office", PITEA).post(path, words).status_code == 201
    answer = manager.get(f"/v1/stations/{PITEA}/queue")
    assert reason(answer) == (409, "line_elsewhere")


def test_a_station_connected_by_mistake_has_its_line_again_when_the_key_is_revoked(
    office: Office,
) -> None:
    office.yard.places.create_station(PITEA, "Piteå", "Europe/Stockholm")
    person = office.signed_in("office", PITEA)
    path = f"/v1/stations/{PITEA}/tokens"
    made = person.post(path, {"name": "Hall box", "scopes": ["hall:link"]}).json
    assert made is not None
    queue = f"/v1/stations/{PITEA}/queue"
    assert reason(person.get(queue)) == (409, "line_elsewhere")

    assert person.post(f"{path}/{made['row']['id']}/revoke", {}).status_code == 204

    assert person.get(queue).status_code == 200


def test_a_hall_that_has_reported_keeps_its_line_when_its_key_is_revoked(
    office: Office, hall_link: Link
) -> None:
    """Its line is there, whatever becomes of the key."""
    settle(hall_link)
    person = office.signed_in("office", PITEA)
    path = f"/v1/stations/{PITEA}/tokens"
    rows = person.get(path).json
    assert rows is not None

    assert person.post(f"{path}/{rows[0]['id']}/revoke", {}).status_code == 204

    assert reason(person.get(f"/v1/stations/{PITEA}/queue")) == (409, "line_elsewhere")


def test_a_hall_sees_nothing_of_another_hall(office: Office, hall_link: Link) -> None:
    token = office.connect("lulea")
    answer = office.asker(token).get(f"/v1/stations/{PITEA}/hall/news")
    assert reason(answer) == (403, "not_allowed")


def test_the_halls_follow_their_own_set_up_at_the_office(office: Office, hall_link: Link) -> None:
    settle(hall_link)
    place = office.yard.places.at(PITEA)
    assert place.name == "Piteå"
    assert [bay.id for bay in place.bays] == ["1", "2"]
