"""One queue, one loop that decides, and threads that only bring it news."""

import logging
import queue
import signal
import threading
import time
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

from device.notify import notify

log = logging.getLogger(__name__)

E = TypeVar("E")

TICK_MS = 100
# What a loop that drains handles at most after it was told to stop.
DRAIN_EVENTS = 100
DRAIN_S = 1.0


class Producer(Protocol):
    """Brings events to a loop from a thread of its own."""

    @property
    def alive(self) -> bool:
        """Whether it still does."""


class Worker:
    """A thread that ends the whole process when it fails: systemd's restart is the only repair we trust.

    *body* gets the event that asks it to stop and looks at it at least twice a second.
    """

    def __init__(self, name: str, body: Callable[[threading.Event], None], loop: "Loop[E]") -> None:
        self.name = name
        self.stopping = loop.stopping
        self._body = body
        self._failed = loop.failed
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def join(self, timeout_s: float) -> bool:
        """Wait for its end; false when it did not come in time."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._body(self.stopping)
        except Exception as error:  # noqa: BLE001 - whatever it was, the main thread raises it again
            self._failed(error)


class Loop(Generic[E]):
    """Handle events one at a time; prove to systemd on every turn that all producers live.

    A ping from a thread of its own would prove nothing: this one stops when the loop hangs or a
    producer is dead.  `stopping` is shared with the producers.  With *drains* what was put before the
    stop is handled all the same, for a process that has beeped for it already; without, nothing comes
    between the stop and the end of `run`.
    """

    def __init__(
        self,
        *,
        tick_ms: int = TICK_MS,
        tell: Callable[[str], object] = notify,
        drains: bool = False,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.stopping = threading.Event()
        self._tick_ms = tick_ms
        self._tell = tell
        self._drains = drains
        self._now_s = now_s
        self._at_mark = False
        # Re-entrant, unlike Queue: a signal handler may put while the loop is in get.
        self._events: queue.SimpleQueue[tuple[E] | None] = queue.SimpleQueue()
        self._failure: BaseException | None = None
        self._missed: Producer | None = None

    def put(self, event: E) -> None:
        """Hand over *event*; from any thread."""
        self._events.put((event,))

    def stop(self, *_: object) -> None:
        """End `run` after the event in hand, or what waits before us; from any thread or a signal handler."""
        self.stopping.set()
        self._events.put(None)

    def failed(self, error: BaseException) -> None:
        """End `run` by raising *error* there; from any thread."""
        self._failure = error
        self.stop()

    def run(
        self,
        handle: Callable[[E], object],
        tick: Callable[[], object],
        *,
        producers: Sequence[Producer] = (),
        healthy: Callable[[], bool] = lambda: True,
    ) -> None:
        """Say READY, then handle events and tick about every `tick_ms` until stopped.

        Raises whatever `handle`, `tick` or a failed worker raised.
        """
        self._tell("READY=1")
        tick_at = self._now_s()
        while not self.stopping.is_set():
            event = self._next(tick_at)
            if event is not None:
                handle(event[0])
            if self._now_s() >= tick_at:
                tick()
                tick_at = self._now_s() + self._tick_ms / 1000
            if self._all_alive(producers) and healthy():
                self._tell("WATCHDOG=1")
        self._tell("STOPPING=1")
        if self._drains:
            self._drain(handle)
        if self._failure is not None:
            raise self._failure

    def _next(self, tick_at: float) -> tuple[E] | None:
        try:
            event = self._events.get(timeout=max(0.0, tick_at - self._now_s()))
        except queue.Empty:
            return None
        self._at_mark = event is None  # only `stop` puts it
        return event

    def _drain(self, handle: Callable[[E], object]) -> None:
        """Handle what stands in the queue before the mark of `stop`; the rest is logged as a number."""
        end_s = self._now_s() + DRAIN_S
        for _ in range(DRAIN_EVENTS):
            # The timeout is spent: `_next` gives at once what is there.
            event = None if self._at_mark else self._next(self._now_s())
            if event is None:
                return
            handle(event[0])
            if self._now_s() >= end_s:
                break
        if not self._at_mark and self._events.qsize() > 1:
            log.warning("events dropped at stop count=%d", self._events.qsize() - 1)

    def _all_alive(self, producers: Sequence[Producer]) -> bool:
        dead = next((producer for producer in producers if not producer.alive), None)
        # Looked at after them: who ends because of the stop does so behind it.
        if dead is not None and dead is not self._missed and not self.stopping.is_set():
            log.error("producer dead name=%s", getattr(dead, "name", type(dead).__name__))
        self._missed = dead
        return dead is None


def stop_on_signals(loop: "Loop[E]") -> None:
    """Let SIGTERM and SIGINT end *loop* in good order; from the main thread."""
    signal.signal(signal.SIGTERM, loop.stop)
    signal.signal(signal.SIGINT, loop.stop)
