"""Threads for Flask, in lanes: a crowd of strangers holds its own lane's threads, and never the line's.

Which lane a question takes is told from its address and from what it shows: strangers show nothing, a guest
whom we let in before is known by what they showed then, and whoever shows something new must wait apart from
both until it was looked at.
"""

import asyncio
import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from typing import TypeVar

from central.web import asgi
from central.web.asgi import Scope
from central.web.signing_in import AT_ONCE, WAITING
from contract import problems
from contract.problems import Problem

_T = TypeVar("_T")

# Passwords and codes are checked there, which costs most of a core for 60 ms.
_OPEN = re.compile(r"/login|/first|/oidc(?:/.*)?|/v1/stations/[^/]+/devices/enrol")
_HEALTH = frozenset({"/healthz", "/readyz", "/metrics"})
REMEMBERED = 20_000


class Lane(Enum):
    """How many threads a lane has, and how many questions may wait for them."""

    LINE = 8, 8_000
    # After a restart everybody is new, and a chain has some thousand devices.
    NEW = 4, 2_000
    # Two more than may compare passwords or wait to: those tell the others at once to come later.
    OPEN = AT_ONCE + WAITING + 2, 30
    HEALTH = 1, 20

    @property
    def threads(self) -> int:
        """How many questions are answered at once."""
        return self.value[0]

    @property
    def room(self) -> int:
        """How many questions may be in the lane."""
        return sum(self.value)


class Lanes:
    """The threads; only the event loop may ask."""

    def __init__(self) -> None:
        self._threads = {
            lane: ThreadPoolExecutor(lane.threads, thread_name_prefix=lane.name.lower())
            for lane in Lane
        }
        self._inside = dict.fromkeys(Lane, 0)

    async def run(self, lane: Lane, job: Callable[..., _T], *words: object) -> _T:
        """Do *job* in a thread of *lane*; Problem `too_many` at once when too many wait there already."""
        if self._inside[lane] >= lane.room:
            raise Problem(
                problems.TOO_MANY, "Very many ask just now; try again in a moment.", retry_after_s=1
            )
        self._inside[lane] += 1
        # The thread works on for somebody who hangs up: the place is free when it has finished.
        working = asyncio.get_running_loop().run_in_executor(self._threads[lane], job, *words)
        working.add_done_callback(lambda _: self._leave(lane))
        return await working

    def close(self) -> None:
        """Let no thread take another question."""
        for threads in self._threads.values():
            threads.shutdown(wait=False, cancel_futures=True)

    def _leave(self, lane: Lane) -> None:
        self._inside[lane] -= 1


class Guests:
    """What was shown by those whom we let in: only its hash, and only in memory."""

    def __init__(self) -> None:
        self._shown: OrderedDict[bytes, None] = OrderedDict()

    def __contains__(self, shown: object) -> bool:
        return shown in self._shown

    def note(self, shown: bytes, *, let_in: bool) -> None:
        """Remember *shown*, or forget it: it is shown in vain now."""
        self._shown.pop(shown, None)
        if let_in:
            self._shown[shown] = None
        while len(self._shown) > REMEMBERED:
            self._shown.popitem(last=False)


def shown_by(scope: Scope) -> bytes:
    """Give a hash of the token or the cookies that came along; nothing when there are none."""
    shown = [asgi.header(scope, name) for name in ("Authorization", "Cookie")]
    return hashlib.sha256("\n".join(shown).encode()).digest() if any(shown) else b""


def lane_of(path: str, shown: bytes, guests: Guests) -> Lane:
    """Say which lane a question takes."""
    if path in _HEALTH:
        return Lane.HEALTH
    if not shown or _OPEN.fullmatch(path):
        return Lane.OPEN
    return Lane.LINE if shown in guests else Lane.NEW
