"""Personal data as a use case: what is kept, what somebody asks for, and what goes every night."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from msgspec import structs

from central.database.store import Store
from central.database.tx import Tx
from central.known import Known
from central.privacy import accounts, owing, requests, retention
from central.troubles import Troubles
from central.words import Actor
from contract.accounts import Erased, Export, Keeping
from contract.plate import Plate

log = logging.getLogger(__name__)

# Somebody waits for the answer; at night nobody does.
REQUEST_WAITS_S = 5.0
NIGHT_WAITS_S = 900.0

# Erases in a copy of the database; says how many rows that concerned.
Erase = Callable[[Tx], int]
# The same for whatever is due at a moment.
EraseDue = Callable[[Tx, datetime], int]
Progress = Callable[[int, int], None]


def _quiet(_done: int, _of: int) -> None:
    """Nobody looks."""


@dataclass(frozen=True, slots=True)
class Aged:
    """What became of the copies: how many were written anew, which could not be, and which are of an older
    release, which must be able to read them.
    """

    rewritten: int = 0
    failed: Sequence[str] = ()
    old: Sequence[str] = ()


class Request(Protocol):
    """A plate is being erased on request."""

    def erased(self, erase: Erase, progress: Progress) -> Aged:
        """It is erased here: run *erase* in every kept copy in which it stands."""


class Leftovers(Protocol):
    """Where else the bytes of an erased plate are: in kept copies, and in the database's own files."""

    def request(self, station: str, plate: Plate, wait_s: float) -> AbstractContextManager[Request]:
        """While it is entered *plate* is erased; whatever of that is cut off is done at a later `age`.

        Raises:
            Problem: `not_saved` when a backup is being taken and is not done within *wait_s*.
        """

    def age(self, due: EraseDue, wait_s: float) -> None:
        """Run *due* in every kept copy, when a night has begun since that was done; asked once a minute."""

    def wipe(self) -> bool:
        """Leave no bytes of erased rows in the database's files; whether that is done."""


class Nothing:
    """No copies: a database that is only in memory, or of a test."""

    @contextmanager
    def request(self, station: str, plate: Plate, wait_s: float) -> Iterator["Nothing"]:  # noqa: ARG002 - none
        """There is nothing to remember."""
        yield self

    def erased(self, erase: Erase, progress: Progress) -> Aged:  # noqa: ARG002 - there is nothing to erase in
        """There are none."""
        return Aged()

    def age(self, due: EraseDue, wait_s: float) -> None:
        """There are none."""

    def wipe(self) -> bool:
        """There is nothing to do."""
        return True


class PersonalData:
    """What one database knows of people.  `night` is to be called once a minute, apart from the line."""

    def __init__(self, store: Store, known: Known, leftovers: Leftovers | None = None) -> None:
        self.leftovers: Leftovers = leftovers or Nothing()
        self._store = store
        self._known = known
        self._troubles = Troubles()

    def keeping(self, station: str) -> Keeping:
        """For how long what is kept; Problem `not_found` for a station that is not there."""
        self._known.places.warm(station)
        return self._store.read(partial(retention.keeping, station=station))

    def export(self, station: str, plate: Plate) -> Export:
        """Everything about a plate; raises as `requests.export` does."""
        return self._store.read(lambda view: requests.export(view, self._known, station, plate))

    def erase(
        self, station: str, actor: Actor, plate: Plate, progress: Progress = _quiet
    ) -> Erased:
        """Erase a plate here and then in the copies; what is cut off in between the next minutes do.

        *progress* hears `(done, of)` rows of a copy that is written anew.

        Raises:
            Problem: `wrong_state` while the vehicle is in the yard, `not_found` for an unknown station,
                `not_saved` while a backup is being taken.
        """
        place = self._store.read(partial(self._known.places.of, station=station))
        self._store.read(lambda view: requests.refuse_if_here(view, station, plate))
        today, _ = place.day_of(self._known.clock.now())
        with self.leftovers.request(station, plate, REQUEST_WAITS_S) as request:
            done = self._store.write(
                lambda tx: _marked(tx, requests.erase(tx, station, actor, plate, today)),
                station=station,
            )
            aged = request.erased(
                lambda tx: _rows(requests.forget(tx, station, actor, plate, today)), progress
            )
        self._wipe()
        log.info(
            "erased on request station=%s visits=%d bookings=%d",
            station,
            done.visits,
            done.bookings,
        )
        return structs.replace(done, backups=aged.rewritten, backups_failed=list(aged.failed))

    def night(self) -> None:
        """Erase what is due since the last night, station by station, then from copies and files.

        While nobody has set the clock nothing is erased: days that are not known are not over.

        Raises:
            Problem: `not_saved` when the database is away.
            TickLost: something failed at some stations; at all others it was done.
        """
        if not self._known.clock.synced():
            return
        with self._troubles.turn():
            stations = self._store.read(retention.stations_due)
            for station in stations:
                with self._troubles.apart("retention", station):
                    self._erase_due(station)
            if stations:
                with self._troubles.apart("accounts"):
                    self._store.write(accounts.erase_over)
            with self._troubles.apart("copies"):
                self.leftovers.age(erase_due_everywhere, NIGHT_WAITS_S)
            with self._troubles.apart("files"):
                self._wipe()

    def _erase_due(self, station: str) -> None:
        write = partial(self._store.write, station=station)
        # First: who is cut off in between must not leave bytes that nobody looks for.
        self._store.write(owing.mark)
        done = retention.erase_due(write, station, self._known.clock.now()).erased
        log.info("erased station=%s visits=%d bookings=%d", station, done.visits, done.bookings)

    def _wipe(self) -> None:
        mark = self._store.read(owing.owed)
        if mark is not None and self.leftovers.wipe():
            self._store.write(lambda tx: owing.paid(tx, mark))


def erase_due_everywhere(tx: Tx, now: datetime) -> int:
    """Forget in a copy of the database whatever is due at *now*, at all its stations; give how many rows."""
    return sum(
        retention.erase_due(lambda job: job(tx), station, now).rows
        for station in retention.stations(tx)
    )


def _marked(tx: Tx, done: Erased) -> Erased:
    owing.mark(tx)
    return done


def _rows(done: Erased) -> int:
    return done.visits + done.arrivals + done.bookings + done.help_calls + done.inspections
