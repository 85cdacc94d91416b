"""How often and how many at once may try to sign in.

Wrong passwords are counted by `central.lock_out`, for each name or known browser.  Here stands what is for
all names together: how many passwords are compared at once, and how often one address may be wrong.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from central.clock import Clock
from central.people.people import People, SignedIn
from central.web.limits import Limit
from contract import problems
from contract.problems import Problem

# A password costs 19 MiB and most of a core while it is checked; a few more may wait for their turn.
AT_ONCE = 2
WAITING = 2
# Whoever tries a few passwords with very many names locks none of them.
WRONG = 100
WITHIN_MS = 15 * 60_000
_SLOW_DOWN = "Too many wrong tries from here; wait and try again."


@dataclass
class SigningIn:
    """Tries to sign in.  An unknown name, a wrong password and a disabled person get the same answer.

    A browser in which the person has signed in before stands in no line with strangers.
    """

    people: People
    clock: Clock
    limits_times: int = 1
    _wrong: Limit = field(init=False)
    _rooms: dict[bool, threading.Semaphore] = field(init=False)
    _working: threading.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._wrong = Limit(self.clock, WRONG * self.limits_times, WITHIN_MS)
        # One for strangers, one for known browsers.
        self._rooms = {known: threading.Semaphore(AT_ONCE + WAITING) for known in (False, True)}
        self._working = threading.Semaphore(AT_ONCE)

    def by_password(self, name: str, password: str, address: str, browser: str = "") -> SignedIn:
        """Begin a session for a name and its password.

        Raises:
            Problem: `wrong_sign_in`, or `too_many`.
        """
        is_known = self.people.knows(name, browser)
        with self._counted(address, counts=not is_known), self._turn(is_known=is_known):
            return self.people.sign_in(name, password, browser)

    def by_code(self, code: str, address: str, browser: str = "") -> SignedIn:
        """Begin a session for a one-time code; raises as `by_password` does."""
        with self._counted(address):
            return self.people.sign_in_by_code(code, browser)

    def set_password(
        self, signed_in: SignedIn, new: str, old: str | None, browser: str
    ) -> SignedIn:
        """Change one's own password, when it is one's turn; raises as `People.set_password` does."""
        with self._turn(is_known=True):
            return self.people.set_password(signed_in, new, old, browser)

    @contextmanager
    def turn(self, address: str) -> Iterator[None]:
        """Let a stranger hash a password when it is their turn; wrong tries of theirs are counted."""
        with self._counted(address), self._turn(is_known=False):
            yield

    @contextmanager
    def _counted(self, address: str, *, counts: bool = True) -> Iterator[None]:
        """Refuse an address that was wrong too often."""
        if counts:
            self._wrong.check(address, _SLOW_DOWN)
        try:
            yield
        except Problem as refused:
            if counts and refused.kind is problems.WRONG_SIGN_IN:
                self._wrong.count(address)
            raise

    @contextmanager
    def _turn(self, *, is_known: bool) -> Iterator[None]:
        room = self._rooms[is_known]
        if not room.acquire(blocking=False):
            raise Problem(
                problems.TOO_MANY, "Many people sign in just now; try again.", retry_after_s=1
            )
        try:
            with self._working:
                yield
        finally:
            room.release()
