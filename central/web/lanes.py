"""Threads for Flask, in lanes: a crowd of strangers holds its own lane's threads, and never the line's.

Which lane a question takes is told from its address and from what it shows: strangers show nothing, a guest
whom we let in before is known by what they showed then, and whoever shows something new must wait apart from
both until it was looked at.
"""

import asyncio
import hashlib
import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from enum import Enum
from typing import TypeVar

from central.web import asgi
from central.web.asgi import Scope
from central.web.cookies import Cookies
from central.web.signing_in import AT_ONCE, WAITING
from contract import problems
from contract.problems import Problem

_T = TypeVar("_T")

# Passwords and codes are checked there, which costs most of a core for 60 ms.
_OPEN = re.compile(r"/login(?:/.*)?|/first|/v1/stations/[^/]+/devices/enrol")
_LOGIN = re.compile(r"/login(?:/.*)?")
_HEALTH = frozenset({"/healthz", "/readyz", "/metrics"})
REMEMBERED = 20_000
# A device asks one thing after the other; a browser that opens a page asks for all its files at once (nginx
# lets it ask 128 things over one connection, http2_max_concurrent_streams).
AT_ONCE_OF_ONE, AT_ONCE_OF_BROWSER = 32, 128
_MANY = "Very many ask just now; try again in a moment."


class Lane(Enum):
    """How many threads a lane has, and how many questions may wait for them."""

    LINE = 8, 8_000
    # After a restart everybody is new, and a chain has some thousand devices.
    NEW = 4, 2_000
    # Two more than may compare passwords or wait to: those tell the others at once to come later.
    OPEN = AT_ONCE + WAITING + 2, 30
    # A browser of ours signs in while strangers crowd before the door.
    KNOWN = AT_ONCE, 20
    HEALTH = 1, 20
    # The proxy and the scraper on this machine: what others see of our health must not decide theirs.
    OWN_HEALTH = 1, 30

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
            raise too_many()
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


class Inside:
    """How many questions each guest has here; only the event loop may ask."""

    def __init__(self) -> None:
        self._of: Counter[bytes] = Counter()

    @contextmanager
    def counted(self, shown: bytes, most: int = AT_ONCE_OF_ONE) -> Iterator[None]:
        """Count one more question; Problem `too_many` when this guest has *most* here already.

        Who shows nothing is not counted: those have a lane to themselves.
        """
        if shown and self._of[shown] >= most:
            raise too_many()
        self._of[shown] += 1
        try:
            yield
        finally:
            self._of[shown] -= 1
            if not self._of[shown]:
                del self._of[shown]


def too_many() -> Problem:
    """Say that there is a crowd."""
    return Problem(problems.TOO_MANY, _MANY, retry_after_s=1)


def shown_by(scope: Scope, cookies: Cookies) -> bytes:
    """Give a hash of the token that came along, or else of the session; nothing when there is neither.

    Exactly what the gate looks at (`door.admit`): with anything else in it one guest could be many.
    """
    authorization = asgi.header(scope, "Authorization")
    if authorization:
        scheme, _, token = authorization.partition(" ")
        return _hash(f"{scheme.lower()} {token.strip()}")
    return _hash(cookies.session_token(asgi.header(scope, "Cookie")))


def browser_of(scope: Scope, cookies: Cookies) -> bytes:
    """Give a hash of what the browser is known by, if it shows that and no token."""
    if asgi.header(scope, "Authorization"):
        return b""
    return _hash(cookies.browser_of(asgi.header(scope, "Cookie")))


def lane_of(
    path: str, shown: bytes, guests: Guests, *, is_known: bool = False, is_own: bool = False
) -> Lane:
    """Say which lane a question takes, from a browser that *is_known*, or from this machine's *is_own*."""
    if path in _HEALTH:
        return Lane.OWN_HEALTH if is_own else Lane.HEALTH
    if is_known and _LOGIN.fullmatch(path):
        return Lane.KNOWN
    if not shown or _OPEN.fullmatch(path):
        return Lane.OPEN
    return Lane.LINE if shown in guests else Lane.NEW


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest() if text else b""
