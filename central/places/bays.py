"""Bays open, pause and close, and what was announced comes true."""

import sqlalchemy as sa

from central import deeds, schema
from central.database.tx import Tx, View
from central.deeds import Planned
from central.known import Known
from central.line.line import Bay, Visit
from central.line.rows import open_visits
from central.places.places import Place
from central.signs import signs
from central.words import SYSTEM, Actor
from contract import problems
from contract.event import EventKind
from contract.problems import Problem
from contract.visit import BayState, State
from contract.words import BayChange

# The kind of deed that closes a bay when the last vehicle has left it.
CLOSE_BAY = "close_bay"

_MAY_ANNOUNCE = {
    BayState.ON_BREAK: "when the break ends",
    BayState.CLOSING: "when the bay closes",
}
_B, _V = schema.bay.c, schema.visit.c
_CHANGE = (
    sa.update(schema.bay)
    .where(_B.station == sa.bindparam("of_station"), _B.id == sa.bindparam("of_bay"))
    .values(state=sa.bindparam("state"), until=sa.bindparam("until"))
)
_AT_BAY = sa.select(_V.id).where(
    _V.station == sa.bindparam("station"), _V.bay == sa.bindparam("bay"), schema.IS_OPEN
)


def change(
    tx: Tx, known: Known, station: str, actor: Actor, bay_id: str, to: BayState, words: BayChange
) -> None:
    """Open, pause or close a bay; nothing happens when it is so already.

    Raises:
        Problem: `value_refused` for an announced time that is past, `bad_request` for one that means
            nothing, `bay_busy` when somebody is called to or in a bay that is to close at once.
    """
    place = known.places.of(tx, station)
    bay = place.bay(bay_id)
    _check_until(tx, bay, to, words)
    if (bay.state, bay.until) == (to, words.until):
        return
    if to is BayState.CLOSED:
        _check_empty(tx, place, bay)
    seq = _write(tx, known, place, actor, bay, to, words)
    if to is BayState.CLOSING:
        due_at = words.until or tx.now
        deeds.plan(tx, station, CLOSE_BAY, f"{bay.id} {seq}", due_at, {"bay": bay.id})


def is_ready(view: View, deed: Planned) -> bool:
    """Whether a bay that is to close stands empty; a glance, so that nothing is written in vain."""
    return view.first(_AT_BAY, station=deed.station, bay=deed.data["bay"]) is None


def close_announced(tx: Tx, known: Known, deed: Planned) -> None:
    """Close a bay as announced, unless somebody has thought better of it; wait while it is not empty."""
    place = known.places.of(tx, deed.station)
    bay = place.bay(deed.data["bay"])
    if bay.state is not BayState.CLOSING or bay.takes_calls(tx.now):
        deeds.void(tx, deed.id)
    elif is_ready(tx, deed):
        _write(tx, known, place, SYSTEM, bay, BayState.CLOSED, BayChange())
        deeds.done(tx, deed.id)
    else:
        deeds.put_off(tx, deed, deed.due_at)


def _check_until(tx: Tx, bay: Bay, to: BayState, words: BayChange) -> None:
    if words.until is None:
        return
    if to not in _MAY_ANNOUNCE:
        raise Problem(
            problems.BAD_REQUEST,
            f"Door {bay.door} would be {to} at once; leave until out.",
            path="$.until",
        )
    if words.until <= tx.now:
        raise Problem(
            problems.VALUE_REFUSED,
            f"This time is past; say {_MAY_ANNOUNCE[to]}, or leave until out.",
            path="$.until",
        )


def _check_empty(tx: Tx, place: Place, bay: Bay) -> None:
    there = [visit for visit in open_visits(tx, place.id) if visit.bay == bay.id]
    # Who is called is still on the way: that is what a person must settle first.
    there.sort(key=lambda visit: visit.state is not State.CALLED)
    if there:
        raise Problem(
            problems.BAY_BUSY,
            _in_the_way(there[0], bay),
            visit=there[0].id,
            plate=there[0].plate,
            bay=bay.id,
        )


def _in_the_way(visit: Visit, bay: Bay) -> str:
    otherwise = "or choose closing, which waits until the bay is empty."
    if visit.state is State.CALLED:
        return f"{visit.shown} is called to door {bay.door}; end that call first, {otherwise}"
    return f"{visit.shown} is in bay {bay.door}; press Finish when it has left, {otherwise}"


def _write(
    tx: Tx, known: Known, place: Place, actor: Actor, bay: Bay, to: BayState, words: BayChange
) -> int:
    tx.run(_CHANGE, of_station=place.id, of_bay=bay.id, state=to.value, until=words.until)
    data = {"from": bay.state, "to": to, "until": words.until, "door": bay.door}
    told = {word: value for word, value in data.items() if value is not None}
    seq = tx.event(place.id, EventKind.BAY_CHANGED, actor, bay=bay.id, data=told)
    known.places.changed(tx, place.id, seq)
    signs.tell_bay(tx, known, place, bay.id)
    return seq
