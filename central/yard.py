"""The yard: every use case of one station's line, doors, signs and help, each one transaction.

Every method may be called from any thread.  Methods that change something return after the change is
on disk; methods that only look read one consistent moment.  All raise `Problem`: `not_found` for a
station, visit or bay that does not exist, `not_saved` when the disk failed, and what their text names.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from central.bookings.booking_csv import Progress
from central.bookings.bookings import Imported
from central.bookings.register import Register
from central.clock import Clock
from central.copies.backup import BackupMade, Wanted, back_up
from central.database.listeners import Listeners
from central.database.store import Store
from central.database.tx import Tx
from central.devices.devices import Devices
from central.devices.heartbeats import Heartbeats
from central.fleet.fleet import Fleets
from central.halls.link import Link, Office
from central.halls.office import Halls
from central.known import Known
from central.line import arrivals, calls, helping, rows, snapshot, standing
from central.line import undo as undoing
from central.line.arrivals import Taken
from central.line.closing import Closings
from central.line.desk import Desk
from central.line.line import Visit
from central.line.look_ups import LookUps
from central.people.api_tokens import ApiTokens
from central.people.looks import Looks
from central.people.people import People
from central.people.staffing import Staffing
from central.places import bays
from central.privacy.personal_data import PersonalData
from central.signs import beats, pictures, sweep
from central.signs.watching import Watching
from central.troubles import Troubles
from central.words import Actor, SendClocks
from contract.plate import Plate
from contract.transitions import Verb
from contract.visit import BayState
from contract.wire import (
    LEASE_TTL_MAX_MS,
    Arrival,
    Beat,
    Booked,
    Expected,
    HelpCall,
    HelpState,
    Lease,
    Standing,
)
from contract.words import BayChange, BayWords, DeskArrival, HelpClose, UndoWords, VisitWords
from contract.yard import BayRow, DeviceNotice, EventRow, Queue, QueueRow, SignPicture


class Yard:
    """The use cases.  Beside them: `places` (stations, bays), `people` (who signs in), `staffing` (accounts),
    `tokens` (of other systems), `halls` (that report to this office), `looks` (who looked), `devices`
    (posts, signs), `heartbeats` (how those are), `fleet` (machines, and releases kept in *folder*),
    `personal_data` (how long it is kept, export, erasure),
    `desk` (bookings, held arrivals, vehicles, which are looked up in *register*).

    `nudges.add(callback)` hears a `Nudge` after each commit that concerns a sign, `revoked.add` a device
    that was taken out of service, `store.hints.add` `(station, seq)` after each commit, `backs_up.add` a
    folder before a backup is written there.  All call from the
    thread that wrote and must not block.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        ttl_ms: int = LEASE_TTL_MAX_MS,
        register: Register | None = None,
        folder: Path | None = None,
    ) -> None:
        self._store = store
        self._known = Known(store, clock, ttl_ms)
        self.nudges, self.revoked = self._known.nudges, self._known.revoked
        self.places = self._known.places
        self.people = People(store, clock)
        self.staffing = Staffing(store, self.people)
        self.halls = Halls(store, clock, self.places)
        self.tokens = ApiTokens(store, clock, self.halls.marks.forget)
        self.looks = Looks(store, self._known, clock)
        self.devices = Devices(store, self._known)
        self.backs_up: Listeners[Path] = Listeners()
        self.personal_data = PersonalData(store, self._known)
        self.heartbeats = Heartbeats(store, self._known)
        self.fleet = Fleets(store, self._known, folder)
        self.desk = Desk(store, self._known, register)
        self._look_ups = LookUps(store, self._known)
        self._troubles = Troubles()
        self._watching = Watching(store, self._known, self._troubles)
        self._closings = Closings(store, self._known, self._troubles)

    def now(self) -> datetime:
        """What central takes for the time."""
        return self._known.clock.now()

    # -- arrivals and what a post may ask -----------------------------------------------------

    def arrive(
        self,
        station: str,
        actor: Actor,
        arrival: Arrival | DeskArrival,
        raw: bytes,
        sent: SendClocks | None = None,
    ) -> Standing:
        """Check a vehicle in, once per arrival id; *raw* is the body as received.

        Raises:
            Problem: `id_reused`, `plate_refused`, or `bad_request` for a kind that no bay takes.
        """
        return self.take(station, actor, arrival, raw, sent).standing

    def take(
        self,
        station: str,
        actor: Actor,
        arrival: Arrival | DeskArrival,
        raw: bytes,
        sent: SendClocks | None = None,
    ) -> Taken:
        """The same, and say too whether this very arrival was here before."""
        self.places.warm(station)
        return self._store.write(
            lambda tx: arrivals.arrive(tx, self._known, station, actor, arrival, raw, sent),
            station=station,
        )

    def status(self, station: str, post: Actor, plate: str) -> Standing | None:
        """Where *plate* stands, if this *post* itself took it today; None for all others.

        What the post is told anew is on the visit's timeline first.  While the database saves nothing, or
        slowly, the customer is told all the same: a door that is open to them must not wait for a disk.
        """
        return self._look_ups.status(station, post, plate)

    def booked(self, station: str, plate: Plate) -> Booked:
        """Whether *plate* is booked for a day to come, or at another station."""
        return self._store.read(lambda view: standing.booked(view, self._known, station, plate))

    def expected(self, station: str, device: str = "") -> Expected:
        """Today's plates for the keypad: booked, or typed at the post *device* itself."""
        return self._store.read(lambda view: standing.expected(view, self._known, station, device))

    # -- the board ----------------------------------------------------------------------------

    def queue(self, station: str) -> Queue:
        """The whole yard at one event.  `line`: those who wait in order, then parked, called, in a bay."""
        return self._store.read(lambda view: snapshot.queue(view, self._known, station))

    def act(
        self, station: str, actor: Actor, visit: str, verb: Verb, words: VisitWords
    ) -> QueueRow:
        """Move a visit.

        Raises:
            Problem: `changed_meanwhile` (members `by`, `bay`), `wrong_state`, `bad_request`, `bay_busy`
                or `bay_cannot_serve`.
        """
        self.places.warm(station)
        return self._store.write(
            lambda tx: self._row(
                tx, station, calls.act(tx, self._known, station, actor, visit, verb, words)
            ),
            station=station,
        )

    def call_next(self, station: str, actor: Actor, bay: str, words: BayWords) -> QueueRow:
        """Call whoever is next to *bay*; refuse when that is not the row which the board showed.

        Raises:
            Problem: `changed_meanwhile` (members `by`, `visit`, `version`, `plate` of who is next now),
                `nobody_waiting` or `bay_busy`.
        """
        self.places.warm(station)
        return self._store.write(
            lambda tx: self._row(
                tx, station, calls.call_next(tx, self._known, station, actor, bay, words)
            ),
            station=station,
        )

    def undo(self, station: str, actor: Actor, words: UndoWords) -> QueueRow:
        """Take back *actor*'s own last deed, on the visit that *words* name or wherever it was.

        Raises:
            Problem: `too_late`, `changed_meanwhile` (member `by`), `bay_busy` or `already_here`.
        """
        self.places.warm(station)
        return self._store.write(
            lambda tx: self._row(tx, station, undoing.undo(tx, self._known, station, actor, words)),
            station,
        )

    def change_bay(
        self, station: str, actor: Actor, bay: str, to: BayState, words: BayChange
    ) -> BayRow:
        """Open, pause or close a bay.

        Raises:
            Problem: `bay_busy` (members `plate`, `visit`), or `value_refused` for an announced time that
                is past.
        """
        self._store.write(
            lambda tx: bays.change(tx, self._known, station, actor, bay, to, words),
            station=station,
        )
        return next(row for row in self.queue(station).bays if row.bay == bay)

    def timeline(self, station: str, visit: str) -> list[EventRow]:
        """Everything that happened to a visit and all that we said, oldest first."""
        return self._store.read(lambda view: snapshot.timeline(view, station, visit))

    def events_after(self, station: str, seq: int, limit: int = 500) -> list[EventRow]:
        """The station's events after *seq*, oldest first, at most *limit*."""
        return self._store.read(lambda view: snapshot.events_after(view, station, seq, limit))

    def cursor(self, station: str) -> tuple[str, int]:
        """The database's epoch and the station's latest event number."""
        return self._store.epoch, self._store.read(lambda view: rows.seq_of(view, station))

    # -- signs --------------------------------------------------------------------------------

    def beat(self, station: str, device: str, beat: Beat) -> Lease:
        """Answer a sign: a grant whose `lit` row is on disk, or dark."""
        return self._store.write(
            lambda tx: beats.beat(tx, self._known, station, device, beat), station=station
        )

    def seen_dark(self, station: str, actor: Actor, bay: str) -> None:
        """A person says that the faulty sign at *bay* is dark; `wrong_state` when none may hold a picture."""
        self.places.warm(station)
        self._store.write(
            lambda tx: sweep.seen_dark(tx, self._known, station, actor, bay), station=station
        )

    def ask_picture(self, station: str, sign: str) -> None:
        """Let a sign say what stands on it; `not_found` when there is none."""
        self._store.write(lambda tx: pictures.ask(tx, self._known, station, sign), station=station)

    def picture(self, station: str, sign: str) -> SignPicture | None:
        """What stands on a sign, as it has said since it was last asked; None while it has not."""
        return self._store.read(lambda view: pictures.newest(view, station, sign))

    def tick(self) -> None:
        """Once a second: let go of rows whose leases have all run out, notice silent signs, settle,
        and do what is due.

        Raises:
            Problem: `not_saved` when the database is away.
            TickLost: something failed at some stations; at all others it was done.
        """
        with self._troubles.turn():
            with self._troubles.apart("signs"):
                self._watching.tick()
            with self._troubles.apart("settling"):
                self._watching.settle()
            with self._troubles.apart("closing"):
                self._closings.tick()

    # -- help ---------------------------------------------------------------------------------

    def raise_help(self, station: str, actor: Actor, call: HelpCall) -> HelpState:
        """Somebody at a post asks for help; once per id."""
        self.places.warm(station)
        return self._store.write(
            lambda tx: helping.raise_help(tx, self._known, station, actor, call), station=station
        )

    def help_state(self, station: str, device: str, help_id: str) -> HelpState:
        """What became of the help that this post asked for."""
        return self._store.read(
            lambda view: helping.state(view, self._known, station, device, help_id)
        )

    def acknowledge(self, station: str, actor: Actor, help_id: str) -> HelpState:
        """A named person takes it; `changed_meanwhile` with member `by` when another did."""
        return self._store.write(
            lambda tx: helping.acknowledge(tx, self._known, station, actor, help_id),
            station=station,
        )

    def close_help(self, station: str, actor: Actor, help_id: str, words: HelpClose) -> HelpState:
        """Close it with a word on what it was; `changed_meanwhile` with member `by` when closed already."""
        return self._store.write(
            lambda tx: helping.close(tx, self._known, station, actor, help_id, words),
            station=station,
        )

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
        """Take in a CSV file, as `desk.import_bookings` does."""
        return self.desk.import_bookings(
            station, actor, csv_text, dry_run=dry_run, progress=progress
        )

    # -- operations ---------------------------------------------------------------------------

    def back_up(self, wanted: Wanted, progress: Progress) -> BackupMade:
        """Take a backup of all stations while they work.

        Raises:
            BackupFailed, BackupBroken, NotPossible: there is none.
        """
        self.backs_up.tell(wanted.folder)
        return back_up(self._store, wanted, progress)

    def tells_of(self, box: Callable[[datetime], list[DeviceNotice]]) -> None:
        """Let boards say what the machine itself lacks, as *box* finds it."""
        self._known.box = box

    def link(self, office: Office, station: str, backup_at: Callable[[], datetime | None]) -> Link:
        """The link of *station* with the office to which this hall box reports."""
        return Link(self._store, self._known, self, office, station, backup_at)

    def _row(self, tx: Tx, station: str, visit: Visit) -> QueueRow:
        return snapshot.row_of(tx, self._known, station, visit)
