"""Bookings from a CSV file, and from words: read strictly, so that nothing wrong gets to the line."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from central.bookings.booking_changes import Booking, Sheet
from central.bookings.csv_rows import NotATable, header, named, rows_of
from central.places.places import Place
from contract import problems
from contract.plate import Plate
from contract.problems import Problem
from contract.visit import Kind
from contract.words import REF, BookingWords

_T = TypeVar("_T")
Progress = Callable[[int, int], None]

MUST = ("ref", "plate", "slot")
MAY = ("kind", "plate2", "make", "model", "colour", "remark", "cancelled")
_KINDS = frozenset(kind.value for kind in Kind)
_FACTS = ("make", "model", "colour", "remark")
_REPORT_EVERY = 200
_LONGEST_REF = 64
_REF = re.compile(REF)
_LONGEST_FACT = 200
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_YES_OR_NO = {"": False, "no": False, "false": False, "0": False}
_YES_OR_NO |= {"yes": True, "true": True, "1": True}


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line of the file, counted from 1 with the header, and what is wrong with it."""

    line: int
    reason: str


def read_csv(text: str, place: Place, progress: Progress | None = None) -> Sheet:
    """Read a file with a header `ref,plate,slot` and perhaps more; comma or semicolon.

    A column that is missing says nothing: of a booking that is here already it changes nothing.

    Raises:
        Problem: `bookings_refused` with member `lines`.
    """
    try:
        rows = rows_of(text, MUST)
        columns = header(*rows[0], MUST, MAY)
    except NotATable as error:
        raise _refused([BadLine(error.line, str(error))]) from error
    reader = _Reader(place, columns)
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
    return Sheet(reader.bookings, reader.given)


def from_words(place: Place, ref: str, words: BookingWords) -> Booking:
    """Read one booking as the booking system sends it.

    Raises:
        PlateRefused: one of the plates cannot be a plate.
        Problem: `bad_request`, with the path of the field that is wrong where there is one.
    """
    plate = Plate.parse(words.plate)
    plate2 = None if words.plate2 is None else Plate.parse(words.plate2)
    return Booking(
        ref=_said("ref", _checked_ref, ref),
        plate=plate,
        slot_at=_said("$.slot_at", _in_utc, words.slot_at),
        kind=_said("$.kind", lambda kind: _checked_kind(kind, place), words.kind),
        plate2=plate2,
        cancelled=words.cancelled,
        **{name: _one_line(getattr(words, name) or "") for name in _FACTS},
    )


def _said(path: str, check: Callable[[_T], _T], value: _T) -> _T:
    try:
        return check(value)
    except (ValueError, OverflowError) as error:
        raise Problem(problems.VALUE_REFUSED, f"{error}", path=path) from error


class _Reader:
    """Turns lines into bookings; *columns* says which cell is what."""

    def __init__(self, place: Place, columns: Sequence[str]) -> None:
        self.bookings: list[Booking] = []
        self.given = frozenset({*columns, "slot_at"} - {"ref", "slot"})
        self._place = place
        self._columns = columns
        self._lines: dict[str, int] = {}

    def take(self, number: int, cells: Sequence[str]) -> None:
        """Read one line; ValueError says what is wrong with it."""
        words = named(self._columns, cells)
        ref = self._ref(number, words["ref"])
        plate2 = words.get("plate2")
        booking = Booking(
            ref=ref,
            plate=Plate.parse(words["plate"]),
            slot_at=_slot(words["slot"], self._place),
            kind=_checked_kind(words.get("kind") or Kind.FULL.value, self._place),
            plate2=Plate.parse(plate2) if plate2 else None,
            cancelled=_yes_or_no(words.get("cancelled", "")),
            **{name: _fact(name, words.get(name, "")) for name in _FACTS},
        )
        self.bookings.append(booking)

    def _ref(self, number: int, ref: str) -> str:
        _checked_ref(ref)
        earlier = self._lines.setdefault(ref, number)
        if earlier != number:
            raise ValueError(f"ref {ref} stands on line {earlier} already.")
        return ref


def _checked_ref(ref: str) -> str:
    if not 0 < len(ref) <= _LONGEST_REF:
        raise ValueError(f"ref has {len(ref)} characters; it needs 1 to {_LONGEST_REF}.")
    if not _REF.fullmatch(ref):
        raise ValueError("ref may have A to Z, digits, spaces and . _ ~ : + # - in it.")
    return ref


def _checked_kind(kind: str, place: Place) -> str:
    # The common kinds first: a file has thousands of lines.
    if kind in _KINDS or any(kind in bay.kinds for bay in place.bays):
        return kind
    kinds = {word for bay in place.bays for word in bay.kinds} | _KINDS
    raise ValueError(f"kind {kind} is not one of {', '.join(sorted(kinds))}.")


def _fact(name: str, text: str) -> str | None:
    """A fact as one line of text; what looks like a spreadsheet's formula is text like any other."""
    fact = _one_line(text)
    if fact is not None and len(fact) > _LONGEST_FACT:
        raise ValueError(f"{name} has {len(fact)} characters; at most {_LONGEST_FACT} are kept.")
    return fact


def _one_line(text: str) -> str | None:
    """The text without what no page could show."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(text.split()) or None


def _yes_or_no(text: str) -> bool:
    try:
        return _YES_OR_NO[text.lower()]
    except KeyError:
        raise ValueError(f'cancelled is "{text}"; write yes or no, or leave it empty.') from None


def _slot(text: str, place: Place) -> datetime:
    """A moment with its own offset, or the station's local time."""
    try:
        slot = datetime.fromisoformat(text)
    except ValueError:
        slot = None
    if slot is None or ":" not in text:
        raise ValueError(f'slot "{text}" is no time; write it like 2026-11-23 10:30.')
    if slot.tzinfo is not None:
        return _checked_slot(slot)
    moment = _checked_slot(slot.replace(tzinfo=place.zone))
    if moment.astimezone(place.zone).replace(tzinfo=None) != slot:
        raise ValueError(f'slot "{text}" does not exist: clocks are set forward then.')
    return moment


def _checked_slot(slot: datetime) -> datetime:
    if not _FIRST_YEAR <= slot.year < _LAST_YEAR:
        raise ValueError(f"slot is in the year {slot.year}; nobody books that.")
    return _in_utc(slot)


def _in_utc(slot: datetime) -> datetime:
    return slot.astimezone(UTC)


def _refused(bad: Sequence[BadLine]) -> Problem:
    first = bad[0]
    more = f" {len(bad) - 1} more lines are wrong." if len(bad) > 1 else ""
    return Problem(
        problems.BOOKINGS_REFUSED,
        f"Nothing was imported. Line {first.line}: {first.reason}{more}",
        lines=[{"line": one.line, "reason": one.reason} for one in bad],
    )
