"""The desk: bookings, arrivals that a person must look at, and what staff may know of a vehicle.

Every method may be called from any thread.  Methods that change something return after the change is
on disk.  All raise `Problem`: `not_found` for a station or a visit that does not exist, and what their
text names.
"""

from datetime import date

from central.bookings import booking_csv, bookings
from central.bookings.booking_changes import compare
from central.bookings.booking_csv import Progress
from central.bookings.bookings import Imported
from central.bookings.register import Register
from central.database.store import Store
from central.known import Known
from central.line import held, snapshot, vehicle
from central.places.places import Place
from central.words import Actor
from contract.plate import Plate
from contract.words import BookingWords, Dismissal
from contract.yard import BookingRow, QueueRow, Vehicle


class Desk:
    """What people at the desk and the booking system do; *register* is where vehicles are looked up."""

    def __init__(self, store: Store, known: Known, register: Register | None) -> None:
        self._store = store
        self._known = known
        self._register = register

    # -- bookings -----------------------------------------------------------------------------

    def import_bookings(
        self,
        station: str,
        actor: Actor,
        csv_text: str,
        *,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> Imported:
        """Take in a CSV file, all of it or nothing; upsert by `ref`.

        Raises:
            Problem: `bookings_refused` with member `lines`, each `{"line": number, "reason": sentence}`.
        """
        place = self._place(station)
        sheet = booking_csv.read_csv(csv_text, place, progress)
        if dry_run:
            changes = self._store.read(lambda view: compare(view, place, sheet))
            return bookings.imported(sheet, changes, dry_run=True)
        return self._store.write(
            lambda tx: bookings.take_in(tx, self._known, station, actor, sheet), station
        )

    def save_booking(
        self, station: str, actor: Actor, ref: str, words: BookingWords
    ) -> tuple[BookingRow, bool]:
        """Write a booking as it is now: new, moved, changed or cancelled; say too whether it is new.

        Raises:
            PlateRefused: one of the plates cannot be a plate.
            Problem: `bad_request`.
        """
        booking = booking_csv.from_words(self._place(station), ref, words)
        return self._store.write(
            lambda tx: bookings.save(tx, self._known, station, actor, booking), station
        )

    def cancel_booking(self, station: str, actor: Actor, ref: str) -> None:
        """Take a booking back; once more changes nothing."""
        self._place(station)
        self._store.write(lambda tx: bookings.cancel(tx, self._known, station, actor, ref), station)

    def bookings_of(self, station: str, day: date) -> list[BookingRow]:
        """Every booking of a day, cancelled ones too, in the order of the slots."""
        return self._store.read(lambda view: bookings.of_day(view, self._known, station, day))

    # -- arrivals that wait for a person ------------------------------------------------------

    def admit(self, station: str, actor: Actor, arrival: str) -> QueueRow:
        """Let a held arrival into the line; `changed_meanwhile` with member `by` when another has looked."""
        self._place(station)
        return self._store.write(
            lambda tx: snapshot.row_of(
                tx, self._known, station, held.admit(tx, self._known, station, actor, arrival)
            ),
            station,
        )

    def dismiss(self, station: str, actor: Actor, arrival: str, words: Dismissal) -> None:
        """Turn a held arrival away; `changed_meanwhile` with member `by` when another has looked."""
        self._place(station)
        self._store.write(
            lambda tx: held.dismiss(tx, self._known, station, actor, arrival, words.reason), station
        )

    # -- vehicles -----------------------------------------------------------------------------

    def vehicle(self, station: str, visit: str) -> Vehicle:
        """What we know of a visit's vehicle, and what the register says of it now."""
        found = self._store.read(lambda view: vehicle.vehicle(view, self._known, station, visit))
        return vehicle.with_register(found, self._register)

    def visits_with(self, station: str, part: Plate) -> list[QueueRow]:
        """Today's visits, open and ended, with a plate that contains *part*; newest first, at most 50."""
        return self._store.read(lambda view: vehicle.with_part(view, self._known, station, part))

    def _place(self, station: str) -> Place:
        """The station, remembered before the writer needs it."""
        return self._store.read(lambda view: self._known.places.of(view, station))
