"""In a hall: the thread that speaks with the office.  The line never waits for it, nor ends with it."""

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from contract.errors import PortvaktError

log = logging.getLogger(__name__)

EVERY_S = 30.0
# While there is more: the line on the same processor comes first.
BREATH_S = 0.2
AGAIN_S = 5.0
LONGEST_S = 300.0
LOOK_S = 5.0
# Whoever stops central does not wait for an office that does not answer.
STOP_S = 3.0


class Turning(Protocol):
    """Something that has a turn now and then."""

    def turn(self) -> bool:
        """Do one; whether there is more to do at once."""
        ...


def _nothing(_station: str, _wrong: str) -> None:
    """Nobody wants to know."""


def pause_s(failures: int, luck: float, every_s: float = EVERY_S, *, more: bool = False) -> float:
    """How long until the next turn; *luck* from 0 to 1 keeps many halls from asking at the same moment.

    After failures twice as long each time, up to five minutes, and at least half of that.
    """
    if failures:
        longest = min(LONGEST_S, AGAIN_S * 2.0 ** min(failures - 1, 16))
        return longest * (0.5 + luck / 2)
    return BREATH_S if more else every_s * (0.9 + luck / 5)


@dataclass(slots=True)
class _Standing:
    """How it goes with one station."""

    link: Turning
    due_s: float = 0.0
    failures: int = 0


class Uplink:
    """Gives the link of every station its turns, in a thread of its own, while it is entered.

    `told` hears after each turn what was wrong with it, or nothing.
    """

    def __init__(
        self,
        stations: Callable[[], Sequence[str]],
        link: Callable[[str], Turning],
        *,
        every_s: float = EVERY_S,
        luck: Callable[[], float] = random.random,
        told: Callable[[str, str], None] = _nothing,
    ) -> None:
        self._stations = stations
        self._link = link
        self._every_s = every_s
        self._luck = luck
        self._told = told
        self._standing: dict[str, _Standing] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="office", daemon=True)

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
        self._thread.join(STOP_S)

    def _run(self) -> None:
        wait_s = 0.0
        while not self._stopping.wait(wait_s):
            try:
                wait_s = self.step(time.monotonic())
            except PortvaktError as error:  # our own database: the next look will tell
                log.warning("office lost reason=%s", error)
                wait_s = LOOK_S

    def step(self, now_s: float) -> float:
        """Give a turn to every station that is due at *now_s*; in how many seconds to look again."""
        for station in self._stations():
            one = self._standing.setdefault(station, _Standing(self._link(station)))
            if one.due_s <= now_s and not self._stopping.is_set():
                one.due_s = now_s + self._turn(station, one)
        due_s = min((one.due_s for one in self._standing.values()), default=now_s + LOOK_S)
        return min(max(due_s - now_s, 0.0), LOOK_S)

    def _turn(self, station: str, one: _Standing) -> float:
        more = False
        try:
            more = one.link.turn()
        except PortvaktError as error:
            self._lost(station, one, str(error))
        except Exception as error:
            self._lost(station, one, type(error).__name__)
            log.exception("link with the office broken station=%s", station)
        else:
            if one.failures:
                log.info("office back station=%s", station)
            one.failures = 0
            self._told(station, "")
        return pause_s(one.failures, self._luck(), self._every_s, more=more)

    def _lost(self, station: str, one: _Standing, why: str) -> None:
        if not one.failures and not self._stopping.is_set():
            log.warning("office lost station=%s reason=%s", station, why)
        one.failures += 1
        self._told(station, why)
