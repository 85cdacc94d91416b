"""Codes that wait, answers that were lost, and a new device in the place of a broken one."""

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from central import schema
from central.database.tx import Tx
from central.devices.devices import Device
from central.devices.enrolment import Purpose
from central.errors import NotPossible, NotThere
from contract.problems import Problem
from contract.transitions import Verb
from contract.wire import Enrol, Enrolled, Heartbeat, Role
from tests.central.yards import DESK_1, PITEA, Sign, Station

CLAIM = "9f86d081884c7d659a2feaa0c55ad015"
DEVICES = sa.select(sa.func.count()).select_from(schema.device)


@pytest.fixture(autouse=True)
def _cheap_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same algorithm at its least: what guessing costs is told by the tests of people."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("central.devices.enrolment.HASHER", cheap)


def enrol(station: Station, code: str, claim: str | None = CLAIM) -> Enrolled:
    return station.yard.devices.enrol(PITEA, Enrol(code=code, claim=claim))


def code_for(station: Station, replaces: str | None = None, **words: str) -> str:
    purpose = Purpose(PITEA, Role(words.get("role", "post")), "Post 3", words.get("bay"), replaces)
    return station.yard.devices.codes.make(purpose).code


def assert_refused(station: Station, code: str, claim: str | None = CLAIM) -> None:
    with pytest.raises(Problem) as error:
        enrol(station, code, claim)
    assert "code_refused" == error.value.kind.reason


def known(station: Station, token: str) -> Device | None:
    return station.yard.devices.by_token(token)


def named(station: Station, name: str) -> list[Device]:
    return [one for one in station.yard.devices.all(PITEA) if one.name == name]


def count(station: Station) -> int:
    return int(station.store.read(lambda view: view.one(DEVICES)[0]))


# -- an answer that was lost --------------------------------------------------------------------


def test_who_heard_no_answer_asks_again_and_is_the_same_device(station: Station) -> None:
    code = code_for(station)
    lost = enrol(station, code)
    devices = count(station)
    heard = enrol(station, code)
    assert (lost.device, lost.name) == (heard.device, heard.name)
    assert lost.token != heard.token
    assert devices == count(station)
    assert known(station, lost.token) is None
    assert known(station, heard.token) is not None


def test_somebody_else_gets_nothing_for_a_used_code(station: Station) -> None:
    code = code_for(station)
    token = enrol(station, code).token
    assert_refused(station, code, "another")
    assert_refused(station, code, None)
    assert known(station, token) is not None


def test_a_code_used_without_a_claim_is_used_up(station: Station) -> None:
    """As a device of an older release does it."""
    code = code_for(station)
    enrol(station, code, None)
    assert_refused(station, code, None)
    assert_refused(station, code)


def test_who_has_used_the_token_has_heard_the_answer(station: Station) -> None:
    code = code_for(station)
    token = enrol(station, code).token
    assert known(station, token) is not None
    assert_refused(station, code)
    assert known(station, token) is not None


def test_ten_minutes_later_a_used_code_is_no_word_of_anybody(station: Station) -> None:
    code = code_for(station)
    enrol(station, code)
    station.minutes(10)
    assert_refused(station, code)


def test_answers_that_were_lost_cost_no_try(station: Station) -> None:
    code = code_for(station)
    half, devices = code[:5], count(station) + 1
    for _ in range(4):
        assert_refused(station, f"{half}AAAA")
    for _ in range(6):
        heard = enrol(station, code)
    assert devices == count(station)
    assert known(station, heard.token) is not None


def test_five_wrong_tries_void_a_code_whatever_they_claim(station: Station) -> None:
    code = code_for(station)
    for _ in range(5):
        assert_refused(station, f"{code[:5]}AAAA")
    assert_refused(station, code)


def test_a_device_that_was_revoked_meanwhile_does_not_come_back(station: Station) -> None:
    code = code_for(station)
    device = enrol(station, code).device
    station.yard.devices.revoke(PITEA, DESK_1, device)
    assert_refused(station, code)


def test_a_database_tells_no_claim(station: Station) -> None:
    enrol(station, code_for(station))
    kept = station.store.read(lambda view: view.all(sa.select(schema.device_code)))
    assert CLAIM not in repr(kept)


# -- what a code is for -------------------------------------------------------------------------


def tried_as(station: Station, code: str, role: Role | None, at: str = PITEA) -> Problem:
    with pytest.raises(Problem) as error:
        station.yard.devices.enrol(at, Enrol(code=code, claim="another machine", role=role))
    return error.value


@pytest.mark.parametrize(("made_for", "asker"), [("post", Role.SIGN), ("sign", Role.POST)])
def test_a_code_makes_nobody_of_another_role_and_stays_good_for_its_own(
    station: Station, made_for: str, asker: Role
) -> None:
    code, devices = code_for(station, role=made_for), count(station)
    refused = tried_as(station, code, asker)
    assert "code_for_another" == refused.kind.reason
    assert f"for a {made_for}, and this is a {asker}" in refused.detail
    assert devices == count(station)
    mine = station.yard.devices.enrol(PITEA, Enrol(code=code, claim=CLAIM, role=Role(made_for)))
    assert made_for == mine.role


def test_a_device_of_an_older_release_says_no_role_and_is_taken(station: Station) -> None:
    assert Role.SIGN is enrol(station, code_for(station, role="sign")).role


def test_a_wrong_role_is_a_try_and_five_of_them_void_a_code(station: Station) -> None:
    code = code_for(station)
    for left in (4, 3, 2, 1):
        assert "code_for_another" == tried_as(station, code, Role.SIGN).kind.reason
        (row,) = station.yard.devices.codes.open(PITEA)
        assert left == row.tries_left
    assert "code_for_another" == tried_as(station, code, Role.SIGN).kind.reason
    assert "code_refused" == tried_as(station, code, Role.SIGN).kind.reason
    assert_refused(station, code)


def test_only_who_has_the_whole_of_a_code_that_works_here_is_told_what_it_is_for(
    station: Station,
) -> None:
    station.yard.places.create_station("lulea", "Luleå", "Europe/Stockholm")
    code, used, old = code_for(station), code_for(station), code_for(station)
    enrol(station, used)
    told = [
        tried_as(station, typed, role, at)
        for role in (None, Role.POST, Role.SIGN)
        for typed, at in ((f"{code[:5]}AAAA", PITEA), ("AAAA-AAAA", PITEA))
    ]
    told += [tried_as(station, used, Role.SIGN), tried_as(station, code, Role.SIGN, "lulea")]
    station.minutes(48 * 60)
    told.append(tried_as(station, old, Role.SIGN))
    assert {"code_refused"} == {one.kind.reason for one in told}
    assert 1 == len({one.detail for one in told})


def test_who_has_used_a_code_gets_no_other_role_by_its_claim(station: Station) -> None:
    code = code_for(station)
    token = enrol(station, code).token
    with pytest.raises(Problem) as error:
        station.yard.devices.enrol(PITEA, Enrol(code=code, claim=CLAIM, role=Role.SIGN))
    assert "code_for_another" == error.value.kind.reason
    assert known(station, token) is not None


# -- codes that wait ----------------------------------------------------------------------------


def test_codes_that_wait_are_listed_without_what_enrols(station: Station) -> None:
    used, code = code_for(station), code_for(station)
    enrol(station, used)
    with pytest.raises(Problem):
        enrol(station, f"{code[:5]}0000")
    (row,) = station.yard.devices.codes.open(PITEA)
    assert (code[:4], Role.POST, "Post 3", 4) == (row.handle, row.role, row.name, row.tries_left)
    assert code[5:] not in repr(row)
    station.minutes(48 * 60)
    assert [] == station.yard.devices.codes.open(PITEA)


def test_a_code_that_was_withdrawn_enrols_nothing(station: Station) -> None:
    code = code_for(station)
    station.yard.devices.codes.withdraw(PITEA, code[:4].lower())
    assert_refused(station, code)
    with pytest.raises(NotThere, match="no code"):
        station.yard.devices.codes.withdraw(PITEA, code[:4])


def test_a_used_code_or_one_of_another_station_cannot_be_withdrawn(station: Station) -> None:
    station.yard.places.create_station("lulea", "Luleå", "Europe/Stockholm")
    code = code_for(station)
    with pytest.raises(NotThere):
        station.yard.devices.codes.withdraw("lulea", code[:4])
    enrol(station, code)
    with pytest.raises(NotThere):
        station.yard.devices.codes.withdraw(PITEA, code[:4])


# -- in the place of another --------------------------------------------------------------------


def test_a_new_sign_takes_over_the_name_and_the_door_of_a_broken_one(station: Station) -> None:
    (old,) = named(station, "Sign 1")
    gone: list[str] = []
    station.yard.revoked.add(gone.append)
    new = enrol(station, code_for(station, old.id, role="sign"))
    assert ("Sign 1", "1") == (new.name, new.bay)
    assert [new.device] == [one.id for one in named(station, "Sign 1")]
    assert [old.id] == gone, "its streams are ended"
    (event,) = station.yard.events_after(PITEA, station.yard.cursor(PITEA)[1] - 1)
    assert ("device_replaced", old.id) == (event.kind, event.data["replaces"])
    with pytest.raises(Problem, match="not known"):
        station.sign_1.ask()


def test_until_it_comes_the_old_one_works_on(station: Station) -> None:
    old = station.enrolled(Role.POST, "Post 9")
    code_for(station, old.id)
    assert named(station, "Post 9") == [old]


def test_the_new_sign_is_lit_once_the_old_one_must_be_dark(station: Station) -> None:
    station.sign_1.wakes()
    station.comes("ABC 123")
    station.calls("ABC123")
    assert "ABC 123" == station.sign_1.lit()
    (old,) = named(station, "Sign 1")
    token = enrol(station, code_for(station, old.id, role="sign")).token
    device = known(station, token)
    assert device is not None
    new = Sign(station.yard, device).wakes()
    assert "waits_for_dark" == new.dark()
    station.minutes(1)
    station.yard.tick()
    assert "ABC 123" == new.lit()


def test_a_new_yard_sign_lists_what_the_old_one_did(station: Station) -> None:
    old = station.enrolled(Role.SIGN, "Yard")
    station.yard.devices.set_lists(PITEA, DESK_1, old.id, ["2", "1"])
    enrol(station, code_for(station, old.id, role="sign"))
    (new,) = named(station, "Yard")
    assert (None, ("2", "1")) == (new.bay, new.lists)


def test_a_revoked_device_is_replaced_by_its_name_and_the_door_that_is_said(
    station: Station,
) -> None:
    (old,) = named(station, "Sign 2")
    station.yard.devices.revoke(PITEA, DESK_1, old.id)
    new = enrol(station, code_for(station, old.id, role="sign", bay="2"))
    assert ("Sign 2", "2") == (new.name, new.bay)


def test_a_revoked_sign_is_replaced_with_the_door_that_it_had(station: Station) -> None:
    (old,) = named(station, "Sign 2")
    station.yard.devices.revoke(PITEA, DESK_1, old.id)
    new = enrol(station, code_for(station, old.id, role="sign"))
    assert ("Sign 2", "2") == (new.name, new.bay)
    assert [("Sign 2", "2")] == [(one.name, one.bay) for one in named(station, "Sign 2")]


def test_a_door_where_another_sign_hangs_since_is_left_to_that_one(station: Station) -> None:
    (old,), (other,) = named(station, "Sign 2"), named(station, "Sign 1")
    station.yard.devices.revoke(PITEA, DESK_1, old.id)
    station.yard.devices.assign_sign(PITEA, DESK_1, other.id, "2")
    assert enrol(station, code_for(station, old.id, role="sign")).bay is None
    assert ["2"] == [one.bay for one in named(station, "Sign 1")]


def test_a_revoked_yard_sign_is_replaced_with_what_it_listed(station: Station) -> None:
    old = station.enrolled(Role.SIGN, "Yard")
    station.yard.devices.set_lists(PITEA, DESK_1, old.id, ["2", "1"])
    station.yard.devices.revoke(PITEA, DESK_1, old.id)
    enrol(station, code_for(station, old.id, role="sign"))
    (new,) = named(station, "Yard")
    assert (None, ("2", "1")) == (new.bay, new.lists)


def test_a_revoked_device_can_be_found_for_thirty_days_or_until_it_is_replaced(
    station: Station,
) -> None:
    (old,), (sign,) = named(station, "Post 1"), named(station, "Sign 2")
    for device in (old.id, sign.id):
        station.yard.devices.revoke(PITEA, DESK_1, device)
    assert {old.id, sign.id} == {one.id for one in station.yard.devices.shut_out(PITEA)}
    enrol(station, code_for(station, sign.id, role="sign"))
    (left,) = station.yard.devices.shut_out(PITEA)
    assert (old.id, "Post 1", station.clock.now()) == (left.id, left.name, left.at)
    station.clock.advance(31 * 24 * 3_600_000)
    assert [] == station.yard.devices.shut_out(PITEA)


def test_a_lost_answer_to_a_replacement_replaces_once(station: Station) -> None:
    (old,) = named(station, "Post 1")
    code = code_for(station, old.id)
    enrol(station, code)
    new = enrol(station, code)
    assert [new.device] == [one.id for one in named(station, "Post 1")]
    assert 1 == station.happened().count("device_replaced")


def test_what_cannot_replace_is_said(station: Station) -> None:
    with pytest.raises(NotPossible, match="only a post can replace it"):
        code_for(station, station.post.id, role="sign")
    with pytest.raises(NotThere, match="never had"):
        code_for(station, "post-00000000")


# -- two machines -------------------------------------------------------------------------------


def beats(station: Station, sign: Sign, boot: str, seconds: int) -> None:
    station.clock.advance(seconds * 1000)
    sign.boot = boot
    sign.ask()


def copied(station: Station) -> Sign:
    """Sign 1, whose card somebody has copied: both machines are on."""
    sign = station.sign_1.wakes()
    for boot, seconds in (("copy", 5), ("boot-1", 5), ("copy", 61), ("boot-1", 5)):
        beats(station, sign, boot, seconds)
    return sign


def says(station: Station, name: str) -> list[str]:
    return next(row for row in station.yard.heartbeats.rows(PITEA) if row.name == name).says


def test_a_sign_with_a_copy_is_flagged_once_and_lit_no_more(station: Station) -> None:
    sign = copied(station)
    assert "cloned" == sign.dark()
    assert 1 == station.happened().count("device_cloned")
    assert any("Two machines" in sentence for sentence in says(station, "Sign 1"))
    (notice,) = station.queue().devices
    assert ("Sign 1", True) == (notice.name, notice.cloned)
    station.comes("ABC 123")
    station.calls("ABC123")
    assert "cloned" == sign.dark()
    assert 1 == station.happened().count("device_cloned")


def test_a_person_s_word_makes_it_one_again(station: Station) -> None:
    sign = copied(station)
    (device,) = named(station, "Sign 1")
    station.yard.devices.one_again(PITEA, DESK_1, device.id)
    station.comes("ABC 123")
    station.calls("ABC123")
    assert "ABC 123" == sign.lit()
    assert ["device_one_again"] == [
        kind for kind in station.happened() if kind == "device_one_again"
    ]
    station.yard.devices.one_again(PITEA, DESK_1, device.id)
    assert 1 == station.happened().count("device_one_again"), "nobody thought of two"


def test_if_two_speak_all_the_same_it_is_said_again(station: Station) -> None:
    sign = copied(station)
    (device,) = named(station, "Sign 1")
    station.yard.devices.one_again(PITEA, DESK_1, device.id)
    for boot, seconds in (("copy", 5), ("boot-1", 5), ("copy", 5), ("boot-1", 61), ("copy", 5)):
        beats(station, sign, boot, seconds)
    assert "cloned" == sign.dark()


def test_the_darkness_of_one_says_nothing_of_the_other(station: Station) -> None:
    """What the first may be showing stands until its lease must be over."""
    station.sign_1.wakes()
    station.comes("ABC 123")
    station.calls("ABC123")
    sign = station.sign_1
    assert "ABC 123" == sign.lit()
    shown = sign.shows
    for boot, seconds, shows in (("copy", 1, None), ("boot-1", 1, shown), ("copy", 61, None)):
        sign.shows = shows
        beats(station, sign, boot, seconds)
    sign.shows = shown
    beats(station, sign, "boot-1", 1)
    assert "cloned" == sign.dark()
    station.does(Verb.MOVE, "ABC123", "2")
    sign.shows, sign.boot = None, "copy"
    sign.ask()
    assert "waits_for_dark" == station.sign_2.wakes().dark()
    station.minutes(1)
    station.yard.tick()
    assert "ABC 123" == station.sign_2.lit()


def test_a_sign_that_restarts_is_lit_again(station: Station) -> None:
    sign = station.sign_1.wakes()
    for boot in ("boot-2", "boot-2", "boot-3", "boot-3", "boot-3"):
        beats(station, sign, boot, 70)
    station.comes("ABC 123")
    station.calls("ABC123")
    assert "ABC 123" == sign.lit()
    assert "device_cloned" not in station.happened()


def hears(station: Station, boot: str, seconds: int) -> None:
    station.clock.advance(seconds * 1000)
    (device,) = named(station, "Post 1")
    station.yard.heartbeats.hear(device, Heartbeat(release="26.12.0", boot=boot))


def test_a_post_with_a_copy_is_flagged_and_takes_plates(station: Station) -> None:
    for boot, seconds in (("a", 1), ("b", 30), ("a", 30), ("b", 60), ("a", 30)):
        hears(station, boot, seconds)
    assert 1 == station.happened().count("device_cloned")
    assert any("Two machines" in sentence for sentence in says(station, "Post 1"))
    assert "waiting" == station.comes("ABC 123").state


def test_an_arrival_from_before_the_restart_accuses_nobody(station: Station) -> None:
    late = station.typed("ABC 123")
    for boot, seconds in (("post-boot", 1), ("b", 30), ("b", 100)):
        hears(station, boot, seconds)
    station.deliver(late)
    assert "device_cloned" not in station.happened()


def test_of_its_boots_a_beat_writes_something_twice_in_each_at_most(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first time, and once more when a minute has gone by."""
    ran: list[str] = []
    run = Tx.run

    def look(tx: Tx, statement: sa.Executable, **words: object) -> int:
        ran.append(str(statement))
        return run(tx, statement, **words)

    monkeypatch.setattr(Tx, "run", look)
    for boot in ("boot-1", "boot-2"):
        for _ in range(20):
            beats(station, station.sign_1, boot, 5)
    assert 4 == sum("boots=" in statement for statement in ran)


def test_a_sign_s_heartbeat_names_the_machine_s_boot_and_not_its_own(station: Station) -> None:
    """Its beats name each start of the process: the two names never take turns as machines do."""
    sign = station.sign_1.wakes()
    (device,) = named(station, "Sign 1")
    for _ in range(5):
        beats(station, sign, "boot-1", 40)
        station.yard.heartbeats.hear(device, Heartbeat(release="26.12.0", boot="machine"))
    assert "device_cloned" not in station.happened()
