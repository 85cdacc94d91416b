"""What somebody may ask about their own plate: all that is held, and that it be erased."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from central.database.tx import Row, Tx, View
from central.halls import log
from central.known import Known
from central.privacy import erasing, found
from central.privacy.found import Found
from central.words import Actor
from contract import problems
from contract.accounts import Erased, Export, ExportedVisit
from contract.plate import Plate
from contract.problems import Problem
from contract.visit import OPEN, Source

# Of no use to anybody outside, and proof of nothing: a hash of a body that held the plate.
_LEFT_OUT = frozenset({"body_sha256", "match_key", "match_key2", "station"})
# Who of the staff did it is somebody else's data (article 15 (4) of the GDPR).
_STAFF = frozenset({"actor", "actor_id", "by", "settled_by", "closed_by"})
_STAFF_TOO = frozenset({"acknowledged_by", "acknowledged_id"})


def export(view: View, known: Known, station: str, plate: Plate) -> Export:
    """Give everything that *station* holds about *plate* (articles 15 and 20 of the GDPR).

    Raises:
        Problem: `not_found` for a station that is not there.
    """
    place = known.places.of(view, station)
    rows = found.of_plate(view, station, plate)
    return Export(
        plate=plate.display,
        station=place.name,
        made_at=view.now,
        visits=[_visit(view, row) for row in rows.visits],
        arrivals=[_words(row) for row in rows.arrivals],
        bookings=[_words(row) for row in rows.bookings],
        inspections=[_words(row) for row in rows.inspections],
        help_calls=[_words(row) for row in rows.help_calls],
        calls=[_words(row) for row in rows.calls],
        events=[_words(row) for row in reversed(found.stray_events(view, station, rows))],
    )


def refuse_if_here(view: View, station: str, plate: Plate) -> None:
    """Who stands in the yard or on a sign is still needed; Problem `wrong_state` says what to do."""
    rows = found.of_plate(view, station, plate)
    if rows.is_here:
        raise Problem(
            problems.WRONG_STATE,
            f"{plate.display} is in the yard now, or its arrival waits for somebody to look at it;"
            " end that first, then erase it.",
        )
    if rows.may_be_lit:
        raise Problem(
            problems.WRONG_STATE,
            f"A sign may still show {plate.display}; wait until the board says that it is dark.",
        )


def erase(tx: Tx, station: str, actor: Actor, plate: Plate, today: datetime) -> Erased:
    """Forget a vehicle at *station* (article 17 of the GDPR), but for bookings from *today* on.

    Raises:
        Problem: `wrong_state` while it is in the yard.
    """
    refuse_if_here(tx, station, plate)
    log.plate_erased(tx, station, plate, _refs_that_go(tx, station, plate, today))
    return forget(tx, station, actor, plate, today)


def forget(tx: Tx, station: str, actor: Actor, plate: Plate, today: datetime) -> Erased:
    """The same in a copy of the database, in which the vehicle may still be in the yard: there it is not."""
    rows = found.of_plate(tx, station, plate)
    strays = found.stray_events(tx, station, rows)
    visits = [row.id for row in rows.visits]
    erasing.end_open(tx, [row.id for row in rows.visits if row.state in OPEN])
    done = erasing.total([erasing.visits(tx, station, visits), _rest(tx, station, rows, today)])
    erasing.events(tx, strays)
    if done != Erased(bookings_to_come=done.bookings_to_come):
        erasing.tell(tx, station, actor, visits, done)
    return done


def _refs_that_go(view: View, station: str, plate: Plate, today: datetime) -> list[str]:
    """The bookings of *plate* that `forget` deletes."""
    rows = found.of_plate(view, station, plate)
    visits = {row.id for row in rows.visits}
    return [
        row.ref
        for row in rows.bookings
        if row.slot_at < today or row.cancelled_at is not None or row.visit in visits
    ]


def _rest(tx: Tx, station: str, rows: Found, today: datetime) -> Erased:
    """What bears this plate and belongs to none of its visits: a dealer's plate goes from car to car."""
    past = [row.ref for row in rows.bookings if row.slot_at < today or row.cancelled_at is not None]
    erasing.calls(tx, [row.id for row in rows.calls])
    return Erased(
        arrivals=erasing.arrivals(tx, _of_others(rows, rows.arrivals, "id")),
        help_calls=erasing.help_calls(tx, _of_others(rows, rows.help_calls, "id")),
        inspections=erasing.inspections(tx, _of_others(rows, rows.inspections, "visit")),
        bookings=erasing.bookings(tx, station, past),
        bookings_to_come=len(rows.bookings) - len(past),
    )


def _of_others(rows: Found, found_rows: Sequence[Row], name: str) -> list[str]:
    """The rows that no visit of the vehicle has taken along, by their column *name*."""
    visits = {row.id for row in rows.visits}
    return [getattr(row, name) for row in found_rows if row.visit not in visits]


def _visit(view: View, row: Row) -> ExportedVisit:
    events = sorted(erasing.events_of(view, [row.id]), key=lambda event: int(event.seq))
    return ExportedVisit(visit=_words(row), timeline=[_words(event) for event in events])


def _words(row: Row) -> dict[str, Any]:
    left_out = _LEFT_OUT | _STAFF | _STAFF_TOO
    if row._mapping.get("source") == Source.DESK.value:  # noqa: SLF001 - as below
        left_out |= {"device"}  # it was somebody of the staff
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row._mapping.items()  # noqa: SLF001 - SQLAlchemy's own way to a row's names
        if name not in left_out and value is not None
    }
