"""Stations and their bays: set up rarely, read by everything, so remembered."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa

from central import schema
from central.errors import AlreadyThere, NotPossible, NotThere
from central.line import Bay
from central.store import Store
from central.tx import Tx, View
from contract import problems
from contract.problems import Problem

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")

_STATION = sa.select(schema.station).where(schema.station.c.id == sa.bindparam("station"))
_STATIONS = sa.select(schema.station.c.id).order_by(schema.station.c.name)
_BAYS = (
    sa.select(schema.bay)
    .where(schema.bay.c.station == sa.bindparam("station"))
    .order_by(schema.bay.c.door, schema.bay.c.id)
)


@dataclass(frozen=True, slots=True)
class Place:
    """A station as it was set up.  `bays` come in the order of their doors."""

    id: str
    name: str
    zone: ZoneInfo
    bays: tuple[Bay, ...]

    def bay(self, bay_id: str) -> Bay:
        """Find a bay; Problem `not_found` when there is none."""
        found = next((bay for bay in self.bays if bay.id == bay_id), None)
        if found is None:
            raise Problem(problems.NOT_FOUND, f"{self.name} has no bay {bay_id}.")
        return found

    def door(self, bay_id: str | None) -> str | None:
        """The door's name for people."""
        return next((bay.door for bay in self.bays if bay.id == bay_id), None)

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
        self._changes = 0

    def of(self, view: View, station: str) -> Place:
        """The station, remembered since the last change; Problem `not_found` when there is none."""
        found = self._remembered.get(station)
        if found is None:
            changes = self._changes
            found = _read(view, station)
            # A change that was committed after this read began must not be forgotten.
            if changes == self._changes and not isinstance(view, Tx):
                self._remembered[station] = found
        return found

    def warm(self, station: str) -> None:
        """Remember a station before the writer needs it."""
        if station not in self._remembered:
            self._store.read(lambda view: self.of(view, station))

    def stations(self) -> list[Place]:
        """All stations, by name."""
        return self._store.read(lambda view: [self.of(view, row.id) for row in view.all(_STATIONS)])

    def create_station(self, station: str, name: str, time_zone: str) -> None:
        """Set up a station; *station* is its word in addresses.

        Raises:
            AlreadyThere, NotPossible: the word is taken, or it or the time zone cannot be used.
        """
        _check_id("station", station)
        try:
            ZoneInfo(time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise NotPossible(
                f"{time_zone} is no time zone; write it like Europe/Stockholm."
            ) from error
        self._store.write(lambda tx: self._insert_station(tx, station, name, time_zone))

    def create_bay(
        self, station: str, bay: str, door: str, kinds: Sequence[str], capacity: int = 1
    ) -> None:
        """Set up a bay: the door's name, the kinds of inspection it takes, how many cars fit inside.

        Raises:
            AlreadyThere, NotThere, NotPossible: bay or door exist, the station does not, or no kinds.
        """
        _check_id("bay", bay)
        if not kinds or capacity < 1:
            raise NotPossible(
                "A bay takes at least one kind and has room for at least one vehicle."
            )
        self._store.write(lambda tx: self._insert_bay(tx, station, bay, door, kinds, capacity))

    def _insert_station(self, tx: Tx, station: str, name: str, time_zone: str) -> None:
        if tx.first(_STATION, station=station) is not None:
            raise AlreadyThere(f"There is a station {station} already; choose another word.")
        tx.run(sa.insert(schema.station), id=station, name=name, time_zone=time_zone, seq=0)
        tx.after_commit(self._forget)

    def _insert_bay(
        self, tx: Tx, station: str, bay: str, door: str, kinds: Sequence[str], capacity: int
    ) -> None:
        if tx.first(_STATION, station=station) is None:
            raise NotThere(f"There is no station {station}; create it first.")
        for row in tx.all(_BAYS, station=station):
            if bay == row.id or door == row.door:
                raise AlreadyThere(f"{station} has bay {row.id} with door {row.door} already.")
        tx.run(
            sa.insert(schema.bay),
            station=station,
            id=bay,
            door=door,
            kinds=sorted(set(kinds)),
            capacity=capacity,
        )
        tx.after_commit(self._forget)

    def _forget(self) -> None:
        self._changes += 1
        self._remembered.clear()


def _read(view: View, station: str) -> Place:
    row = view.first(_STATION, station=station)
    if row is None:
        raise Problem(problems.NOT_FOUND, f"There is no station {station}.")
    bays = tuple(
        Bay(bay.id, bay.door, frozenset(bay.kinds), bay.capacity)
        for bay in view.all(_BAYS, station=station)
    )
    return Place(row.id, row.name, ZoneInfo(row.time_zone), bays)


def _check_id(what: str, word: str) -> None:
    if _ID.fullmatch(word) is None:
        raise NotPossible(
            f'"{word}" cannot name a {what}; use lower-case letters, digits and hyphens, at most 32.'
        )
