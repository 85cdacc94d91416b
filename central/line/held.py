"""Arrivals that never queue themselves: a person looks at them first, and lets them in or not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from central import schema
from central.bookings import slots
from central.database.tx import Row, Tx, View
from central.known import Known
from central.line import coming
from central.line.coming import Came, Found
from central.line.line import Visit
from central.line.meeting import Outcome
from central.line.rows import changed, erased
from central.places.places import Place
from central.words import Actor
from contract import problems
from contract.event import EventKind
from contract.plate import Plate
from contract.problems import Problem
from contract.visit import Source
from contract.yard import HeldRow

CLOSED, BEFORE_CLOSING = "closed", "before_closing"

_A = schema.arrival.c
_ROWS = (
    sa.select(_A.id, _A.plate, _A.match_key, _A.at, _A.received_at, _A.source, _A.why)
    .where(_A.station == sa.bindparam("station"), schema.IS_HELD, _A.match_key != "")
    .order_by(_A.received_at, _A.id)
)
_ONE = sa.select(_A.id, _A.plate, _A.source, _A.visit, _A.settled_at, _A.settled_by).where(
    _A.id == sa.bindparam("arrival"),
    _A.station == sa.bindparam("station"),
    _A.outcome == Outcome.HELD.value,
)
_OF_VEHICLE = sa.select(_A.id, _A.at).where(
    _A.station == sa.bindparam("station"),
    _A.match_key.in_(sa.bindparam("keys", expanding=True)),
    schema.IS_HELD,
)
_SETTLE = (
    sa.update(schema.arrival)
    .where(_A.id.in_(sa.bindparam("ids", expanding=True)))
    .values({name: sa.bindparam(f"new_{name}") for name in ("visit", "settled_at", "settled_by")})
)


_UNSETTLE = (
    sa.update(schema.arrival)
    .where(
        _A.visit == sa.bindparam("of_visit"),
        _A.outcome == Outcome.HELD.value,
        _A.match_key != "",  # of whom nothing is known any more nobody can look at
        _A.settled_at >= sa.bindparam("since"),
    )
    .values(visit=None, settled_at=None, settled_by=None)
)


def why(known: Known, place: Place, came: Came, found: Found, now: datetime) -> str | None:
    """Why *came* must be looked at by a person before it joins the line; None when it may join.

    What a person says at the desk is a person's deed; a clock that is not set knows no closing time.
    """
    joins_another = found.outcome not in (Outcome.NEW, Outcome.REOPENED)
    if came.source is Source.DESK or joins_another or not known.clock.synced():
        return None
    closing = place.hours.last_closing(now)
    if closing is not None and came.at < closing:
        return BEFORE_CLOSING
    return None if place.hours.accepts(came.at) else CLOSED


def rows(view: View, station: str) -> list[HeldRow]:
    """What waits for a person to look at it, each plate once, longest first."""
    first: dict[str, Row] = {}
    for row in view.all(_ROWS, station=station):
        first.setdefault(row.match_key, row)
    return [
        HeldRow(
            arrival=row.id,
            plate=row.plate,
            came_at=row.at,
            received_at=row.received_at,
            source=row.source,
            why=row.why or CLOSED,
        )
        for row in first.values()
    ]


def admit(tx: Tx, known: Known, station: str, actor: Actor, arrival: str) -> Visit:
    """Let a held vehicle into the line; who came today keeps the time at which it did.

    Unless its visit has ended since then: a person sees that it is here once more, now.

    Raises:
        Problem: `not_found`, or `changed_meanwhile` with member `by` when somebody has looked already,
            `wrong_state` when its plate is erased.
    """
    place = known.places.of(tx, station)
    row = _unsettled(tx, station, arrival)
    came = Came(row.id, Plate(row.plate), tx.now, Source(row.source))
    held = _of_vehicle(tx, place, came.plate)
    today, _ = place.day_of(tx.now)
    came = replace(came, at=min([one.at for one in held if one.at >= today], default=tx.now))
    found = coming.find(tx, place, came)
    if found.outcome is Outcome.NOTED and found.before is not None and not found.before.is_open:
        came = replace(came, at=tx.now)
        found = coming.find(tx, place, came)
    visit = coming.join(tx, place, came, found)
    data = {"arrival": row.id, "source": came.source, "came_at": came.at}
    changed(tx, station, EventKind.ARRIVAL_ADMITTED, actor, found.before, visit, data=data)
    _settle(tx, actor, held, visit.id)
    return visit


def dismiss(tx: Tx, known: Known, station: str, actor: Actor, arrival: str, reason: str) -> None:
    """Let a held vehicle not into the line.

    Raises:
        Problem: `not_found`, or `changed_meanwhile` with member `by` when somebody has looked already,
            `wrong_state` when its plate is erased.
    """
    place = known.places.of(tx, station)
    row = _unsettled(tx, station, arrival)
    held = _of_vehicle(tx, place, Plate(row.plate))
    data = {"arrival": row.id, "reason": reason}
    tx.event(station, EventKind.ARRIVAL_DISMISSED, actor, data=data)
    _settle(tx, actor, held, None)


def settle_with(tx: Tx, actor: Actor, held: Sequence[Row], visit: Visit, typed: Plate) -> list[str]:
    """Settle what of *held* is of the vehicle that is in the line as *visit* now; gives its arrivals' ids."""
    keys = {typed.match_key, visit.match_key, visit.match_key2}
    of_vehicle = [row for row in held if row.match_key in keys]
    if of_vehicle:
        _settle(tx, actor, of_vehicle, visit.id)
    return [row.id for row in of_vehicle]


def wait_again(tx: Tx, visit: str, since: datetime) -> None:
    """What was let in with a deed that is taken back waits for a person again."""
    tx.run(_UNSETTLE, of_visit=visit, since=since)


def _unsettled(tx: Tx, station: str, arrival: str) -> Row:
    row = tx.first(_ONE, station=station, arrival=arrival)
    if row is None:
        raise Problem(problems.NOT_FOUND, "No such arrival waits here; load the page again.")
    if not row.plate:
        raise erased()
    if row.settled_at is not None:
        deed = "turned it away" if row.visit is None else "let it in"
        raise Problem(
            problems.CHANGED_MEANWHILE,
            f"{row.settled_by} has {deed} already.",
            by=row.settled_by,
            visit=row.visit,
        )
    return row


def _of_vehicle(tx: Tx, place: Place, plate: Plate) -> Sequence[Row]:
    """Every held arrival of the same vehicle: it may have been typed twice, by either plate."""
    other = slots.of_vehicle(tx, place, plate, tx.now).other
    keys = [one.match_key for one in (plate, other) if one is not None]
    return tx.all(_OF_VEHICLE, station=place.id, keys=keys)


def _settle(tx: Tx, actor: Actor, held: Sequence[Row], visit: str | None) -> None:
    ids = [row.id for row in held]
    tx.run(_SETTLE, ids=ids, new_visit=visit, new_settled_at=tx.now, new_settled_by=actor.name)
