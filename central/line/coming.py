"""A vehicle comes: which visit its arrival is, and how that visit stands in the line afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from central import schema
from central.bookings import slots
from central.bookings.slots import Slots
from central.database.tx import Tx, View
from central.line import inspections
from central.line.line import Visit, off_the_floor
from central.line.meeting import Outcome, meet
from central.line.rows import VISIT, insert_visit, update_visit, visit_of
from central.places.places import Place
from contract.ids import uuid7
from contract.plate import Plate
from contract.visit import IN_LINE, MAY_COME_BACK, Kind, Rule, Source, State, turn
from contract.words import NotInspected, ReInspection
from contract.yard import Inspected

_K, _V = schema.claim.c, schema.visit.c
_KEYS: "sa.BindParameter[Any]" = sa.bindparam("keys", expanding=True)
_STATION: "sa.BindParameter[Any]" = sa.bindparam("station")
_ENDED = _V.ended_at >= sa.bindparam("since")
# An open visit by its claims, an ended one of today by either plate: each has an index of its own.
_OF_VEHICLE = sa.union_all(
    sa.select(*VISIT)
    .join(schema.claim, _K.visit == _V.id)
    .where(_K.station == _STATION, _K.match_key.in_(_KEYS)),
    sa.select(*VISIT).where(_V.station == _STATION, _V.match_key.in_(_KEYS), _ENDED),
    sa.select(*VISIT).where(_V.station == _STATION, _V.match_key2.in_(_KEYS), _ENDED),
)
_TWINS = sa.select(_K.twin).where(_K.station == _STATION, _K.match_key.in_(_KEYS))


@dataclass(frozen=True, slots=True)
class Came:
    """An arrival as we take it: the plate, its own time, and the kind that somebody chose at the desk.

    `another` says that a person has seen two vehicles with this number.
    """

    id: str
    plate: Plate
    at: datetime
    source: Source
    kind: str | None = None
    another: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What an arrival is: its vehicle's bookings, and the visit that it is part of as that was before."""

    outcome: Outcome
    before: Visit | None
    slots: Slots


def find(tx: View, place: Place, came: Came) -> Found:
    """Say what *came* is, by any of the vehicle's plates; nothing is changed."""
    found = slots.of_vehicle(tx, place, came.plate, came.at)
    if came.another:
        return Found(Outcome.NEW, None, found)
    today, _ = place.day_of(came.at)
    rows = tx.all(_OF_VEHICLE, station=place.id, keys=found.keys, since=today)
    key = came.plate.match_key
    # A vehicle has two plates at most: who has two others only shares one with it, as a dealer's cars do.
    visits = {
        visit.id: visit
        for visit in map(visit_of, rows)
        if visit.match_key2 is None or key in _plates_of(visit)
    }

    def likeliest(visit: Visit) -> tuple[bool, int]:
        return key not in _plates_of(visit), visit.twin

    outcome, before = meet(sorted(visits.values(), key=likeliest), came.at, today)
    if before is not None and _is_of_before_closing(tx, place, came, before):
        outcome = Outcome.NOTED
    return Found(outcome, before, found)


def _plates_of(visit: Visit) -> tuple[str, str | None]:
    return visit.match_key, visit.match_key2


def _is_of_before_closing(tx: View, place: Place, came: Came, before: Visit) -> bool:
    """Whether the station has closed between the two, so that nobody has waited since *came*."""
    if came.at >= before.arrived_at:
        return False
    closing = place.hours.last_closing(tx.now)
    return closing is not None and came.at <= closing <= before.arrived_at


def join(tx: Tx, place: Place, came: Came, found: Found) -> Visit:
    """The visit as it is after the arrival, on its way to the disk.

    Raises:
        Problem: `already_here`, which only two processes at once could meet.
    """
    if found.before is None:
        return _new(tx, place, came, found.slots)
    before = found.before
    if found.outcome is Outcome.NOTED:
        return before
    changed = before
    if came.at < before.arrived_at:
        changed = _came_earlier(before, came.at)
    if came.source is Source.POST and _shows_other(before, came.plate):
        # The sign shows what was typed last: the customer watches for that.
        changed = replace(
            changed,
            plate=came.plate.text,
            match_key=came.plate.match_key,
            plate2=before.plate,
            match_key2=before.match_key,
        )
    if found.outcome is Outcome.REOPENED:
        changed = replace(off_the_floor(changed), state=State.WAITING, note=None)
        changed = _without_a_plate_in_use(tx, place, came, changed)
    if changed is before:
        return before
    changed = replace(changed, version=before.version + 1)
    update_visit(tx, place.id, before, changed)
    return changed


def _came_earlier(visit: Visit, at: datetime) -> Visit:
    """The earlier time counts, unless a person has given the visit another place."""
    if visit.rule == Rule.OVERRIDE:
        return replace(visit, arrived_at=at)
    earlier = turn(at, visit.slot_at, visit.kind)
    return replace(visit, arrived_at=at, turn_at=earlier.at, rule=earlier.rule)


def _shows_other(visit: Visit, typed: Plate) -> bool:
    """Whether nobody is called yet and the visit goes by the vehicle's other plate."""
    not_called = visit.state in IN_LINE or visit.state in MAY_COME_BACK
    return not_called and typed.match_key == visit.match_key2


def _without_a_plate_in_use(tx: Tx, place: Place, came: Came, visit: Visit) -> Visit:
    """*visit* as it may claim its plates: by what was typed alone while another vehicle has the other."""
    key = came.plate.match_key
    others = [other for other in _plates_of(visit) if other not in (None, key)]
    if visit.match_key2 is None or visit.twin not in _twins(tx, place, others):
        return visit
    return replace(visit, plate=came.plate.text, match_key=key, plate2=None, match_key2=None)


def _new(tx: Tx, place: Place, came: Came, found: Slots) -> Visit:
    booking = found.booking
    slot_at = None if booking is None else booking.slot_at
    kind = _kind(tx, place, came, found)
    its_turn = turn(came.at, slot_at, kind)
    visit = Visit(
        id=uuid7(int(tx.now.timestamp() * 1000)),
        plate=came.plate.text,
        match_key=came.plate.match_key,
        kind=kind,
        source=came.source,
        state=State.WAITING,
        version=1,
        arrived_at=came.at,
        turn_at=its_turn.at,
        rule=its_turn.rule,
        slot_at=slot_at,
        plate2=None if found.other is None else found.other.text,
        match_key2=None if found.other is None else found.other.match_key,
        twin=_free_twin(tx, place, found.keys) if came.another else 0,
        booking=None if booking is None else booking.ref,
    )
    visit = _without_a_plate_in_use(tx, place, came, visit)
    insert_visit(tx, place.id, visit)
    if booking is not None:
        slots.take(tx, place, booking, visit.id)
    return visit


def _kind(tx: Tx, place: Place, came: Came, found: Slots) -> str:
    """What the desk chose, else what was booked, else what the last inspection asks for."""
    if came.kind is not None:
        return came.kind
    booked = Kind.FULL.value if found.booking is None else str(found.booking.kind)
    # Nobody could ever call whoever waits for what no door takes.
    if booked != Kind.FULL and is_served(place, booked):
        return booked
    if not is_served(place, Kind.RECHECK):
        return Kind.FULL
    since = tx.now - timedelta(days=place.recheck_days)
    last = inspections.last_of(tx, place.id, list(found.keys), since)
    return Kind.RECHECK if last is not None and asks_for_recheck(last) else Kind.FULL


def is_served(place: Place, kind: str) -> bool:
    """Whether any door of the station takes *kind*."""
    return any(kind in bay.kinds for bay in place.bays)


def asks_for_recheck(last: Inspected) -> bool:
    """Whether the vehicle's last inspection leaves something that must be looked at once more."""
    if isinstance(last.outcome, ReInspection):
        return True
    # A recheck that could not be made is still to be made.
    return isinstance(last.outcome, NotInspected) and last.kind == Kind.RECHECK


def _free_twin(tx: Tx, place: Place, keys: Sequence[str]) -> int:
    """The lowest number that no open visit with one of these plates has."""
    taken = _twins(tx, place, keys)
    return next(number for number in range(len(taken) + 1) if number not in taken)


def _twins(tx: Tx, place: Place, keys: Sequence[str]) -> set[int]:
    return {row.twin for row in tx.all(_TWINS, station=place.id, keys=keys)}
