"""One open stream: when it sends, when it proves that it lives, and when it ends."""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from central.web import sse
from central.web.asgi import Send
from central.web.feed import Feed
from contract.yard import EventRow

# Clients that were cut off together shall not come back together.
AGE_SPREAD = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """How streams behave: seconds, events, and streams that one owner may have open."""

    heartbeat_s: float = 15
    poll_s: float = 5
    max_age_s: float = 900
    stuck_s: float = 20
    buffer: int = 256
    a_person: int = 6
    a_device: int = 2


@dataclass(frozen=True, slots=True)
class Begin:
    """Where a reader begins: the last event that it has or gets first, and the newest that there was."""

    epoch: str
    newest: int
    last: int
    first: bytes = b""


class Stream:
    """One reader's open answer: whose it is, and the session or device that it ends with."""

    def __init__(self, owner: str, key: str, send: Send, pace: Pace) -> None:
        self.owner = owner
        self.key = key
        self.pace = pace
        self._send = send
        self._changed = asyncio.Event()
        self._ended = False
        age_s = pace.max_age_s * (1 - random.uniform(0, AGE_SPREAD))  # noqa: S311
        self._ends_at = self.now() + age_s

    @staticmethod
    def now() -> float:
        """The loop's monotonic seconds."""
        return asyncio.get_running_loop().time()

    @property
    def over(self) -> bool:
        """Whether it was ended, or is old; the reader comes back and shows again who it is."""
        return self._ended or self.now() >= self._ends_at

    def wake(self) -> None:
        """Look again: there is more, or it is over."""
        self._changed.set()

    def end(self) -> None:
        """Finish soon."""
        self._ended = True
        self.wake()

    def caught(self) -> None:
        """Forget earlier calls to `wake`; to be called before looking."""
        self._changed.clear()

    async def pause(self, until: float) -> None:
        """Wait until woken, or until the loop's time *until*, or the end."""
        try:
            async with asyncio.timeout_at(min(until, self._ends_at)):
                await self._changed.wait()
        except TimeoutError:
            return

    async def send(self, data: bytes, *, more: bool = True) -> None:
        """Send *data*; raises TimeoutError when the reader takes nothing for `stuck_s`."""
        async with asyncio.timeout(self.pace.stuck_s):
            await self._send({"type": "http.response.body", "body": data, "more_body": more})


async def run_events(
    stream: Stream,
    feed: Feed,
    begin: Begin,
    render: Callable[[EventRow], bytes],
    heartbeat: Callable[[], bytes],
) -> None:
    """Send what *feed* has after `begin.last`, in order, until the stream is over or its reader too slow."""
    last = begin.last
    beat_at, owed = stream.now(), False
    # While a send waits for the reader the feed goes on; the gap is this stream's buffer.
    while not stream.over and feed.newest - last <= stream.pace.buffer:
        stream.caught()
        rows = await feed.after(last)
        if rows:
            await stream.send(b"".join(map(render, rows)))
            last = rows[-1].seq
            continue
        due = owed or stream.now() >= beat_at
        # A heartbeat says that nothing happened; while the log cannot be read we do not know that.
        if due and feed.knows(begin.newest):
            await stream.send(heartbeat())
            beat_at, owed = stream.now() + stream.pace.heartbeat_s, False
        elif stream.now() >= beat_at:
            await stream.send(sse.comment("reading"))
            beat_at, owed = stream.now() + stream.pace.heartbeat_s, True
        await stream.pause(beat_at)


class Nudges:
    """A sign's stream: `beat` asks it to beat at once, `picture` to say with it what stands on the panel,
    `dark` names the call to blank; never a plate.

    Nothing is kept for a sign that is away: its own beats repair what it missed.
    """

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self._waiting: deque[bytes] = deque()

    def put(self, call: str | None, *, picture: bool = False) -> None:
        """Pass a hint on; a sign that leaves too many unread is dropped."""
        ask = "picture" if picture else "beat"
        self._waiting.append(sse.event("dark", call.encode()) if call else sse.event(ask, b"now"))
        if len(self._waiting) > self.stream.pace.buffer:
            self.stream.end()
        self.stream.wake()

    async def run(self) -> None:
        """Send hints until the stream is over; the first is `beat`, for what was missed meanwhile."""
        self.put(None)
        beat_at = self.stream.now() + self.stream.pace.heartbeat_s
        while not self.stream.over:
            self.stream.caught()
            if self._waiting:
                data = b"".join(self._waiting)
                self._waiting.clear()
                await self.stream.send(data)
                continue
            if self.stream.now() >= beat_at:
                await self.stream.send(sse.comment("alive"))
                beat_at = self.stream.now() + self.stream.pace.heartbeat_s
            await self.stream.pause(beat_at)
