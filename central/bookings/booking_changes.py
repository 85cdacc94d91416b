"""What a booking is, and what becomes of one that is here when the booking system says it anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx, View
from central.halls import log
from central.places.places import Place
from contract.plate import Plate

_ASK_AT_ONCE = 500

# What an import may change; `cancelled` is kept as the time at which we heard of it.
_KEPT = (
    "plate",
    "match_key",
    "slot_at",
    "kind",
    "visit",
    "plate2",
    "match_key2",
    "make",
    "model",
    "colour",
    "remark",
    "cancelled_at",
)
_COLUMNS_OF = {"plate": ("plate", "match_key"), "plate2": ("plate2", "match_key2")}
EVERYTHING = frozenset(
    {"plate", "slot_at", "kind", "plate2", "make", "model", "colour", "remark", "cancelled"}
)

_B = schema.booking.c
ROW = (_B.ref, *(_B[name] for name in _KEPT))
THERE = sa.select(*ROW).where(
    _B.station == sa.bindparam("station"), _B.ref.in_(sa.bindparam("refs", expanding=True))
)
_INSERT = sa.insert(schema.booking)
_UPDATE = (
    sa.update(schema.booking)
    .where(_B.station == sa.bindparam("of_station"), _B.ref == sa.bindparam("of_ref"))
    .values({name: sa.bindparam(f"new_{name}") for name in _KEPT})
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A slot for a vehicle; `ref` is the booking system's own name for it."""

    ref: str
    plate: Plate
    slot_at: datetime
    kind: str
    plate2: Plate | None = None
    make: str | None = None
    model: str | None = None
    colour: str | None = None
    remark: str | None = None
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """Bookings of which some fields are *given*; of those that are here the others stay as they are."""

    bookings: Sequence[Booking]
    given: frozenset[str] = EVERYTHING


@dataclass(frozen=True, slots=True)
class Change:
    """A booking as it was, if it was here, and as it is to be."""

    ref: str
    before: Row | None
    after: Mapping[str, Any]


def compare(view: View, place: Place, sheet: Sheet) -> list[Change]:
    """What *sheet* would change here; bookings that are here and the same are left out."""
    there: dict[str, Row] = {}
    refs = [booking.ref for booking in sheet.bookings]
    for start in range(0, len(refs), _ASK_AT_ONCE):
        rows = view.all(THERE, station=place.id, refs=refs[start : start + _ASK_AT_ONCE])
        there |= {row.ref: row for row in rows}
    names = frozenset(name for word in sheet.given for name in _COLUMNS_OF.get(word, (word,)))
    found = (
        Change(one.ref, row, _after(place, row, one, names, view.now))
        for one in sheet.bookings
        for row in [there.get(one.ref)]
    )
    return [change for change in found if not _is_as_before(change)]


def write(tx: Tx, station: str, changes: Sequence[Change]) -> None:
    """Add the new ones, and change those that differ."""
    new = [change for change in changes if change.before is None]
    tx.run_many(_INSERT, [{**one.after, "station": station, "ref": one.ref} for one in new])
    changed = [change for change in changes if change.before is not None]
    tx.run_many(
        _UPDATE,
        [
            {
                **{f"new_{name}": value for name, value in one.after.items()},
                "of_station": station,
                "of_ref": one.ref,
            }
            for one in changed
        ],
    )
    log.bookings_changed(tx, station, [one.ref for one in changes])


def _after(
    place: Place, row: Row | None, booking: Booking, names: frozenset[str], now: datetime
) -> dict[str, Any]:
    """The booking's columns as they are to be; those in *names* are told."""
    told = _told(booking, now)
    if row is None:
        return {**told, "visit": None}
    before = kept(row)
    after = before | {name: value for name, value in told.items() if name in names}
    if "cancelled" in names:
        after["cancelled_at"] = (row.cancelled_at or now) if booking.cancelled else None
    if row.visit is not None and not _is_same_coming(place, before, after):
        after["visit"] = None
    return after


def _told(booking: Booking, now: datetime) -> dict[str, Any]:
    plate2 = booking.plate2
    if plate2 is not None and plate2.match_key == booking.plate.match_key:
        plate2 = None
    return {
        "plate": booking.plate.text,
        "match_key": booking.plate.match_key,
        "slot_at": booking.slot_at,
        "kind": booking.kind,
        "plate2": None if plate2 is None else plate2.text,
        "match_key2": None if plate2 is None else plate2.match_key,
        "make": booking.make,
        "model": booking.model,
        "colour": booking.colour,
        "remark": booking.remark,
        "cancelled_at": now if booking.cancelled else None,
    }


def _is_same_coming(place: Place, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether who came for the booking still came for it: on its day, with one of its plates."""
    keys = {before["match_key"], before["match_key2"]} & {after["match_key"], after["match_key2"]}
    days = [_day_of(place, words["slot_at"]) for words in (before, after)]
    return bool(keys - {None}) and days[0] == days[1]


def _day_of(place: Place, at: datetime) -> date:
    try:
        return at.astimezone(place.zone).date()
    except OverflowError:  # in the first hours that the calendar knows, or its last
        return at.date()


def _is_as_before(change: Change) -> bool:
    return change.before is not None and kept(change.before) == change.after


def kept(row: Row) -> dict[str, Any]:
    """The columns of a row of `THERE` that an import may change."""
    return dict(zip(_KEPT, row[1:], strict=True))
