"""How posts and signs are: what fails is an event once, and a post that is not heard is missed."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from msgspec import structs

from central import schema
from central.devices import faults
from central.devices.devices import Device
from central.devices.heartbeats import notice_silence
from central.devices.pulses import Pulses
from central.serving import figures
from contract.problems import Problem
from contract.wire import DeviceFault, Heartbeat, HeartbeatHeard, OutboxFacts, Role
from contract.yard import DeviceNotice, DeviceRow
from tests.central.yards import DESK_1, PITEA, Station
from tests.fakes.clock import FakeClock

DISK = DeviceFault(part="outbox", since_s=600, reason="The disk is full.")
KEYS = DeviceFault(part="keypad")
BODIES = sa.select(schema.heartbeat.c.body)
NEWS = {"device_fault", "device_well", "device_silent", "device_back", "arrivals_refused"}


def device(station: Station, name: str = "Post 1") -> Device:
    return next(one for one in station.yard.devices.all(PITEA) if one.name == name)


def says(station: Station, name: str = "Post 1", **words: Any) -> HeartbeatHeard:
    """A device sends a heartbeat."""
    said = Heartbeat(**({"release": "26.11.2", "boot": "b1"} | words))
    return station.yard.heartbeats.hear(device(station, name), said)


def row(station: Station, name: str = "Post 1") -> DeviceRow:
    return next(one for one in station.yard.heartbeats.rows(PITEA) if one.name == name)


def named(station: Station) -> list[DeviceNotice]:
    """What the board names."""
    return station.queue().devices


def news(station: Station) -> list[tuple[str, object]]:
    """What became an event of devices: its kind, and the part, number or name in it."""
    return [
        (event.kind, event.data.get("part", event.data.get("refused", event.data["name"])))
        for event in station.yard.events_after(PITEA, 0)
        if event.kind in NEWS
    ]


def waits(station: Station, seconds: int) -> None:
    """Time goes by, and central looks every second as it does."""
    station.clock.advance(seconds * 1000)
    station.yard.tick()


# -- kept ---------------------------------------------------------------------------------------


def test_the_last_heartbeat_is_kept_and_shown_with_its_age(station: Station) -> None:
    assert HeartbeatHeard(every_s=60) == says(station, shows="idle", disk_free_mb=900)
    station.clock.advance(20_000)
    says(station, shows="typing", disk_free_mb=899)
    station.clock.advance(41_500)
    found = row(station)
    assert found.heartbeat is not None
    assert (41, "typing", 899) == (
        found.age_s,
        found.heartbeat.shows,
        found.heartbeat.disk_free_mb,
    )
    assert ([], [], False) == (found.faults, found.says, found.silent)


def test_of_a_device_that_sends_none_nothing_is_claimed(station: Station) -> None:
    """A release before this one knows of no heartbeats."""
    waits(station, 600)
    found = row(station, "Post 2")
    assert (None, None, False, []) == (found.heartbeat, found.age_s, found.silent, found.says)
    assert [] == named(station)


def test_a_heartbeat_that_says_nothing_new_is_no_event(station: Station) -> None:
    before = station.happened()
    for _ in range(3):
        says(station)
    assert before == station.happened()


def test_a_sign_says_how_it_is_as_well(station: Station) -> None:
    says(station, "Sign 1", faults=[DeviceFault(part="panel", reason="It does not answer.")])
    (notice,) = named(station)
    assert ("Sign 1", "sign", "panel") == (notice.name, notice.role, notice.faults[0].part)
    assert ["Sign 1: panel does not work: It does not answer."] == row(station, "Sign 1").says
    waits(station, 300)
    assert not named(station)[0].silent  # a sign's silence is known by its beats


# -- what fails ---------------------------------------------------------------------------------


def test_a_fault_is_an_event_when_it_comes_and_when_it_goes(station: Station) -> None:
    says(station, faults=[DISK])
    says(station, faults=[DISK, KEYS])
    says(station, faults=[KEYS])
    says(station)
    assert [
        ("device_fault", "outbox"),
        ("device_fault", "keypad"),
        ("device_well", "outbox"),
        ("device_well", "keypad"),
    ] == news(station)


def test_the_event_says_which_device_since_when_and_why(station: Station) -> None:
    says(station, faults=[DISK])
    event = station.yard.events_after(PITEA, 0)[-1]
    assert ("Post 1", "Post 1", "post", "The disk is full.") == (
        event.actor,
        event.data["name"],
        event.data["role"],
        event.data["reason"],
    )
    since = (station.clock.now() - timedelta(seconds=600)).replace(microsecond=0)
    assert since.isoformat()[:19] == str(event.data["since"])[:19]


def test_the_board_names_what_fails_and_since_when_though_time_goes_by(station: Station) -> None:
    says(station, faults=[DISK])
    (first,) = named(station)
    station.clock.advance(60_000)
    says(station, faults=[DeviceFault(part="outbox", since_s=660, reason="It is read-only.")])
    (later,) = named(station)
    assert first.faults[0].since == later.faults[0].since
    assert "It is read-only." == later.faults[0].reason
    says(station)
    assert [] == named(station)


def test_a_device_that_cannot_count_is_heard_all_the_same(station: Station) -> None:
    says(station, faults=[DeviceFault(part="keypad", since_s=2**53)])
    (fault,) = named(station)[0].faults
    assert timedelta(days=365) < station.clock.now() - fault.since < timedelta(days=367)


def test_a_part_that_is_named_twice_fails_once(station: Station) -> None:
    says(station, faults=[KEYS, DeviceFault(part="keypad", reason="The line 17 is lost.")])
    assert [("device_fault", "keypad")] == news(station)
    assert 1 == len(named(station)[0].faults)


def test_what_fails_is_said_in_words(station: Station) -> None:
    says(station, faults=[DISK, KEYS, DeviceFault(part="card_reader")])
    assert [
        "Post 1: card_reader does not work.",
        "Post 1: nobody can type.",
        "Post 1: nothing can be saved: The disk is full.",
    ] == row(station).says


def test_an_arrival_that_central_refused_is_named_until_it_is_gone(station: Station) -> None:
    says(station, outbox=OutboxFacts(waiting=1, refused=1))
    says(station, outbox=OutboxFacts(waiting=2, refused=1))
    assert [1] == [notice.refused for notice in named(station)]
    assert ["1 arrival waits at Post 1 that central did not take."] == row(station).says
    says(station, outbox=OutboxFacts(waiting=2, refused=2))
    assert ["2 arrivals wait at Post 1 that central did not take."] == row(station).says
    says(station, outbox=OutboxFacts())
    assert [("arrivals_refused", number) for number in (1, 0)] == news(station)
    assert [] == named(station)


def test_arrivals_that_only_wait_for_their_turn_are_no_trouble(station: Station) -> None:
    says(station, outbox=OutboxFacts(waiting=12, oldest_s=90))
    assert [] == named(station)


# -- a brake ------------------------------------------------------------------------------------


def flickers(station: Station, minutes: int, *parts: str) -> None:
    """Parts of the first post come and go with each heartbeat, twelve of which a device may send a minute."""
    for beat in range(12 * minutes):
        fail = [DeviceFault(part=part) for part in parts] if beat % 2 == 0 else []
        says(station, faults=fail)
        station.clock.advance(5_000)


def test_a_part_that_flickers_is_told_once_in_ten_minutes_and_the_row_keeps_the_truth(
    station: Station,
) -> None:
    flickers(station, 30, "hall_lamp")
    assert [("device_fault", "hall_lamp"), ("device_well", "hall_lamp")] * 3 == news(station)
    says(station, faults=[DeviceFault(part="hall_lamp")])
    assert ["hall_lamp"] == [fault.part for fault in named(station)[0].faults]


def test_how_it_is_at_last_is_told_late_if_need_be_and_by_another_process_too(
    station: Station,
) -> None:
    for fail in ([KEYS], [], [KEYS]):
        says(station, faults=fail)
    assert ["device_fault", "device_well"] == [kind for kind, _ in news(station)]
    station.restart()
    for _ in range(10):
        station.clock.advance(60_000)
        says(station, faults=[KEYS])
    assert ["device_fault", "device_well", "device_fault"] == [kind for kind, _ in news(station)]
    says(station)
    assert ("device_well", "keypad") == news(station)[-1]
    assert 4 == len(news(station))


def test_a_part_that_flickers_holds_up_no_other(station: Station) -> None:
    flickers(station, 2, "hall_lamp")
    says(station, faults=[DISK])
    assert ("device_fault", "outbox") == news(station)[-1]


def test_a_device_that_says_ever_new_things_is_told_of_sixty_times_a_day_and_once_that_it_flickers(
    station: Station,
) -> None:
    for beat in range(50):
        says(station, faults=[DeviceFault(part=f"p{beat}.{part}") for part in range(32)])
        station.clock.advance(60_000)
    told = news(station)
    assert 61 == len(told)
    assert ("device_fault", "flickers") == told[-1]
    assert "look at how it is now" in str(station.yard.events_after(PITEA, 0)[-1].data["reason"])
    says(station, "Post 2", faults=[KEYS])
    assert ("device_fault", "keypad") == news(station)[-1]
    station.clock.advance(86_400_000)
    says(station, faults=[DISK])
    assert ("device_fault", "outbox") in news(station)[62:]
    assert len(str(station.store.read(lambda view: view.all(BODIES)))) < 20_000


def test_a_clock_that_was_set_back_holds_nothing_up(station: Station) -> None:
    says(station, faults=[KEYS])
    says(station)
    station.clock.set_wall(station.clock.now() - timedelta(hours=1))
    says(station, faults=[KEYS])
    assert 3 == len(news(station))


def test_what_an_older_release_has_told_is_not_told_again(station: Station) -> None:
    ill = Heartbeat(release="26.11.2", boot="b1", faults=[KEYS], outbox=OutboxFacts(refused=1))
    says(station)
    older = sa.update(schema.heartbeat).values(body=structs.asdict(ill))
    station.store.write(lambda tx: tx.run(older))
    says(station, faults=[KEYS], outbox=OutboxFacts(refused=1))
    assert [] == news(station)
    says(station)
    assert [("arrivals_refused", 0), ("device_well", "keypad")] == news(station)


# -- silence ------------------------------------------------------------------------------------


def test_a_post_is_missed_after_three_minutes_and_named_once(station: Station) -> None:
    says(station)
    waits(station, faults.SILENT_AFTER_S)
    assert [] == named(station)
    waits(station, 1)
    waits(station, 60)
    (notice,) = named(station)
    assert ("Post 1", True) == (notice.name, notice.silent)
    assert notice.heard_at == station.clock.now() - timedelta(seconds=241)
    assert [("device_silent", "Post 1")] == news(station)
    assert ["Post 1 has not been heard for 3 minutes or more."] == row(station).says


def test_a_silence_that_was_noticed_is_not_written_down_every_second() -> None:
    clock = FakeClock()
    pulses = Pulses(clock)
    pulses.heard("post-1", PITEA, clock.now())
    clock.advance(181_000)
    assert {PITEA: ["post-1"]} == pulses.fallen_silent()
    pulses.noticed_silent("post-1")
    assert {} == pulses.fallen_silent()


@pytest.mark.parametrize(
    ("station", "silent"), [(None, {}), (PITEA, {}), ("lulea", {PITEA: ["p"]})]
)
def test_while_nothing_can_be_saved_no_post_of_that_station_is_missed(
    station: str | None, silent: dict[str, list[str]]
) -> None:
    clock = FakeClock()
    pulses = Pulses(clock)
    pulses.heard("p", PITEA, clock.now())
    clock.advance(181_000)
    pulses.was_deaf(station)
    assert silent == pulses.fallen_silent()


def test_a_post_that_is_heard_again_is_well(station: Station) -> None:
    says(station)
    waits(station, 200)
    says(station)
    assert [] == named(station)
    assert ["device_silent", "device_back"] == [kind for kind, _ in news(station)]
    waits(station, 200)
    assert 3 == len(news(station))


def test_a_post_that_goes_on_is_never_missed(station: Station) -> None:
    for _ in range(6):
        says(station)
        waits(station, 60)
    assert [] == news(station)


def test_a_wall_clock_that_is_set_makes_no_post_silent(station: Station) -> None:
    says(station)
    station.clock.set_wall(station.clock.now() + timedelta(days=1))
    station.yard.tick()
    assert [] == news(station)
    assert 86_400 == row(station).age_s


def test_a_start_gives_each_post_its_time_again(station: Station) -> None:
    says(station)
    station.clock.advance(3_600_000)  # central was away for an hour
    station.restart()
    station.yard.tick()
    assert [] == news(station)
    waits(station, 181)
    assert [("device_silent", "Post 1")] == news(station)


def test_a_silence_that_is_on_the_record_is_not_told_again_after_a_start(station: Station) -> None:
    says(station)
    waits(station, 181)
    station.restart()
    waits(station, 181)
    assert 1 == len(news(station))
    assert named(station)[0].silent


def test_a_post_that_was_taken_away_is_not_missed(station: Station) -> None:
    says(station, faults=[DISK])
    station.yard.devices.revoke(PITEA, DESK_1, device(station).id)
    assert [] == named(station)
    waits(station, 200)
    assert ["device_fault"] == [kind for kind, _ in news(station)]


def test_a_heartbeat_of_a_device_that_was_taken_away_on_the_way_is_refused(
    station: Station,
) -> None:
    post = device(station)
    station.yard.devices.revoke(PITEA, DESK_1, post.id)
    with pytest.raises(Problem) as error:
        station.yard.heartbeats.hear(post, Heartbeat(release="26.11.2", boot="b1"))
    assert "unknown_device" == error.value.kind.reason


def test_a_post_is_heard_by_every_process_at_one_database(postgres_station: Station) -> None:
    """Its heartbeats may go to the other one."""
    says(postgres_station)
    other = Station.__new__(Station)
    other.__dict__.update(postgres_station.__dict__)
    other.nudges = []
    own_store = postgres_station.store
    other.store = type(own_store)(postgres_station.url, postgres_station.clock)
    other.yard = type(postgres_station.yard)(other.store, postgres_station.clock)
    try:
        for _ in range(4):
            says(other)
            waits(postgres_station, 60)
        assert [] == news(postgres_station)
        waits(postgres_station, 181)
        other.yard.tick()
        assert [("device_silent", "Post 1")] == news(postgres_station)
    finally:
        other.store.close()


def test_a_post_that_another_process_hears_at_the_last_moment_is_not_missed(
    postgres_station: Station, tmp_path: Path
) -> None:
    here, there = postgres_station, Station(tmp_path, postgres_station.clock, postgres_station.url)
    try:
        says(here)
        there.yard.tick()
        here.clock.advance(181_000)
        missed = here.yard._known.pulses.fallen_silent()[PITEA]
        says(there)
        notice = partial(notice_silence, known=here.yard._known, devices=missed)
        here.store.write(notice, PITEA)
        here.yard.tick()
        assert [] == news(here)
        assert [] == named(here)
        waits(here, 181)
        assert [("device_silent", "Post 1")] == news(here)
    finally:
        there.store.close()


# -- figures ------------------------------------------------------------------------------------


def test_operations_see_how_many_are_silent_and_what_fails(station: Station) -> None:
    says(station, "Post 2")
    waits(station, 181)
    facts = OutboxFacts(waiting=3, oldest_s=40, refused=1)
    says(station, faults=[DISK, DeviceFault(part="card_reader")], outbox=facts)
    says(station, "Sign 1", faults=[KEYS])
    (one,) = station.store.read(figures.read)
    found = one.devices
    assert 1 == found.posts_silent
    assert {"outbox": 1, "keypad": 1, "other": 1} == dict(found.faults)
    assert (3, 40, 1) == (found.outbox_waiting, found.outbox_oldest_s, found.outbox_refused)


def test_what_is_kept_of_a_device_names_no_plate(station: Station) -> None:
    """Whatever a customer typed, a heartbeat has no field for it."""
    station.comes("ABC123")
    says(station, faults=[DISK], shows="place", outbox=OutboxFacts(waiting=1))
    assert "ABC123" not in str(row(station))
    assert Role.POST is row(station).role


def test_a_plate_that_a_device_lets_through_is_masked_before_it_is_kept(station: Station) -> None:
    """An older release, or somebody else's, may not mask it."""
    fault = DeviceFault(part="outbox", reason="not saved: ABC 123")
    says(station, faults=[fault], last_error="arrival not saved plate=KORIN", shows="ABC123")
    assert "Post 1: nothing can be saved: not saved: A****3" in row(station).says
    kept = str([*station.store.read(lambda view: view.all(BODIES)), *map(str, named(station))])
    told = str([event.data for event in station.yard.events_after(PITEA, 0)])
    for plate in ("ABC 123", "KORIN", "ABC123"):
        assert plate not in kept + told
