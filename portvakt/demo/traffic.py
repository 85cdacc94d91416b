"""Simulated cars.  They come to the desk, and a simulated colleague named Traffic works one door.

The colleague calls in the order of the line, as everybody must; a visit that came from the post is
called like any other but never driven in or finished, because a person is playing that car.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from contract.plate import Plate
from contract.visit import Kind, Source, State
from contract.yard import BayRow, Queue, QueueRow

DOOR = "2"
LONGEST_LINE = 12

# Means in seconds of the yard, and the least in seconds of the clock, so that an eye can follow.
_COME_S, _COME_LEAST_S = 660.0, 1.5
_DRIVE_IN_S, _DRIVE_IN_LEAST_S, _DRIVE_IN_MOST_S = 45.0, 3.0, 60.0
_INSPECT_S, _INSPECT_LEAST_S = 540.0, 4.0
_REST_S, _REST_LEAST_S = 60.0, 1.0

_LETTERS, _DIGITS = "ABCDEFGHJKLMNOPRSTUWXYZ", "0123456789"
_KINDS = (Kind.FULL, Kind.FULL, Kind.FULL, Kind.RECHECK, Kind.HEAVY)


@dataclass(frozen=True, slots=True)
class Arrive:
    """A car comes to the desk."""

    plate: str
    kind: str


@dataclass(frozen=True, slots=True)
class CallNext:
    """The colleague calls whoever is next to the bay."""

    bay: str


@dataclass(frozen=True, slots=True)
class Enter:
    """The called car has driven in."""

    row: QueueRow


@dataclass(frozen=True, slots=True)
class Finish:
    """The car in the bay has left."""

    row: QueueRow


Deed = Arrive | CallNext | Enter | Finish


@dataclass(slots=True)
class Traffic:
    """Decides what happens next; *speed* times faster than life, chances from *dice*, no clock of its own."""

    speed: float
    dice: random.Random
    _next_car_s: float = 0.0
    _due: dict[tuple[str, str], float] = field(default_factory=dict)

    def deeds(self, queue: Queue, now_s: float) -> list[Deed]:
        """What is to be done at monotonic time *now_s*, given the line as it is."""
        found: list[Deed] = []
        if now_s >= self._next_car_s:
            self._next_car_s = now_s + self._lasting(_COME_S, _COME_LEAST_S)
            if _waiting(queue) < LONGEST_LINE:
                found.append(Arrive(self._plate(), self.dice.choice(_KINDS)))
        bay = next((bay for bay in queue.bays if bay.door == DOOR), None)
        if bay is not None:
            found += self._at_door(queue, bay, now_s)
        return found

    def _at_door(self, queue: Queue, bay: BayRow, now_s: float) -> list[Deed]:
        here = [row for row in queue.line if row.bay == bay.bay]
        if not here:
            if not _somebody_for(bay, queue.line):
                return []
            return [CallNext(bay.bay)] if self._is_due(("rest", bay.bay), now_s) else []
        self._due.pop(("rest", bay.bay), None)
        return [deed for row in here if (deed := self._with_car(row, now_s)) is not None]

    def _with_car(self, row: QueueRow, now_s: float) -> Deed | None:
        if row.source == Source.POST or not self._is_due((row.visit, row.state), now_s):
            return None
        return Enter(row) if row.state == State.CALLED else Finish(row)

    def _is_due(self, what: tuple[str, str], now_s: float) -> bool:
        if what not in self._due:
            self._due[what] = now_s + self._time_for(what[1] if what[0] != "rest" else "rest")
        if now_s < self._due[what]:
            return False
        del self._due[what]
        return True

    def _time_for(self, what: str) -> float:
        if what == State.CALLED:
            return min(self._lasting(_DRIVE_IN_S, _DRIVE_IN_LEAST_S), _DRIVE_IN_MOST_S)
        if what == "rest":
            return self._lasting(_REST_S, _REST_LEAST_S)
        return self._lasting(_INSPECT_S, _INSPECT_LEAST_S)

    def _lasting(self, mean_s: float, least_s: float) -> float:
        # Service times of workshops are long-tailed; shape 4 is a plain stand-in for that.
        return max(self.dice.gammavariate(4, mean_s / 4) / self.speed, least_s)

    def _plate(self) -> str:
        letters = "".join(self.dice.choices(_LETTERS, k=3))
        digits = "".join(self.dice.choices(_DIGITS, k=3))
        return Plate.parse(letters + digits).text


def _waiting(queue: Queue) -> int:
    return sum(row.state == State.WAITING for row in queue.line)


def _somebody_for(bay: BayRow, line: Sequence[QueueRow]) -> bool:
    return any(row.state == State.WAITING and row.kind in bay.kinds for row in line)
