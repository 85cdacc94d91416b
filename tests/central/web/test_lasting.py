"""A stream ends with the session or the token that opened it, also when nobody could say so."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from central.people.people import SignedIn
from central.web.routes import Who
from central.web.stream import Pace
from central.web.streams import Streams, find
from contract import problems
from contract.problems import Problem
from contract.wire import Role
from tests.central.web.hall import PASSWORD, Hall

DEADLINE_S = 10
EVENTS = "/v1/stations/hall/events"


@dataclass
class Reader:
    """Opens a stream of a process that hears no word of any other, and of itself neither."""

    hall: Hall
    headers: list[tuple[bytes, bytes]]
    path: str = EVENTS
    got: list[dict[str, Any]] = field(default_factory=list)

    def reads(self, meanwhile: Callable[[], object], until: Callable[[], bool] = bool) -> None:
        """Do *meanwhile* once the stream has begun, and read to its end, or *until* something is so."""
        asyncio.run(self._read(meanwhile, until))

    @property
    def status(self) -> int:
        return int(self.got[0]["status"])

    @property
    def bodies(self) -> int:
        return sum(bool(one.get("body")) for one in self.got)

    async def _read(self, meanwhile: Callable[[], object], until: Callable[[], bool]) -> None:
        streams = Streams(self.hall.yard, self.hall.clock, Pace(heartbeat_s=0.01), {})
        streams.start()
        found = find(self.path)
        assert isinstance(found, re.Match)
        scope: dict[str, Any] = {"type": "http", "method": "GET", "path": self.path}
        scope |= {"query_string": b"", "headers": self.headers}
        async with asyncio.timeout(DEADLINE_S):
            stream = asyncio.create_task(streams.serve(found, scope, _silence, self._take))
            await _so(lambda: self.bodies > 0 or stream.done())
            meanwhile()
            await _so(lambda: stream.done() or until())
        is_open = not stream.done()
        streams.stop()
        await asyncio.wait_for(stream, DEADLINE_S)
        streams.close()
        assert is_open == until()

    async def _take(self, message: Any) -> None:
        self.got.append(message)


async def _so(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110 - some of it is said by other threads
        await asyncio.sleep(0)


async def _silence() -> Any:
    await asyncio.Event().wait()


@pytest.fixture
def session(sqlite_hall: Hall) -> SignedIn:
    people = sqlite_hall.yard.people
    people.create_user("Desk", PASSWORD, ["hall"])
    return people.sign_in("Desk", PASSWORD)


def cookie(session: SignedIn) -> list[tuple[bytes, bytes]]:
    return [(b"cookie", f"portvakt_session={session.token}".encode())]


def test_a_board_ends_with_its_session_though_the_word_of_it_was_lost(
    sqlite_hall: Hall, session: SignedIn
) -> None:
    reader = Reader(sqlite_hall, cookie(session))
    reader.reads(lambda: sqlite_hall.yard.people.sign_out(session.token))
    assert 200 == reader.status


def test_a_board_whose_session_ends_just_as_it_opens_is_not_let_in(
    sqlite_hall: Hall, session: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = sqlite_hall.yard.people
    look = people.session

    def and_then_it_ends(token: str) -> SignedIn | None:
        found = look(token)
        people.sign_out(token)
        return found

    monkeypatch.setattr(people, "session", and_then_it_ends)
    reader = Reader(sqlite_hall, cookie(session))
    reader.reads(lambda: None)
    assert 401 == reader.status


def test_a_sign_that_was_revoked_hears_nothing_more_though_the_word_was_lost(
    sqlite_hall: Hall,
) -> None:
    sign = sqlite_hall.device(Role.SIGN, bay="bay-1")
    headers = [(b"authorization", sign.headers["Authorization"].encode())]
    reader = Reader(sqlite_hall, headers, f"/v1/stations/hall/signs/{sign.id}/nudges")
    person = sqlite_hall.person(Who.TECHNICIAN)
    reader.reads(lambda: person.post(f"devices/{sign.id}/revoke"))
    assert 200 == reader.status


def test_a_database_that_is_away_ends_no_board(
    sqlite_hall: Hall, session: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    def away(_: str) -> SignedIn | None:
        nonlocal asked
        asked += 1
        raise Problem(problems.NOT_SAVED, "The database does not answer.")

    reader = Reader(sqlite_hall, cookie(session))
    reader.reads(
        lambda: monkeypatch.setattr(sqlite_hall.yard.people, "session", away), lambda: asked > 3
    )
    assert 200 == reader.status
