"""What a sign's token and a guessed code tell: nothing about other doors, and nothing about codes."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from central.devices import enrolment
from central.words import SYSTEM
from contract.wire import Font, PanelFacts, Role
from tests.central.web.hall import STATION, Asker, Hall, reason
from tests.central.web.test_enumeration import statements, told_the_desk, what_is_seen

FONT = Font(letters="ABC123 ", advance_px=6, gap_px=3)
PANEL = PanelFacts(
    width_px=96,
    fonts=[FONT],
    holds_last_frame=False,
    worst_dark_ms=50,
    hang_ms=0,
    height_px=16,
    lines=2,
)

# -- signs ----------------------------------------------------------------------------------------


def beats(sign: Asker) -> Any:
    """Beat as a sign does that has just heard which database this is; give what it may show."""
    words: dict[str, Any] = {"nonce": "n", "boot": "b", "panel": msgspec.to_builtins(PANEL)}
    for _ in range(2):
        answer = sign.post(f"signs/{sign.id}/beat", words).json
        assert answer is not None
        words |= {"epoch": answer["epoch"], "seq": answer["seq"]}
    return answer


def called(hall: Hall, plate: str, bay: str) -> None:
    told_the_desk(hall, plate)
    staff = hall.person()
    assert staff.post(f"bays/{bay}/call-next", {}).status_code == 200


def test_a_sign_is_told_the_plate_of_its_own_door_only(hall: Hall) -> None:
    own, other = hall.device(Role.SIGN, bay="bay-1"), hall.device(Role.SIGN, bay="bay-2")
    for sign in (own, other):
        beats(sign)
    hall.clock.advance(20_000)  # nobody knows of what was lit before this process began
    called(hall, "ABC 123", "bay-2")
    assert "ABC" in str(beats(other))
    assert "ABC" not in str(beats(own))
    assert reason(own.post(f"signs/{other.id}/beat", {"nonce": "n", "boot": "b"})) == (
        403,
        "not_allowed",
    )


def test_a_yard_sign_is_told_of_the_doors_that_it_lists_only(hall: Hall) -> None:
    door = hall.device(Role.SIGN, bay="bay-2")
    near, far = hall.device(Role.SIGN), hall.device(Role.SIGN)
    hall.yard.devices.set_lists(STATION, SYSTEM, near.id, ["bay-2"])
    hall.yard.devices.set_lists(STATION, SYSTEM, far.id, ["bay-1"])
    for sign in (door, near, far):
        beats(sign)
    hall.clock.advance(20_000)
    called(hall, "ABC 123", "bay-2")
    beats(door)
    assert "ABC" in str(beats(near))
    assert "ABC" not in str(beats(far))


def test_a_sign_may_ask_nothing_that_a_post_or_a_person_may(hall: Hall) -> None:
    sign, told = hall.device(Role.SIGN, bay="bay-1"), told_the_desk(hall, "ABC 123")
    for path in (
        "status?plate=ABC123",
        "elsewhere?plate=ABC123",
        "expected",
        "queue",
        "visits?plate=ABC",
        f"visits/{told}/timeline",
        "bookings?day=2026-11-23",
        "devices",
    ):
        assert reason(sign.get(path)) == (403, "not_allowed"), path


# -- codes ----------------------------------------------------------------------------------------


def codes_of_every_kind(hall: Hall) -> dict[str, str]:
    """Codes that do not work, each for a reason of its own."""

    def code(station: str = STATION) -> str:
        return hall.yard.devices.create_device_code(station, Role.POST, "Post 9")

    stranger, expired = hall.stranger(), code()
    hall.clock.set_wall(hall.clock.now() + timedelta(hours=49))
    used, tried, wrong, foreign = code(), code(), code(), code("other")
    assert stranger.post("devices/enrol", {"code": used}).status_code == 201
    for _ in range(enrolment.TRIES):
        assert stranger.post("devices/enrol", {"code": spoiled(tried)}).status_code == 403
    hall.clock.advance(60_000)
    return {
        "of nobody": "AAAA-AAAA",
        "wrong": spoiled(wrong),
        "used": used,
        "expired": expired,
        "of another station": foreign,
        "tried too often": tried,
        "half a code": "AAAA",
    }


def spoiled(code: str) -> str:
    """The same first half, and another second."""
    return code[:5] + "".join("B" if sign != "B" else "C" for sign in code[5:])


def test_a_code_that_does_not_work_never_says_why_and_costs_the_same(
    sqlite_hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall, compared, compare = sqlite_hall, [], enrolment._fits

    def counted(code_hash: str, code: str) -> bool:
        compared.append(code_hash)
        return compare(code_hash, code)

    codes = codes_of_every_kind(hall)
    monkeypatch.setattr(enrolment, "_fits", counted)
    seen, work = {}, {}
    for kind, code in codes.items():
        compared.clear()
        with statements() as sent:
            seen[kind] = what_is_seen(hall.stranger().post("devices/enrol", {"code": code}))
        work[kind] = (sent, len(compared))
    assert seen["wrong"][0] == 403
    assert {kind for kind in seen if seen[kind] != seen["wrong"]} == set()
    assert {kind for kind in work if work[kind] != work["wrong"]} == set()
    assert work["wrong"][1] == 1


def test_guesses_from_everywhere_are_limited_and_who_has_the_first_half_is_not(
    sqlite_hall: Hall,
) -> None:
    hall = sqlite_hall
    hall.app.config["BEHIND_PROXY"] = True
    right = hall.yard.devices.create_device_code(STATION, Role.POST, "Post 9")

    def tries(code: str, number: int) -> Any:
        address = {"X-Forwarded-For": f"203.0.113.{number}"}
        return hall.stranger().post("devices/enrol", {"code": code}, headers=address)

    for number in range(6):
        for _ in range(10):
            assert tries("AAAA-AAAA", number).status_code == 403
        assert reason(tries("AAAA-AAAA", number)) == (429, "too_many")
    assert reason(tries("AAAA-AAAA", 7)) == (429, "too_many")
    assert reason(tries(spoiled(right), 7)) == (429, "too_many")
    assert tries(right, 7).status_code == 201
    hall.clock.advance(60_000)
    assert tries("AAAA-AAAA", 1).status_code == 403


def test_in_a_flood_of_guesses_a_first_half_that_waits_is_answered_like_any_other(
    sqlite_hall: Hall,
) -> None:
    hall = sqlite_hall
    hall.app.config["BEHIND_PROXY"] = True
    right = hall.yard.devices.create_device_code(STATION, Role.POST, "Post 9")

    def tries(code: str, number: int) -> Any:
        address = {"X-Forwarded-For": f"203.0.113.{number}"}
        return hall.stranger().post("devices/enrol", {"code": code}, headers=address)

    for number in range(6):
        for _ in range(10):
            tries("AAAA-AAAA", number)
    nobodys = what_is_seen(tries("AAAA-AAAA", 7))
    assert what_is_seen(tries(spoiled(right), 7)) == nobodys
    hall.clock.advance(20_000)
    for _ in range(8):
        tries("AAAA-AAAA", 7)
    # Ten guesses were counted to that address, so now it learns nothing even by the right code.
    assert reason(tries(right, 7)) == (429, "too_many")
    assert tries(right, 8).status_code == 201
