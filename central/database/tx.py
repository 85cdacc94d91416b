"""What a job sees of the database: a moment to read, or a transaction to write in."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from central import schema
from central.words import Actor
from contract import problems
from contract.event import EventKind
from contract.problems import Problem

Row = sa.Row[*tuple[Any, ...]]

_NEXT_SEQ = (
    sa.update(schema.station)
    .where(schema.station.c.id == sa.bindparam("of_station"))
    .values(seq=schema.station.c.seq + 1)
    .returning(schema.station.c.seq)
)
_EVENT = sa.insert(schema.event)
_NOTHING: Mapping[str, object] = {}


class View:
    """One consistent moment of the database; `now` is when the job began.

    `setup` holds the `setup_seq` of stations as far as this moment has looked.
    """

    def __init__(self, connection: sa.Connection, now: datetime) -> None:
        self.now = now
        self.setup: dict[str, int] = {}
        self._connection = connection

    def all(self, statement: sa.Executable, **words: object) -> Sequence[Row]:
        """Give all rows."""
        return self._connection.execute(statement, words).all()

    def pieces(self, statement: sa.Executable, size: int) -> Iterator[Sequence[Row]]:
        """Give all rows, at most *size* at a time, so that there may be any number of them."""
        found = self._connection.execute(statement, execution_options={"yield_per": size})
        yield from found.partitions()

    def first(self, statement: sa.Executable, **words: object) -> Row | None:
        """Give the first row, or None."""
        return self._connection.execute(statement, words).first()

    def one(self, statement: sa.Executable, **words: object) -> Row:
        """Give the only row."""
        return self._connection.execute(statement, words).one()


class Tx(View):
    """A transaction; the writer commits it, or rolls it back when the job raises."""

    def __init__(self, connection: sa.Connection, now: datetime) -> None:
        super().__init__(connection, now)
        self.seqs: dict[str, int] = {}
        self.afterwards: list[Callable[[], None]] = []

    def run(self, statement: sa.Executable, **words: object) -> int:
        """Change rows; give how many."""
        return self._connection.execute(statement, words).rowcount

    def run_many(self, statement: sa.Executable, rows: Sequence[Mapping[str, object]]) -> None:
        """Change many rows by one statement."""
        if rows:
            self._connection.execute(statement, rows)

    def after_commit(self, deed: Callable[[], None]) -> None:
        """Do *deed* once this transaction is on disk, from the thread that wrote; it must not block."""
        self.afterwards.append(deed)

    def event(
        self,
        station: str,
        kind: EventKind,
        actor: Actor,
        *,
        visit: str | None = None,
        bay: str | None = None,
        call: str | None = None,
        data: Mapping[str, object] = _NOTHING,
    ) -> int:
        """Write down what happened; give its number, which is the station's newest.

        Raises:
            Problem: `not_found` for a station that does not exist.
        """
        allotted = self.first(_NEXT_SEQ, of_station=station)
        if allotted is None:
            raise Problem(problems.NOT_FOUND, f"There is no station {station}.")
        seq: int = allotted.seq
        self.seqs[station] = seq
        self.run(
            _EVENT,
            station=station,
            seq=seq,
            at=self.now,
            kind=kind.value,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor=actor.name,
            visit=visit,
            bay=bay,
            call=call,
            data=data,
        )
        return seq
