"""The second hand: what must happen without anybody asking, once a second."""

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from contract.errors import PortvaktError

log = logging.getLogger(__name__)

PERIOD_S = 1.0
# A full disk answers at once; a turn that takes longer than this hangs.
STUCK_S = 10.0


class Ticker:
    """Calls *tick* every *period_s* in a thread of its own, called *name*, while it is entered."""

    def __init__(
        self, tick: Callable[[], None], period_s: float = PERIOD_S, name: str = "tick"
    ) -> None:
        self._tick = tick
        self._period_s = period_s
        self._stopping = threading.Event()
        self._turned_at = time.monotonic()
        self._lost = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join(STUCK_S)

    @property
    def alive(self) -> bool:
        """Whether its thread lives; an error that nobody expected ends it."""
        return self._thread.is_alive()

    @property
    def turns(self) -> bool:
        """Whether it still turns: a disk that hangs stops it, and with it everything that writes."""
        return time.monotonic() - self._turned_at < STUCK_S

    def _run(self) -> None:
        while not self._stopping.wait(self._period_s):
            try:
                self._tick()
            except PortvaktError as error:
                self._say_lost(error)
            else:
                self._say_back()
            self._turned_at = time.monotonic()

    def _say_lost(self, error: PortvaktError) -> None:
        """A full disk must not end the process: what can be read can still be shown."""
        if not self._lost:
            log.warning("%s lost reason=%s", self._thread.name, error)
        self._lost = True

    def _say_back(self) -> None:
        if self._lost:
            log.info("%s back", self._thread.name)
        self._lost = False
