"""The front of the process: who is refused before anything is spent on them, and who is known there."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from central.web.answers import protection
from central.web.dispatcher import Dispatcher
from central.web.stream import Pace
from central.web.streams import Streams
from contract.wire import Role
from tests.central.web.hall import STATION, Hall
from tests.central.web.test_enumeration import statements

PATIENCE_S = 10
EVENTS = f"/v1/stations/{STATION}/events"


class Front:
    """A dispatcher before a hall, asked as uvicorn asks it."""

    def __init__(self, hall: Hall) -> None:
        self.streams = Streams(hall.yard, hall.clock, Pace(), protection(()))
        self.dispatcher = Dispatcher(hall.app, self.streams)

    def asks(self, path: str, *, method: str = "GET", body: bytes = b"", **headers: str) -> Any:
        """Ask once; give status, headers and body."""
        return asyncio.run(asyncio.wait_for(self._asked(path, method, body, headers), PATIENCE_S))

    async def _asked(
        self, path: str, method: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], Any]:
        said: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            said.append(message)

        pairs = [
            (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
        ]
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": pairs,
            "client": ("127.0.0.1", 5),
        }
        await self.dispatcher(scope, receive, send)
        start, rest = said
        named = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        is_json = "json" in named.get("content-type", "")
        return start["status"], named, msgspec.json.decode(rest["body"]) if is_json else None

    def close(self) -> None:
        self.dispatcher.close()
        self.streams.close()


@pytest.fixture
def front(sqlite_hall: Hall) -> Any:
    front = Front(sqlite_hall)
    yield front
    front.close()


@pytest.mark.parametrize("path", [EVENTS, f"/v1/stations/{STATION}/signs/sign-1/nudges"])
def test_a_stranger_who_opens_a_stream_is_refused_before_anything_is_read_or_waited_for(
    front: Front, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(front.dispatcher, "_lanes", None)  # no thread is asked
    with statements() as sent:
        status, headers, body = front.asks(path)
    assert (status, body["reason"]) == (401, "not_signed_in")
    assert headers["x-content-type-options"] == "nosniff"
    assert not sent
    monkeypatch.undo()


def test_a_made_up_token_costs_a_stream_a_look_and_is_never_known(front: Front) -> None:
    for _ in range(2):
        with statements() as sent:
            status, _, body = front.asks(EVENTS, authorization="Bearer pv_post-1_nothing")
        assert (status, body["reason"]) == (401, "unknown_device")
        assert {statement.split()[0] for statement in sent} == {"SELECT"}
    assert not front.dispatcher._guests._shown


def test_whoever_the_gate_let_in_takes_the_lane_of_the_line_from_then_on(
    sqlite_hall: Hall, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = sqlite_hall.device(Role.POST)
    ran: list[str] = []
    run: Callable[..., Awaitable[Any]] = front.dispatcher._lanes.run

    async def watched(lane: Any, *words: Any) -> Any:
        ran.append(lane.name)
        return await run(lane, *words)

    monkeypatch.setattr(front.dispatcher._lanes, "run", watched)
    token = post.headers["Authorization"]
    address = f"/v1/stations/{STATION}/expected"
    assert [front.asks(address, authorization=token)[0] for _ in range(2)] == [200, 200]
    assert [front.asks(address, authorization="Bearer x")[0] for _ in range(2)] == [401, 401]
    # What is open to anybody proves nothing.
    assert [front.asks("/login", authorization="Bearer y")[0] for _ in range(1)] == [200]
    assert front.asks(address, authorization="Bearer y")[0] == 401
    assert ran == ["NEW", "LINE", "NEW", "NEW", "OPEN", "NEW"]


def test_a_token_that_is_void_waits_with_the_new_ones_again(
    sqlite_hall: Hall, front: Front
) -> None:
    post = sqlite_hall.device(Role.POST)
    token, address = post.headers["Authorization"], f"/v1/stations/{STATION}/expected"
    assert front.asks(address, authorization=token)[0] == 200
    sqlite_hall.yard.devices.revoke(STATION, post_actor(sqlite_hall), post.id)
    assert front.asks(address, authorization=token)[0] == 401
    assert not front.dispatcher._guests._shown


def post_actor(hall: Hall) -> Any:
    return hall.yard.devices.all(STATION)[0].actor
