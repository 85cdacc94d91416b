"""The two streams, which Flask does not answer: whom they let in, asked one by one."""

import asyncio
from pathlib import Path

import pytest

from central.web import asgi
from central.web.stream import Pace
from central.web.streams import Streams, find
from contract.accounts import Looked
from tests.central.web.access import IN, Offered, offered, right
from tests.central.web.askers import EVERYBODY
from tests.central.web.hall import STATION, Asker, Hall


@pytest.fixture(scope="module")
def all_of_it(tmp_path_factory: pytest.TempPathFactory, fresh_database: Path) -> Offered:
    return offered(tmp_path_factory.mktemp("offered"), fresh_database)


def test_the_streams_are_the_two_calls_that_say_so(all_of_it: Offered) -> None:
    telling = {
        asked.name
        for asked, call in all_of_it.operations
        if "text/event-stream" in call["responses"].get("200", {}).get("content", {})
    }
    assert {asked.name for asked in all_of_it.streams} == telling == {"events", "nudges"}


@pytest.mark.parametrize("name", EVERYBODY)
def test_a_stream_lets_in_whom_the_table_says_and_nobody_else(
    sqlite_hall: Hall, all_of_it: Offered, name: str
) -> None:
    who = EVERYBODY[name](sqlite_hall)
    for asked in all_of_it.streams:
        for station in asked.stations:
            told = opened(sqlite_hall, asked.address(station, who.asker), headers_of(who.asker))
            meant = right(who, asked, station)
            assert told == ("200" if meant == IN else meant), (asked.name, station)


def headers_of(asker: Asker) -> dict[str, str]:
    """What a browser or a device shows; some clients of these tests keep no cookies at all."""
    try:
        cookie = asker.client.get_cookie("portvakt_session")
    except TypeError:
        return asker.headers
    shown = {} if cookie is None else {"Cookie": f"portvakt_session={cookie.value}"}
    return {**asker.headers, **shown}


def opened(hall: Hall, path: str, headers: dict[str, str]) -> str:
    """Open a stream, hang up at once, and give the status with which it began."""
    begun: list[int] = []

    async def receive() -> asgi.Message:
        return {"type": "http.disconnect"}

    async def send(message: asgi.Message) -> None:
        if message["type"] == "http.response.start":
            begun.append(message["status"])

    async def go() -> None:
        made = Streams(hall.yard, hall.clock, Pace(), {})
        made.start()
        found = find(path)
        assert found is not None
        scope = {
            "type": "http",
            "path": path,
            "query_string": b"",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }
        await made.serve(found, scope, receive, send)
        made.close()

    asyncio.run(go())
    [status] = begun
    return str(status)


def test_whoever_opens_the_boards_stream_has_looked_and_who_is_refused_has_not(hall: Hall) -> None:
    path = f"/v1/stations/{STATION}/events"
    for name, status in (("staff", "200"), ("a post", "403"), ("a stranger", "401")):
        assert opened(hall, path, headers_of(EVERYBODY[name](hall).asker)) == status
    hall.store.submit(lambda _: None).result()
    rows = hall.yard.looks.of_day(STATION, hall.clock.now().date())
    assert [(row.person, row.what, row.times) for row in rows] == [
        (f"staff of {STATION}", Looked.BOARD, 1)
    ]
