"""Who opens a connection must say soon, and in few words, what they want."""

import asyncio
import resource
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec
import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from central.serving.connection import HEAD_MAX, Connection, room

PATIENCE_S = 5
ASK = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def says_hello(_scope: Any, _receive: Any, send: Any) -> None:
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]}
    )
    await send({"type": "http.response.body", "body": b"hello"})


async def never_answers(_scope: Any, receive: Any, _send: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@asynccontextmanager
async def a_server(
    app: Any = says_hello, *, head_s: float = 60, most: int = 100
) -> AsyncIterator[Callable[[], Awaitable[Ends]]]:
    kind = type(
        "Kind",
        (Connection,),
        {"protected": {"X-Content-Type-Options": "nosniff"}, "head_s": head_s, "most": most},
    )
    config = Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: kind(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]
    callers: list[asyncio.StreamWriter] = []

    async def call() -> Ends:
        ends = await asyncio.open_connection("127.0.0.1", port)
        callers.append(ends[1])
        return ends

    try:
        yield call
    finally:
        for writer in callers:
            writer.close()
        server.close()


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), PATIENCE_S))


async def answer(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    size = next(int(line[15:]) for line in head.lower().split(b"\r\n") if b"content-length" in line)
    return head, await reader.readexactly(size)


@pytest.mark.parametrize(
    "half", [b"", b"\r\n", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: y"]
)
def test_a_head_that_never_ends_ends_the_connection(half: bytes) -> None:
    async def test() -> None:
        async with a_server(head_s=0.05) as call:
            reader, writer = await call()
            writer.write(half)
            assert await reader.read() == b""

    run(test)


def test_who_sends_one_sign_after_the_other_wins_no_time() -> None:
    async def test() -> None:
        async with a_server(head_s=0.05) as call:
            reader, writer = await call()
            ended = asyncio.create_task(reader.read())
            writer.write(b"GET / HTTP/1.1\r\nX-Slow: ")
            while not ended.done():
                writer.write(b"x")
                await asyncio.wait({ended}, timeout=0.01)
            with suppress(ConnectionResetError):
                assert ended.result() == b""

    run(test)


def test_who_waits_for_a_slow_answer_is_not_cut_off() -> None:
    async def test() -> None:
        async with a_server(never_answers, head_s=0.05) as call:
            reader, writer = await call()
            writer.write(ASK)
            late, _ = await call()
            assert await late.read() == b""  # its patience was over, and it came after the other
            assert not reader.at_eof()

    run(test)


def test_many_questions_on_one_connection_are_answered() -> None:
    async def test() -> None:
        async with a_server(head_s=60) as call:
            reader, writer = await call()
            long = b"X-Long: " + b"y" * (HEAD_MAX // 2)
            for _ in range(5):  # more than one head may have, all in all
                writer.write(ASK.replace(b"Host: x", b"Host: x\r\n" + long))
                assert (await answer(reader))[1] == b"hello"

    run(test)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"y" * 1_000_000,
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"y" * (HEAD_MAX + 1) + b"\r\n\r\n",
        b"GET /" + b"y" * (HEAD_MAX + 1) + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * HEAD_MAX + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    ],
)
def test_what_is_too_long_or_no_http_is_refused_as_everything_else(head: bytes) -> None:
    async def test() -> None:
        async with a_server() as call:
            reader, writer = await call()
            writer.write(head)
            said, body = await answer(reader)
            assert said.startswith(b"HTTP/1.1 400 ")
            assert b"X-Content-Type-Options: nosniff\r\n" in said
            assert msgspec.json.decode(body)["reason"] == "bad_request"

    run(test)


@pytest.mark.parametrize("size", [b"fffffffffffffffff", b"-1", b"zz"])
def test_a_piece_of_an_absurd_length_ends_the_question(size: bytes) -> None:
    async def test() -> None:
        async with a_server(never_answers) as call:
            reader, writer = await call()
            head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            writer.write(head + size + b"\r\n")
            said, _ = await answer(reader)
            assert said.startswith(b"HTTP/1.1 400 ")

    run(test)


def test_when_every_place_is_taken_somebody_idle_gives_way_and_who_is_served_stays() -> None:
    async def test() -> None:
        async with a_server(never_answers, most=2) as call:
            served, writer = await call()
            writer.write(ASK)
            idle, _ = await call()
            await asyncio.sleep(0)
            newcomer, _ = await call()
            assert await idle.read() == b""
            assert not served.at_eof()
            assert not newcomer.at_eof()

    run(test)


def test_who_never_asked_goes_before_who_has_and_then_whoever_is_idle_longest() -> None:
    async def test() -> None:
        async with a_server(most=3) as call:
            first, second = await call(), await call()
            silent, _ = await call()
            for reader, writer in (second, first):
                writer.write(ASK)
                await answer(reader)
            newcomer, writer = await call()
            assert await silent.read() == b""
            writer.write(ASK)
            await answer(newcomer)
            await call()
            assert await second[0].read() == b""
            assert not first[0].at_eof()
            assert not newcomer.at_eof()

    run(test)


def test_of_those_who_ask_nothing_the_oldest_goes_and_nobody_is_kept_who_has_gone() -> None:
    async def test() -> None:
        async with a_server(most=2) as call:
            gone, writer = await call()
            writer.close()
            await writer.wait_closed()
            oldest, _ = await call()
            middle, _ = await call()
            newest, _ = await call()
            assert await oldest.read() == b""
            assert not middle.at_eof()
            assert not newest.at_eof()
            assert gone.at_eof()

    run(test)


def test_when_everybody_is_served_the_newcomer_goes() -> None:
    async def test() -> None:
        started = asyncio.Semaphore(0)

        async def holds(scope: Any, receive: Any, send: Any) -> None:
            started.release()
            await never_answers(scope, receive, send)

        async with a_server(holds, most=2) as call:
            held = [await call() for _ in range(2)]
            for _, writer in held:
                writer.write(ASK)
                await started.acquire()
            newcomer, _ = await call()
            assert await newcomer.read() == b""
            assert not any(reader.at_eof() for reader, _ in held)

    run(test)


def test_there_is_always_a_file_left_for_the_database() -> None:
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert 0 < room() <= allowed - 100
    assert Connection.most == room()
