"""Personal data as a use case: what is kept, what somebody asks for, and what goes every night."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from msgspec import structs

from central.known import Known
from central.privacy import accounts, owing, requests, retention
from central.store import Store
from central.troubles import Troubles
from central.tx import Tx
from central.words import Actor
from contract.accounts import Erased, Export, Keeping
from contract.plate import Plate
from contract.problems import Problem

log = logging.getLogger(__name__)

# Somebody waits for the answer; at night nobody does.
REQUEST_WAITS_S = 5.0
NIGHT_WAITS_S = 900.0

# Erases in a copy of the database; says how many rows that concerned.
Erase = Callable[[Tx], int]


@dataclass(frozen=True, slots=True)
class Aged:
    """What became of the copies: how many were written anew, and which could not be."""

    rewritten: int = 0
    failed: Sequence[str] = ()


class Leftovers(Protocol):
    """Where else the bytes of an erased plate are: in kept copies, and in the database's own files."""

    def age(self, erase: Erase, wait_s: float) -> Aged:
        """Run *erase* in every kept copy, and write anew those where it found something.

        Raises:
            Problem: `not_saved` when a backup is being taken and is not done within *wait_s*.
        """

    def wipe(self) -> bool:
        """Leave no bytes of erased rows in the database's files; whether that is done."""

    def remember(self, station: str, plate: Plate) -> None:
        """Keep in mind that *plate* was erased, for a restore of a copy that is not here."""


class Nothing:
    """No copies: a database that is only in memory, or of a test."""

    def age(self, erase: Erase, wait_s: float) -> Aged:  # noqa: ARG002 - there is nothing to erase in
        """There are none."""
        return Aged()

    def wipe(self) -> bool:
        """There is nothing to do."""
        return True

    def remember(self, station: str, plate: Plate) -> None:
        """There is nothing to restore."""


class PersonalData:
    """What one database knows of people.  `night` is to be called once a minute, apart from the line."""

    def __init__(self, store: Store, known: Known, leftovers: Leftovers | None = None) -> None:
        self.leftovers: Leftovers = leftovers or Nothing()
        self._store = store
        self._known = known
        self._troubles = Troubles()
        self._aged = True

    def keeping(self, station: str) -> Keeping:
        """For how long what is kept; Problem `not_found` for a station that is not there."""
        self._known.places.warm(station)
        return self._store.read(partial(retention.keeping, station=station))

    def export(self, station: str, plate: Plate) -> Export:
        """Everything about a plate; raises as `requests.export` does."""
        return self._store.read(lambda view: requests.export(view, self._known, station, plate))

    def erase(self, station: str, actor: Actor, plate: Plate) -> Erased:
        """Erase a plate from the copies first, then here: whoever is interrupted asks again.

        Raises:
            Problem: `wrong_state` while the vehicle is in the yard, `not_found` for an unknown station,
                `not_saved` while a backup is being taken.
        """
        place = self._store.read(partial(self._known.places.of, station=station))
        self._store.read(lambda view: requests.refuse_if_here(view, station, plate))
        today, _ = place.day_of(self._known.clock.now())
        aged = self.leftovers.age(
            lambda tx: _rows(requests.forget(tx, station, actor, plate, today)), REQUEST_WAITS_S
        )
        self.leftovers.remember(station, plate)
        done = self._store.write(
            lambda tx: _marked(tx, requests.erase(tx, station, actor, plate, today)),
            station=station,
        )
        self._wipe()
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
                self._store.write(accounts.erase_over)
                self._aged = False
            if not self._aged:
                self._age()
            self._wipe()

    def _erase_due(self, station: str) -> None:
        write = partial(self._store.write, station=station)
        # First: who is cut off in between must not leave bytes that nobody looks for.
        self._store.write(owing.mark)
        done = retention.erase_due(write, station, self._known.clock.now()).erased
        log.info("erased station=%s visits=%d bookings=%d", station, done.visits, done.bookings)

    def _age(self) -> None:
        """Let the copies forget what is due in them too; while a backup is being taken, a little later."""
        erase = partial(erase_due_everywhere, now=self._known.clock.now())
        try:
            aged = self.leftovers.age(erase, NIGHT_WAITS_S)
        except Problem as problem:
            log.info("backups not aged yet reason=%s", problem.detail)
            return
        self._aged = True
        for name in aged.failed:
            log.warning("backup not aged file=%s", name)

    def _wipe(self) -> None:
        if self._store.read(owing.owes) and self.leftovers.wipe():
            self._store.write(owing.paid)


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
