"""Two central processes on one database: what one does the other knows, hears, and never contradicts."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
import sqlalchemy as sa

from central import schema
from central.database import postgres as postgres_server
from central.database.bus import Bus
from central.database.presence import KEY, Presence
from central.database.tx import Row, Tx, View
from central.words import Nudge
from contract.problems import Problem
from contract.transitions import Verb
from contract.wire import Enrol, Picture, Role
from contract.words import VisitWords
from tests.central.yards import DESK_1, DESK_2, PITEA, Station
from tests.fakes.clock import FakeClock
from tests.postgres import Databases
from tests.waiting import until


class Process(Station):
    """A central as `serve` puts it together, with all that it hears of others."""

    def __init__(self, like: Station) -> None:
        super().__init__(Path(), like.clock, like.url)
        self._open = ExitStack()
        self.presence = self._open.enter_context(Presence(like.url))
        self.bus = self._open.enter_context(Bus(self.presence, self.store, self.yard))
        self.hints: list[tuple[str, int]] = []
        self.revoked: list[str] = []
        self.store.hints.add(lambda station, seq: self.hints.append((station, seq)))
        self.yard.revoked.add(self.revoked.append)
        self.find()

    def close(self) -> None:
        self._open.close()
        self.store.close()


@pytest.fixture
def processes(postgres_station: Station) -> Iterator[tuple[Process, Process]]:
    both = Process(postgres_station), Process(postgres_station)
    yield both
    for one in both:
        one.close()


def newest(process: Process) -> int:
    return process.yard.cursor(PITEA)[1]


def test_a_commit_in_one_wakes_the_streams_of_the_other_and_is_no_echo(
    processes: tuple[Process, Process],
) -> None:
    here, there = processes
    here.comes("ABC123")
    hint = (PITEA, newest(there))
    until(lambda: hint in there.hints, what="the hint")
    there.comes("DEF456")
    until(lambda: (PITEA, newest(here)) in here.hints, what="the answer")
    assert sorted(set(here.hints)) == sorted(here.hints), "nothing comes back to who said it"


def test_a_nudge_reaches_the_process_that_the_sign_is_connected_to(
    processes: tuple[Process, Process],
) -> None:
    here, there = processes
    there.sign_1.wakes()
    here.comes("ABC123")
    here.calls("ABC123", "1")
    asked = Nudge(PITEA, there.sign_1.device.id)
    until(lambda: asked in there.nudges, what="the nudge")
    assert "ABC 123" == there.sign_1.lit()


def test_a_question_for_a_picture_reaches_it_too_and_every_process_sees_the_answer(
    processes: tuple[Process, Process],
) -> None:
    here, there = processes
    sign = there.sign_1.wakes()
    here.yard.ask_picture(PITEA, sign.device.id)
    asked = Nudge(PITEA, sign.device.id, picture=True)
    until(lambda: asked in there.nudges, what="the question")
    dots = Picture(width_px=1, height_px=7, columns=[127])
    there.yard.beat(PITEA, sign.device.id, msgspec.structs.replace(sign.words(), picture=dots))
    picture = here.yard.picture(PITEA, sign.device.id)
    assert picture is not None
    assert [127] == picture.columns


def test_a_device_that_one_revokes_is_unknown_to_the_other_at_once(
    processes: tuple[Process, Process],
) -> None:
    here, there = processes
    code = here.yard.devices.create_device_code(PITEA, Role.SIGN, "Sign 3")
    token = there.yard.devices.enrol(PITEA, Enrol(code=code)).token
    for process in processes:
        assert process.yard.devices.by_token(token) is not None
    device = there.yard.devices.by_token(token)
    assert device is not None
    here.yard.devices.revoke(PITEA, DESK_1, device.id)
    assert there.yard.devices.by_token(token) is None
    until(lambda: [device.id] == there.revoked, what="the end of its streams")


def test_what_ended_while_the_server_was_away_is_said_when_it_is_back(
    processes: tuple[Process, Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = processes
    code = there.yard.devices.create_device_code(PITEA, Role.SIGN, "Sign 3")
    device = there.yard.devices.enrol(PITEA, Enrol(code=code)).device
    connect = postgres_server.connect
    lost: list[sa.URL] = []

    def away_at_first(url: sa.URL) -> "psycopg.Connection[Any]":
        if lost:
            return connect(url)
        lost.append(url)
        raise psycopg.OperationalError("the server is restarting")

    monkeypatch.setattr(postgres_server, "connect", away_at_first)
    here.yard.devices.revoke(PITEA, DESK_1, device)
    until(lambda: [device] == there.revoked, what="the end of its streams")
    assert lost


def test_who_signs_out_at_one_is_signed_out_at_the_other_and_no_token_travels(
    processes: tuple[Process, Process],
) -> None:
    here, there = processes
    here.yard.people.create_user("Desk 1", "a long enough word", [PITEA])
    token = here.yard.people.sign_in("Desk 1", "a long enough word").token
    heard: list[str] = []
    there.yard.people.signed_out.add(heard.append)
    with psycopg.connect(here.url, autocommit=True) as connection:
        connection.execute("LISTEN portvakt")
        here.yard.people.sign_out(token)
        said = next(connection.notifies(timeout=5)).payload
    until(lambda: heard, what="the end of the session's streams")
    assert [hashlib.sha256(token.encode()).hexdigest()] == heard
    assert token not in said


def test_a_bay_that_one_creates_is_called_to_by_the_other(
    processes: tuple[Process, Process],
) -> None:
    here, there = processes
    assert ["1", "2"] == [bay.door for bay in there.queue().bays]
    here.comes("ABC123")
    here.yard.places.create_bay(PITEA, "3", "3", ["full"])
    assert ["1", "2", "3"] == [bay.door for bay in there.queue().bays]
    assert "3" == there.calls("ABC123", "3").bay
    assert ["1", "2", "3"] == [bay.door for bay in here.queue().bays]


def test_a_sign_that_the_other_hears_is_not_silent(processes: tuple[Process, Process]) -> None:
    here, there = processes
    here.sign_1.wakes()
    for _ in range(9):
        here.clock.advance(10_000)
        here.sign_1.ask()
        there.yard.tick()
        here.yard.tick()
    assert "sign_silent" not in here.happened()
    shown = next(bay.sign for bay in there.queue().bays if bay.bay == "1")
    assert shown is not None
    assert shown.reachable


def test_a_sign_that_nobody_hears_is_silent_once(processes: tuple[Process, Process]) -> None:
    here, there = processes
    here.sign_1.wakes()
    for process in processes:
        process.yard.tick()
    for _ in range(6):
        here.clock.advance(10_000)
        for process in processes:
            process.yard.tick()
    assert 1 == here.happened().count("sign_silent")
    shown = next(bay.sign for bay in there.queue().bays if bay.bay == "1")
    assert shown is not None
    assert not shown.reachable
    there.sign_1.ask()
    assert 1 == there.happened().count("sign_back")


def shown_at_the_door(process: Process) -> bool:
    """Whether the board says that the sign at the first door answers."""
    shown = next(bay.sign for bay in process.queue().bays if bay.bay == "1")
    assert shown is not None
    return shown.reachable


def test_a_dark_sign_that_beats_when_it_should_never_looks_missed_at_the_other(
    processes: tuple[Process, Process],
) -> None:
    """It beats a little early, at the worst time for its row, and now and then a beat is lost."""
    here, there = processes
    here.sign_1.wakes()
    for second in range(1, 200):
        here.clock.advance(990)
        if second % 10 == 0 and second % 30 != 0:
            here.sign_1.ask()
        there.yard.tick()
        assert shown_at_the_door(there)
    assert "sign_silent" not in here.happened()


def test_a_sign_that_the_other_heard_last_is_missed_after_its_time_and_no_later(
    processes: tuple[Process, Process],
) -> None:
    here, there = processes
    here.sign_1.wakes()
    here.clock.advance(10_000)
    here.sign_1.ask()
    there.yard.tick()
    here.clock.advance(30_000)
    there.yard.tick()
    assert shown_at_the_door(there)
    here.clock.advance(1)
    there.yard.tick()
    assert not shown_at_the_door(there)
    assert 1 == there.happened().count("sign_silent")


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_sign_that_goes_over_to_a_machine_with_another_time_is_not_missed(
    processes: tuple[Process, Process], hours: int
) -> None:
    here, _ = processes
    elsewhere = FakeClock(here.clock.wall + timedelta(hours=hours))
    other = Station(Path(), elsewhere, here.url).find()
    here.sign_1.wakes()
    for _ in range(6):
        for clock in (here.clock, elsewhere):
            clock.advance(10_000)
        other.sign_1.ask()
        here.yard.tick()
        assert shown_at_the_door(here)
    assert "sign_silent" not in here.happened()
    other.store.close()


def test_what_was_heard_while_the_rows_were_read_is_not_taken_back(
    processes: tuple[Process, Process],
) -> None:
    """A sign that breaks between the look at its row and the end of that look is not well."""
    here, _ = processes
    here.sign_1.wakes()
    here.sign_2.wakes()
    here.yard.tick()
    here.clock.advance(10_000)
    here.sign_1.ask()
    here.sign_2.ask()
    here.sign_1.fault = "the cable"
    heard = here.yard._known.heard

    class Slow(View):
        def all(self, statement: sa.Executable, **words: object) -> Sequence[Row]:
            rows = super().all(statement, **words)
            here.clock.advance(1)
            here.sign_1.ask()
            return rows

    here.store.read(lambda view: heard.look(Slow(view._connection, view.now)))
    assert not here.comes("ABC123").watch_sign


def test_the_post_says_watch_the_sign_wherever_the_signs_are_heard(
    processes: tuple[Process, Process],
) -> None:
    here, there = processes
    here.sign_1.wakes()
    here.sign_2.wakes()
    there.yard.tick()
    assert there.comes("ABC123").watch_sign


def test_the_pace_of_the_work_is_the_same_in_both(processes: tuple[Process, Process]) -> None:
    here, there = processes
    for number in range(3):
        here.comes(f"CAR{number:03d}")
    before = [row.window for row in there.queue().line]
    here.calls("CAR000", "1")
    here.does(Verb.ENTER, "CAR000", "1")
    here.minutes(55)
    here.does(Verb.FINISH, "CAR000")
    after = [row.window for row in there.queue().line]
    assert [row.window for row in here.queue().line] == after
    assert before[1:] != after


def test_two_of_staff_at_two_processes_get_one_winner(processes: tuple[Process, Process]) -> None:
    here, there = processes
    here.comes("ABC123")
    seen = there.row("ABC123")
    here.calls("ABC123", "1")
    with pytest.raises(Problem) as error:
        there.yard.act(
            PITEA, DESK_2, seen.visit, Verb.CALL, VisitWords(version=seen.version, bay="2")
        )
    assert "changed_meanwhile" == error.value.kind.reason
    assert "Desk 1" == error.value.members["by"]


# -- the bus itself -----------------------------------------------------------------------------


def cut_off(databases: Databases, process: Process) -> None:
    pid = process.presence.connection.info.backend_pid
    assert databases.ask("SELECT pg_terminate_backend(%s, 5000)", pid)[0][0]


def test_a_bus_that_was_cut_off_comes_back_and_lets_everybody_look(
    processes: tuple[Process, Process], postgres: Databases
) -> None:
    here, there = processes
    cut_off(postgres, there)
    here.comes("ABC123")
    until(lambda: (PITEA, newest(here)) in there.hints, what="a look at what was missed")
    here.comes("DEF456")
    until(lambda: (PITEA, newest(here)) in there.hints, what="the next hint")
    assert there.bus.alive


def test_a_process_that_comes_back_to_another_history_ends(
    processes: tuple[Process, Process], postgres: Databases
) -> None:
    here, there = processes
    here.store.write(lambda tx: tx.run(sa.update(schema.meta).values(value="restored")))
    cut_off(postgres, there)
    until(lambda: not there.bus.alive, what="the end of the bus")
    assert here.bus.alive


def test_words_of_somebody_else_on_the_channel_disturb_nobody(
    processes: tuple[Process, Process],
) -> None:
    here, there = processes
    for words in (
        "",
        "{}",
        '["x", "hint", []]',
        '["x", "nudge", [1]]',
        '["x", "nudge", [1, 2, 3, 4]]',
        '["x", "y", []]',
    ):
        say = sa.select(sa.func.pg_notify("portvakt", words))
        here.store.write(partial(Tx.first, statement=say))
    here.comes("ABC123")
    until(lambda: (PITEA, newest(here)) in there.hints, what="the hint")
    assert there.bus.alive


def test_no_plate_travels_on_the_bus(
    processes: tuple[Process, Process], postgres: Databases
) -> None:
    here, _ = processes
    said: list[str] = []
    with psycopg.connect(here.url, autocommit=True) as connection:
        connection.execute("LISTEN portvakt")
        here.sign_1.wakes()
        here.comes("ABC123")
        here.calls("ABC123", "1")
        for notice in connection.notifies(timeout=5):
            said.append(notice.payload)
            if "nudge" in notice.payload:
                break
    assert said
    assert "ABC" not in "".join(said)


def test_who_serves_holds_the_lock_together_and_lets_it_go(
    processes: tuple[Process, Process], postgres: Databases
) -> None:
    held = (
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
        " WHERE locktype = 'advisory' AND objid = %s AND mode = 'ShareLock' AND datname = %s"
    )
    here, there = processes
    name = here.presence.url.database
    assert 2 == postgres.ask(held, KEY, name)[0][0]
    there.close()
    until(lambda: postgres.ask(held, KEY, name)[0][0] == 1, what="one that serves")
