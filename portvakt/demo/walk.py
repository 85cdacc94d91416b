"""The newcomer's three steps, ticked when they have truly happened in the yard."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from contract.visit import Source, State
from contract.wire import Queue, QueueRow


@dataclass(frozen=True, slots=True)
class Walk:
    """What has happened so far to visits that came from the post.  `shown` holds calls seen on a sign."""

    typed: bool = False
    called: bool = False
    shown: frozenset[str] = frozenset()
    drove_in: bool = False

    @property
    def steps(self) -> list[bool]:
        """Step 1, 2 and 3: typed, called, and driven in after the sign had shown it and gone dark."""
        return [self.typed, self.called, self.drove_in]


def advance(walk: Walk, queue: Queue, lit_bays: Mapping[str, bool]) -> Walk:
    """Compare *walk* with the line as it is and with what each bay's panel shows (lit or dark)."""
    ours = [row for row in queue.line if row.source == Source.POST]
    called = [row for row in ours if row.state == State.CALLED]
    inside = [row for row in ours if row.state == State.IN_BAY]
    shown = walk.shown | {row.visit for row in called if _lit(row, lit_bays)}
    return replace(
        walk,
        typed=walk.typed or bool(ours),
        called=walk.called or bool(called),
        shown=shown,
        drove_in=walk.drove_in
        or any(row.visit in shown and not _lit(row, lit_bays) for row in inside),
    )


def _lit(row: QueueRow, lit_bays: Mapping[str, bool]) -> bool:
    return row.bay is not None and lit_bays.get(row.bay, False)
