"""What the booking system and the desk ask: bookings, held arrivals, vehicles, and a visit by its plate."""

from datetime import date
from typing import Annotated

from flask import Blueprint
from msgspec import Meta, Struct

from central.web.gate import who_asks
from central.web.reading import Nothing
from central.web.routes import IN_CHARGE, LINE, Who, blueprint, route
from central.yard import Yard
from contract import problems
from contract.accounts import Looked
from contract.plate import Plate
from contract.wire import Plated
from contract.words import BookingWords, Dismissal
from contract.yard import BookingRow, QueueRow, Vehicle

_STATION = "/v1/stations/<station>"
_BOOKING = f"{_STATION}/bookings/<ref>"
_HELD = f"{_STATION}/held/<arrival>"
_LOOKED_AT = (problems.CHANGED_MEANWHILE, problems.WRONG_STATE)


class BookingsAsked(Struct, frozen=True):
    """Which day's bookings."""

    day: Annotated[date, Meta(description="The station's own day, like 2026-11-23.")]


class VisitsAsked(Struct, frozen=True):
    """Which visits."""

    plate: Annotated[Plated, Meta(description="Part of a plate: at least two signs.")]


class BookingRoutes:
    """Bookings, held arrivals, vehicles."""

    def __init__(self, yard: Yard) -> None:
        self._desk = yard.desk

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "bookings")

    @route("GET", f"{_STATION}/bookings", IN_CHARGE, Who.BOOKINGS_READ, looks=Looked.BOOKINGS)
    def bookings(self, station: str, asked: BookingsAsked) -> list[BookingRow]:
        """Give every booking of a day, cancelled ones too, in the order of the slots."""
        return self._desk.bookings_of(station, asked.day)

    @route(
        "PUT",
        _BOOKING,
        IN_CHARGE,
        Who.BOOKINGS_WRITE,
        status={200: "It was here; now it is so.", 201: "A new booking."},
        refuses=(problems.PLATE_REFUSED, problems.VALUE_REFUSED),
    )
    def save_booking(self, station: str, ref: str, words: BookingWords) -> tuple[BookingRow, int]:
        """Write a booking as the booking system has it now: new, moved, changed or cancelled.

        The same booking may be sent any number of times.  A vehicle that has come for it already keeps its
        place; the visit's timeline tells of the change.
        """
        row, is_new = self._desk.save_booking(station, who_asks().actor, ref, words)
        return row, 201 if is_new else 200

    @route("DELETE", _BOOKING, IN_CHARGE, Who.BOOKINGS_WRITE)
    def cancel_booking(self, station: str, ref: str) -> None:
        """Cancel a booking; once more changes nothing."""
        self._desk.cancel_booking(station, who_asks().actor, ref)

    @route(
        "GET",
        f"{_STATION}/visits",
        LINE,
        refuses=(problems.PLATE_REFUSED,),
        looks=Looked.VISITS,
    )
    def visits(self, station: str, asked: VisitsAsked) -> list[QueueRow]:
        """Find today's visits, open and ended, by part of a plate; newest first, at most 50."""
        return self._desk.visits_with(station, Plate.parse(asked.plate))

    @route("GET", f"{_STATION}/visits/<visit>/vehicle", LINE, looks=Looked.VEHICLE)
    def vehicle(self, station: str, visit: str) -> Vehicle:
        """Give what is known of a visit's vehicle: bookings, the last inspection, the register.

        The register is asked at once, for two seconds at most, and nothing that it says is kept.
        """
        return self._desk.vehicle(station, visit)

    @route("POST", f"{_HELD}/admit", LINE, refuses=_LOOKED_AT)
    def admit(self, station: str, arrival: str, words: Nothing) -> QueueRow:  # noqa: ARG002 - read, and empty
        """Let a held arrival into the line; who came today keeps the time at which it did."""
        return self._desk.admit(station, who_asks().actor, arrival)

    @route("POST", f"{_HELD}/dismiss", LINE, refuses=_LOOKED_AT)
    def dismiss(self, station: str, arrival: str, words: Dismissal) -> None:
        """Turn a held arrival away, with the reason why."""
        self._desk.dismiss(station, who_asks().actor, arrival, words)
