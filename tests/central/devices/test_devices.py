"""Posts and signs come by a one-time code and go by a word from the office."""

from types import SimpleNamespace

import pytest

from central.devices.devices import Device
from central.devices.enrolment import ALPHABET
from central.errors import NotPossible, NotThere
from contract.problems import Problem
from contract.wire import Enrol, Enrolled, Role
from tests.central.yards import DESK_1, PITEA, Station


def enrol(station: Station, code: str, at: str = PITEA) -> Enrolled:
    return station.yard.devices.enrol(at, Enrol(code=code, serial="10000000abcdef01"))


def code_for(station: Station, name: str = "Post 3") -> str:
    return station.yard.devices.create_device_code(PITEA, Role.POST, name)


def assert_refused(station: Station, code: str, at: str = PITEA) -> None:
    with pytest.raises(Problem) as error:
        enrol(station, code, at)
    assert "code_refused" == error.value.kind.reason


def by_token(station: Station, token: str) -> Device | None:
    return station.yard.devices.by_token(token)


def test_a_code_becomes_a_token_that_is_known(station: Station) -> None:
    code = code_for(station)
    assert 9 == len(code)
    assert set(code) <= {*ALPHABET, "-"}
    enrolled = enrol(station, code)
    assert enrolled.token.startswith(f"pv_{enrolled.device}_")
    device = by_token(station, enrolled.token)
    assert Device(enrolled.device, PITEA, Role.POST, "Post 3", None) == device
    assert by_token(station, enrolled.token + "x") is None


def test_a_code_may_be_typed_in_small_letters_without_its_dash(station: Station) -> None:
    assert "Post 3" == enrol(station, code_for(station).lower().replace("-", " ")).name


def test_a_code_works_once(station: Station) -> None:
    code = code_for(station)
    enrol(station, code)
    assert_refused(station, code)


def test_a_code_that_begins_like_a_used_one_is_made_all_the_same(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Among a thousand codes two begin alike about every other time."""
    codes = iter(["AAAA-BBBB", "AAAA-CCCC"])
    monkeypatch.setattr("central.devices.enrolment.make_code", lambda: next(codes))
    enrol(station, code_for(station))
    second = code_for(station, "Post 4")
    assert_refused(station, "AAAA-BBBB")
    assert "Post 4" == enrol(station, second).name


def test_no_two_codes_that_wait_begin_alike(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = iter(["AAAA-BBBB", "AAAA-CCCC", "DDDD-EEEE"])
    monkeypatch.setattr("central.devices.enrolment.make_code", lambda: next(codes))
    first, second = code_for(station), code_for(station, "Post 4")
    assert ("AAAA-BBBB", "DDDD-EEEE") == (first, second)
    assert "Post 4" == enrol(station, second).name
    assert "Post 3" == enrol(station, first).name


def test_a_code_works_for_two_days(station: Station) -> None:
    code = code_for(station)
    station.minutes(48 * 60)
    assert_refused(station, code)


def test_a_code_works_at_its_own_station_only(station: Station) -> None:
    station.yard.places.create_station("lulea", "Luleå", "Europe/Stockholm")
    assert_refused(station, code_for(station), "lulea")


def test_five_wrong_tries_void_a_code(station: Station) -> None:
    code = code_for(station)
    wrong = code[:5] + "".join("A" if sign != "A" else "B" for sign in code[5:])
    for _ in range(5):
        assert_refused(station, wrong)
    assert_refused(station, code)


def test_a_try_is_counted_before_it_is_compared(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks a hundred times at once, or pulls the plug, has five tries all the same."""
    code = code_for(station)
    left: list[int] = []

    def look(*_: object) -> bool:
        left.extend(row.tries_left for row in station.yard.devices.codes.open(PITEA))
        return True

    monkeypatch.setattr("central.devices.enrolment.HASHER", SimpleNamespace(verify=look))
    enrol(station, code)
    assert [4] == left


def test_a_revoked_device_is_unknown_at_once(station: Station) -> None:
    token = enrol(station, code_for(station)).token
    device = by_token(station, token)
    assert device is not None
    station.yard.devices.revoke(PITEA, DESK_1, device.id)
    assert by_token(station, token) is None
    assert device.id not in {one.id for one in station.yard.devices.all(PITEA)}
    with pytest.raises(NotThere):
        station.yard.devices.revoke(PITEA, DESK_1, device.id)
    assert "device_revoked" == station.happened()[-1]


def test_a_new_sign_over_a_door_takes_the_place_of_the_old_one(station: Station) -> None:
    code = station.yard.devices.create_device_code(PITEA, Role.SIGN, "Sign 1b", "1")
    new = enrol(station, code)
    sign = station.queue().bays[0].sign
    assert sign is not None
    assert (new.device, "Sign 1b") == (sign.device, sign.name)
    old = next(one for one in station.yard.devices.all(PITEA) if one.name == "Sign 1")
    assert old.bay is None


def test_a_remembered_token_follows_its_sign_to_another_door(station: Station) -> None:
    code = station.yard.devices.create_device_code(PITEA, Role.SIGN, "Sign 3")
    token = enrol(station, code).token
    before = by_token(station, token)
    assert before is not None
    station.yard.devices.assign_sign(PITEA, DESK_1, before.id, "2")
    after = by_token(station, token)
    assert after is not None
    assert (None, "2") == (before.bay, after.bay)
    assert "sign_assigned" == station.happened()[-1]


def test_what_cannot_be_set_up_is_said(station: Station) -> None:
    devices = station.yard.devices
    with pytest.raises(NotPossible, match="Only a sign"):
        devices.create_device_code(PITEA, Role.POST, "Post 3", "1")
    with pytest.raises(NotPossible, match="name"):
        devices.create_device_code(PITEA, Role.POST, " ")
    with pytest.raises(Problem, match="no bay 9"):
        devices.create_device_code(PITEA, Role.SIGN, "Sign 9", "9")
    with pytest.raises(NotPossible, match="only signs hang"):
        devices.assign_sign(PITEA, DESK_1, station.post.id, "1")
    with pytest.raises(NotThere):
        devices.assign_sign(PITEA, DESK_1, "sign-none", "1")


def a_sign(station: Station, bay: str | None = None) -> Device:
    code = station.yard.devices.create_device_code(PITEA, Role.SIGN, "Yard sign", bay)
    device = by_token(station, enrol(station, code).token)
    assert device is not None
    return device


def now(station: Station, device: Device) -> Device:
    return next(one for one in station.yard.devices.all(PITEA) if one.id == device.id)


def test_a_yard_sign_lists_several_bays_and_hangs_over_none(station: Station) -> None:
    sign = a_sign(station)
    station.yard.devices.set_lists(PITEA, DESK_1, sign.id, ["2", "1", "2"])
    assert (None, ("2", "1")) == (now(station, sign).bay, now(station, sign).lists)
    (event,) = station.yard.events_after(PITEA, station.yard.cursor(PITEA)[1] - 1)
    assert ("sign_assigned", ["2", "1"]) == (event.kind, event.data["lists"])
    station.yard.devices.set_lists(PITEA, DESK_1, sign.id, [])
    assert () == now(station, sign).lists


def test_a_yard_sign_that_is_hung_over_a_door_lists_nothing_any_more(station: Station) -> None:
    sign = a_sign(station)
    station.yard.devices.set_lists(PITEA, DESK_1, sign.id, ["1", "2"])
    station.yard.devices.assign_sign(PITEA, DESK_1, sign.id, "1")
    assert ("1", ()) == (now(station, sign).bay, now(station, sign).lists)


def test_what_no_yard_sign_can_list_is_said(station: Station) -> None:
    devices, over_a_door = station.yard.devices, a_sign(station, "1")
    with pytest.raises(NotPossible, match="hangs over bay 1; take it down first"):
        devices.set_lists(PITEA, DESK_1, over_a_door.id, ["2"])
    with pytest.raises(NotPossible, match="only signs list bays"):
        devices.set_lists(PITEA, DESK_1, station.post.id, ["1"])
    with pytest.raises(Problem, match="no bay 9"):
        devices.set_lists(PITEA, DESK_1, a_sign(station).id, ["1", "9"])
    with pytest.raises(NotThere):
        devices.set_lists(PITEA, DESK_1, "sign-none", ["1"])
