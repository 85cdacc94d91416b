"""Bodies on their way in: how long, how large and how many at once.

A slow sender costs a few bytes and a place in a list.  When there are too many of them the oldest goes, which
is the slowest: an honest body is here within milliseconds of its head.
"""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from central.web import asgi
from central.web.asgi import Receive, Scope
from central.web.lanes import Lane
from central.web.reading import BODY_MAX, FILE_MAX, too_large
from contract import problems
from contract.problems import Problem

BODY_S = 15.0
STRANGER_MAX = 8 * 1024
AT_ONCE, AT_ONCE_FROM_ONE = 512, 64
HELD_MAX = 64 * 1024 * 1024
# What is read and thrown away, so that a sender hears "too large" instead of a broken connection.
DRAIN_MAX = 16 * 1024 * 1024
_FILES = re.compile(r"/v1/stations/[^/]+/bookings:import")


class Gone(Exception):
    """The asker hung up before the question was complete."""


@dataclass(eq=False, slots=True)
class _Reading:
    asker: str
    deadline: asyncio.Timeout
    held: int = 0


class Bodies:
    """Everything that is being read; only the event loop may ask."""

    def __init__(self, body_s: float = BODY_S) -> None:
        self.held = 0
        self._body_s = body_s
        self._readings: list[_Reading] = []

    @property
    def being_read(self) -> int:
        """How many bodies are on their way."""
        return len(self._readings)

    @contextmanager
    def holding(self, size: int) -> Iterator[None]:
        """Count *size* bytes while a whole body waits for its answer."""
        self.held += size
        try:
            yield
        finally:
            self.held -= size

    async def read(self, scope: Scope, receive: Receive, asker: str, most: int) -> bytes:
        """Give the whole body.

        Raises:
            Gone: the asker hung up.
            Problem: `too_large` when it is longer than *most* bytes, `bad_request` when it did not come in
                time or gave way to others, `too_many` when memory is short, `not_json` when it is coded.
        """
        _check_head(scope)
        try:
            async with asyncio.timeout(self._body_s) as deadline:
                reading = _Reading(asker, deadline)
                with self._counted(reading):
                    return await self._whole(reading, receive, most)
        except TimeoutError:
            raise Problem(
                problems.BAD_REQUEST, "The request did not arrive in time; send it again."
            ) from None

    @contextmanager
    def _counted(self, reading: _Reading) -> Iterator[None]:
        of_asker = [one for one in self._readings if one.asker == reading.asker]
        if len(of_asker) >= AT_ONCE_FROM_ONE:
            self._drop(of_asker[0])
        elif len(self._readings) >= AT_ONCE:
            self._drop(self._readings[0])
        self._readings.append(reading)
        try:
            yield
        finally:
            self.held -= reading.held
            if reading in self._readings:
                self._readings.remove(reading)

    def _drop(self, reading: _Reading) -> None:
        self._readings.remove(reading)
        reading.deadline.reschedule(asyncio.get_running_loop().time())

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
        if self.held + size > HELD_MAX:
            raise Problem(
                problems.TOO_MANY, "Very much is sent just now; try again.", retry_after_s=1
            )
        self.held += size
        reading.held += size


def most_of(path: str, lane: Lane) -> int:
    """Say how many bytes a body may have: a stranger's less than a guest's, a file of bookings more."""
    if lane in (Lane.OPEN, Lane.HEALTH):
        return STRANGER_MAX
    return FILE_MAX if _FILES.fullmatch(path) else BODY_MAX


def _check_head(scope: Scope) -> None:
    """A few bytes that unpack into very many would pass every limit on what is sent."""
    if asgi.header(scope, "Content-Encoding").strip().lower() not in ("", "identity"):
        raise Problem(problems.NOT_JSON, "Send the body as it is; no Content-Encoding is taken.")
