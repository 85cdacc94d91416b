"""A station's newest events, read once and shared by all of its streams; lives in the event loop.

The database is the truth.  A hint only wakes the reader, which reads whatever is newer than what it
has, so a lost hint costs at most one slow poll.
"""

import asyncio
import logging
import math
import re
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from contract.errors import PortvaktError
from contract.yard import EventRow

log = logging.getLogger(__name__)

_CURSOR = re.compile(r"(?P<epoch>.+)-(?P<seq>[0-9]{1,18})")

KEPT = 1_024
PAGE = 256

Read = Callable[[int], Awaitable[Sequence[EventRow]]]


class Follower(Protocol):
    """A stream that wants to know when there is more."""

    def wake(self) -> None:
        """Look again."""

    def end(self) -> None:
        """Finish soon."""


class Feed:
    """The last `KEPT` events after `base`; *read* gives up to `PAGE` events after a number, in order."""

    def __init__(self, station: str, read: Read, base: int, poll_s: float) -> None:
        self.station = station
        self.base = self.newest = base
        self.followers: set[Follower] = set()
        self._read = read
        self._poll_s = poll_s
        self._rows: deque[EventRow] = deque()
        self._hinted = asyncio.Event()
        self._lost = False
        self._known_at = -math.inf

    def knows(self, seq: int = 0) -> bool:
        """Whether a read has succeeded lately and *seq* was seen, so that silence means nothing happened."""
        age_s = asyncio.get_running_loop().time() - self._known_at
        return self.newest >= seq and age_s <= 2 * self._poll_s

    def hint(self) -> None:
        """Read soon: something was committed."""
        self._hinted.set()

    async def after(self, seq: int) -> list[EventRow]:
        """Give events after *seq*, in order; older ones than the feed keeps come from the database."""
        if seq < self.base:
            return list(await self._read(seq))
        if seq >= self.newest:
            return []
        return [row for row in self._rows if row.seq > seq]

    async def follow(self) -> None:
        """Read until cancelled."""
        while True:
            await self._hint_or_poll()
            try:
                while await self._read_page() == PAGE:
                    pass
            except (PortvaktError, SQLAlchemyError) as error:
                self._say_lost(error)
            else:
                self._say_back()

    async def _hint_or_poll(self) -> None:
        try:
            async with asyncio.timeout(self._poll_s):
                await self._hinted.wait()
        except TimeoutError:
            return
        finally:
            self._hinted.clear()

    async def _read_page(self) -> int:
        began, knew = asyncio.get_running_loop().time(), self.knows()
        rows = await self._read(self.newest)
        self._known_at = began
        self._rows.extend(rows)
        self.newest = rows[-1].seq if rows else self.newest
        while len(self._rows) > KEPT:
            self.base = self._rows.popleft().seq
        if rows or not knew:
            for follower in list(self.followers):
                follower.wake()
        return len(rows)

    def _say_lost(self, error: Exception) -> None:
        if not self._lost:
            log.warning("event log lost station=%s reason=%s", self.station, type(error).__name__)
        self._lost = True

    def _say_back(self) -> None:
        if self._lost:
            log.info("event log back station=%s", self.station)
        self._lost = False


def resume(asked: str, epoch: str, newest: int, most: int) -> int | None:
    """The event after which a reader with the id *asked* goes on; None when it needs a snapshot."""
    cursor = _CURSOR.fullmatch(asked)
    if cursor is None or cursor["epoch"] != epoch:
        return None
    seq = int(cursor["seq"])
    return seq if newest - most <= seq <= newest else None
