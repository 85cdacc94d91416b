"""Bookings as the booking system has them: saved one by one or as a file, moved, cancelled, listed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

import sqlalchemy as sa

from central import schema
from central.bookings.booking_changes import (
    ROW,
    THERE,
    Booking,
    Change,
    Sheet,
    compare,
    kept,
    write,
)
from central.database.tx import Row, Tx, View
from central.known import Known
from central.words import Actor
from contract import problems
from contract.event import EventKind
from contract.problems import Problem
from contract.words import REF
from contract.yard import BookingRow

_REF = re.compile(REF)

_B = schema.booking.c
_OF_DAY = (
    sa.select(*ROW)
    .where(
        _B.station == sa.bindparam("station"),
        _B.slot_at >= sa.bindparam("since"),
        _B.slot_at < sa.bindparam("until"),
    )
    .order_by(_B.slot_at, _B.ref)
)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or would do."""

    total: int
    new: int
    changed: int
    dry_run: bool


def imported(sheet: Sheet, changes: Sequence[Change], *, dry_run: bool) -> Imported:
    """Count them."""
    new = sum(change.before is None for change in changes)
    return Imported(len(sheet.bookings), new, len(changes) - new, dry_run=dry_run)


def take_in(tx: Tx, known: Known, station: str, actor: Actor, sheet: Sheet) -> Imported:
    """Write a sheet: bookings with a new `ref` are added, those that differ are changed."""
    place = known.places.of(tx, station)
    changes = compare(tx, place, sheet)
    write(tx, station, changes)
    for change in changes:
        if change.before is not None and change.before.visit is not None:
            _note(tx, station, actor, change)
    done = imported(sheet, changes, dry_run=False)
    data = {"total": done.total, "new": done.new, "changed": done.changed}
    tx.event(station, EventKind.BOOKINGS_IMPORTED, actor, data=data)
    return done


def save(
    tx: Tx, known: Known, station: str, actor: Actor, booking: Booking
) -> tuple[BookingRow, bool]:
    """Write one booking; say too whether it is new.

    A visit that came for it stays as it is; that the booking was changed since is on its timeline.
    """
    place = known.places.of(tx, station)
    changes = compare(tx, place, Sheet([booking]))
    write(tx, station, changes)
    for change in changes:
        _note(tx, station, actor, change)
    row = tx.one(THERE, station=station, refs=[booking.ref])
    return booking_row(row), any(change.before is None for change in changes)


def cancel(tx: Tx, known: Known, station: str, actor: Actor, ref: str) -> None:
    """Take a booking back; once more changes nothing.  Problem `not_found` for one that is not here."""
    known.places.of(tx, station)
    row = tx.first(THERE, station=station, refs=[ref]) if _REF.fullmatch(ref) else None
    if row is None:
        raise Problem(problems.NOT_FOUND, "There is no booking with this reference here.")
    if row.cancelled_at is None:
        change = Change(ref, row, {**kept(row), "cancelled_at": tx.now})
        write(tx, station, [change])
        _note(tx, station, actor, change)


def of_day(view: View, known: Known, station: str, day: date) -> list[BookingRow]:
    """Every booking of a day, cancelled ones too, in the order of the slots."""
    place = known.places.of(view, station)
    try:
        since, until = place.day_of(datetime.combine(day, time(12), place.zone))
    except OverflowError:  # the first day that the calendar knows, or its last
        return []
    return [
        booking_row(row) for row in view.all(_OF_DAY, station=station, since=since, until=until)
    ]


def booking_row(row: Row) -> BookingRow:
    """A booking as it stands."""
    words = {
        name: getattr(row, name) for name in BookingRow.__struct_fields__ if name in row._fields
    }
    return BookingRow(**words, cancelled=row.cancelled_at is not None)


def _note(tx: Tx, station: str, actor: Actor, change: Change) -> None:
    """Write down what became of the booking, for the timeline of who came for it; without plates."""
    before, after = change.before, change.after
    cancelled = after["cancelled_at"] is not None
    kind = EventKind.BOOKING_CANCELLED if cancelled else EventKind.BOOKING_SAVED
    data: dict[str, object] = {"ref": change.ref, "slot_at": after["slot_at"]}
    if before is not None and before.slot_at != after["slot_at"]:
        data["was_at"] = before.slot_at
    visit = None if before is None else before.visit
    tx.event(station, kind, actor, visit=visit, data=data)
