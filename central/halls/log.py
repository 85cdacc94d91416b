"""What the office must not forget to tell a hall: bookings that changed, and plates to be erased.

Every function is a part of somebody else's transaction, and does nothing where there is no hall or no
office to tell.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from central import schema
from central.database.tx import Tx
from central.halls.marking import is_hall, mark
from contract.ids import uuid7
from contract.plate import Plate

_H, _L, _E, _O, _W = (
    schema.hall.c,
    schema.hall_log.c,
    schema.hall_erasure.c,
    schema.office_link.c,
    schema.office_word.c,
)
_NEXT = (
    sa.update(schema.hall)
    .where(_H.station == sa.bindparam("of_station"))
    .values(log_seq=_H.log_seq + sa.bindparam("more"))
    .returning(_H.log_seq)
)
_NEW = postgresql.insert(schema.hall_log)
_NOTE = _NEW.on_conflict_do_update(
    index_elements=["station", "ref"], set_={"seq": _NEW.excluded.seq}
)
_GONE = sa.delete(schema.hall_log).where(
    _L.station == sa.bindparam("station"), _L.ref.in_(sa.bindparam("refs", expanding=True))
)
_UNNOTED = sa.delete(schema.office_word).where(
    _W.station == sa.bindparam("station"),
    _W.kind == "booking",
    _W.id.in_(sa.bindparam("refs", expanding=True)),
)
_SAID = sa.select(_H.said).where(_H.station == sa.bindparam("station"))
_SAY = (
    sa.update(schema.hall)
    .where(_H.station == sa.bindparam("of_station"))
    .values(said=sa.bindparam("to"))
)
_ASKED = sa.select(_E.id).where(
    _E.station == sa.bindparam("station"),
    _E.plate == sa.bindparam("plate"),
    schema.IS_ASKED,
)
_ASK = sa.insert(schema.hall_erasure)
_HAS_OFFICE = sa.select(_O.station).where(_O.station == sa.bindparam("station"))
_FORGET = postgresql.insert(schema.office_forgets).on_conflict_do_nothing(
    index_elements=["station", "ref"]
)


def bookings_changed(tx: Tx, station: str, refs: Sequence[str]) -> None:
    """The hall must fetch these bookings as they are now."""
    if not refs:
        return
    row = tx.first(_NEXT, of_station=station, more=len(refs))
    if row is None:
        return  # no hall, and so nobody to tell
    first = row.log_seq - len(refs) + 1
    tx.run_many(
        _NOTE,
        [{"station": station, "ref": ref, "seq": first + at} for at, ref in enumerate(refs)],
    )


def bookings_erased(tx: Tx, station: str, refs: Sequence[str]) -> None:
    """These bookings are here no longer: nothing may lead to them."""
    tx.run(_GONE, station=station, refs=list(refs))
    tx.run(_UNNOTED, station=station, refs=list(refs))
    row = tx.first(_SAID, station=station)
    if row is None or not row.said:
        return
    kept = [one for one in row.said.get("not_taken", ()) if one["id"] not in refs]
    if len(kept) != len(row.said.get("not_taken", ())):
        tx.run(_SAY, of_station=station, to={**row.said, "not_taken": kept})


def plate_erased(tx: Tx, station: str, plate: Plate, refs: Sequence[str]) -> None:
    """Somebody has had a *plate* erased here, with its bookings *refs*: the other side must follow."""
    if is_hall(tx, station):
        if tx.first(_ASKED, station=station, plate=plate.text) is None:
            made = uuid7(int(tx.now.timestamp() * 1000))
            tx.run(_ASK, id=made, station=station, plate=plate.text, at=tx.now, done_at=None)
    elif refs and tx.first(_HAS_OFFICE, station=station) is not None:
        tx.run_many(_FORGET, [{"station": station, "ref": ref} for ref in refs])


def mark_hall(tx: Tx, station: str) -> None:
    """Mark *station* as a hall; what is booked here already goes down too."""
    bookings_changed(tx, station, mark(tx, station))
