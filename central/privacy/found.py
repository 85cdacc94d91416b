"""Everything that a station holds about one plate: the rows, wherever they are."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from central import schema
from central.tx import Row, View
from contract.plate import Plate
from contract.visit import OPEN

_V, _A, _B, _H, _I, _E, _S = (
    schema.visit.c,
    schema.arrival.c,
    schema.booking.c,
    schema.help_call.c,
    schema.inspection.c,
    schema.event.c,
    schema.station.c,
)
_STATION: "sa.BindParameter[str]" = sa.bindparam("station")
_KEY: "sa.BindParameter[str]" = sa.bindparam("key")


def _by_plate(table: sa.Table) -> "sa.Select[tuple[object, ...]]":
    """The table's rows of a vehicle, by either of its plates."""
    columns = table.c
    keys = [columns.match_key, *([columns.match_key2] if "match_key2" in columns else [])]
    is_its = sa.or_(*(column == _KEY for column in keys))
    return sa.select(table).where(columns.station == _STATION, is_its)


_VISITS = _by_plate(schema.visit).order_by(_V.arrived_at, _V.id)
_ARRIVALS = _by_plate(schema.arrival).order_by(_A.received_at, _A.id)
_BOOKINGS = _by_plate(schema.booking).order_by(_B.slot_at, _B.ref)
_HELP = _by_plate(schema.help_call).order_by(_H.raised_at, _H.id)
_INSPECTIONS = _by_plate(schema.inspection).order_by(_I.at)
_SINCE_ERASED = (
    sa.select(_E.station, _E.seq, _E.data)
    .join(schema.station, _S.id == _E.station)
    .where(_E.station == _STATION, _E.seq > _S.erased_seq, _E.visit.is_(None))
)


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of one vehicle."""

    plate: Plate
    visits: Sequence[Row]
    arrivals: Sequence[Row]
    bookings: Sequence[Row]
    inspections: Sequence[Row]
    help_calls: Sequence[Row]

    @property
    def is_here(self) -> bool:
        """Whether the vehicle is in the yard now."""
        return any(row.state in OPEN for row in self.visits)


def of_plate(view: View, station: str, plate: Plate) -> Found:
    """Look everywhere for a vehicle, by any of its plates."""
    words = {"station": station, "key": plate.match_key}
    return Found(
        plate=plate,
        visits=view.all(_VISITS, **words),
        arrivals=view.all(_ARRIVALS, **words),
        bookings=view.all(_BOOKINGS, **words),
        inspections=view.all(_INSPECTIONS, **words),
        help_calls=view.all(_HELP, **words),
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
