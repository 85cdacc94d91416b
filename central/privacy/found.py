"""Everything that a station holds about one plate: the rows, wherever they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from central import schema
from central.database.tx import Row, View
from contract.plate import Plate
from contract.visit import OPEN

_E, _S, _L, _N = schema.event.c, schema.station.c, schema.lit.c, schema.named.c
_STATION: "sa.BindParameter[str]" = sa.bindparam("station")
_KEY: "sa.BindParameter[str]" = sa.bindparam("key")


def _by_plate(table: sa.Table, *also: sa.TextClause) -> "sa.CompoundSelect[Any]":
    """The table's rows of a vehicle, by either of its plates: one look by each, as each has its index."""
    keys = [table.c.match_key, *([table.c.match_key2] if "match_key2" in table.c else [])]
    return sa.union(
        *(
            sa.select(table).where(table.c.station == _STATION, column == _KEY, *more)
            for column in keys
            for more in ([[one] for one in also] or [[]])
        )
    )


_VISITS = _by_plate(schema.visit, schema.HAS_ENDED, schema.IS_OPEN)
_ARRIVALS = _by_plate(schema.arrival)
_BOOKINGS = _by_plate(schema.booking)
_INSPECTIONS = _by_plate(schema.inspection)
_CALLS = _by_plate(schema.call, schema.IS_NAMED)
_HELP = _by_plate(schema.help_call)
_STANDING = sa.union_all(
    sa.select(_L.device).where(_L.station == _STATION, _L.match_key == _KEY),
    sa.select(_N.device).where(_N.station == _STATION, _N.match_key == _KEY),
)
# More events of no visit than a station has in the days between two erasures.
_LOOKS_EVENTS = 20_000
_SINCE_ERASED = (
    sa.select(_E.station, _E.seq, _E.at, _E.kind, _E.bay, _E.data)
    .join(schema.station, _S.id == _E.station)
    .where(_E.station == _STATION, _E.seq > _S.erased_seq, _E.visit.is_(None))
    .order_by(_E.seq.desc())
    .limit(_LOOKS_EVENTS)
)


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of one vehicle."""

    plate: Plate
    visits: Sequence[Row]
    arrivals: Sequence[Row]
    bookings: Sequence[Row]
    inspections: Sequence[Row]
    calls: Sequence[Row]
    help_calls: Sequence[Row]
    may_be_lit: bool

    @property
    def is_here(self) -> bool:
        """Whether the vehicle is in the yard now, or waits for a person to look at its arrival."""
        held = any(row.visit is None and row.settled_at is None for row in self.arrivals)
        return held or any(row.state in OPEN for row in self.visits)


def of_plate(view: View, station: str, plate: Plate) -> Found:
    """Look everywhere for a vehicle, by any of its plates."""
    words = {"station": station, "key": plate.match_key}

    def rows(statement: sa.Executable, order: str) -> Sequence[Row]:
        return sorted(view.all(statement, **words), key=lambda row: str(getattr(row, order)))

    return Found(
        plate=plate,
        visits=rows(_VISITS, "arrived_at"),
        arrivals=rows(_ARRIVALS, "received_at"),
        bookings=rows(_BOOKINGS, "slot_at"),
        inspections=rows(_INSPECTIONS, "at"),
        calls=rows(_CALLS, "started_at"),
        help_calls=rows(_HELP, "raised_at"),
        may_be_lit=bool(view.all(_STANDING, **words)),
    )


def stray_events(view: View, station: str, found: Found) -> list[Row]:
    """Events of no visit that speak of the vehicle's held arrivals, bookings or calls for help.

    Older ones hold nothing of anybody any more.
    """
    about = {
        *(("arrival", row.id) for row in found.arrivals),
        *(("help", row.id) for row in found.help_calls),
        *(("ref", row.ref) for row in found.bookings),
    }
    return [
        row
        for row in view.all(_SINCE_ERASED, station=station)
        if not about.isdisjoint(
            (word, value) for word, value in row.data.items() if _is_word(value)
        )
    ]


def _is_word(value: object) -> bool:
    return isinstance(value, str)
