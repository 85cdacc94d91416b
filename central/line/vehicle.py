"""What staff need to know about a vehicle, in one place, and finding a visit by part of a plate."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from msgspec import structs

from central import schema
from central.bookings.bookings import booking_row
from central.bookings.register import Facts, Register, RegisterUnreachable
from central.bookings.slots import LOOKS_AHEAD
from central.database.tx import View
from central.known import Known
from central.line import inspections
from central.line.rows import VISIT, one_visit, visit_of
from central.line.snapshot import queue_row
from contract.plate import Plate
from contract.visit import ENDED
from contract.yard import QueueRow, Vehicle

MOST_FOUND = 50
_FACTS = ("make", "model", "colour", "remark")
_LOOKS_BACK = timedelta(days=10 * 366)

_B, _V = schema.booking.c, schema.visit.c
_KEYS: "sa.BindParameter[Any]" = sa.bindparam("keys", expanding=True)
# By the vehicle alone: with the station named, a database may walk through everybody's slots instead.
_BOOKED = sa.select(schema.booking).where(
    sa.or_(_B.match_key.in_(_KEYS), _B.match_key2.in_(_KEYS)),
    _B.slot_at >= sa.bindparam("since"),
    _B.slot_at < sa.bindparam("until"),
)
_CAME_FOR = sa.select(schema.booking).where(
    _B.station == sa.bindparam("station"), _B.ref == sa.bindparam("ref")
)
_PATTERN: "sa.BindParameter[Any]" = sa.bindparam("pattern")
_HAS_PART = sa.or_(
    _V.match_key.like(_PATTERN, escape="/"), _V.match_key2.like(_PATTERN, escape="/")
)
_HERE = _V.station == sa.bindparam("station")
_FOUND = sa.union_all(
    sa.select(*VISIT).where(_HERE, schema.IS_OPEN, _HAS_PART),
    sa.select(*VISIT).where(
        _HERE,
        _V.state.in_(sorted(ENDED)),  # or the index would be walked from its beginning
        _V.ended_at >= sa.bindparam("since"),
        _HAS_PART,
    ),
)


def vehicle(view: View, known: Known, station: str, visit_id: str) -> Vehicle:
    """What we know ourselves of a visit's vehicle: bookings, and how its last inspection ended."""
    place = known.places.of(view, station)
    visit = one_visit(view, station, visit_id)
    keys = [key for key in (visit.match_key, visit.match_key2) if key]  # an erased one has none
    today, _ = place.day_of(view.now)
    until = view.now + LOOKS_AHEAD
    booked = view.all(_BOOKED, keys=keys, since=today, until=until)
    rows = sorted(
        (row for row in booked if row.station == station), key=lambda row: (row.slot_at, row.ref)
    )
    came_for = view.first(_CAME_FOR, station=station, ref=visit.booking)
    own = [row for row in (came_for, *rows) if row is not None][:1]
    facts = {name: getattr(row, name) for row in own for name in _FACTS}
    return Vehicle(
        plate=visit.plate,
        plate2=visit.plate2,
        last=inspections.last_of(view, station, keys, view.now - _LOOKS_BACK),
        bookings=[booking_row(row) for row in rows],
        **facts,
    )


def with_register(found: Vehicle, register: Register | None) -> Vehicle:
    """Add what the register says; it is asked now, outside every transaction, and nothing of it is kept.

    A booking knows better than the register what somebody said about this car.
    """
    if register is None or not found.plate:  # whose vehicle it was is erased
        return found
    try:
        facts = _looked_up(register, found)
    except RegisterUnreachable:
        return structs.replace(found, register="unreachable")
    if facts is None:
        return structs.replace(found, register="unknown")
    return structs.replace(
        found,
        register="found",
        make=found.make or facts.make,
        model=found.model or facts.model,
        colour=found.colour or facts.colour,
        year=facts.year,
        owner=facts.owner,
    )


def _looked_up(register: Register, found: Vehicle) -> Facts | None:
    """Look the vehicle up by its plate, and by its other one when that is unknown."""
    facts = register.look_up(Plate(found.plate))
    if facts is None and found.plate2 is not None:
        return register.look_up(Plate(found.plate2))
    return facts


def with_part(view: View, known: Known, station: str, part: Plate) -> list[QueueRow]:
    """Today's visits, open and ended, with a plate that contains *part*; newest first, at most 50."""
    place = known.places.of(view, station)
    today, _ = place.day_of(view.now)
    rows = view.all(_FOUND, station=station, since=today, pattern=f"%{part.match_key}%")
    visits = {visit.id: visit for visit in map(visit_of, rows)}
    newest = sorted(visits.values(), key=lambda visit: (visit.arrived_at, visit.id), reverse=True)
    return [queue_row(visit) for visit in newest[:MOST_FOUND]]
