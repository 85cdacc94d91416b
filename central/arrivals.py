"""An arrival becomes a visit, or part of one: one vehicle, one visit, whatever was typed and wherever."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from central import schema
from central.known import Known
from central.line import Visit
from central.meeting import Outcome, meet, own_time
from central.places import Place
from central.rows import VISIT, insert_visit, one_visit, update_visit, visit_of
from central.standing import standing
from central.tx import Row, Tx
from central.words import Actor, SendClocks
from contract import problems
from contract.event import EventKind
from contract.ids import uuid7
from contract.plate import Plate, PlateRefused
from contract.problems import Problem
from contract.visit import Kind, Source, State, turn
from contract.wire import Arrival, DeskArrival, Standing

_A, _B, _V = schema.arrival.c, schema.booking.c, schema.visit.c
_BY_ID = sa.select(_A.station, _A.visit, _A.body_sha256, _A.outcome).where(
    _A.id == sa.bindparam("arrival")
)
_OF_VEHICLE = sa.select(*VISIT).where(
    _V.station == sa.bindparam("station"),
    _V.match_key == sa.bindparam("key"),
    sa.or_(schema.IS_OPEN, _V.ended_at >= sa.bindparam("since")),
)
_BOOKING = (
    sa.select(_B.ref, _B.slot_at, _B.kind)
    .where(
        _B.station == sa.bindparam("station"),
        _B.match_key == sa.bindparam("key"),
        _B.slot_at >= sa.bindparam("since"),
        _B.slot_at < sa.bindparam("until"),
        _B.visit.is_(None),
    )
    .order_by(_B.slot_at)
)
_TAKE_BOOKING = (
    sa.update(schema.booking)
    .where(_B.station == sa.bindparam("of_station"), _B.ref == sa.bindparam("of_ref"))
    .values(visit=sa.bindparam("visit"))
)
_INSERT = sa.insert(schema.arrival)


_EVENTS = {
    Outcome.NEW: EventKind.ARRIVED,
    Outcome.AGAIN: EventKind.TYPED_AGAIN,
    Outcome.REOPENED: EventKind.REOPENED,
    Outcome.NOTED: EventKind.ARRIVAL_NOTED,
}


@dataclass(frozen=True, slots=True)
class Came:
    """An arrival as we take it: the plate, its own time, and the kind that the desk named, if any."""

    id: str
    plate: Plate
    at: datetime
    source: Source
    kind: str | None
    body_sha256: str


def arrive(
    tx: Tx,
    known: Known,
    station: str,
    actor: Actor,
    arrival: Arrival | DeskArrival,
    raw: bytes,
    sent: SendClocks | None,
) -> Standing:
    """Check a vehicle in, once per arrival id."""
    place = known.places.of(tx, station)
    body_sha256 = hashlib.sha256(raw).hexdigest()
    earlier = tx.first(_BY_ID, arrival=arrival.id)
    if earlier is not None:
        return _the_same(tx, known, place, earlier, body_sha256)
    came = _came(tx, place, arrival, body_sha256, sent)
    today, _ = place.day_of(came.at)
    rows = tx.all(_OF_VEHICLE, station=station, key=came.plate.match_key, since=today)
    outcome, visit = meet([visit_of(row) for row in rows], came.at, today)
    visit = _written(tx, place, outcome, visit, came)
    answer = _standing(tx, known, place, visit, outcome)
    _keep(tx, station, actor, came, answer, outcome)
    return answer


def _the_same(tx: Tx, known: Known, place: Place, row: Row, body_sha256: str) -> Standing:
    """Answer a retry: the same arrival, as it stands now."""
    if row.station != place.id or row.body_sha256 != body_sha256:
        raise Problem(
            problems.ID_REUSED,
            "This arrival's id was used for another one; a new arrival needs a new id.",
        )
    visit = one_visit(tx, place.id, row.visit)
    return _standing(tx, known, place, visit, Outcome(row.outcome))


def _standing(tx: Tx, known: Known, place: Place, visit: Visit, outcome: Outcome) -> Standing:
    return standing(
        tx,
        known,
        place,
        visit,
        again=outcome in (Outcome.AGAIN, Outcome.NOTED),
        reopened=outcome is Outcome.REOPENED,
    )


def _came(
    tx: Tx,
    place: Place,
    arrival: Arrival | DeskArrival,
    body_sha256: str,
    sent: SendClocks | None,
) -> Came:
    try:
        plate = Plate.parse(arrival.plate)
    except PlateRefused as error:
        raise Problem(problems.PLATE_REFUSED, error.detail, refusal=error.reason) from error
    if isinstance(arrival, Arrival):
        at = own_time(arrival, sent, tx.now)
        return Came(arrival.id, plate, at, Source.POST, None, body_sha256)
    if not any(arrival.kind in bay.kinds for bay in place.bays):
        raise Problem(
            problems.BAD_REQUEST, f"No door here takes {arrival.kind}; choose another kind."
        )
    return Came(arrival.id, plate, tx.now, Source.DESK, arrival.kind, body_sha256)


def _written(tx: Tx, place: Place, outcome: Outcome, visit: Visit | None, came: Came) -> Visit:
    """The visit as it is after the arrival, on its way to the disk."""
    if visit is None:
        return _new(tx, place, came)
    changed = visit
    if outcome is not Outcome.NOTED and came.at < visit.arrived_at:
        earlier = turn(came.at, visit.slot_at, visit.kind)
        changed = replace(visit, arrived_at=came.at, turn_at=earlier.at, rule=earlier.rule)
    if outcome is Outcome.REOPENED:
        changed = replace(
            changed, state=State.WAITING, bay=None, call=None, called_at=None, ended_at=None
        )
    if changed is visit:
        return visit
    changed = replace(changed, version=visit.version + 1)
    update_visit(tx, changed, visit.version)
    return changed


def _new(tx: Tx, place: Place, came: Came) -> Visit:
    booking = _booking(tx, place, came)
    slot_at = None if booking is None else booking.slot_at
    # The desk's form says "full" unless somebody chose; a booking knows better.
    kind = came.kind or Kind.FULL
    if booking is not None and kind == Kind.FULL:
        kind = booking.kind
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
    )
    insert_visit(tx, place.id, visit)
    if booking is not None:
        tx.run(_TAKE_BOOKING, of_station=place.id, of_ref=booking.ref, visit=visit.id)
    return visit


def _booking(tx: Tx, place: Place, came: Came) -> Row | None:
    """The vehicle's booking of that day that nobody has come for yet; of several the nearest."""
    since, until = place.day_of(came.at)
    rows = tx.all(_BOOKING, station=place.id, key=came.plate.match_key, since=since, until=until)
    return min(rows, key=lambda row: abs(row.slot_at - came.at), default=None)


def _keep(
    tx: Tx, station: str, actor: Actor, came: Came, answer: Standing, outcome: Outcome
) -> None:
    tx.run(
        _INSERT,
        id=came.id,
        station=station,
        visit=answer.visit,
        device=actor.id,
        source=came.source.value,
        body_sha256=came.body_sha256,
        plate=came.plate.text,
        match_key=came.plate.match_key,
        at=came.at,
        received_at=tx.now,
        outcome=outcome.value,
    )
    data: dict[str, object] = {"source": came.source, "came_at": came.at}
    if came.source is Source.POST:  # at the desk it is a person who says something
        data["said"] = _said(answer)
    tx.event(station, _EVENTS[outcome], actor, visit=answer.visit, data=data)


def _said(answer: Standing) -> dict[str, object]:
    """What the answer told the customer, for the visit's timeline; without the plate, which the visit has."""
    told = {
        "state": answer.state,
        "place": answer.place,
        "booked_at": answer.booked_at,
        "from": answer.window and answer.window.starts_at,
        "until": answer.window and answer.window.ends_at,
        "door": answer.door,
        "watch_sign": answer.watch_sign or None,
    }
    return {word: value for word, value in told.items() if value is not None}
