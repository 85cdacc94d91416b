"""Panels in the simulation: what stands on the glass, and how long each deed takes to get there."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from typing import Protocol

from signage.frame import Frame
from signage.panel import PanelLost, Traits
from tests.simulation.kinds import Kind, canvas_of, facts_of

GOOD_BETWEEN = 3  # a failed write is told anew in three at most, and they leave
REMEMBERS_MS = 2_500


class Course(Protocol):
    """Time and chance."""

    rng: random.Random
    now_ms: int

    def after(self, delay_ms: int, work: Callable[[], None]) -> None:
        """Let something happen later."""


class Glass:
    """What anybody can see, whatever any process thinks; `changed` is called when that changes."""

    def __init__(self, kind: Kind, course: Course, changed: Callable[[], None]) -> None:
        self.kind = kind
        self.lost_until_ms = 0
        self.supplied = True
        self._course = course
        self._changed = changed
        self._drawn: Frame | None = None
        self._taken: Frame | None = None
        self._drawing_until_ms = 0
        self._ends_ms = 0
        self.free_ms = 0
        self._powers = 0
        self._off_since_ms = 0

    @property
    def seen(self) -> Frame | None:
        """The frame that stands; None is darkness."""
        return self._drawn if self.supplied else None

    def occupied(self, until_ms: int) -> None:
        """A write is on the wire until then."""
        self.free_ms = until_ms + self.kind.gap_ms

    def takes(self, frame: Frame | None, ttl_ms: int) -> None:
        """The bytes of a picture have arrived."""
        if self.kind.own_clock and frame is not None:
            self._ends_ms = self._course.now_ms + ttl_ms
            self._later(ttl_ms, self._expires)
        if frame == self._taken:
            return
        self._taken = frame
        if not self.kind.settle_ms:
            self._draws(frame)
            return
        settle_ms = self.kind.settle_ms
        done_ms = self._course.now_ms + self._course.rng.randint(settle_ms // 5, settle_ms)
        self._drawing_until_ms = max(self._drawing_until_ms, done_ms)
        self._later(self._drawing_until_ms - self._course.now_ms, lambda: self._draws(frame))

    def supply(self, *, on: bool) -> None:
        """Its timer lets the supply through, or not; for some seconds it remembers what was drawn."""
        if self.supplied == on:
            return
        self.supplied = on
        if not on:
            self._off_since_ms = self._course.now_ms
        elif self._course.now_ms - self._off_since_ms > REMEMBERS_MS:
            self.power_off()
        self._changed()

    def power_off(self) -> None:
        """Its plug is pulled: it forgets everything."""
        self._powers += 1
        self._taken = None
        self._draws(None)

    def _later(self, delay_ms: int, work: Callable[[], None]) -> None:
        powers = self._powers
        self._course.after(delay_ms, lambda: work() if powers == self._powers else None)

    def _expires(self) -> None:
        if self._course.now_ms >= self._ends_ms:
            self._taken = None
            self._draws(None)

    def _draws(self, frame: Frame | None) -> None:
        if frame != self._drawn:
            self._drawn = frame
            self._changed()


class SimPanel:
    """The driver of a simulated panel, as one process has it.  `took` says how long its deeds were."""

    def __init__(self, glass: Glass, course: Course, *, fails: bool = True) -> None:
        kind = glass.kind
        self._may_fail = fails
        self.canvas = canvas_of(kind)
        self.facts = facts_of(kind)
        self.traits = Traits(kind.heal_ms, kind.settle_ms, kind.pages)
        self._glass = glass
        self._course = course
        self._frame: Frame | None = None
        self.spent_ms = 0
        self._good = 0
        self._alive = True

    def took_ms(self) -> int:
        """How long the deeds since the last question took together."""
        took_ms, self.spent_ms = self.spent_ms, 0
        return took_ms

    def cut_off(self) -> None:
        """Its process is dead: what has not left does not leave."""
        self._alive = False

    def init(self) -> None:
        """Go dark."""
        self._write(None, 0)

    def show(self, frame: Frame, ttl_ms: int) -> str:
        """Light *frame*."""
        self._write(frame, ttl_ms)
        return _sha256(frame)

    def blank(self) -> str:
        """Go dark."""
        self._write(None, 0)
        return _sha256(None)

    def heal(self, ttl_ms: int) -> None:
        """Say it again."""
        self._write(self._frame, ttl_ms)

    def dim(self, percent: int) -> int:
        """One brightness only."""
        del percent
        return 100

    def health(self) -> bool | None:
        """It cannot tell."""
        return None

    def close(self) -> None:
        """Nothing is open."""

    def _write(self, frame: Frame | None, ttl_ms: int) -> None:
        self._frame = frame
        glass, kind = self._glass, self._glass.kind
        begins_ms = self._course.now_ms + self.spent_ms
        if begins_ms < glass.lost_until_ms:
            raise PanelLost(kind.name, "the line is cut")
        ends_ms = max(begins_ms, glass.free_ms) + kind.wire_ms
        glass.occupied(ends_ms)
        self.spent_ms = ends_ms - self._course.now_ms
        may_fail = self._may_fail and self._good >= GOOD_BETWEEN
        fails = may_fail and self._course.rng.random() < kind.fails
        self._good = 0 if fails else self._good + 1
        if not fails:
            self._arrives(frame, ttl_ms)
            return
        if self._course.rng.random() < 0.3:  # all of it arrived, and nobody said so
            self._arrives(frame, ttl_ms)
        elif not kind.packets:  # darkness comes before a new picture, and here it ended
            self._arrives(None, 0)
        raise PanelLost(kind.name, "the write was cut off")

    def _arrives(self, frame: Frame | None, ttl_ms: int) -> None:
        if not self.spent_ms:
            self._glass.takes(frame, ttl_ms)
            return
        self._course.after(
            self.spent_ms, lambda: self._glass.takes(frame, ttl_ms) if self._alive else None
        )


_HASHES: dict[Frame | None, str] = {}


def _sha256(frame: Frame | None) -> str:
    if frame not in _HASHES:
        _HASHES[frame] = hashlib.sha256(repr(frame).encode()).hexdigest()
    return _HASHES[frame]
