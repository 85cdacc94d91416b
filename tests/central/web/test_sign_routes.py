"""What the board asks about a sign: to see what stands on it."""

from central.web.routes import Who
from contract.wire import Role
from tests.central.web.hall import Hall, reason

DOTS = {"width_px": 3, "height_px": 7, "columns": [127, 8, 127], "sha256": "ab", "whole": True}


def test_what_a_sign_says_stands_on_it_is_given_to_who_asked(hall: Hall) -> None:
    staff, sign = hall.person(), hall.device(Role.SIGN, bay="bay-1")
    path = f"signs/{sign.id}/picture"
    assert staff.post(path, {}).status_code == 204
    answer = staff.get(path)
    assert (answer.status_code, answer.data) == (204, b""), "it has not answered yet"
    beat = {"nonce": "n", "boot": "b", "picture": DOTS}
    assert sign.post(f"signs/{sign.id}/beat", beat).status_code == 200
    shown = staff.get(path)
    assert shown.status_code == 200
    at = hall.clock.now().isoformat().replace("+00:00", "Z")
    assert shown.json == {**DOTS, "at": at}


def test_only_who_stands_in_the_yard_or_mends_signs_may_look(hall: Hall) -> None:
    sign = hall.device(Role.SIGN, bay="bay-1")
    path = f"signs/{sign.id}/picture"
    assert hall.person(Who.TECHNICIAN).post(path, {}).status_code == 204
    for stranger in (hall.person(Who.OFFICE), sign, hall.device(Role.POST)):
        assert reason(stranger.get(path)) == (403, "not_allowed")
        assert reason(stranger.post(path, {})) == (403, "not_allowed")


def test_a_sign_of_another_station_is_not_there(hall: Hall) -> None:
    elsewhere = hall.device(Role.SIGN, station="other", bay="bay-1")
    staff = hall.person()
    assert reason(staff.post(f"signs/{elsewhere.id}/picture", {})) == (404, "not_found")
    assert reason(staff.get(f"signs/{elsewhere.id}/picture")) == (404, "not_found")
    assert reason(staff.post(f"signs/{elsewhere.id}/picture", {"now": 1})) == (400, "bad_request")
