"""Erasing: what is said of a visit's customer goes, times and states stay.

Everything here is done inside one transaction of one station.  An erased plate is an empty one.
"""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx, View
from central.halls import log
from central.privacy import inventory
from central.schema.columns import UtcTime
from central.words import Actor
from contract import accounts
from contract.event import EventKind
from contract.visit import Source, State

_V, _A, _B, _C = schema.visit.c, schema.arrival.c, schema.booking.c, schema.call.c
_E, _H, _I, _L, _N = (
    schema.event.c,
    schema.help_call.c,
    schema.inspection.c,
    schema.lit.c,
    schema.named.c,
)
_COUNTED = ("visits", "arrivals", "bookings", "help_calls", "inspections", "bookings_to_come")
_IDS: "sa.BindParameter[list[str]]" = sa.bindparam("ids", expanding=True)
_OF_VISITS: "sa.BindParameter[list[str]]" = sa.bindparam("visits", expanding=True)

_KEPT = sa.select(_V.id, _V.note, _V.booking).where(_V.id.in_(_IDS))
_VISITS = (
    sa.update(schema.visit)
    .where(_V.id.in_(_IDS))
    .values(
        plate="",
        match_key="",
        plate2=None,
        match_key2=None,
        reason=None,
        note=None,
        booking=None,
    )
)
_NOTE = (
    sa.update(schema.visit).where(_V.id == sa.bindparam("of_visit")).values(note=sa.bindparam("to"))
)
_END = (
    sa.update(schema.visit)
    .where(_V.id.in_(_IDS))
    .values(state=State.REMOVED.value, ended_at=sa.bindparam("at"), call=None, stall=None)
)
_UNCLAIM = sa.delete(schema.claim).where(schema.claim.c.visit.in_(_OF_VISITS))
_END_CALLS = (
    sa.update(schema.call)
    .where(_C.visit.in_(_OF_VISITS), _C.ended_seq.is_(None))
    .values(ended_seq=_C.seq)
)
_CALLS = sa.update(schema.call).where(_C.visit.in_(_OF_VISITS)).values(plate="", match_key="")
_CALLS_ALONE = sa.update(schema.call).where(_C.id.in_(_IDS)).values(plate="", match_key="")
_CALL_IDS = sa.select(_C.id).where(_C.visit.in_(_OF_VISITS))
# A faulty sign may hold its row for weeks; nobody else may take its door, but whose plate it was goes.
_LIT = sa.update(schema.lit).where(_L.call.in_(_CALL_IDS)).values(match_key="#" + _L.call)
_NAMED = sa.update(schema.named).where(_N.call.in_(_CALL_IDS)).values(match_key="#" + _N.call)
_NO_ARRIVAL = {
    "plate": "",
    "match_key": "",
    "body_sha256": "",
    "settled_by": None,
    # At the desk it was somebody of the staff.
    "device": sa.case((_A.source == Source.DESK.value, ""), else_=_A.device),
}
_ARRIVALS = sa.update(schema.arrival).where(_A.visit.in_(_OF_VISITS)).values(_NO_ARRIVAL)
# Of one that nobody has looked at there is nothing left to look at.
_ALONE = sa.and_(_A.visit.is_(None), _A.settled_at.is_(None))
_STRAYS = (
    sa.update(schema.arrival)
    .where(_A.id.in_(_IDS))
    .values(
        {
            **_NO_ARRIVAL,
            "settled_at": sa.case(
                (_ALONE, sa.bindparam("looked_at", type_=UtcTime)), else_=_A.settled_at
            ),
        }
    )
)
_OUTCOMES = sa.select(_I.visit, _I.outcome).where(_I.visit.in_(_OF_VISITS))
_OUTCOME = (
    sa.update(schema.inspection)
    .where(_I.visit == sa.bindparam("of_visit"))
    .values(match_key="", match_key2=None, by="", outcome=sa.bindparam("to"))
)


def _once_closed(column: "sa.ColumnElement[str | None]") -> "sa.ColumnElement[str | None]":
    """Who is on the way to somebody that still waits must stay known."""
    return sa.case((_H.closed_at.is_(None), column), else_=None)


_NO_HELP = {
    "plate": None,
    "match_key": None,
    "word": None,
    "acknowledged_by": _once_closed(_H.acknowledged_by),
    "acknowledged_id": _once_closed(_H.acknowledged_id),
    "closed_by": None,
}
_HELP_OF_VISITS = sa.update(schema.help_call).where(_H.visit.in_(_OF_VISITS)).values(_NO_HELP)
_HELP = sa.update(schema.help_call).where(_H.id.in_(_IDS)).values(_NO_HELP)
_BOOKINGS = sa.delete(schema.booking).where(
    _B.station == sa.bindparam("station"), _B.ref.in_(sa.bindparam("refs", expanding=True))
)
_EVENTS = sa.select(_E.station, _E.seq, _E.at, _E.kind, _E.bay, _E.data).where(
    _E.visit.in_(_OF_VISITS)
)
_SCRUB = (
    sa.update(schema.event)
    .where(_E.station == sa.bindparam("of_station"), _E.seq == sa.bindparam("of_seq"))
    .values(data=sa.bindparam("to"))
)


def visits(tx: Tx, station: str, ids: Sequence[str]) -> accounts.Erased:
    """Forget whose visits these were: in their rows, calls, arrivals, bookings, help and events."""
    if not ids:
        return accounts.Erased()
    rows = tx.all(_KEPT, ids=list(ids))
    notes = {row.id: inventory.own_note(row.note) for row in rows}
    refs = [row.booking for row in rows if row.booking is not None]
    of = {"visits": list(ids)}
    tx.run(_LIT, **of)
    tx.run(_NAMED, **of)
    tx.run(_CALLS, **of)
    done = accounts.Erased(
        visits=tx.run(_VISITS, ids=list(ids)),
        arrivals=tx.run(_ARRIVALS, **of),
        bookings=bookings(tx, station, refs),
        help_calls=tx.run(_HELP_OF_VISITS, **of),
        inspections=_inspections(tx, of),
    )
    tx.run_many(_NOTE, [{"of_visit": visit, "to": note} for visit, note in notes.items() if note])
    events(tx, tx.all(_EVENTS, **of))
    return done


def end_open(tx: Tx, ids: Sequence[str]) -> None:
    """Take visits out of the yard of a copy: nobody can be called there whose plate is not known."""
    if ids:
        tx.run(_UNCLAIM, visits=list(ids))
        tx.run(_END_CALLS, visits=list(ids))
        tx.run(_END, ids=list(ids), at=tx.now)


def arrivals(tx: Tx, ids: Sequence[str]) -> int:
    """Forget whose arrivals these were; one that waits for a person waits no longer."""
    return tx.run(_STRAYS, ids=list(ids), looked_at=tx.now) if ids else 0


def calls(tx: Tx, ids: Sequence[str]) -> int:
    """Forget whose calls these were."""
    return tx.run(_CALLS_ALONE, ids=list(ids)) if ids else 0


def inspections(tx: Tx, visit_ids: Sequence[str]) -> int:
    """Forget what was found on whose vehicle; how it ended stays."""
    return _inspections(tx, {"visits": list(visit_ids)}) if visit_ids else 0


def help_calls(tx: Tx, ids: Sequence[str]) -> int:
    """Forget who called for help."""
    return tx.run(_HELP, ids=list(ids)) if ids else 0


def bookings(tx: Tx, station: str, refs: Sequence[str]) -> int:
    """Delete bookings; the visits that came for them have their own times."""
    if not refs:
        return 0
    log.bookings_erased(tx, station, refs)
    return tx.run(_BOOKINGS, station=station, refs=list(refs))


def events(tx: Tx, rows: Sequence[Row]) -> int:
    """Take what people typed, and what leads to them, out of events; give of how many."""
    changed: list[Mapping[str, object]] = []
    for row in rows:
        kept = inventory.without_customer(row.data)
        if kept != row.data:
            changed.append({"of_station": row.station, "of_seq": row.seq, "to": kept})
    tx.run_many(_SCRUB, changed)
    return len(changed)


def tell(tx: Tx, station: str, actor: Actor, ids: Sequence[str], done: accounts.Erased) -> None:
    """Write down what was erased, so that whoever has a copy of these visits erases them too."""
    data = {"visits": list(ids), "bookings": done.bookings}
    tx.event(station, EventKind.ERASED, actor, data=data)


def total(of: Sequence[accounts.Erased]) -> accounts.Erased:
    """Add up."""
    return accounts.Erased(**{name: sum(getattr(one, name) for one in of) for name in _COUNTED})


def events_of(view: View, visit_ids: Sequence[str]) -> Sequence[Row]:
    """The events of visits, as they stand."""
    return view.all(_EVENTS, visits=list(visit_ids))


def _inspections(tx: Tx, of: Mapping[str, object]) -> int:
    rows = tx.all(_OUTCOMES, **of)
    tx.run_many(
        _OUTCOME,
        [{"of_visit": row.visit, "to": inventory.bare_outcome(row.outcome)} for row in rows],
    )
    return len(rows)
