"""The two streams: a board's events and a sign's nudges.

Everything runs in the event loop but `hint`, `nudge`, `end` and `stop`, which any thread may call.
The database is only ever read in threads.
"""

import asyncio
import logging
import random
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar
from urllib.parse import parse_qs

import msgspec

from central.clock import Clock
from central.people.people import session_key
from central.web import asgi, door, sse
from central.web.answers import Answer, refusal
from central.web.asgi import Receive, Scope, Send
from central.web.cookies import Cookies
from central.web.door import Guest
from central.web.feed import PAGE, Feed, resume
from central.web.lasting import Admit, end_when_shut_out
from central.web.registry import Registry
from central.web.routes import SIGNED_IN, Who
from central.web.snapshots import Snapshots
from central.web.stream import Begin, Nudges, Pace, Stream, run_events
from central.words import Nudge
from central.yard import Yard
from contract import problems
from contract.accounts import Looked
from contract.problems import Problem
from contract.yard import EventRow

log = logging.getLogger(__name__)
_T = TypeVar("_T")

READERS = 4
RETRY_MS = (1_000, 4_000)
_PATH = re.compile(r"/v1/stations/(?P<station>[^/]+)/(?:events|signs/(?P<sign>[^/]+)/nudges)")
_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would keep events back until it has a page of them
}


class Streams:
    """Opens, wakes and ends streams."""

    def __init__(
        self,
        yard: Yard,
        clock: Clock,
        pace: Pace,
        protection: Mapping[str, str],
        cookies: Cookies | None = None,
    ) -> None:
        self.cookies = cookies or Cookies()
        self._yard = yard
        self._clock = clock
        self._pace = pace
        self._protection = dict(protection)
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="stream-reader")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open = Registry(self._new_feed)
        self._snapshots = Snapshots(lambda station: self._read(yard.queue, station))

    # -- from any thread ----------------------------------------------------------------------

    @property
    def open_count(self) -> int:
        """How many streams are open."""
        return self._open.open_count

    def hint(self, station: str, seq: int) -> None:  # noqa: ARG002 - the reader asks the database itself
        """Hear that something was committed."""
        self._in_loop(lambda: self._open.hint(station))

    def nudge(self, nudge: Nudge) -> None:
        """Hear that a sign should beat or go dark."""
        self._in_loop(lambda: self._open.nudge(nudge))

    def end(self, key: str) -> None:
        """End the streams that a session, by its `session_key`, or a device opened."""
        self._in_loop(lambda: self._open.end(key))

    def stop(self) -> None:
        """End all: the process is about to go."""
        self._in_loop(self._open.end)

    def close(self) -> None:
        """Let the reading threads go, once no stream is left."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _in_loop(self, deed: Callable[[], None]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(deed)

    # -- in the event loop --------------------------------------------------------------------

    def start(self) -> None:
        """Learn which loop the streams live in."""
        self._loop = asyncio.get_running_loop()

    async def serve(self, path: re.Match[str], scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a GET of a *path* that `find` found."""
        try:
            admit = partial(self._admit, path, scope)
            guest = await admit()
            if path["sign"] is None:
                await self._serve_events(guest, path, scope, receive, send)
            else:
                await self._serve_nudges(guest, admit, receive, send)
        except Problem as problem:
            await asgi.answer(send, self.protected(refusal(problem)))
        except TimeoutError:
            log.info("stream dropped path=%s reason=reader_stuck", scope["path"])

    @property
    def protection(self) -> Mapping[str, str]:
        """The headers that every answer carries."""
        return self._protection

    def protected(self, answer: Answer, *, close: bool = False) -> Answer:
        """Add the headers that every answer carries."""
        ending = {"Connection": "close"} if close else {}
        headers = {**answer.headers, **self._protection, **ending}
        headers["Content-Length"] = str(len(answer.body))
        return Answer(answer.status, headers, answer.body)

    def admit(self, authorization: str, cookies: str) -> Guest:
        """Say who asks, from any thread; raises as `door.admit` does, at once when nothing is shown."""
        return door.admit(self._yard, authorization, self.cookies.session_token(cookies))

    async def _admit(self, path: re.Match[str], scope: Scope) -> Guest:
        authorization = asgi.header(scope, "Authorization")
        cookies = asgi.header(scope, "Cookie")
        guest = await self._read(self.admit, authorization, cookies)
        door.check_role(guest, SIGNED_IN if path["sign"] is None else frozenset({Who.SIGN}))
        door.check_password(guest, invited=False)
        door.check_station(guest, path["station"])
        await self._read(self._yard.halls.marks.refuse_line, scope["path"], path["station"])
        if path["sign"] not in (None, guest.id):
            raise Problem(problems.NOT_ALLOWED, "A sign may hear its own nudges only.")
        return guest

    async def _serve_events(
        self, guest: Guest, path: re.Match[str], scope: Scope, receive: Receive, send: Send
    ) -> None:
        station, admit = path["station"], partial(self._admit, path, scope)
        key = session_key(self.cookies.session_token(asgi.header(scope, "Cookie")))
        stream = Stream(guest.id, key, send, self._pace)
        with self._open.of_person(stream):
            await admit()  # whoever was signed out before we were told of had no stream to end
            begin = await self._begin(station, scope)
            self._yard.looks.note(station, guest.actor, Looked.BOARD)
            with self._open.following(station, stream, begin.last) as feed:
                async with _Answering(stream, receive, send, self._stream_headers, admit):
                    back_ms = random.randint(*RETRY_MS)  # noqa: S311 - spreads readers, guards nothing
                    await stream.send(sse.retry(back_ms) + begin.first)
                    await run_events(stream, feed, begin, _render(begin.epoch), self._heartbeat)

    async def _serve_nudges(self, guest: Guest, admit: Admit, receive: Receive, send: Send) -> None:
        stream = Stream(guest.id, guest.id, send, self._pace)
        nudges = Nudges(stream)
        with self._open.of_device(stream, nudges):
            await admit()
            async with _Answering(stream, receive, send, self._stream_headers, admit):
                await nudges.run()

    async def _begin(self, station: str, scope: Scope) -> Begin:
        """Say from where: after the reader's own last event, or after a picture of the whole."""
        epoch, newest = await self._read(self._yard.cursor, station)
        resumed = resume(_asked(scope), epoch, newest, self._pace.buffer)
        if resumed is not None:
            return Begin(epoch, newest, resumed)
        snapshot = await self._snapshots.of(station)
        return Begin(epoch, newest, snapshot.seq, snapshot.text)

    def _new_feed(self, station: str, base: int) -> Feed:
        async def read(seq: int) -> Sequence[EventRow]:
            return await self._read(self._yard.events_after, station, seq, PAGE)

        return Feed(station, read, base, self._pace.poll_s)

    def _heartbeat(self) -> bytes:
        return sse.event("heartbeat", msgspec.json.encode({"now": self._clock.now()}))

    @property
    def _stream_headers(self) -> dict[str, str]:
        return {**_HEADERS, **self._protection}

    async def _read(self, look: Callable[..., _T], *words: object) -> _T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, look, *words)


class _Answering:
    """The stream's answer, from its headers to its last byte; ends early when the reader hangs up."""

    def __init__(
        self,
        stream: Stream,
        receive: Receive,
        send: Send,
        headers: dict[str, str],
        admit: Admit,
    ) -> None:
        self._stream = stream
        self._receive, self._send = receive, send
        self._headers = headers
        self._admit = admit

    async def __aenter__(self) -> None:
        await asgi.start(self._send, 200, self._headers)
        self._watching = asyncio.create_task(self._watch())
        self._asking = asyncio.create_task(end_when_shut_out(self._stream, self._admit))

    async def __aexit__(self, kind: object, error: object, trace: object) -> None:
        self._watching.cancel()
        self._asking.cancel()
        if error is None:
            await self._stream.send(b"", more=False)

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._stream.end()


def find(path: str) -> re.Match[str] | None:
    """Find out whether *path* is a stream's."""
    return _PATH.fullmatch(path)


def _asked(scope: Scope) -> str:
    after = parse_qs(scope["query_string"].decode("latin-1")).get("after", [""])[-1]
    return asgi.header(scope, "Last-Event-ID") or after


def _render(epoch: str) -> Callable[[EventRow], bytes]:
    def render(row: EventRow) -> bytes:
        return sse.event("event", msgspec.json.encode(row), f"{epoch}-{row.seq}")

    return render
