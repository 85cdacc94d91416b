"""A deed goes on disk: the visit's row, its event, the call that ends or starts, and who must hear of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx, View
from central.known import Known
from central.line.line import Deed, Visit
from central.line.rows import changed, update_visit
from central.places.places import Place
from central.signs import signs
from central.words import Actor
from contract.event import EventKind
from contract.visit import State

_C, _B, _E = schema.call.c, schema.booking.c, schema.event.c
_START_CALL = sa.insert(schema.call)
_END_CALL = (
    sa.update(schema.call)
    .where(_C.id == sa.bindparam("of_call"))
    .values(ended_seq=sa.bindparam("ended_seq"))
)
_OF_BOOKING = sa.and_(_B.station == sa.bindparam("of_station"), _B.ref == sa.bindparam("of_ref"))
_LET_BOOKING_GO = (
    sa.update(schema.booking)
    .where(_OF_BOOKING, _B.visit == sa.bindparam("of_visit"))
    .values(visit=None)
)
_TAKE_BOOKING = (
    sa.update(schema.booking)
    .where(
        _OF_BOOKING,
        _B.visit.is_(None),
        _B.cancelled_at.is_(None),
        _B.slot_at == sa.bindparam("of_slot_at"),
        _B.match_key.in_(sa.bindparam("of_keys", expanding=True)),
    )
    .values(visit=sa.bindparam("of_visit"))
)
_LATEST = (
    sa.select(_E.seq, _E.at, _E.kind, _E.actor_id, _E.actor, _E.data)
    # However often somebody looked it up, what was done to it must be found.
    .where(_E.visit == sa.bindparam("visit"), _E.kind != EventKind.TOLD.value)
    .order_by(_E.seq.desc())
    .limit(200)
)


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a deed is done, and by whom."""

    tx: Tx
    known: Known
    place: Place
    actor: Actor

    def who(self, visit: Visit) -> str:
        """Who made *visit* what it is now, whatever else was said about it since."""
        made = made_by(self.tx, visit)
        return "somebody" if made is None else str(made.actor)

    def where(self, visit: Visit) -> str:
        """What *visit* is now and where, in words."""
        door, state = self.place.door(visit.bay), visit.state.replace("_", " ")
        return state if door is None or not visit.is_open else f"{state} at door {door}"


def made_by(view: View, visit: Visit) -> Row | None:
    """The event that brought *visit* to the version that it has; others may only speak of it since."""
    latest = view.all(_LATEST, visit=visit.id)
    made = [event for event in latest if event.data.get("version") == visit.version]
    return made[-1] if made else None


def since(view: View, visit: Visit, seq: int) -> Sequence[Row]:
    """The events of *visit* after number *seq*, latest first."""
    return [event for event in view.all(_LATEST, visit=visit.id) if event.seq > seq]


def carry_out(
    scene: Scene, before: Visit, deed: Deed, data: Mapping[str, object] | None = None
) -> int:
    """Write *deed* on the visit that was *before*; give its event's number.

    Raises:
        Problem: `changed_meanwhile` or `already_here`.
    """
    tx, place, after = scene.tx, scene.place, deed.visit
    call = deed.started_call or deed.ended_call
    told = {**_told(place, before, after), **(data or {})}
    seq = changed(tx, place.id, deed.event, scene.actor, before, after, call=call, data=told)
    update_visit(tx, place.id, before, after)
    if deed.ended_call is not None:
        tx.run(_END_CALL, of_call=deed.ended_call, ended_seq=seq)
    if deed.started_call is not None:
        _start_call(tx, place, after, deed.started_call, seq)
    _keep_booking(tx, place, before, after)
    signs.tell(tx, scene.known, place, before, deed)
    if State.DONE in (before.state, after.state):
        paces = scene.known.paces
        heard = paces.ended if after.state is State.DONE else paces.forget
        tx.after_commit(lambda: heard(place.id))
    return seq


def _told(place: Place, before: Visit, after: Visit) -> dict[str, object]:
    note = after.note if after.note != before.note else None
    told = {
        "from": before.state,
        "to": after.state,
        "door": place.door(after.bay),
        "from_door": place.door(before.bay) if before.bay != after.bay else None,
        "reason": after.reason if after.reason != before.reason else note,
    }
    return {word: value for word, value in told.items() if value is not None}


def _start_call(tx: Tx, place: Place, visit: Visit, call: str, seq: int) -> None:
    tx.run(
        _START_CALL,
        id=call,
        station=place.id,
        bay=visit.bay,
        visit=visit.id,
        match_key=visit.match_key,
        plate=visit.plate,
        seq=seq,
        started_at=tx.now,
    )


def _keep_booking(tx: Tx, place: Place, before: Visit, after: Visit) -> None:
    """Who should never have been in the line leaves the slot to whoever comes for it."""
    removed = (before.state is State.REMOVED, after.state is State.REMOVED)
    if after.booking is None or removed[0] == removed[1]:
        return
    words = {"of_station": place.id, "of_ref": after.booking, "of_visit": after.id}
    if removed[1]:
        tx.run(_LET_BOOKING_GO, **words)
        return
    # It may have been moved, cancelled or given to another vehicle meanwhile.
    keys = [key for key in (after.match_key, after.match_key2) if key]
    tx.run(_TAKE_BOOKING, of_slot_at=after.slot_at, of_keys=keys, **words)
