"""Rows of a line as central would tell them, for tests of what looks at them."""

from datetime import UTC, datetime

from contract.visit import Source, State
from contract.yard import BayRow, Queue, QueueRow

NOON = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)


def row(
    plate: str = "ABC123",
    state: State = State.WAITING,
    bay: str | None = None,
    source: Source = Source.POST,
    kind: str = "full",
) -> QueueRow:
    return QueueRow(
        visit=f"visit-{plate}",
        version=1,
        plate=plate,
        state=state,
        kind=kind,
        source=source,
        arrived_at=NOON,
        turn_at=NOON,
        rule="booked",
        bay=bay,
        call=f"call-{plate}" if state is State.CALLED else None,
    )


def queue(*line: QueueRow) -> Queue:
    return Queue(
        cursor="e-1",
        as_of=NOON,
        station="demo",
        name="Demo",
        time_zone="Europe/Stockholm",
        line=list(line),
        bays=[
            BayRow(bay="bay-1", door="1", kinds=["full", "recheck"], capacity=1),
            BayRow(bay="bay-2", door="2", kinds=["full", "recheck", "heavy"], capacity=1),
        ],
        help=[],
    )
