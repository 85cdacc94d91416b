"""The gate and what stands around it; who may ask what is asked one by one in test_who_may.py."""

import pytest

from central.web.app import create_app
from central.web.routes import Who
from central.words import SYSTEM
from contract.wire import Role
from tests.central.web.hall import STATION, Asker, Hall, reason


def test_a_route_that_names_nobody_is_open_to_nobody(hall: Hall) -> None:
    app = create_app(hall.yard, hall.clock)
    app.add_url_rule("/forgotten", "forgotten", lambda: "a secret")
    assert reason(app.test_client().get("/forgotten")) == (401, "not_signed_in")
    manager = hall.person(Who.MANAGER)
    cookie = manager.client.get_cookie("portvakt_session")
    assert cookie is not None
    client = app.test_client()
    client.set_cookie("portvakt_session", cookie.value)
    assert reason(client.get("/forgotten")) == (403, "not_allowed")


def test_a_device_and_a_person_see_their_own_station_only(hall: Hall) -> None:
    post, staff = hall.device(Role.POST), hall.person()
    assert reason(post.get("/v1/stations/other/expected")) == (403, "not_allowed")
    assert reason(staff.get("/v1/stations/other/queue")) == (403, "not_allowed")
    assert reason(staff.get("/v1/stations/nowhere/queue")) == (403, "not_allowed")


def test_a_sign_speaks_for_itself_only(hall: Hall) -> None:
    one, two = hall.device(Role.SIGN, bay="bay-1"), hall.device(Role.SIGN, bay="bay-2")
    beat = {"nonce": "n", "boot": "b"}
    assert one.post(f"signs/{one.id}/beat", beat).status_code == 200
    assert reason(one.post(f"signs/{two.id}/beat", beat)) == (403, "not_allowed")
    assert reason(one.get(f"signs/{two.id}/nudges")) == (403, "not_allowed")


def test_a_revoked_device_is_unknown(hall: Hall) -> None:
    post = hall.device(Role.POST)
    assert post.get("expected").status_code == 200
    hall.yard.devices.revoke(STATION, SYSTEM, post.id)
    refused = post.get("expected")
    assert reason(refused) == (401, "unknown_device")
    assert refused.headers["WWW-Authenticate"] == "Bearer"


def test_a_change_needs_the_pages_own_value_and_a_look_does_not(hall: Hall) -> None:
    staff = hall.person()
    arrival = {"id": hall.arrival()["id"], "plate": "ABC 123"}
    for headers in ({}, {"X-Portvakt-Csrf": "guessed"}, {"X-Portvakt-Csrf": "å"}):
        stolen = Asker(staff.client, headers)
        assert stolen.get("queue").status_code == 200
        assert reason(stolen.post("arrivals", arrival)) == (403, "csrf")
        assert reason(stolen.post("/logout")) == (403, "csrf")
    assert staff.post("arrivals", arrival).status_code == 201


def test_a_token_beside_a_cookie_counts_alone(hall: Hall) -> None:
    staff, post = hall.person(), hall.device(Role.POST)
    both = Asker(staff.client, {**staff.headers, **post.headers})
    assert reason(both.get("queue")) == (403, "not_allowed")
    assert both.get("expected").status_code == 200


def test_health_is_open_and_says_when_the_database_does_not_answer(hall: Hall) -> None:
    assert hall.stranger().get("/healthz").json == {"alive": True}
    assert hall.stranger().get("/readyz").json == {"ready": True}
    hall.ready = False
    answer = hall.stranger().get("/readyz")
    assert reason(answer) == (503, "not_saved")
    assert answer.headers["Retry-After"] == "5"
    assert hall.stranger().get("/healthz").status_code == 200


def test_a_code_makes_a_device_once(hall: Hall) -> None:
    code = hall.yard.devices.create_device_code(STATION, Role.POST, "Post 1")
    stranger = hall.stranger()
    words = {"code": code, "serial": "1000", "from_a_newer_release": 1}
    enrolled = stranger.post("devices/enrol", words)
    assert enrolled.status_code == 201
    assert enrolled.json is not None
    headers = {"Authorization": f"Bearer {enrolled.json['token']}"}
    assert stranger.get("expected", headers=headers).status_code == 200
    assert reason(stranger.post("devices/enrol", words)) == (403, "code_refused")


def test_codes_cannot_be_guessed_quickly(hall: Hall) -> None:
    stranger = hall.stranger()
    for _ in range(10):
        assert reason(stranger.post("devices/enrol", {"code": "AAAA-AAAA"}))[0] == 403
    refused = stranger.post("devices/enrol", {"code": "AAAA-AAAA"})
    assert reason(refused) == (429, "too_many")
    assert refused.headers["Retry-After"] == "60"
    hall.clock.advance(60_000)
    assert reason(stranger.post("devices/enrol", {"code": "AAAA-AAAA"}))[0] == 403


def test_a_code_for_another_role_is_told_to_who_has_all_of_it_even_in_a_flood_of_guesses(
    hall: Hall,
) -> None:
    code = hall.yard.devices.create_device_code(STATION, Role.POST, "Post 1")
    for asker in range(6):
        for _ in range(10):
            guess = {"code": "AAAA-AAAA", "role": "sign"}
            hall.stranger().post(
                "devices/enrol", guess, environ_base={"REMOTE_ADDR": f"192.0.2.{asker}"}
            )
    half = hall.stranger().post("devices/enrol", {"code": f"{code[:5]}AAAA", "role": "sign"})
    assert reason(half) == (429, "too_many")
    whole = hall.stranger().post("devices/enrol", {"code": code, "role": "sign"})
    assert reason(whole) == (403, "code_for_another")
    assert hall.stranger().post("devices/enrol", {"code": code, "role": "post"}).status_code == 201


@pytest.mark.parametrize("path", ["/board", "/login", "/board/static/board.js", "/healthz", "/x"])
def test_every_answer_is_protected(hall: Hall, path: str) -> None:
    headers = hall.person().get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors http://127.0.0.1:8080" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == ("no-cache" if "static" in path else "no-store")


def test_nobody_frames_the_board_unless_the_settings_name_them(hall: Hall) -> None:
    answer = create_app(hall.yard, hall.clock).test_client().get("/login", buffered=True)
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
