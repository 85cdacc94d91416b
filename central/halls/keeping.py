"""At the office: a hall's events are kept once and in order, and what it says of itself as it said it."""

from collections.abc import Sequence
from itertools import pairwise

import sqlalchemy as sa
from msgspec import structs

from central import schema
from central.database.tx import Tx, View
from central.fleet import machines
from central.privacy import erasing, inventory, owing
from contract.halls import HallEvent, HallReport, HallSaid, HallTaken

STAFF = "staff"

_V, _H, _E, _K, _B, _M = (
    schema.hall_event.c,
    schema.hall.c,
    schema.hall_erasure.c,
    schema.device_code.c,
    schema.booking.c,
    schema.machine.c,
)
_LAST = sa.select(sa.func.max(_V.seq).label("seq")).where(
    _V.station == sa.bindparam("station"), _V.epoch == sa.bindparam("epoch")
)
_ONE = sa.select(_V.at, _V.kind).where(
    _V.station == sa.bindparam("station"),
    _V.epoch == sa.bindparam("epoch"),
    _V.seq == sa.bindparam("seq"),
)
_KEEP = sa.insert(schema.hall_event)
_BOOKED = sa.select(_B.ref).where(
    _B.station == sa.bindparam("station"), _B.ref.in_(sa.bindparam("refs", expanding=True))
)
_OUT_OF_SERVICE = sa.delete(schema.machine).where(
    _M.station == sa.bindparam("of_station"),
    _M.device.not_in(sa.bindparam("there", expanding=True)),
)
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


def is_mixed(view: View, station: str, report: HallReport) -> bool:
    """Whether the hall means another event by a number than it meant when it told of it."""
    had = report.had
    if had is None:
        return False
    kept = view.first(_ONE, station=station, epoch=report.epoch, seq=had.seq)
    return kept is not None and (kept.at, kept.kind) != (had.at, had.kind)


def keep(tx: Tx, station: str, report: HallReport) -> HallTaken:
    """Keep what is new of a report; give how far the office is now.

    Whatever the hall has left in its events, nothing that leads to a person is kept here.
    """
    had, mixed = last(tx, station, report), is_mixed(tx, station, report)
    new = [] if mixed else [bare(event) for event in fitting(had, report.events)]
    tx.run_many(_KEEP, [_row(tx, station, report.epoch, event) for event in new])
    if report.said is None:
        tx.run(_REACHED, of_station=station, at=tx.now)
    else:
        words = {"of_station": station, "at": tx.now, "to_epoch": report.epoch}
        tx.run(_HEARD, what=structs.asdict(_lasting(tx, station, report.said)), **words)
        _follow(tx, station, report.said)
    return HallTaken(last=new[-1].seq if new else had, mixed=mixed)


def _lasting(view: View, station: str, said: HallSaid) -> HallSaid:
    """What is kept of it: not the references of bookings, which are done with or here no longer."""
    named = [one.id for one in said.not_taken if one.kind == "booking"]
    here = {row.ref for row in view.all(_BOOKED, station=station, refs=named)}
    kept = [one for one in said.not_taken if one.kind != "booking" or one.id in here]
    return structs.replace(
        said, forgotten=[], erased=[], codes_used=[], machines=[], not_taken=kept
    )


def _follow(tx: Tx, station: str, said: HallSaid) -> None:
    """Do here what was done in the hall."""
    if said.erased:
        tx.run(_DONE, of_station=station, ids=said.erased, now=tx.now)
    if said.codes_used:
        tx.run(_USED, of_station=station, handles=said.codes_used, at=tx.now)
    there = [one.device for one in said.machines]
    tx.run(_OUT_OF_SERVICE, of_station=station, there=there)
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
