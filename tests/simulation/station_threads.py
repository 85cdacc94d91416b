"""A post's threads as coroutines: where the real one blocks, the simulation's time goes on.

The real code runs unchanged; only what it waits on is ours: an event, a queue, an answer.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from functools import partial
from typing import Any

from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]

from tests.simulation.course import Course

Wake = Callable[[object], None]
LONG_MS = 3_600_000


class Fibre:
    """One thread of a process.  *body* runs until it waits; whatever happens wakes it."""

    def __init__(self, body: Callable[[], object]) -> None:
        self._greenlet = greenlet(body)

    def start(self) -> None:
        """Run it up to its first wait."""
        self._greenlet.switch()

    def kill(self) -> None:
        """End it where it waits; it never learns why."""
        if not self._greenlet.dead:
            self._greenlet.throw()


def wait(course: Course, ms: int, until: Callable[[Wake], object]) -> Any:
    """Wait in the running fibre at most *ms*; *until* is given what wakes it.  None when time was up.

    Waking is for the heap alone: nobody's code is interrupted by another's.
    """
    me = getcurrent()
    over = False

    def wake(value: object) -> None:
        nonlocal over
        if not over and not me.dead:
            over = True
            me.switch(value)

    until(wake)
    course.after(ms, lambda: wake(None))
    return me.parent.switch()


class WaitedEvent:
    """`threading.Event` on the simulation's time."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._set = False
        self._wakes: list[Wake] = []

    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        self._set = True
        for wake in self._wakes:
            self._course.after(0, partial(wake, True))

    def clear(self) -> None:
        self._set = False

    def wait(self, timeout: float | None = None) -> bool:
        if not self._set:
            wait(self._course, _ms(timeout), self._wakes.append)
            self._wakes.clear()
        return self._set


class WaitedQueue:
    """`queue.SimpleQueue` on the simulation's time, for one reader."""

    def __init__(self, course: Course) -> None:
        self._items: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._there = WaitedEvent(course)

    def put(self, item: object) -> None:
        self._items.put(item)
        self._there.set()

    def get(self, timeout: float | None = None) -> Any:
        if self._items.empty():
            self._there.clear()
            self._there.wait(timeout)
        return self._items.get_nowait()


def _ms(timeout_s: float | None) -> int:
    return LONG_MS if timeout_s is None else int(timeout_s * 1000)
