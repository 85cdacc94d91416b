"""Stations and their bays: set up rarely, read by everything, so remembered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from central import schema
from central.database.store import Store
from central.database.tx import Row, Tx, View
from central.line.line import Bay
from central.places import setup
from central.places.hours import Hours
from central.places.hours_words import from_row
from central.places.setup import (
    DEFAULT_NEXT_ON_YARD,
    DEFAULT_RECHECK_DAYS,
    DEFAULT_SWEEP_AFTER_MIN,
    BaySetup,
    StationSetup,
)
from central.privacy.limits import KEEP_DAYS, Days, days_of
from central.words import SYSTEM, Actor
from contract import problems
from contract.problems import Problem
from contract.visit import BayState

_STATION = sa.select(schema.station).where(schema.station.c.id == sa.bindparam("station"))
_SETUP_SEQ = sa.select(schema.station.c.setup_seq).where(
    schema.station.c.id == sa.bindparam("station")
)
_STATIONS = sa.select(schema.station.c.id).order_by(schema.station.c.name)
_BAYS = (
    sa.select(schema.bay)
    .where(schema.bay.c.station == sa.bindparam("station"))
    .order_by(schema.bay.c.door, schema.bay.c.id)
)
_SET_UP = (
    sa.update(schema.station)
    .where(schema.station.c.id == sa.bindparam("of_station"))
    .values(setup_seq=sa.bindparam("setup_seq"))
)


@dataclass(frozen=True, slots=True)
class Place:
    """A station as it was set up.

    `bays` come in the order of their doors; `overnight` keeps the line after closing, otherwise it is
    swept `sweep_after_min` later; a re-inspection within `recheck_days` is a recheck.  A door's sign says
    `sign_closed` or `sign_break` while its bay is so, and is dark where that is empty; a yard sign names
    `next_on_yard` of those who wait; `keep` is for how many days what is kept.  All of it was set by the
    station's event `setup_seq` or earlier.
    """

    id: str
    name: str
    zone: ZoneInfo
    bays: tuple[Bay, ...]
    hours: Hours
    overnight: bool = False
    sweep_after_min: int = DEFAULT_SWEEP_AFTER_MIN
    recheck_days: int = DEFAULT_RECHECK_DAYS
    sign_closed: str = ""
    sign_break: str = ""
    next_on_yard: int = DEFAULT_NEXT_ON_YARD
    keep: Days = KEEP_DAYS
    setup_seq: int = 0

    @property
    def early_min(self) -> int:
        """How many minutes before an opening arrivals are taken."""
        return self.hours.early_min

    def bay(self, bay_id: str) -> Bay:
        """Find a bay; Problem `not_found` when there is none."""
        found = next((bay for bay in self.bays if bay.id == bay_id), None)
        if found is None:
            raise Problem(problems.NOT_FOUND, f"{self.name} has no bay {bay_id}.")
        return found

    def door(self, bay_id: str | None) -> str | None:
        """The door's name for people."""
        return next((bay.door for bay in self.bays if bay.id == bay_id), None)

    def notice(self, state: BayState) -> str:
        """What the sign over a bay in this state says while nobody is called to it; "" is dark."""
        return {BayState.CLOSED: self.sign_closed, BayState.ON_BREAK: self.sign_break}.get(
            state, ""
        )

    def day_of(self, moment: datetime) -> tuple[datetime, datetime]:
        """The station's own day that holds *moment*: its first moment and the next day's."""
        day = moment.astimezone(self.zone).date()
        first = datetime.combine(day, time(), self.zone)
        after = datetime.combine(day + timedelta(days=1), time(), self.zone)
        return first.astimezone(UTC), after.astimezone(UTC)


class Places:
    """The stations of one database."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._remembered: dict[str, Place] = {}
        self._changing: set[str] = set()
        self._changes = 0
        # Whether what was seen inside a transaction came true is not known then.
        store.losses.add(self._forget_all)

    def of(self, view: View, station: str) -> Place:
        """The station, remembered since the last change; Problem `not_found` when there is none."""
        found = self._remembered.get(station)
        if found is not None and self._stands(view, found):
            return found
        changes = self._changes
        found = _read(view, station)
        view.setup[station] = found.setup_seq
        # A change that was committed after this read began must not be forgotten.
        if changes == self._changes and station not in self._changing and not isinstance(view, Tx):
            self._remembered[station] = found
        return found

    def _stands(self, view: View, place: Place) -> bool:
        """Whether nobody has changed it since: on a shared database others may have."""
        if place.id in self._changing:
            return False
        if not self._store.shared:
            return True
        if place.id not in view.setup:
            row = view.first(_SETUP_SEQ, station=place.id)
            view.setup[place.id] = -1 if row is None else row.setup_seq
        return view.setup[place.id] == place.setup_seq

    def warm(self, station: str) -> None:
        """Remember a station before the writer needs it."""
        if station not in self._remembered:
            self._store.read(lambda view: self.of(view, station))

    def at(self, station: str) -> Place:
        """The station, for whoever reads nothing else; Problem `not_found` when there is none."""
        return self._store.read(lambda view: self.of(view, station))

    def stations(self) -> list[Place]:
        """All stations, by name."""
        return self._store.read(lambda view: [self.of(view, row.id) for row in view.all(_STATIONS)])

    def create_station(
        self,
        station: str,
        name: str,
        time_zone: str,
        *,
        holidays: str | None = None,
        actor: Actor = SYSTEM,
    ) -> None:
        """Set up a station; *station* is its word in addresses.  It is always open until it has hours.

        Raises:
            AlreadyThere, NotPossible: the word is taken, or it or the time zone cannot be used.
        """
        words = StationSetup(name=name, time_zone=time_zone, holidays=holidays)
        self._store.write(
            lambda tx: self.changed(tx, station, setup.insert_station(tx, actor, station, words)),
            station=station,
        )

    def set_station(self, station: str, change: StationSetup, *, actor: Actor = SYSTEM) -> None:
        """Change a station.

        Raises:
            NotThere, NotPossible: there is none, or a day, a span, a country or a zone cannot be read.
        """
        self._store.write(
            lambda tx: self.changed(tx, station, setup.change_station(tx, actor, station, change)),
            station=station,
        )

    def create_bay(
        self,
        station: str,
        bay: str,
        door: str,
        kinds: Sequence[str],
        capacity: int = 1,
        *,
        call_ahead: bool = False,
        actor: Actor = SYSTEM,
    ) -> None:
        """Set up a bay: the door's name, the kinds of inspection it takes, how many cars fit inside.

        Raises:
            AlreadyThere, NotThere, NotPossible: bay or door exist, the station does not, or no kinds.
        """
        words = BaySetup(door=door, kinds=kinds, capacity=capacity, call_ahead=call_ahead)
        self._store.write(
            lambda tx: self.changed(tx, station, setup.insert_bay(tx, actor, station, bay, words)),
            station=station,
        )

    def set_bay(self, station: str, bay: str, change: BaySetup, *, actor: Actor = SYSTEM) -> None:
        """Change a bay.

        Raises:
            AlreadyThere, NotThere, NotPossible: another bay has that door, there is none, or no kinds.
        """
        self._store.write(
            lambda tx: self.changed(tx, station, setup.change_bay(tx, actor, station, bay, change)),
            station=station,
        )

    def changed(self, tx: Tx, station: str, seq: int | None) -> None:
        """Event *seq* has changed the station or a bay: what was remembered of it is true no longer."""
        if seq is None:
            return
        tx.run(_SET_UP, of_station=station, setup_seq=seq)
        tx.setup[station] = seq
        # Until it is on disk nobody remembers anything: other jobs may be of the same transaction.
        self._changing.add(station)
        tx.after_commit(partial(self._forget, station))

    def _forget_all(self) -> None:
        self._changes += 1
        self._remembered.clear()
        self._changing.clear()

    def _forget(self, station: str) -> None:
        self._changes += 1
        self._remembered.pop(station, None)
        self._changing.discard(station)


def _read(view: View, station: str) -> Place:
    row = view.first(_STATION, station=station)
    if row is None:
        raise Problem(problems.NOT_FOUND, f"There is no station {station}.")
    zone = ZoneInfo(row.time_zone)
    return Place(
        id=row.id,
        name=row.name,
        zone=zone,
        bays=tuple(_bay(bay) for bay in view.all(_BAYS, station=station)),
        hours=Hours(
            zone,
            from_row(row.hours),
            {date.fromisoformat(day): spans for day, spans in from_row(row.special_days).items()},
            row.holidays,
            row.early_min,
        ),
        overnight=row.overnight,
        sweep_after_min=row.sweep_after_min,
        recheck_days=row.recheck_days,
        sign_closed=row.sign_closed,
        sign_break=row.sign_break,
        next_on_yard=row.next_on_yard,
        keep=days_of(row),
        setup_seq=row.setup_seq,
    )


def _bay(row: Row) -> Bay:
    return Bay(
        id=row.id,
        door=row.door,
        kinds=frozenset(row.kinds),
        capacity=row.capacity,
        state=BayState(row.state),
        until=row.until,
        call_ahead=row.call_ahead,
    )
