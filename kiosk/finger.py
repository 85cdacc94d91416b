"""The finger of a demo page: clicks become contacts of the fake matrix that a scanner can see.

A mouse click may be shorter than a scan, and two of them may overlap in time; one finger presses one
key after the other, holds each long enough, and leaves the pause that the keypad asks for.
"""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.fake_matrix import FakeMatrix
from kiosk.scan import SCAN_MS

HOLD_MS = 40
PAUSE_MS = 30
LOOKS = 2  # scans that must have seen a contact before it changes again
PATIENCE_MS = 2_000
LOOK_S = 0.25


@dataclass(frozen=True, slots=True)
class _Move:
    key: str
    down: bool


class Finger:
    """Moves in the order in which they were asked for.

    A key that is really held stays closed while others are pressed, so what a page does with two
    fingers reaches the scanner as two keys.
    """

    def __init__(
        self, matrix: FakeMatrix, lockout_ms: int, monotonic_ms: Callable[[], int]
    ) -> None:
        self.matrix = matrix
        self._lockout_ms = lockout_ms
        self._now = monotonic_ms
        self._moves: queue.SimpleQueue[_Move] = queue.SimpleQueue()
        self._closed_ms: dict[str, int] = {}
        self._opened_ms: dict[str, int] = {}
        self._last_opened_ms = -PAUSE_MS

    def __contains__(self, key: object) -> bool:
        return key in self.matrix

    def move(self, key: str, *, down: bool) -> None:
        """Press or let go of *key* as soon as the moves before are done."""
        self._moves.put(_Move(key, down))

    def run(self, stopping: threading.Event) -> None:
        """Body of the moving thread."""
        while not stopping.is_set():
            try:
                move = self._moves.get(timeout=LOOK_S)
            except queue.Empty:
                continue
            stopping.wait(self._wait_ms(move) / 1000)
            self._be_seen(stopping)
            self._do(move)

    def _be_seen(self, stopping: threading.Event) -> None:
        """Let the scanner look, however busy the machine is: time alone would lose a key."""
        enough, until_ms = self.matrix.scans + LOOKS, self._now() + PATIENCE_MS
        while self.matrix.scans < enough and self._now() < until_ms:
            if stopping.wait(SCAN_MS / 1000):
                return

    def _wait_ms(self, move: _Move) -> int:
        if not move.down:
            return max(0, self._closed_ms.get(move.key, 0) + HOLD_MS - self._now())
        free_ms = self._last_opened_ms + PAUSE_MS
        if move.key in self._opened_ms:
            free_ms = max(free_ms, self._opened_ms[move.key] + self._lockout_ms + PAUSE_MS)
        return max(0, free_ms - self._now())

    def _do(self, move: _Move) -> None:
        if move.down and move.key not in self._closed_ms:
            self._closed_ms[move.key] = self._now()
            self.matrix.close(move.key)
        elif not move.down and move.key in self._closed_ms:
            del self._closed_ms[move.key]
            self._opened_ms[move.key] = self._last_opened_ms = self._now()
            self.matrix.open(move.key)
