"""The statements that several use cases share, and what becomes of their rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from central import schema
from central.line import InLine, Visit
from central.tx import Row, Tx, View
from contract import problems
from contract.problems import Problem
from contract.visit import State
from contract.wire import EventRow

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
)
_STATE = 5

_ONE_VISIT = sa.select(*VISIT).where(
    _V.id == sa.bindparam("visit"), _V.station == sa.bindparam("station")
)
_IN_LINE = sa.select(
    _V.id, _V.kind, _V.state, _V.turn_at, _V.arrived_at, _V.bay, _V.called_at, _V.in_bay_at
).where(_V.station == sa.bindparam("station"), schema.IS_OPEN)
_OPEN = sa.select(*VISIT).where(_V.station == sa.bindparam("station"), schema.IS_OPEN)
_OPEN_OF_KEY = sa.select(*VISIT).where(
    _V.station == sa.bindparam("station"), _V.match_key == sa.bindparam("key"), schema.IS_OPEN
)
_INSERT = sa.insert(schema.visit)
_UPDATE = (
    sa.update(schema.visit)
    .where(_V.id == sa.bindparam("of_visit"), _V.version == sa.bindparam("of_version"))
    .values({column: sa.bindparam(column.name) for column in VISIT if column.name != "id"})
)
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
    """The open visit of a plate."""
    row = view.first(_OPEN_OF_KEY, station=station, key=match_key)
    return None if row is None else visit_of(row)


def insert_visit(tx: Tx, station: str, visit: Visit) -> None:
    """Write a new visit."""
    tx.run(_INSERT, station=station, **_words(visit))


def update_visit(tx: Tx, visit: Visit, version: int) -> None:
    """Write a visit that had *version*; Problem `changed_meanwhile` when it has it no longer."""
    words = _words(visit)
    del words["id"]
    if tx.run(_UPDATE, of_visit=visit.id, of_version=version, **words) != 1:
        raise Problem(
            problems.CHANGED_MEANWHILE, "Somebody else changed this visit; look at it again."
        )


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
