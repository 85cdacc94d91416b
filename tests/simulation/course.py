"""The course of a history: one seed, one heap of things to come, a network, and broken promises.

Time is a number.  Everything that happens is an entry in one heap, so one seed is one history, and a
failing history is replayed by its number.
"""

import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


class BrokenPromise(AssertionError):
    """The simulation found a history that breaks a promise; the seed replays it."""


class Course:
    """A heap of what will happen, and the one source of chance."""

    def __init__(self, seed: int, trace: Callable[[str], None] | None = None) -> None:
        self.rng = random.Random(seed)
        self.net = Net(self.rng)
        self.now_ms = 0
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0
        self._trace = trace

    def after(self, delay_ms: int, work: Callable[[], None]) -> None:
        """Let something happen later."""
        self._count += 1
        heapq.heappush(self._heap, (self.now_ms + delay_ms, self._count, work))

    def run(self, until_ms: int) -> None:
        """Let everything happen that happens until then."""
        while self._heap and self._heap[0][0] <= until_ms:
            self.now_ms, _, work = heapq.heappop(self._heap)
            work()
            self.check()
        self.now_ms = until_ms
        self.check()

    def check(self) -> None:
        """Look at what must never be; called after each thing that happens."""

    def say(self, words: str) -> None:
        """Write a line of the history when somebody reads it."""
        if self._trace:
            self._trace(f"{self.now_ms:>8} {words}")


@dataclass
class Net:
    """How bad the network is."""

    rng: random.Random
    loss: float = 0.1
    doubled: float = 0.1
    slow: float = 0.1
    cut_until_ms: dict[str, int] = field(default_factory=dict)

    def delays_ms(self, device: str, now_ms: int) -> Iterator[int]:
        """Say when each copy of a packet arrives; none while the cable is cut."""
        if now_ms < self.cut_until_ms.get(device, 0):
            return
        for _ in range(1 + (self.rng.random() < self.doubled)):
            if self.rng.random() >= self.loss:
                longest = 15_000 if self.rng.random() < self.slow else 300
                yield self.rng.randint(1, longest)
