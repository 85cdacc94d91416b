"""Bodies on their way in: how long, how large and how many at once.

A slow sender costs a few bytes and a place in a list.  When there are too many of them the oldest goes, which
is the slowest: an honest body is here within milliseconds of its head.  Strangers have shares of their own:
however much they send, nothing of what is kept for the line is taken by it.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from central.web import asgi
from central.web.asgi import Receive, Scope
from central.web.lanes import Lane
from central.web.reading import FILE_MAX, most_json, too_large
from contract import problems
from contract.problems import Problem

BODY_S = 15.0
STRANGER_MAX = 8 * 1024
# What is read and thrown away, so that a sender hears "too large" instead of a broken connection.
DRAIN_MAX = 16 * 1024 * 1024
_KIB, _MIB = 1024, 1024 * 1024
_FILES = re.compile(r"/v1/stations/[^/]+/bookings:import")


class Share(Enum):
    """What some askers may have here together: bodies at once, those of one asker; bytes, those of one."""

    LINE = 512, 64, 64 * _MIB, 8 * _MIB
    # Whoever shows something that nobody has looked at yet.
    NEW = 512, 64, 16 * _MIB, 4 * _MIB
    # Their files apart, or a few of them would keep every device out after a restart.
    NEW_FILES = 32, 4, 16 * _MIB, 4 * FILE_MAX
    OPEN = 512, 64, 4 * _MIB, 512 * _KIB

    @property
    def at_once(self) -> int:
        """How many bodies may be on their way."""
        return self.value[0]

    @property
    def at_once_of_one(self) -> int:
        """How many of one asker."""
        return self.value[1]

    @property
    def held(self) -> int:
        """How many bytes all may hold together."""
        return self.value[2]

    @property
    def held_by_one(self) -> int:
        """How many of them one asker."""
        return self.value[3]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: a guest by what they show, a stranger by the address."""

    name: str
    share: Share


class Gone(Exception):
    """The asker hung up before the question was complete."""


@dataclass(eq=False, slots=True)
class _Reading:
    sender: Sender
    deadline: asyncio.Timeout
    held: int = 0


class Bodies:
    """Everything that is being read; only the event loop may ask."""

    def __init__(self, body_s: float = BODY_S) -> None:
        self._body_s = body_s
        self._readings: list[_Reading] = []
        self._held: Counter[Sender] = Counter()
        self._held_in: Counter[Share] = Counter()

    @property
    def held(self) -> int:
        """How many bytes are here, of everybody."""
        return self._held_in.total()

    @property
    def being_read(self) -> int:
        """How many bodies are on their way."""
        return len(self._readings)

    @contextmanager
    def holding(self, sender: Sender, size: int) -> Iterator[None]:
        """Count *size* bytes while a whole body waits for its answer."""
        self._count(sender, size)
        try:
            yield
        finally:
            self._count(sender, -size)

    async def read(self, scope: Scope, receive: Receive, sender: Sender, most: int) -> bytes:
        """Give the whole body.

        Raises:
            Gone: the asker hung up.
            Problem: `too_large` when it is longer than *most* bytes, `bad_request` when it did not come in
                time or gave way to others, `too_many` when memory is short, `not_json` when it is coded.
        """
        _check_head(scope)
        try:
            async with asyncio.timeout(self._body_s) as deadline:
                reading = _Reading(sender, deadline)
                with self._counted(reading):
                    return await self._whole(reading, receive, most)
        except TimeoutError:
            raise Problem(
                problems.BAD_REQUEST, "The request did not arrive in time; send it again."
            ) from None

    @contextmanager
    def _counted(self, reading: _Reading) -> Iterator[None]:
        share = reading.sender.share
        of_share = [one for one in self._readings if one.sender.share is share]
        of_sender = [one for one in of_share if one.sender == reading.sender]
        if len(of_sender) >= share.at_once_of_one:
            self._drop(of_sender[0])
        elif len(of_share) >= share.at_once:
            self._drop(of_share[0])
        self._readings.append(reading)
        try:
            yield
        finally:
            self._release(reading)
            if reading in self._readings:
                self._readings.remove(reading)

    def _drop(self, reading: _Reading) -> None:
        self._readings.remove(reading)
        self._release(reading)
        reading.deadline.reschedule(asyncio.get_running_loop().time())

    def _release(self, reading: _Reading) -> None:
        self._count(reading.sender, -reading.held)
        reading.held = 0

    def _count(self, sender: Sender, size: int) -> None:
        self._held[sender] += size
        self._held_in[sender.share] += size
        if not self._held[sender]:
            del self._held[sender]

    async def _whole(self, reading: _Reading, receive: Receive, most: int) -> bytes:
        body, size, more = bytearray(), 0, True
        while more and size <= DRAIN_MAX:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Gone
            part = message.get("body", b"")
            more = message.get("more_body", False)
            size += len(part)
            if size <= most:
                self._hold(reading, len(part))
                body += part
        if size > most:
            raise too_large(most)
        return bytes(body)

    def _hold(self, reading: _Reading, size: int) -> None:
        sender, share = reading.sender, reading.sender.share
        while self._held[sender] + size > share.held_by_one:
            self._make_room(reading, [one for one in self._readings if one.sender == sender])
        while self._held_in[share] + size > share.held:
            self._make_room(reading, [one for one in self._readings if one.sender.share is share])
        self._count(sender, size)
        reading.held += size

    def _make_room(self, reading: _Reading, others: list[_Reading]) -> None:
        """Let the oldest who holds anything give way, or refuse: what waits for its answer stays."""
        oldest = next((one for one in others if one.held and one is not reading), None)
        if oldest is None:
            raise Problem(
                problems.TOO_MANY, "Very much is sent just now; try again.", retry_after_s=1
            )
        self._drop(oldest)


def most_of(path: str, lane: Lane) -> int:
    """Say how many bytes a body may have: a stranger's less than a guest's, a file of bookings more."""
    if lane not in (Lane.LINE, Lane.NEW):
        return STRANGER_MAX
    return FILE_MAX if _FILES.fullmatch(path) else most_json(path)


def share_of(path: str, lane: Lane) -> Share:
    """Say of which share a body is."""
    if lane is Lane.LINE:
        return Share.LINE
    if lane is Lane.NEW:
        return Share.NEW_FILES if _FILES.fullmatch(path) else Share.NEW
    return Share.OPEN


def _check_head(scope: Scope) -> None:
    """A few bytes that unpack into very many would pass every limit on what is sent."""
    if asgi.header(scope, "Content-Encoding").strip().lower() not in ("", "identity"):
        raise Problem(problems.NOT_JSON, "Send the body as it is; no Content-Encoding is taken.")
