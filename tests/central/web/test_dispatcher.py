"""The front of the process: who is refused before anything is spent on them, and who is known there."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import Any

import msgspec
import pytest

from central.web.answers import protection
from central.web.cookies import Cookies
from central.web.dispatcher import Dispatcher
from central.web.lanes import AT_ONCE_OF_BROWSER, AT_ONCE_OF_ONE, shown_by
from central.web.stream import Pace
from central.web.streams import Streams
from contract.wire import Role
from tests.central.web.hall import STATION, Hall
from tests.central.web.test_enumeration import statements

PATIENCE_S = 10
EVENTS = f"/v1/stations/{STATION}/events"


class Front:
    """A dispatcher before a hall, asked as uvicorn asks it."""

    peer = ("127.0.0.1", 5)

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
            (name.replace("__", "-").encode(), value.encode()) for name, value in headers.items()
        ]
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": pairs,
            "client": self.peer,
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


ENROL = f"/v1/stations/{STATION}/devices/enrol"
GUESS: dict[str, Any] = {
    "method": "POST",
    "body": b'{"code": "AAAA-AAAA"}',
    "content__type": "application/json",
}


def test_a_header_that_looks_like_the_proxys_own_makes_nobody_somebody_else(
    sqlite_hall: Hall, front: Front
) -> None:
    sqlite_hall.app.config["BEHIND_PROXY"] = True
    heard = [
        front.asks(ENROL, x__forwarded__for="203.0.113.9", x_forwarded_for=f"10.0.0.{n}", **GUESS)
        for n in range(11)
    ]
    assert [status for status, _, _ in heard] == [403] * 10 + [429]
    assert front.asks(ENROL, x__forwarded__for="203.0.113.8", **GUESS)[0] == 403


def test_a_header_with_a_line_in_its_name_reaches_nobody(sqlite_hall: Hall, front: Front) -> None:
    post = sqlite_hall.device(Role.POST)
    kept: dict[str, Any] = {"authorization": post.headers["Authorization"]}
    address = f"/v1/stations/{STATION}/expected"
    tag = front.asks(address, **kept)[1]["etag"]
    assert front.asks(address, if__none__match=tag, **kept)[0] == 304
    assert front.asks(address, if_none_match=tag, **kept)[0] == 200


def test_a_proxy_that_nobody_told_us_of_is_named_once_in_the_log(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        front.asks("/login", x__forwarded__for="203.0.113.9")
    said = [record.getMessage() for record in caplog.records if "proxy" in record.getMessage()]
    assert len(said) == 1
    assert "--behind-proxy" in said[0]


def test_behind_a_proxy_that_we_know_of_nothing_is_said(
    sqlite_hall: Hall, front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    sqlite_hall.app.config["BEHIND_PROXY"] = True
    front.asks("/login", x__forwarded__for="203.0.113.9")
    assert not caplog.records


@pytest.fixture
def ran(front: Front, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lanes that questions took."""
    names: list[str] = []
    run: Callable[..., Awaitable[Any]] = front.dispatcher._lanes.run

    async def watched(lane: Any, *words: Any) -> Any:
        names.append(lane.name)
        return await run(lane, *words)

    monkeypatch.setattr(front.dispatcher._lanes, "run", watched)
    return names


def test_a_browser_in_which_somebody_worked_signs_in_past_the_crowd(
    sqlite_hall: Hall, front: Front, ran: list[str]
) -> None:
    desk = sqlite_hall.person()
    session, known = (
        desk.client.get_cookie(f"portvakt_{name}").value  # type: ignore[union-attr]
        for name in ("session", "known")
    )
    alone = f"portvakt_known={known}"
    assert front.asks("/login", cookie=alone)[0] == 200
    assert front.asks("/v1/session", cookie=f"portvakt_session={session}; {alone}")[0] == 200
    assert front.asks("/login", cookie=alone)[0] == 200
    assert front.asks("/login", cookie="portvakt_known=made-up")[0] == 200
    assert ran == ["OPEN", "NEW", "KNOWN", "OPEN"]


def test_who_is_not_signed_in_makes_no_browser_known(front: Front, ran: list[str]) -> None:
    both = "portvakt_session=made-up; portvakt_known=made-up"
    assert front.asks("/v1/session", cookie=both)[0] == 401
    front.asks("/login", cookie=both)
    assert ran == ["NEW", "OPEN"]


def test_the_proxy_on_this_machine_looks_whether_we_live_and_strangers_are_not_in_its_way(
    front: Front, ran: list[str]
) -> None:
    front.asks("/readyz")
    front.asks("/readyz", x__forwarded__for="203.0.113.9")
    front.peer = ("192.0.2.7", 5)
    front.asks("/readyz")
    front.peer = ("", 0)
    front.asks("/readyz")
    assert ran == ["OWN_HEALTH", "HEALTH", "HEALTH", "HEALTH"]


def test_a_session_that_is_over_is_forgotten_when_its_board_asks_for_its_stream(
    sqlite_hall: Hall, front: Front
) -> None:
    desk = sqlite_hall.person()
    session = desk.client.get_cookie("portvakt_session").value  # type: ignore[union-attr]
    cookie = f"portvakt_session={session}"
    assert front.asks("/v1/session", cookie=cookie)[0] == 200
    assert front.dispatcher._guests._shown
    sqlite_hall.yard.people.sign_out(session)
    assert front.asks(EVENTS, cookie=cookie)[0] == 401
    assert not front.dispatcher._guests._shown


def test_one_device_with_very_many_questions_is_told_to_wait_and_another_is_answered(
    sqlite_hall: Hall, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    greedy, other = sqlite_hall.device(Role.POST), sqlite_hall.device(Role.POST)
    address = f"/v1/stations/{STATION}/expected"
    token = greedy.headers["Authorization"]
    nudges = f"/v1/stations/{STATION}/signs/{greedy.id}/nudges"
    inside = front.dispatcher._inside
    shown = shown_by({"headers": [(b"authorization", token.encode())]}, Cookies())
    with ExitStack() as asked:
        for _ in range(AT_ONCE_OF_ONE):
            asked.enter_context(inside.counted(shown))
        for path in (address, nudges):
            status, headers, body = front.asks(path, authorization=token)
            assert (status, body["reason"]) == (429, "too_many")
            assert headers["retry-after"] == "1"
        assert front.asks(address, authorization=other.headers["Authorization"])[0] == 200
    assert front.asks(address, authorization=token)[0] == 200


def test_a_browser_that_opens_a_page_may_ask_for_more_at_once_and_not_without_end(
    sqlite_hall: Hall, front: Front
) -> None:
    cookie = f"portvakt_session={sqlite_hall.person().client.get_cookie('portvakt_session').value}"  # type: ignore[union-attr]
    shown = shown_by({"headers": [(b"cookie", cookie.encode())]}, Cookies())
    with ExitStack() as asked:
        for _ in range(AT_ONCE_OF_BROWSER - 1):
            asked.enter_context(front.dispatcher._inside.counted(shown, AT_ONCE_OF_BROWSER))
        assert front.asks("/v1/session", cookie=cookie)[0] == 200
        asked.enter_context(front.dispatcher._inside.counted(shown, AT_ONCE_OF_BROWSER))
        assert front.asks("/v1/session", cookie=cookie)[0] == 429
