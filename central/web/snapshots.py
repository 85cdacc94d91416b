"""The first event of a board's stream: the whole yard, shared by boards that come at the same time."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec

from central.web import sse
from contract.yard import Queue

# After a cut all boards come back within seconds.  A shared picture may be a little old: the events
# after it follow at once.
FRESH_S = 1.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One picture: the number of its newest event, and its text."""

    read_at: float
    seq: int
    text: bytes


class Snapshots:
    """Pictures by station; *read* gives a fresh one from the database."""

    def __init__(self, read: Callable[[str], Awaitable[Queue]]) -> None:
        self._read = read
        self._kept: dict[str, Snapshot] = {}
        self._reading: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(self, station: str) -> Snapshot:
        """Give a picture that is at most `FRESH_S` old."""
        async with self._reading[station]:
            now = asyncio.get_running_loop().time()
            kept = self._kept.get(station)
            if kept is None or now - kept.read_at > FRESH_S:
                kept = self._kept[station] = _drawn(now, await self._read(station))
            return kept


def _drawn(now: float, queue: Queue) -> Snapshot:
    seq = int(queue.cursor.rpartition("-")[2])
    return Snapshot(now, seq, sse.event("snapshot", msgspec.json.encode(queue), queue.cursor))
