"""What really stands in central's database, read past all of central's own code."""

import sqlite3
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from central.signs import lit
from contract.plate import Plate

OPEN = "('waiting', 'parked', 'called', 'in_bay')"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A visit as it is on the disk."""

    id: str
    plate: str
    match_key: str
    kind: str
    state: str
    bay: str | None
    call: str | None
    arrived_at: datetime
    turn_at: datetime
    slot_at: datetime | None
    ended_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.state in {"waiting", "parked", "called", "in_bay"}

    @property
    def order(self) -> tuple[datetime, datetime, str]:
        return self.turn_at, self.arrived_at, self.id


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """An arrival as it is on the disk."""

    id: str
    visit: str
    source: str
    body_sha256: str
    at: datetime
    received_at: datetime
    outcome: str


class Truth:
    """Questions to the database file; everything that was committed is in the answers."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        self._calls: dict[str, lit.Call] = {}

    def close(self) -> None:
        self._db.close()

    def visits(self, where: str = "true", *values: object) -> list[VisitRow]:
        """All visits that are so, in the order in which they were made."""
        names = (
            "id, plate, match_key, kind, state, bay, call, arrived_at, turn_at, slot_at, ended_at"
        )
        rows = self._db.execute(f"select {names} from visit where {where} order by rowid", values)
        return [VisitRow(*row[:7], *map(_moment, row[7:9]), *map(_maybe, row[9:])) for row in rows]

    def open_visit(self, match_key: str) -> VisitRow | None:
        """The open visit of a vehicle."""
        return next(iter(self.visits(f"match_key = ? and state in {OPEN}", match_key)), None)

    def line(self) -> list[VisitRow]:
        """Those who wait, lowest `turn_at` first."""
        return sorted(self.visits("state = 'waiting'"), key=lambda visit: visit.order)

    def arrivals(self) -> list[ArrivalRow]:
        """All arrivals, in the order in which they were taken."""
        names = "id, visit, source, body_sha256, at, received_at, outcome"
        rows = self._db.execute(f"select {names} from arrival order by rowid")
        return [
            ArrivalRow(id_, visit, source, sha256, _moment(at), _moment(received_at), outcome)
            for id_, visit, source, sha256, at, received_at, outcome in rows
        ]

    def has_arrival(self, arrival_id: str) -> bool:
        """Whether central has it."""
        return self._is_there("select 1 from arrival where id = ?", arrival_id)

    def is_booked_or_here(self, match_key: str, since: datetime) -> bool:
        """Whether a vehicle has a slot that it has not come for, or is in the yard since then at least."""
        booked = "select 1 from booking where match_key = ? and visit is null"
        here = f"""select 1 from visit join event on event.visit = visit.id
            where visit.match_key = ? and visit.state in {OPEN}
            and event.kind in ('arrived', 'reopened') group by visit.id having max(event.at) < ?"""
        since_ms = (since - _EPOCH) // timedelta(milliseconds=1)
        return self._is_there(booked, match_key) or self._is_there(here, match_key, since_ms)

    def events(self) -> Counter[str]:
        """How many events of each kind there are; their numbers leave no gap."""
        rows = self._db.execute("select kind, seq from event order by seq").fetchall()
        if [seq for _, seq in rows] != list(range(1, len(rows) + 1)):
            raise AssertionError([seq for _, seq in rows])
        return Counter(kind for kind, _ in rows)

    def count(self, table: str) -> int:
        """How many rows there are."""
        return int(self._db.execute(f"select count(*) from {table}").fetchone()[0])

    def has_help(self, help_id: str) -> bool:
        """Whether the board has it."""
        return self._is_there("select 1 from help_call where id = ?", help_id)

    def has_help_for(self, post: str, plate: str) -> bool:
        """Whether *post* has asked for help about *plate*."""
        return self._is_there("select 1 from help_call where device = ? and plate = ?", post, plate)

    def acknowledged_by(self, help_id: str) -> str | None:
        """Who has taken a call for help."""
        row = self._db.execute(
            "select acknowledged_by from help_call where id = ?", (help_id,)
        ).fetchone()
        return None if row is None else row[0]

    def call(self, call_id: str) -> lit.Call:
        """A call, by its id; what a driver sees of it never changes."""
        if call_id not in self._calls:
            bay, key, plate = self._db.execute(
                "select bay, match_key, plate from call where id = ?", (call_id,)
            ).fetchone()
            self._calls[call_id] = lit.Call(call_id, bay, key, plate, Plate(plate).display)
        return self._calls[call_id]

    def standing_calls(self) -> dict[str, tuple[str, datetime | None]]:
        """The calls that have not ended: the bay of each, and when it was first granted."""
        rows = self._db.execute("select id, bay, granted_at from call where ended_seq is null")
        return {row[0]: (row[1], _maybe(row[2])) for row in rows}

    def signs(self) -> dict[str, str | None]:
        """Where each sign hangs."""
        return dict(self._db.execute("select id, bay from device where role = 'sign' order by id"))

    def _is_there(self, question: str, *values: object) -> bool:
        return self._db.execute(question, values).fetchone() is not None


def _moment(value: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=value)


def _maybe(value: int | None) -> datetime | None:
    return None if value is None else _moment(value)
