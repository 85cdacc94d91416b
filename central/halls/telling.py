"""In a hall: which events go up to the office.  It only reads, and nothing of the line waits for it."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from central import schema
from central.database.tx import Row, View
from central.halls.keeping import bare
from central.halls.lineage import Part, lineage
from contract.event import EventKind
from contract.halls import EVENTS_AT_ONCE, HallEvent, HallSaid

# An office takes 64 KiB with any question; how the hall is has to stand beside the events.
REPORT_BYTES = 60 * 1024

_E = schema.event.c
_STATION: "sa.BindParameter[str]" = sa.bindparam("station")
_RESTORES = (
    sa.select(_E.seq, _E.data)
    .where(_E.station == _STATION, _E.kind == EventKind.RESTORED.value)
    .order_by(_E.seq)
)
_EVENTS = (
    sa.select(schema.event)
    .where(_E.station == _STATION, _E.seq > sa.bindparam("after"))
    .order_by(_E.seq)
    .limit(EVENTS_AT_ONCE)
)
_ONE = sa.select(schema.event).where(_E.station == _STATION, _E.seq == sa.bindparam("seq"))
_SEQ = sa.select(schema.station.c.seq).where(schema.station.c.id == _STATION)


def parts(view: View, station: str, epoch: str) -> list[Part]:
    """The history of *station* in this database."""
    return lineage(epoch, view.all(_RESTORES, station=station))


def newest(view: View, station: str) -> int:
    """The number of the station's last event."""
    return int(view.one(_SEQ, station=station).seq)


def events(
    view: View, station: str, part: Part, had: int, said: HallSaid | None = None
) -> list[HallEvent]:
    """The next events of *part* behind number *had*, as many as a report holds beside *said*."""
    rows = view.all(_EVENTS, station=station, after=max(had, part.first - 1))
    new = [_event(row) for row in rows if part.last is None or row.seq <= part.last]
    return fitting(new, REPORT_BYTES - len(msgspec.json.encode(said)))


def event_had(view: View, station: str, part: Part, had: int | None) -> HallEvent | None:
    """The event by which the office sees whether it and this database mean the same history.

    Before anything is known of the office it is the newest.  What was restored is another history anyway.
    """
    if part.last is not None:
        return None
    last = newest(view, station)
    seq = last if had is None else min(had, last)
    row = view.first(_ONE, station=station, seq=seq) if seq >= part.first else None
    return None if row is None else _event(row)


def fitting(found: Sequence[HallEvent], most: int) -> list[HallEvent]:
    """As many as *most* bytes hold; at least one, or nothing would ever go on."""
    taken: list[HallEvent] = []
    for event in found:
        most -= len(msgspec.json.encode(event)) + 1
        if taken and most < 0:
            break
        taken.append(event)
    return taken


def _event(row: Row) -> HallEvent:
    return bare(
        HallEvent(
            seq=row.seq,
            at=row.at,
            kind=row.kind,
            actor_kind=row.actor_kind,
            actor_id=row.actor_id,
            visit=row.visit,
            bay=row.bay,
            call=row.call,
            data=row.data,
        )
    )
