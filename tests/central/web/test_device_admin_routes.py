"""What a technician does with devices over the web, and how a device gets its next token."""

import pytest
from argon2 import PasswordHasher

from central.web.routes import Who
from contract.wire import Role
from tests.central.web.hall import Asker, Hall, reason

HEARTBEAT = {"release": "26.12.0", "boot": "b1"}


@pytest.fixture(autouse=True)
def _cheap_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("central.devices.enrolment.HASHER", cheap)


def technician(hall: Hall) -> Asker:
    return hall.person(Who.TECHNICIAN)


def enrolled(hall: Hall, code: str, claim: str = "c1a1") -> Asker:
    """A device that has typed *code*."""
    answer = hall.stranger().post("devices/enrol", {"code": code, "claim": claim})
    assert answer.status_code == 201, answer.json
    assert answer.json is not None
    headers = {"Authorization": f"Bearer {answer.json['token']}"}
    return Asker(hall.app.test_client(use_cookies=False), headers, answer.json["device"])


def beats(device: Asker) -> bool:
    """A heartbeat; whether its answer asks for a new token."""
    answer = device.post(f"devices/{device.id}/heartbeat", HEARTBEAT)
    assert answer.json is not None
    return bool(answer.json["new_token"])


def test_a_code_is_shown_once_and_its_first_half_until_it_is_used(hall: Hall) -> None:
    person = technician(hall)
    made = person.post("devices/codes", {"role": "post", "name": "Post 1"})
    assert made.status_code == 201
    assert made.json is not None
    code = made.json["code"]
    (waiting,) = person.get("devices/codes").json or []
    assert (code[:4], "Post 1", 5) == (waiting["handle"], waiting["name"], waiting["tries_left"])
    assert made.json["expires_at"] == waiting["expires_at"]
    assert code[5:] not in person.get("devices/codes").get_data(as_text=True)
    enrolled(hall, code)
    assert [] == person.get("devices/codes").json


def test_a_code_that_was_withdrawn_enrols_nothing(hall: Hall) -> None:
    person = technician(hall)
    made = person.post("devices/codes", {"role": "sign", "name": "Sign 1", "bay": "bay-1"})
    code = (made.json or {})["code"]
    assert 204 == person.ask("DELETE", f"devices/codes/{code[:4]}").status_code
    refused = hall.stranger().post("devices/enrol", {"code": code})
    assert (403, "code_refused") == reason(refused)
    again = person.ask("DELETE", f"devices/codes/{code[:4]}")
    assert (404, "not_found") == reason(again)


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ({"role": "post", "name": "Post 1", "bay": "bay-1"}, (422, "value_refused")),
        ({"role": "sign", "name": "Sign 9", "bay": "bay-9"}, (404, "not_found")),
        ({"role": "post", "name": "Post 1", "replaces": "post-00000000"}, (404, "not_found")),
        ({"role": "keypad", "name": "Post 1"}, (400, "bad_request")),
        ({"role": "post", "name": " "}, (400, "bad_request")),
        ({"role": "post", "name": "Post 1", "token": "x"}, (400, "bad_request")),
    ],
)
def test_a_code_for_nothing_that_can_be_is_refused(
    sqlite_hall: Hall, words: dict[str, str], refusal: tuple[int, str]
) -> None:
    assert refusal == reason(technician(sqlite_hall).post("devices/codes", words))


def test_a_device_of_another_station_is_replaced_and_revoked_there_alone(hall: Hall) -> None:
    person, other = technician(hall), hall.device(Role.POST, "other")
    words = {"role": "post", "name": "Post 1", "replaces": other.id}
    assert (404, "not_found") == reason(person.post("devices/codes", words))
    for deed in ("revoke", "rotate", "one-again"):
        assert (404, "not_found") == reason(person.post(f"devices/{other.id}/{deed}"))


def test_a_new_post_takes_the_place_of_a_broken_one(hall: Hall) -> None:
    person, old = technician(hall), hall.device(Role.POST)
    assert old.get("expected").status_code == 200
    words = {"role": "post", "name": "Whatever", "replaces": old.id}
    new = enrolled(hall, (person.post("devices/codes", words).json or {})["code"])
    assert new.get("expected").status_code == 200
    assert (401, "unknown_device") == reason(old.get("expected"))
    (row,) = person.get("devices").json or []
    assert (new.id, "The post") == (row["id"], row["name"])


def test_a_lost_answer_is_given_again_to_the_same_asker_alone(hall: Hall) -> None:
    code = hall.yard.devices.create_device_code("hall", Role.POST, "Post 1")
    lost = enrolled(hall, code)
    stranger = hall.stranger().post("devices/enrol", {"code": code, "claim": "another"})
    assert (403, "code_refused") == reason(stranger)
    heard = enrolled(hall, code)
    assert lost.id == heard.id
    assert (401, "unknown_device") == reason(lost.get("expected"))
    assert heard.get("expected").status_code == 200


def test_a_revoked_device_is_unknown_at_once(hall: Hall) -> None:
    person, device = technician(hall), hall.device(Role.SIGN, bay="bay-1")
    assert device.post(f"devices/{device.id}/heartbeat", HEARTBEAT).status_code == 200
    assert 204 == person.post(f"devices/{device.id}/revoke").status_code
    beat = device.post(f"devices/{device.id}/heartbeat", HEARTBEAT)
    assert (401, "unknown_device") == reason(beat)
    assert (404, "not_found") == reason(person.post(f"devices/{device.id}/revoke"))


def test_a_device_gets_a_new_token_and_the_old_one_works_until_it_is_used(hall: Hall) -> None:
    person, device = technician(hall), hall.device(Role.POST)
    assert not beats(device)
    refused = device.post(f"devices/{device.id}/token")
    assert (409, "wrong_state") == reason(refused)
    assert 204 == person.post(f"devices/{device.id}/rotate").status_code
    assert beats(device)
    given = device.post(f"devices/{device.id}/token")
    assert given.status_code == 201
    assert device.get("expected").status_code == 200
    (row,) = person.get("devices").json or []
    assert row["rotating"]
    headers = {"Authorization": f"Bearer {(given.json or {})['token']}"}
    renewed = Asker(device.client, headers, device.id)
    assert not beats(renewed)
    assert (401, "unknown_device") == reason(device.get("expected"))
    (row,) = person.get("devices").json or []
    assert (False, None) == (row["rotating"], row["cloned_at"])


def test_a_device_asks_for_its_own_token_alone(hall: Hall) -> None:
    device, other = hall.device(Role.POST), hall.device(Role.POST)
    hall.yard.devices.ask_rotation("hall", other.id)
    assert (403, "not_allowed") == reason(device.post(f"devices/{other.id}/token"))


def test_a_copied_card_is_seen_and_a_technician_makes_it_one_again(hall: Hall) -> None:
    person, device = technician(hall), hall.device(Role.POST)
    for boot, seconds in (("a", 1), ("copy", 30), ("a", 30), ("copy", 60), ("a", 30)):
        hall.clock.advance(seconds * 1000)
        said = {**HEARTBEAT, "boot": boot}
        assert device.post(f"devices/{device.id}/heartbeat", said).status_code == 200
    (row,) = person.get("devices").json or []
    assert row["cloned_at"]
    assert "Two machines use the token of The post" in row["says"][0]
    arrival = device.post("arrivals", hall.arrival())
    assert arrival.status_code == 201
    assert 204 == person.post(f"devices/{device.id}/one-again").status_code
    (row,) = person.get("devices").json or []
    assert (None, []) == (row["cloned_at"], row["says"])


@pytest.mark.parametrize("role", [Who.STAFF, Who.MANAGER])
def test_who_drives_the_line_does_nothing_with_devices(sqlite_hall: Hall, role: Who) -> None:
    person, device = sqlite_hall.person(role), sqlite_hall.device(Role.POST)
    assert (403, "not_allowed") == reason(person.get("devices/codes"))
    for deed in ("revoke", "rotate", "one-again"):
        assert (403, "not_allowed") == reason(person.post(f"devices/{device.id}/{deed}"))
    assert device.get("expected").status_code == 200


def test_no_secret_of_a_device_stands_in_a_log(
    sqlite_hall: Hall, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    code = sqlite_hall.yard.devices.create_device_code("hall", Role.POST, "Post 1")
    device = enrolled(sqlite_hall, code)
    sqlite_hall.yard.devices.ask_rotation("hall", device.id)
    assert beats(device)
    token = (device.post(f"devices/{device.id}/token").json or {})["token"]
    old = device.headers["Authorization"].removeprefix("Bearer ")
    for secret in (code, code[5:], token, old):
        assert secret not in caplog.text
