"""At the office: a hall's events are kept once and in order, and what it says of itself as it said it."""

from collections.abc import Sequence
from itertools import pairwise

import sqlalchemy as sa
from msgspec import structs

from central import schema
from central.fleet import machines
from central.privacy import erasing, inventory, owing
from central.tx import Tx, View
from contract.halls import HallEvent, HallReport, HallSaid

STAFF = "staff"

_V, _H, _E, _K = (
    schema.hall_event.c,
    schema.hall.c,
    schema.hall_erasure.c,
    schema.device_code.c,
)
_LAST = sa.select(sa.func.max(_V.seq).label("seq")).where(
    _V.station == sa.bindparam("station"), _V.epoch == sa.bindparam("epoch")
)
_KEEP = sa.insert(schema.hall_event)
_OF_STATION = _H.station == sa.bindparam("of_station")
_HEARD = (
    sa.update(schema.hall)
    .where(_OF_STATION)
    .values(heard_at=sa.bindparam("at"), epoch=sa.bindparam("to_epoch"), said=sa.bindparam("what"))
)
_REACHED = sa.update(schema.hall).where(_OF_STATION).values(heard_at=sa.bindparam("at"))
_DONE = (
    sa.update(schema.hall_erasure)
    .where(
        _E.station == sa.bindparam("of_station"),
        _E.id.in_(sa.bindparam("ids", expanding=True)),
        schema.IS_ASKED,
    )
    .values(done_at=sa.bindparam("now"), plate="")
)
_USED = (
    sa.update(schema.device_code)
    .where(
        _K.station == sa.bindparam("of_station"),
        _K.handle.in_(sa.bindparam("handles", expanding=True)),
        _K.used_at.is_(None),
    )
    .values(used_at=sa.bindparam("at"))
)


def fitting(last: int, events: Sequence[HallEvent]) -> Sequence[HallEvent]:
    """Those of *events* that may be kept behind number *last*: without a gap, and none twice."""
    new = [event for event in events if event.seq > last]
    whole = next(
        (at for at, (one, other) in enumerate(pairwise(new), 1) if other.seq != one.seq + 1),
        len(new),
    )
    return new[:whole] if new and new[0].seq == last + 1 else []


def bare(event: HallEvent) -> HallEvent:
    """An event without what leads to a customer or names one of the staff.

    That is what retention leaves of it: so the hall may send it early, late or twice, it is the same.
    """
    is_staff = event.actor_kind == STAFF
    return structs.replace(
        event,
        actor_id="" if is_staff else event.actor_id,
        data=inventory.without_names(inventory.without_customer(event.data)),
    )


def last(view: View, station: str, report: HallReport) -> int:
    """Up to which event of the report's epoch the office has them all."""
    kept = view.one(_LAST, station=station, epoch=report.epoch).seq
    return report.first - 1 if kept is None else int(kept)


def keep(tx: Tx, station: str, report: HallReport) -> int:
    """Keep what is new of a report; give how far the office is now.

    Whatever the hall has left in its events, nothing that leads to a person is kept here.
    """
    had = last(tx, station, report)
    new = [bare(event) for event in fitting(had, report.events)]
    tx.run_many(_KEEP, [_row(tx, station, report.epoch, event) for event in new])
    if report.said is None:
        tx.run(_REACHED, of_station=station, at=tx.now)
    else:
        words = {"of_station": station, "at": tx.now, "to_epoch": report.epoch}
        tx.run(_HEARD, what=structs.asdict(_lasting(report.said)), **words)
        _follow(tx, station, report.said)
    return new[-1].seq if new else had


def _lasting(said: HallSaid) -> HallSaid:
    """What is kept of it: not the references of bookings, which are done with."""
    return structs.replace(said, forgotten=[], erased=[], codes_used=[], machines=[])


def _follow(tx: Tx, station: str, said: HallSaid) -> None:
    """Do here what was done in the hall."""
    if said.erased:
        tx.run(_DONE, of_station=station, ids=said.erased, now=tx.now)
    if said.codes_used:
        tx.run(_USED, of_station=station, handles=said.codes_used, at=tx.now)
    for one in said.machines:
        machines.heard(
            tx, station, one.device, one.name, one.role, one.said, one.heard_at, tells=False
        )
    if said.forgotten or said.erased:
        erasing.bookings(tx, station, said.forgotten)
        owing.mark(tx)  # the bytes of their rows are in the files still


def _row(tx: Tx, station: str, epoch: str, event: HallEvent) -> dict[str, object]:
    return {
        **structs.asdict(event),
        "station": station,
        "epoch": epoch,
        "received_at": tx.now,
    }
