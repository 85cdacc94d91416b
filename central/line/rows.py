"""The statements that several use cases share, and what becomes of their rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from central import schema
from central.database.tx import Row, Tx, View
from central.line.line import UNDONE_FIELDS, InLine, Visit
from central.words import Actor
from contract import problems
from contract.event import EventKind
from contract.plate import Plate
from contract.problems import Problem
from contract.visit import State
from contract.yard import EventRow

_V = schema.visit.c
# In the order of Visit's fields, and below in that of InLine's: an arrival reads some thirty such rows.
VISIT = (
    _V.id,
    _V.plate,
    _V.match_key,
    _V.kind,
    _V.source,
    _V.state,
    _V.version,
    _V.arrived_at,
    _V.turn_at,
    _V.rule,
    _V.slot_at,
    _V.bay,
    _V.call,
    _V.called_at,
    _V.in_bay_at,
    _V.ended_at,
    _V.calls,
    _V.plate2,
    _V.match_key2,
    _V.twin,
    _V.stall,
    _V.reason,
    _V.note,
    _V.booking,
)
_STATE = 5

_ONE_VISIT = sa.select(*VISIT).where(
    _V.id == sa.bindparam("visit"), _V.station == sa.bindparam("station")
)
_IN_LINE = sa.select(
    _V.id, _V.kind, _V.state, _V.turn_at, _V.arrived_at, _V.bay, _V.called_at, _V.in_bay_at
).where(_V.station == sa.bindparam("station"), schema.IS_OPEN)
_OPEN = sa.select(*VISIT).where(_V.station == sa.bindparam("station"), schema.IS_OPEN)
_K = schema.claim.c
_OPEN_OF_KEY = (
    sa.select(*VISIT)
    .join(schema.claim, _K.visit == _V.id)
    .where(_K.station == sa.bindparam("station"), _K.match_key == sa.bindparam("key"))
    .order_by(_K.twin)
    .limit(1)
)
_INSERT = sa.insert(schema.visit)
_UPDATE = (
    sa.update(schema.visit)
    .where(_V.id == sa.bindparam("of_visit"), _V.version == sa.bindparam("of_version"))
    .values({column: sa.bindparam(column.name) for column in VISIT if column.name != "id"})
)
_CLAIM = sa.insert(schema.claim)
_UNCLAIM = sa.delete(schema.claim).where(_K.visit == sa.bindparam("of_visit"))
_SEQ = sa.select(schema.station.c.seq).where(schema.station.c.id == sa.bindparam("station"))


def visit_of(row: Row) -> Visit:
    """Make a visit of a row selected by `VISIT`."""
    cells: list[Any] = list(row)
    cells[_STATE] = State(cells[_STATE])
    return Visit(*cells)


def one_visit(view: View, station: str, visit: str) -> Visit:
    """Find a visit; Problem `not_found` when the station has none of that id."""
    row = view.first(_ONE_VISIT, station=station, visit=visit)
    if row is None:
        raise Problem(problems.NOT_FOUND, "There is no such visit here; load the page again.")
    return visit_of(row)


def open_visits(view: View, station: str) -> list[Visit]:
    """All open visits of a station."""
    return [visit_of(row) for row in view.all(_OPEN, station=station)]


def visits_in_line(view: View, station: str) -> list[InLine]:
    """The same, as much of them as the order and the wait depend on."""
    return [InLine._make(row) for row in view.all(_IN_LINE, station=station)]


def open_visit_of(view: View, station: str, match_key: str) -> Visit | None:
    """The open visit of a plate, by any of its vehicle's plates; the first when twins are in the yard."""
    row = view.first(_OPEN_OF_KEY, station=station, key=match_key)
    return None if row is None else visit_of(row)


def erased() -> Problem:
    """Nobody can be put in the line of whom nothing says who it is."""
    return Problem(problems.WRONG_STATE, "Its plate is erased; check it in anew.")


def refuse_erased(visit: Visit) -> None:
    """Problem `wrong_state` for a visit that is over and erased: nothing more becomes of it."""
    if not visit.is_open and not visit.match_key:
        raise erased()


def insert_visit(tx: Tx, station: str, visit: Visit) -> None:
    """Write a new visit; Problem `already_here` when an open one has one of its plates."""
    tx.run(_INSERT, station=station, **_words(visit))
    _claim_plates(tx, station, visit)


def update_visit(tx: Tx, station: str, before: Visit, after: Visit) -> None:
    """Write *after* where *before* was read; an open visit holds its plates, an ended one lets them go.

    Raises:
        Problem: `changed_meanwhile` when it has changed since, `already_here` when it opens again and
            another open visit has one of its plates, `wrong_state` when its plate is erased.
    """
    if after.is_open and not after.match_key:
        raise erased()
    words = _words(after)
    del words["id"]
    if tx.run(_UPDATE, of_visit=before.id, of_version=before.version, **words) != 1:
        raise Problem(
            problems.CHANGED_MEANWHILE, "Somebody else changed this visit; look at it again."
        )
    held, holds = _plates_held(before), _plates_held(after)
    if held != holds:
        tx.run(_UNCLAIM, of_visit=after.id)
        _claim_plates(tx, station, after)


def _plates_held(visit: Visit) -> set[tuple[str, int]]:
    keys = {visit.match_key, visit.match_key2} - {None} if visit.is_open else set()
    return {(str(key), visit.twin) for key in keys}


def _claim_plates(tx: Tx, station: str, visit: Visit) -> None:
    for key, twin in sorted(_plates_held(visit)):
        try:
            tx.run(_CLAIM, station=station, match_key=key, twin=twin, visit=visit.id)
        except IntegrityError as error:
            raise Problem(
                problems.ALREADY_HERE,
                f"{Plate(visit.plate).display} has an open visit here already; look for it in the line.",
            ) from error


def changed(
    tx: Tx,
    station: str,
    kind: EventKind,
    actor: Actor,
    before: Visit | None,
    after: Visit,
    *,
    call: str | None = None,
    data: Mapping[str, object] | None = None,
) -> int:
    """Write down a change of a visit, with what undo needs: its version, and the fields as they were."""
    # Without `was` the change has made the visit; an empty one says that nothing of it changed.
    was = {} if before is None else {"was": _was(before, after)}
    told = {"version": after.version, **was, **(data or {})}
    bay = after.bay or (None if before is None else before.bay)
    return tx.event(station, kind, actor, visit=after.id, bay=bay, call=call, data=told)


def _was(before: Visit, after: Visit) -> dict[str, object]:
    return {
        field: getattr(before, field)
        for field in UNDONE_FIELDS
        if getattr(before, field) != getattr(after, field)
    }


def seq_of(view: View, station: str) -> int:
    """The station's newest event number; Problem `not_found` for an unknown station."""
    row = view.first(_SEQ, station=station)
    if row is None:
        raise Problem(problems.NOT_FOUND, f"There is no station {station}.")
    return int(row.seq)


def event_rows(rows: Sequence[Row]) -> list[EventRow]:
    """Rows of the event table as the stream gives them."""
    return [
        EventRow(
            seq=row.seq,
            at=row.at,
            kind=row.kind,
            actor=row.actor,
            visit=row.visit,
            bay=row.bay,
            call=row.call,
            data=row.data,
        )
        for row in rows
    ]


def ms_between(earlier: datetime, later: datetime) -> int:
    """Milliseconds from *earlier* to *later*, never below 0: wall clocks may be set back."""
    return max(int((later - earlier).total_seconds() * 1000), 0)


def _words(visit: Visit) -> dict[str, object]:
    words: dict[str, object] = {column.name: getattr(visit, column.name) for column in VISIT}
    words["state"] = visit.state.value
    return words
