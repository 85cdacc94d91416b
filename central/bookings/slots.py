"""Which booking a vehicle comes for, by any of its plates; and those for another day or station."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx, View
from central.line.line import Visit
from central.places.places import Place
from contract.plate import Plate
from contract.wire import Elsewhere

LOOKS_BACK, LOOKS_AHEAD = timedelta(days=30), timedelta(days=60)

_B = schema.booking.c
_COLUMNS = (
    _B.station,
    _B.ref,
    _B.plate,
    _B.match_key,
    _B.plate2,
    _B.match_key2,
    _B.slot_at,
    _B.kind,
    _B.visit,
    schema.station.c.name.label("station_name"),
)
_KEYS: "sa.BindParameter[Any]" = sa.bindparam("keys", expanding=True)
# At every station of this database: somebody may stand in the wrong yard.
_OF_KEYS = (
    sa.select(*_COLUMNS)
    .join(schema.station, schema.station.c.id == _B.station)
    .where(
        sa.or_(_B.match_key.in_(_KEYS), _B.match_key2.in_(_KEYS)),
        _B.slot_at >= sa.bindparam("since"),
        _B.slot_at < sa.bindparam("until"),
        _B.cancelled_at.is_(None),
    )
)
_TAKE = (
    sa.update(schema.booking)
    .where(
        _B.station == sa.bindparam("of_station"),
        _B.ref == sa.bindparam("of_ref"),
        _B.visit.is_(None),
    )
    .values(visit=sa.bindparam("by_visit"))
)


@dataclass(frozen=True, slots=True)
class Slots:
    """What the bookings say of a vehicle.

    `keys` are the match keys of its plates, the typed one first, and `other` is its other plate, if any.
    `booking` is today's that it comes for; `elsewhere` is given only without one.
    """

    keys: tuple[str, ...]
    other: Plate | None = None
    booking: Row | None = None
    elsewhere: Elsewhere | None = None


def of_vehicle(view: View, place: Place, plate: Plate, at: datetime) -> Slots:
    """Look up the vehicle that comes with *plate* at *at*: of several bookings today it has the nearest."""
    rows = _near(view, place, [plate.match_key], at)
    since, until = place.day_of(at)
    today = [row for row in rows if _is_here(row, place, since, until) and row.visit is None]
    booking = _nearest(today, at)
    others = [_other(row, plate) for row in [*([booking] if booking else []), *rows]]
    other = next((one for one in others if one is not None), None)
    keys = [plate.match_key, *(one.match_key for one in others if one is not None)]
    open_ones = [row for row in rows if row.visit is None]
    found = None if booking is not None else _elsewhere(open_ones, place, at)
    return Slots(tuple(dict.fromkeys(keys)), other, booking, found)


def elsewhere_of(view: View, place: Place, visits: Iterable[Visit]) -> dict[str, Elsewhere]:
    """The bookings for another day or station of those open *visits* that came without one, by visit id."""
    asked = {visit.id: visit for visit in visits if visit.slot_at is None and visit.is_open}
    keys = {key for visit in asked.values() for key in (visit.match_key, visit.match_key2) if key}
    if not keys:
        return {}
    rows = _near(view, place, sorted(keys), view.now)
    found = {}
    for visit in asked.values():
        own = [row for row in rows if row.visit is None and _is_of(row, visit)]
        one = _elsewhere(own, place, visit.arrived_at)
        if one is not None:
            found[visit.id] = one
    return found


def elsewhere_to_come(view: View, place: Place, plate: Plate) -> Elsewhere | None:
    """The next booking of *plate* that is not past: for a later day here, or at another station.

    Who has come for a booking makes no difference to it: a post that asks learns nothing about any yard.
    """
    rows = _near(view, place, [plate.match_key], view.now)
    return _elsewhere([row for row in rows if row.slot_at >= view.now], place, view.now)


def take(tx: Tx, place: Place, booking: Row, visit: str) -> None:
    """Let *booking* be the one that *visit* came for."""
    tx.run(_TAKE, of_station=place.id, of_ref=booking.ref, by_visit=visit)


def _near(view: View, place: Place, keys: Sequence[str], at: datetime) -> Sequence[Row]:
    """Every booking of these plates in the weeks around *at*, and on its whole day."""
    since, until = place.day_of(at)
    since, until = min(since, at - LOOKS_BACK), max(until, at + LOOKS_AHEAD)
    return view.all(_OF_KEYS, keys=keys, since=since, until=until)


def _is_here(row: Row, place: Place, since: datetime, until: datetime) -> bool:
    return bool(row.station == place.id and since <= row.slot_at < until)


def _is_of(row: Row, visit: Visit) -> bool:
    held = {visit.match_key, visit.match_key2} - {None}
    return row.match_key in held or row.match_key2 in held


def _elsewhere(rows: Sequence[Row], place: Place, at: datetime) -> Elsewhere | None:
    since, until = place.day_of(at)
    nearest = _nearest([row for row in rows if not _is_here(row, place, since, until)], at)
    if nearest is None:
        return None
    name = None if nearest.station == place.id else str(nearest.station_name)
    return Elsewhere(slot_at=nearest.slot_at, station=name)


def _nearest(rows: Sequence[Row], at: datetime) -> Row | None:
    return min(rows, key=lambda row: (abs(row.slot_at - at), row.ref), default=None)


def _other(row: Row, plate: Plate) -> Plate | None:
    """The plate of *row* that is not *plate*."""
    if row.match_key != plate.match_key:
        return Plate(row.plate)
    return None if row.plate2 is None else Plate(row.plate2)
