"""Long work beside a line that must not wait.

Python's threads take turns: one that computes without a pause makes every other wait up to 5 ms each time
it comes back from the disk, which an arrival does some twenty times.  So long work comes in small pieces,
and after each it rests as long as the piece took.
"""

import time
from collections.abc import Callable

Progress = Callable[[int, int], None]

SAY_EVERY_S = 0.2


class GivingWay:
    """Takes the word of progress after each piece, rests, and passes it on a few times a second."""

    def __init__(
        self,
        progress: Progress,
        now_s: Callable[[], float] = time.monotonic,
        rest: Callable[[float], None] = time.sleep,
    ) -> None:
        self._progress = progress
        self._now_s = now_s
        self._rest = rest
        self._piece_began_s = now_s()
        self._said_s = float("-inf")

    def __call__(self, done: int, of: int) -> None:
        """A piece is done."""
        self._rest(self._now_s() - self._piece_began_s)
        self._piece_began_s = self._now_s()
        if done in {0, of} or self._piece_began_s - self._said_s >= SAY_EVERY_S:
            self._said_s = self._piece_began_s
            self._progress(done, of)
