"""A line that is switched in a rhythm: on at once, the rest by a thread of its own."""

import itertools
import threading
from collections.abc import Callable, Iterator


class Pulses:
    """Drives one line through *write*, which must not raise.

    gpiozero's own `beep` makes every edge on a new thread; here the first edge comes from the caller,
    so a key is heard before anything else happens, and a line that fails is seen where it is written.
    """

    def __init__(self, name: str, write: Callable[[bool], object]) -> None:
        self._write = write
        self._changed = threading.Condition()
        self._level = False
        self._rhythm: Iterator[float] | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def play(self, *durations_s: float, again: bool = False) -> None:
        """Switch on now, then over after each of *durations_s*; *again* and again, if wanted."""
        with self._changed:
            self._set(False)
            self._set(True)
            self._rhythm = itertools.cycle(durations_s) if again else iter(durations_s)
            self._changed.notify()

    def hold(self, level: bool) -> None:
        """End any rhythm and stay at *level*."""
        with self._changed:
            self._rhythm = None
            self._set(level)
            self._changed.notify()

    def close(self) -> None:
        """Switch off for good."""
        self.hold(False)
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        with self._changed:
            while not self._closed:
                if self._rhythm is None:
                    self._changed.wait()
                else:
                    self._beat(self._rhythm)

    def _beat(self, rhythm: Iterator[float]) -> None:
        duration_s = next(rhythm, None)
        if duration_s is None:
            self._rhythm = None
        elif not self._changed.wait_for(lambda: self._rhythm is not rhythm, duration_s):
            self._set(not self._level)

    def _set(self, level: bool) -> None:
        if level is not self._level:
            self._level = level
            self._write(level)
