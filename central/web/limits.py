"""How often somebody may ask: counts in memory, on an injected monotonic clock."""

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from math import ceil

from central.clock import Clock
from contract import problems
from contract.problems import Problem

# A stranger can make up names without end; the oldest are forgotten.
REMEMBERED = 1_000


@dataclass
class Limit:
    """At most *most* counted happenings for one name in any *within_ms*."""

    clock: Clock
    most: int
    within_ms: int
    _seen: OrderedDict[str, deque[int]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, name: str, detail: str) -> None:
        """Refuse with `too_many` when *name* has no happening left; count nothing."""
        with self._lock:
            self._refuse(name, detail)

    def refusal(self, name: str, detail: str) -> Problem | None:
        """Give what `check` would raise."""
        with self._lock:
            return self._refusal(name, detail)

    def count(self, name: str) -> None:
        """Count one happening for *name*."""
        with self._lock:
            self._count(name)

    def take(self, name: str, detail: str) -> None:
        """Count one happening for *name*, or refuse it with `too_many`."""
        with self._lock:
            self._refuse(name, detail)
            self._count(name)

    def forget(self, name: str) -> None:
        """Start again from nothing for *name*."""
        with self._lock:
            self._seen.pop(name, None)

    def _refuse(self, name: str, detail: str) -> None:
        refused = self._refusal(name, detail)
        if refused is not None:
            raise refused

    def _refusal(self, name: str, detail: str) -> Problem | None:
        wait_ms = self._wait_ms(name)
        if wait_ms <= 0:
            return None
        return Problem(problems.TOO_MANY, detail, retry_after_s=-(-wait_ms // 1000))

    def _count(self, name: str) -> None:
        times = self._seen.setdefault(name, deque(maxlen=self.most))
        times.append(self.clock.monotonic_ms())
        self._seen.move_to_end(name)
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)

    def _wait_ms(self, name: str) -> int:
        times = self._seen.get(name)
        if times is None or len(times) < self.most:
            return 0
        return times[0] + self.within_ms - self.clock.monotonic_ms()


@dataclass
class Bucket:
    """At most *holds* happenings at once for one name, and one more every *each_ms*."""

    clock: Clock
    holds: int
    each_ms: float
    _spent: OrderedDict[str, tuple[float, int]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, name: str, detail: str) -> None:
        """Count one happening for *name*, or refuse it with `too_many`."""
        now = self.clock.monotonic_ms()
        with self._lock:
            spent, then = self._spent.get(name, (0.0, now))
            spent = max(spent - (now - then) / self.each_ms, 0.0)
            if spent + 1 > self.holds:
                wait_ms = (spent + 1 - self.holds) * self.each_ms
                raise Problem(problems.TOO_MANY, detail, retry_after_s=ceil(wait_ms / 1000))
            self._spent[name] = (spent + 1, now)
            self._spent.move_to_end(name)
            while len(self._spent) > REMEMBERED:
                self._spent.popitem(last=False)
