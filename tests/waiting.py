"""Wait for a state of real threads and processes, with a deadline."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL_S = 0.02
# For what must come but may take its time: where many tests run at once, a process starts slowly.
PATIENCE_S = 60


def until(predicate: Callable[[], T], seconds: float = 10, what: str = "the state") -> T:
    """Return the first truthy answer of *predicate*; fail the test when there is none in *seconds*."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        answer = predicate()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            raise AssertionError(f"{what} did not come within {seconds:g} s; last seen: {answer!r}")
        pause.wait(POLL_S)


def patiently(predicate: Callable[[], T], what: str = "the state") -> T:
    """Wait as `until` does, where how long it takes is not what is tested."""
    return until(predicate, PATIENCE_S, what)
