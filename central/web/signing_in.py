"""How often and how many at once may try to sign in."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from central.clock import Clock
from central.people import People, SignedIn
from central.web.limits import Limit
from contract import problems
from contract.problems import Problem

WRONG = 5
LOCKED_MS = 60_000
# A password costs 19 MiB and most of a core while it is checked; a few more may wait for their turn.
AT_ONCE = 2
WAITING = 2
_SLOW_DOWN = "Too many wrong tries; wait a minute and try again."


@dataclass
class SigningIn:
    """Tries to sign in, counted for each name and address together.

    An unknown name, a wrong password and a wrong code get the same answer.
    """

    people: People
    clock: Clock
    limits_times: int = 1
    _wrong: Limit = field(init=False)
    _room: threading.Semaphore = field(init=False)
    _working: threading.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._wrong = Limit(self.clock, WRONG * self.limits_times, LOCKED_MS)
        self._room = threading.Semaphore(AT_ONCE + WAITING)
        self._working = threading.Semaphore(AT_ONCE)

    def by_password(self, name: str, password: str, address: str) -> SignedIn:
        """Begin a session for a name and its password.

        Raises:
            Problem: `wrong_sign_in`, or `too_many`.
        """
        with self._counted(f"{address} {name.strip().casefold()}"), self._turn():
            return self.people.sign_in(name, password)

    def by_code(self, code: str, address: str) -> SignedIn:
        """Begin a session for a one-time code; raises as `by_password` does."""
        with self._counted(f"{address} code"):
            return self.people.sign_in_by_code(code)

    @contextmanager
    def _counted(self, tried: str) -> Iterator[None]:
        """Refuse after too many wrong tries; the right one starts the count again."""
        self._wrong.check(tried, _SLOW_DOWN)
        try:
            yield
        except Problem as refused:
            if refused.kind is problems.WRONG_SIGN_IN:
                self._wrong.count(tried)
            raise
        self._wrong.forget(tried)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._room.acquire(blocking=False):
            raise Problem(
                problems.TOO_MANY, "Many people sign in just now; try again.", retry_after_s=1
            )
        try:
            with self._working:
                yield
        finally:
            self._room.release()
