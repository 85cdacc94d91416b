"""In a hall: which of its events belong to which epoch, and what is to be sent next.  Pure.

A restore gives the database another name and begins another history behind what the backup held.  So the
numbers below belong to the history before, under whose name the office may have more than the backup had.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Part:
    """The events of one epoch that this database holds: from `first` to `last`, or on and on."""

    epoch: str
    first: int
    last: int | None = None

    def is_sent(self, had: int) -> bool:
        """Whether an office that has its events up to *had* has all of them, for ever."""
        return self.last is not None and had >= self.last


class Restored(Protocol):
    """The event that a restore left."""

    @property
    def seq(self) -> int:
        """Its number."""
        ...

    @property
    def data(self) -> Mapping[str, object]:
        """`from_epoch`, and `after`: the number of the backup's last event."""
        ...


def lineage(epoch: str, restores: Sequence[Restored]) -> list[Part]:
    """The parts of a history that is called *epoch* now, oldest first."""
    parts: list[Part] = []
    first = 1
    for restored in restores:
        after = restored.data.get("after")
        # A restore by an older release did not say where it began.
        last = after if isinstance(after, int) else restored.seq - 1
        if last >= first:
            parts.append(Part(str(restored.data.get("from_epoch", "")), first, last))
        first = max(first, last + 1)
    return [*parts, Part(epoch, first)]


def next_part(parts: Sequence[Part], had: Mapping[str, int]) -> Part:
    """The oldest part of which the office, which has events up to *had*, may want more."""
    return next(part for part in parts if not part.is_sent(had.get(part.epoch, -1)))
