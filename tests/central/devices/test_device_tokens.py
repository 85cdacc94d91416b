"""A device gets a new token while it works, and the old one is void by the new one's first use."""

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from central import schema
from central.database.store import Store
from central.devices.devices import Device
from central.devices.enrolment import Purpose
from central.yard import Yard
from contract import problems
from contract.problems import Problem
from contract.wire import Enrol, Heartbeat, HeartbeatHeard, Role
from contract.yard import DeviceRow
from tests.central.yards import DESK_1, PITEA, Station

MONTHS = 91 * 24 * 60


@pytest.fixture(autouse=True)
def _cheap_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("central.devices.enrolment.HASHER", cheap)


def enrolled(station: Station, name: str = "Post 3") -> tuple[Device, str]:
    """A post that has shown its token once."""
    code = station.yard.devices.create_device_code(PITEA, Role.POST, name)
    token = station.yard.devices.enrol(PITEA, Enrol(code=code)).token
    return found(station, token), token


def found(station: Station, token: str) -> Device:
    device = station.yard.devices.by_token(token)
    assert device is not None
    return device


def works(station: Station, token: str) -> bool:
    return station.yard.devices.by_token(token) is not None


def beats(station: Station, device: Device, boot: str = "b1") -> HeartbeatHeard:
    return station.yard.heartbeats.hear(device, Heartbeat(release="26.12.0", boot=boot))


def row(station: Station, device: Device) -> DeviceRow:
    return next(one for one in station.yard.heartbeats.rows(PITEA) if one.id == device.id)


def rotated(station: Station, device: Device) -> str:
    station.yard.devices.ask_rotation(PITEA, device.id)
    return station.yard.devices.next_token(PITEA, device.id)


# -- pressed ------------------------------------------------------------------------------------


def test_a_person_asks_and_the_device_hears_it_with_its_heartbeat(station: Station) -> None:
    device, _ = enrolled(station)
    assert not beats(station, device).new_token
    station.yard.devices.ask_rotation(PITEA, device.id)
    assert beats(station, device).new_token
    assert row(station, device).rotating


def test_a_token_that_nobody_has_used_yet_is_asked_back_as_well(station: Station) -> None:
    code = station.yard.devices.create_device_code(PITEA, Role.POST, "Post 3")
    first = station.yard.devices.enrol(PITEA, Enrol(code=code))
    station.yard.devices.ask_rotation(PITEA, first.device)
    device = found(station, first.token)
    assert beats(station, device).new_token
    assert works(station, station.yard.devices.next_token(PITEA, device.id))
    assert not works(station, first.token)


def test_both_tokens_work_until_the_new_one_was_used(station: Station) -> None:
    device, old = enrolled(station)
    new = rotated(station, device)
    assert works(station, old)
    assert beats(station, device).new_token, "it may not have heard the answer"
    station.minutes(5)
    assert works(station, new)
    assert not works(station, old)
    assert works(station, new)
    assert not beats(station, device).new_token
    told = row(station, device)
    assert (station.clock.now(), False) == (told.token_at, told.rotating)
    assert ["device_rotated"] == [one for one in station.happened() if "rotated" in one]


def test_a_token_that_was_just_used_is_void_the_moment_the_next_one_is(station: Station) -> None:
    """What is remembered of the old one does not keep it alive, here or in another process."""
    device, old = enrolled(station)
    other = Yard(Store(station.url, station.clock), station.clock) if station.store.shared else None
    new = rotated(station, device)
    for _ in range(3):
        assert works(station, old)
    if other is not None:
        assert other.devices.by_token(old) is not None
        assert other.devices.by_token(new) is not None
        assert other.devices.by_token(old) is None
        other._store.close()
    assert works(station, new)
    assert not works(station, old)


def test_whoever_listens_by_the_old_token_is_cut_off(station: Station) -> None:
    device, _ = enrolled(station)
    ended: list[str] = []
    station.yard.revoked.add(ended.append)
    assert works(station, rotated(station, device))
    assert [device.id] == ended


def test_an_answer_that_was_lost_is_asked_for_again(station: Station) -> None:
    device, old = enrolled(station)
    lost = rotated(station, device)
    heard = station.yard.devices.next_token(PITEA, device.id)
    assert not works(station, lost)
    assert works(station, old)
    assert works(station, heard)
    assert not works(station, old)


def test_a_new_token_is_given_to_nobody_who_was_not_told_to_ask(station: Station) -> None:
    device, old = enrolled(station)
    with pytest.raises(Problem, match="needs no new token"):
        station.yard.devices.next_token(PITEA, device.id)
    rotated(station, device)
    assert works(station, old)


def test_a_revoked_device_has_no_token_that_works(station: Station) -> None:
    device, old = enrolled(station)
    new = rotated(station, device)
    station.yard.devices.revoke(PITEA, DESK_1, device.id)
    assert not works(station, new)
    assert not works(station, old)


def test_a_database_holds_no_token(station: Station) -> None:
    device, old = enrolled(station)
    new = rotated(station, device)
    kept = repr(station.store.read(lambda view: view.all(sa.select(schema.device))))
    assert device.id in kept
    assert old not in kept
    assert new not in kept


def test_a_first_use_that_cannot_be_saved_shuts_nobody_out(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    device, old = enrolled(station)
    new = rotated(station, device)

    def full(*_: object, **__: object) -> object:
        raise Problem(problems.NOT_SAVED, "The disk is full.")

    with monkeypatch.context() as while_full:
        while_full.setattr(station.store, "write", full)
        assert works(station, new)
        assert works(station, old)
    assert works(station, new)
    assert not works(station, old)


# -- by its age ---------------------------------------------------------------------------------


def test_after_ninety_days_the_heartbeat_asks_by_itself(station: Station) -> None:
    device, _ = enrolled(station)
    station.minutes(89 * 24 * 60)
    assert not beats(station, device).new_token
    station.minutes(2 * 24 * 60)
    assert beats(station, device).new_token
    assert works(station, station.yard.devices.next_token(PITEA, device.id))
    assert not beats(station, device).new_token


def test_a_clock_that_nobody_believes_makes_no_token_old(station: Station) -> None:
    device, _ = enrolled(station)
    station.minutes(MONTHS)
    station.clock.is_synced = False
    assert not beats(station, device).new_token
    with pytest.raises(Problem):
        station.yard.devices.next_token(PITEA, device.id)
    station.clock.is_synced = True
    assert beats(station, device).new_token


def test_a_token_of_an_older_release_is_as_old_as_its_device(station: Station) -> None:
    device, old = enrolled(station)
    station.store.write(lambda tx: tx.run(sa.update(schema.device).values(token_at=None)))
    assert not beats(station, device).new_token
    station.minutes(MONTHS)
    assert beats(station, device).new_token
    new = station.yard.devices.next_token(PITEA, device.id)
    assert works(station, old)
    assert works(station, new)
    assert "device_rotated" in station.happened()


# -- two machines -------------------------------------------------------------------------------


def copied(station: Station) -> Device:
    device, _ = enrolled(station)
    take_turns(station, device)
    return device


def take_turns(station: Station, device: Device) -> None:
    """Let the device and a copy of its card speak until that is seen."""
    for boot, seconds in (("a", 1), ("copy", 30), ("a", 30), ("copy", 60), ("a", 30)):
        station.clock.advance(seconds * 1000)
        beats(station, device, boot)
    assert row(station, device).cloned_at == station.clock.now()


def test_of_two_machines_none_gets_a_new_token_and_a_person_hears_what_to_do(
    station: Station,
) -> None:
    device = copied(station)
    with pytest.raises(Problem, match="make a code that replaces it"):
        station.yard.devices.ask_rotation(PITEA, device.id)
    with pytest.raises(Problem, match="make a code that replaces it"):
        station.yard.devices.next_token(PITEA, device.id)
    told = row(station, device)
    assert not told.rotating
    assert told.cloned_at is not None


def test_a_token_that_was_given_before_the_copy_was_seen_takes_the_flag_from_nobody(
    station: Station,
) -> None:
    """It may be the copy that uses it."""
    device, _ = enrolled(station)
    new = rotated(station, device)
    take_turns(station, device)
    assert works(station, new)
    assert row(station, device).cloned_at is not None
    with pytest.raises(Problem, match="make a code that replaces it"):
        station.yard.devices.next_token(PITEA, device.id)


def test_a_rotation_that_was_asked_for_before_waits_until_one_machine_is_left(
    station: Station,
) -> None:
    device, old = enrolled(station)
    station.yard.devices.ask_rotation(PITEA, device.id)
    take_turns(station, device)
    assert not beats(station, device, "a").new_token
    station.yard.devices.one_again(PITEA, DESK_1, device.id)
    assert beats(station, device, "a").new_token
    assert works(station, station.yard.devices.next_token(PITEA, device.id))
    assert not works(station, old)


def test_what_replaces_a_copied_device_voids_the_copy_s_token(station: Station) -> None:
    device = copied(station)
    purpose = Purpose(PITEA, Role.POST, "Post 3", replaces=device.id)
    code = station.yard.devices.codes.make(purpose).code
    new = found(station, station.yard.devices.enrol(PITEA, Enrol(code=code)).token)
    assert [new.id] == [
        one.id for one in station.yard.heartbeats.rows(PITEA) if one.name == "Post 3"
    ]
    told = row(station, new)
    assert (None, False) == (told.cloned_at, told.rotating)


def test_of_two_machines_chance_gives_neither_a_new_token(station: Station) -> None:
    device = copied(station)
    station.minutes(MONTHS)
    assert not beats(station, device, "a").new_token
    assert not beats(station, device, "copy").new_token
