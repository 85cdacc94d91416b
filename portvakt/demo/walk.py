"""The newcomer's three steps, ticked when they have truly happened in the yard."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from contract.visit import Source, State
from contract.yard import Queue, QueueRow


@dataclass(frozen=True, slots=True)
class Walk:
    """What has happened so far to visits that came from the post.  `shown` holds calls seen on a sign.

    `inside` holds the visits that then drove in, each with its bay.
    """

    typed: bool = False
    called: bool = False
    shown: frozenset[str] = frozenset()
    inside: frozenset[tuple[str, str]] = frozenset()
    finished: bool = False

    @property
    def steps(self) -> list[bool]:
        """Step 1, 2 and 3: typed, called, and finished after the sign had shown it and gone dark."""
        return [self.typed, self.called, self.finished]


def advance(walk: Walk, queue: Queue, lit_bays: Mapping[str, bool]) -> Walk:
    """Compare *walk* with the line as it is and with what each bay's panel shows (lit or dark)."""
    ours = [row for row in queue.line if row.source == Source.POST]
    called = [row for row in ours if row.state == State.CALLED]
    here = {(row.visit, row.bay) for row in ours if row.state == State.IN_BAY and row.bay}
    shown = walk.shown | {row.visit for row in called if _lit(row, lit_bays)}
    inside = walk.inside | {(visit, bay) for visit, bay in here if visit in shown}
    in_line = {row.visit for row in ours}
    return replace(
        walk,
        typed=walk.typed or bool(ours),
        called=walk.called or bool(called),
        shown=shown,
        inside=inside,
        finished=walk.finished
        or any(visit not in in_line and not lit_bays.get(bay, False) for visit, bay in inside),
    )


def _lit(row: QueueRow, lit_bays: Mapping[str, bool]) -> bool:
    return row.bay is not None and lit_bays.get(row.bay, False)
