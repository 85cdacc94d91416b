"""What somebody may ask about their own plate: all that is held, and that it be erased."""

from datetime import datetime
from typing import Any

from central.known import Known
from central.privacy import erasing, found
from central.privacy.found import Found
from central.tx import Row, Tx, View
from central.words import Actor
from contract import problems
from contract.accounts import Erased, Export, ExportedVisit
from contract.plate import Plate
from contract.problems import Problem
from contract.visit import OPEN

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
    )


def refuse_if_here(view: View, station: str, plate: Plate) -> None:
    """Who stands in the yard is still needed; Problem `wrong_state` says what to do."""
    if found.of_plate(view, station, plate).is_here:
        raise Problem(
            problems.WRONG_STATE,
            f"{plate.display} is in the yard now; end its visit first, then erase it.",
        )


def erase(tx: Tx, station: str, actor: Actor, plate: Plate, today: datetime) -> Erased:
    """Forget a vehicle at *station* (article 17 of the GDPR), but for bookings from *today* on.

    Raises:
        Problem: `wrong_state` while it is in the yard.
    """
    refuse_if_here(tx, station, plate)
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


def _rest(tx: Tx, station: str, rows: Found, today: datetime) -> Erased:
    """What belongs to none of its visits."""
    past = [row.ref for row in rows.bookings if row.slot_at < today]
    strays = [row.id for row in rows.arrivals if row.visit is None]
    helped = [row.id for row in rows.help_calls if row.visit is None]
    return Erased(
        arrivals=erasing.strays(tx, strays),
        help_calls=erasing.help_calls(tx, helped),
        bookings=erasing.bookings(tx, station, past),
        bookings_to_come=len(rows.bookings) - len(past),
    )


def _visit(view: View, row: Row) -> ExportedVisit:
    events = sorted(erasing.events_of(view, [row.id]), key=lambda event: int(event.seq))
    return ExportedVisit(visit=_words(row), timeline=[_words(event) for event in events])


def _words(row: Row) -> dict[str, Any]:
    left_out = _LEFT_OUT | _STAFF | _STAFF_TOO
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row._mapping.items()  # noqa: SLF001 - SQLAlchemy's own way to a row's names
        if name not in left_out and value is not None
    }
