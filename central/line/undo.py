"""Taking back one's own last deed, while nobody has built on it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx
from central.known import Known
from central.line import held, line, said
from central.line.calls import explained, new_call, write, yard_of
from central.line.changes import Scene, made_by, since
from central.line.line import UNDONE_FIELDS, Deed, Visit, Yard
from central.line.rows import one_visit, open_visits, refuse_erased, seq_of
from central.words import Actor
from contract import problems
from contract.event import EventKind
from contract.problems import Problem
from contract.transitions import TRANSITIONS, UNDO_WITHIN
from contract.visit import State
from contract.words import UndoWords

_PAGE = 2_000  # events that are looked through at once; seldom are there more within `UNDO_WITHIN`
_CHANGES = [row.event for row in TRANSITIONS.values()] + [
    EventKind.ARRIVED,
    EventKind.ARRIVAL_ADMITTED,
]
_UNDOABLE = sorted({kind.value for kind in _CHANGES})
_ARRIVALS = {EventKind.ARRIVED, EventKind.REOPENED, EventKind.ARRIVAL_ADMITTED}
_JOINED = {EventKind.TYPED_AGAIN, EventKind.ARRIVAL_NOTED, EventKind.ARRIVAL_ADMITTED}
_TIMES = {"arrived_at", "turn_at", "slot_at", "called_at", "in_bay_at", "ended_at"}

_E = schema.event.c
_LAST_OF_PERSON = (
    sa.select(_E.visit)
    .where(
        _E.station == sa.bindparam("station"),
        _E.seq > sa.bindparam("after"),
        _E.seq <= sa.bindparam("up_to"),
        _E.actor_id == sa.bindparam("person"),
        _E.kind.in_(_UNDOABLE),
    )
    .order_by(_E.seq.desc())
    .limit(1)
)
_AT = (
    sa.select(_E.at)
    .where(_E.station == sa.bindparam("station"), _E.seq <= sa.bindparam("up_to"))
    .order_by(_E.seq.desc())
    .limit(1)
)


def undo(tx: Tx, known: Known, station: str, actor: Actor, words: UndoWords) -> Visit:
    """Give a visit back what *actor*'s last deed took.

    Raises:
        Problem: `too_late` when there is nothing of theirs to take back, or it is older than two minutes;
            `changed_meanwhile` with member `by` when somebody has changed the visit since; `bay_busy`,
            `bay_closed` or `already_here` when its old place is taken; `wrong_state` when it is erased.
    """
    scene = Scene(tx, known, known.places.of(tx, station), actor)
    visit = one_visit(tx, station, words.visit or _last_visit(tx, station, actor))
    refuse_erased(visit)
    event = _own_deed(scene, visit)
    visits = open_visits(tx, station)
    yard = yard_of(tx, scene.place, visits)
    try:
        deed = _deed(scene, visit, event, yard)
    except Problem as problem:
        raise explained(scene, problem, visit, visits) from None
    write(scene, visit, deed, {"undoes": event.seq, "what": event.kind})
    if event.kind in _ARRIVALS:
        held.wait_again(tx, visit.id, event.at)
    return deed.visit


def _last_visit(tx: Tx, station: str, actor: Actor) -> str:
    """Page by page back to what is too old: devices may have said any number of things meanwhile."""
    after = seq_of(tx, station)
    is_recent = True
    while is_recent:
        up_to, after = after, after - _PAGE
        row = tx.first(_LAST_OF_PERSON, station=station, after=after, up_to=up_to, person=actor.id)
        if row is not None:
            return str(row.visit)
        is_recent = _is_recent(tx, station, after)
    raise _nothing()


def _is_recent(tx: Tx, station: str, seq: int) -> bool:
    """Whether event *seq*, or the last one before it, is near enough; clocks may differ a little."""
    row = tx.first(_AT, station=station, up_to=seq)
    return row is not None and abs(tx.now - row.at) <= UNDO_WITHIN


def _own_deed(scene: Scene, visit: Visit) -> Row:
    """The event that made *visit* what it is, if that can be taken back by whoever asks."""
    event = made_by(scene.tx, visit)
    if event is None:
        raise _nothing()
    if event.actor_id != scene.actor.id:
        raise _changed(visit, str(event.actor))
    # A clock that was set back must not let yesterday's deeds be taken back.
    age = scene.tx.now - event.at
    if event.kind not in _UNDOABLE or not timedelta() <= age <= UNDO_WITHIN:
        raise _nothing()
    return event


def _check_alone(scene: Scene, visit: Visit, event: Row) -> None:
    """Who has typed the plate since, or looked it up, was told that it is in the line."""
    joined = [one for one in since(scene.tx, visit, event.seq) if one.kind in _JOINED]
    if joined:
        raise _changed(visit, str(joined[-1].actor))
    for one in said.so_far(scene.tx, visit.id).tellings:
        if one.seq > event.seq and one.said.get("state") == State.WAITING:
            told = f"told the customer since that {visit.shown} is in the line"
            raise _changed(visit, one.by, told)


def _changed(visit: Visit, by: str, has: str = "") -> Problem:
    done = has or f"entered or changed {visit.shown} since"
    return Problem(
        problems.CHANGED_MEANWHILE,
        f"{by} has {done}; look at it again.",
        by=by,
        state=visit.state,
        version=visit.version,
    )


def _nothing() -> Problem:
    minutes = int(UNDO_WITHIN / timedelta(minutes=1))
    return Problem(
        problems.TOO_LATE,
        f"You have done nothing in the last {minutes} minutes that can be taken back.",
    )


def _deed(scene: Scene, visit: Visit, event: Row, yard: Yard) -> Deed:
    """The deed that undoes *event*; Problem `bay_busy` when the old place is taken."""
    if "was" in event.data:
        was = _was(event)
    else:  # it has made the visit
        was = {"state": State.REMOVED, "ended_at": scene.tx.now, "note": "undo"}
    restored = replace(visit, version=visit.version + 1, call=None, **was)
    if visit.is_open and not restored.is_open:
        _check_alone(scene, visit, event)
    bay = None if restored.bay is None else scene.place.bay(restored.bay)
    call = None
    if bay is not None and restored.state in (State.CALLED, State.IN_BAY):
        line.check_room(visit, restored.state, bay, yard)
    if bay is not None and restored.state is State.IN_BAY:
        restored = replace(restored, stall=line.free_stall(visit, bay, yard))
    if restored.state is State.CALLED:
        line.check_takes_calls(scene.place.bay(str(restored.bay)), scene.tx.now)
        call = new_call(scene.tx)
        # A new showing has its own two minutes on the sign.
        restored = replace(restored, call=call, called_at=scene.tx.now)
    return Deed(restored, EventKind.UNDONE, visit.call, call)


def _was(event: Row) -> dict[str, Any]:
    """The fields as they were before *event*, from JSON to what a visit holds."""
    was: dict[str, Any] = {}
    for field, value in event.data.get("was", {}).items():
        if field in UNDONE_FIELDS:
            timed = field in _TIMES and value is not None
            was[field] = datetime.fromisoformat(value) if timed else value
    if "state" in was:
        was["state"] = State(was["state"])
    return was
