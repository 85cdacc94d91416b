"""Bookings from a CSV file: all of it or nothing, and every bad line named."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from central import schema
from central.known import Known
from central.places import Place
from central.tx import Tx, View
from central.words import Actor
from contract import problems
from contract.event import EventKind
from contract.plate import Plate
from contract.problems import Problem
from contract.visit import Kind

Progress = Callable[[int, int], None]

MUST, MAY = ("ref", "plate", "slot"), ("kind",)
_REPORT_EVERY = 200
_LONGEST_REF = 64
_ASK_AT_ONCE = 500

_B = schema.booking.c
_THERE = sa.select(_B.ref, _B.plate, _B.slot_at, _B.kind).where(
    _B.station == sa.bindparam("station"), _B.ref.in_(sa.bindparam("refs", expanding=True))
)
_INSERT = sa.insert(schema.booking)
_UPDATE = (
    sa.update(schema.booking)
    .where(_B.station == sa.bindparam("of_station"), _B.ref == sa.bindparam("of_ref"))
    .values({word: sa.bindparam(word) for word in ("plate", "match_key", "slot_at", "kind")})
)


@dataclass(frozen=True, slots=True)
class Booking:
    """A slot for a vehicle; `ref` is the booking system's own name for it."""

    ref: str
    plate: str
    match_key: str
    slot_at: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or would do."""

    total: int
    new: int
    changed: int
    dry_run: bool


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line of the file, counted from 1 with the header, and what is wrong with it."""

    line: int
    reason: str


def read_csv(text: str, place: Place, progress: Progress | None = None) -> list[Booking]:
    """Read a file with a header `ref,plate,slot[,kind]`; comma or semicolon, a BOM is passed over.

    Raises:
        Problem: `bookings_refused` with member `lines`.
    """
    rows = _rows(text.removeprefix("\ufeff"))
    reader = _Reader(place, _header(*rows[0]))
    bad: list[BadLine] = []
    for done, (number, cells) in enumerate(rows[1:], start=1):
        try:
            reader.take(number, cells)
        except ValueError as error:
            bad.append(BadLine(number, str(error)))
        if progress is not None and (done % _REPORT_EVERY == 0 or done == len(rows) - 1):
            progress(done, len(rows) - 1)
    if bad:
        raise _refused(bad)
    return reader.bookings


def compare(
    view: View, place: Place, bookings: Sequence[Booking]
) -> tuple[list[Booking], list[Booking]]:
    """Which of *bookings* are new here, and which differ from what we have."""
    there: dict[str, tuple[object, ...]] = {}
    refs = [booking.ref for booking in bookings]
    for start in range(0, len(refs), _ASK_AT_ONCE):
        some = refs[start : start + _ASK_AT_ONCE]
        rows = view.all(_THERE, station=place.id, refs=some)
        there |= {row.ref: (row.plate, row.slot_at, row.kind) for row in rows}
    new = [booking for booking in bookings if booking.ref not in there]
    changed = [
        booking
        for booking in bookings
        if booking.ref in there
        and there[booking.ref] != (booking.plate, booking.slot_at, booking.kind)
    ]
    return new, changed


def take_in(
    tx: Tx, known: Known, station: str, actor: Actor, bookings: Sequence[Booking]
) -> Imported:
    """Write *bookings*: those with a new `ref` are added, those that differ are changed."""
    place = known.places.of(tx, station)
    new, changed = compare(tx, place, bookings)
    tx.run_many(
        _INSERT, [_words(booking) | {"station": station, "ref": booking.ref} for booking in new]
    )
    tx.run_many(
        _UPDATE,
        [_words(booking) | {"of_station": station, "of_ref": booking.ref} for booking in changed],
    )
    data = {"total": len(bookings), "new": len(new), "changed": len(changed)}
    tx.event(station, EventKind.BOOKINGS_IMPORTED, actor, data=data)
    return Imported(len(bookings), len(new), len(changed), dry_run=False)


class _Reader:
    """Turns lines into bookings; *columns* says which cell is what."""

    def __init__(self, place: Place, columns: Sequence[str]) -> None:
        self.bookings: list[Booking] = []
        self._place = place
        self._columns = columns
        self._lines: dict[str, int] = {}

    def take(self, number: int, cells: Sequence[str]) -> None:
        """Read one line; ValueError says what is wrong with it."""
        if len(cells) != len(self._columns):
            raise ValueError(f"It has {len(cells)} columns; the header has {len(self._columns)}.")
        words = {name: cell.strip() for name, cell in zip(self._columns, cells, strict=True)}
        ref = self._ref(number, words["ref"])
        plate = Plate.parse(words["plate"])
        slot_at = _slot(words["slot"], self._place)
        kind = self._kind(words.get("kind") or Kind.FULL.value)
        self.bookings.append(Booking(ref, plate.text, plate.match_key, slot_at, kind))

    def _ref(self, number: int, ref: str) -> str:
        if not 0 < len(ref) <= _LONGEST_REF:
            raise ValueError(f"ref has {len(ref)} characters; it needs 1 to {_LONGEST_REF}.")
        earlier = self._lines.setdefault(ref, number)
        if earlier != number:
            raise ValueError(f"ref {ref} stands on line {earlier} already.")
        return ref

    def _kind(self, kind: str) -> str:
        kinds = {word for bay in self._place.bays for word in bay.kinds} | set(Kind)
        if kind not in kinds:
            raise ValueError(f"kind {kind} is not one of {', '.join(sorted(kinds))}.")
        return kind


def _rows(text: str) -> list[tuple[int, list[str]]]:
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [(table.line_num, cells) for cells in table if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise _refused([BadLine(table.line_num, f"It is no CSV: {error}.")]) from error
    if not rows:
        raise _refused([BadLine(1, f"The file is empty; it begins with {','.join(MUST)}.")])
    return rows


def _header(number: int, cells: Sequence[str]) -> list[str]:
    columns = [cell.strip().lower() for cell in cells]
    missing = [name for name in MUST if name not in columns]
    unknown = [name for name in columns if name not in MUST + MAY]
    if missing:
        raise _refused([BadLine(number, f"The header lacks {', '.join(missing)}.")])
    if unknown or len(set(columns)) != len(columns):
        names = ", ".join(unknown) or "one name twice"
        raise _refused(
            [BadLine(number, f"The header has {names}; it may have {','.join(MUST + MAY)}.")]
        )
    return columns


def _slot(text: str, place: Place) -> datetime:
    """A moment with its own offset, or the station's local time."""
    try:
        slot = datetime.fromisoformat(text)
    except ValueError:
        slot = None
    if slot is None or ":" not in text:
        raise ValueError(f'slot "{text}" is no time; write it like 2026-11-23 10:30.')
    if slot.tzinfo is not None:
        return slot.astimezone(UTC)
    moment = slot.replace(tzinfo=place.zone).astimezone(UTC)
    if moment.astimezone(place.zone).replace(tzinfo=None) != slot:
        raise ValueError(f'slot "{text}" does not exist: clocks are set forward then.')
    return moment


def _words(booking: Booking) -> dict[str, object]:
    return {
        "plate": booking.plate,
        "match_key": booking.match_key,
        "slot_at": booking.slot_at,
        "kind": booking.kind,
    }


def _refused(bad: Sequence[BadLine]) -> Problem:
    first = bad[0]
    more = f" {len(bad) - 1} more lines are wrong." if len(bad) > 1 else ""
    return Problem(
        problems.BOOKINGS_REFUSED,
        f"Nothing was imported. Line {first.line}: {first.reason}{more}",
        lines=[{"line": one.line, "reason": one.reason} for one in bad],
    )
