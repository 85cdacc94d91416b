"""What must happen at a time, or leave the house: rows, each unique on its cause, claimed before it is done.

A deed whose effect is in this very database is done in the claim's own transaction, so that it happens
once or not at all.  One that leaves the house is claimed on disk first: when its process dies in between,
nobody knows whether it happened, so it becomes `uncertain` and is never repeated by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from central import schema
from central.database.tx import Row, Tx, View
from central.words import SYSTEM
from contract.event import EventKind
from contract.ids import uuid7

CLAIM_LASTS = timedelta(seconds=60)

_D = schema.deed.c
_NOTHING: Mapping[str, object] = {}


class DeedState(StrEnum):
    """What has become of a deed; `void` is what needed doing no longer."""

    PENDING = "pending"
    CLAIMED = "claimed"
    DONE = "done"
    UNCERTAIN = "uncertain"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Planned:
    """A deed as its row stands."""

    id: str
    station: str
    kind: str
    cause: str
    due_at: datetime
    data: Mapping[str, Any]


# PostgreSQL's form of the clause, which SQLite took over word for word (sqlite.org/lang_upsert.html).
_INSERT = postgresql.insert(schema.deed)
_PLAN = _INSERT.on_conflict_do_update(
    index_elements=["station", "kind", "cause"],
    set_={"due_at": _INSERT.excluded.due_at},
    where=_D.state == DeedState.PENDING.value,
)
_DUE = (
    sa.select(schema.deed)
    .where(
        schema.IS_DUE,
        _D.state == DeedState.PENDING.value,
        _D.due_at <= sa.bindparam("now"),
        _D.kind.in_(sa.bindparam("kinds", expanding=True)),
    )
    .order_by(_D.due_at, _D.id)
)
_TO_CLAIM = _DUE.where(_D.station == sa.bindparam("station")).with_for_update(skip_locked=True)
_STALE = sa.select(schema.deed).where(
    schema.IS_DUE, _D.state == DeedState.CLAIMED.value, _D.claimed_at < sa.bindparam("before")
)
_STALE_HERE = _STALE.where(_D.station == sa.bindparam("station")).with_for_update(skip_locked=True)
_IS_DEED = _D.id == sa.bindparam("of_deed")
_CLAIM = (
    sa.update(schema.deed)
    .where(_IS_DEED)
    .values(
        state=DeedState.CLAIMED.value,
        claimed_by=sa.bindparam("process"),
        claimed_at=sa.bindparam("at"),
    )
)
_PUT_OFF = (
    sa.update(schema.deed)
    .where(_IS_DEED)
    .values(
        state=DeedState.PENDING.value,
        due_at=sa.bindparam("at"),
        claimed_by=None,
        claimed_at=None,
    )
)
_END = (
    sa.update(schema.deed)
    .where(_IS_DEED, _D.state.in_(sa.bindparam("states", expanding=True)))
    .values(state=sa.bindparam("to"), ended_at=sa.bindparam("at"))
)


def plan(
    tx: Tx,
    station: str,
    kind: str,
    cause: str,
    due_at: datetime,
    data: Mapping[str, object] = _NOTHING,
) -> None:
    """See to it that a deed is done at *due_at*, once for each cause.

    Planning it again moves it while nobody has claimed it, and does nothing afterwards.
    """
    tx.run(
        _PLAN,
        id=uuid7(int(tx.now.timestamp() * 1000)),
        station=station,
        kind=kind,
        cause=cause,
        due_at=due_at,
        state=DeedState.PENDING.value,
        data=data,
    )


def due(view: View, kinds: Sequence[str]) -> list[Planned]:
    """The deeds of all stations that are to be done now and that nobody has claimed."""
    return [_planned(row) for row in view.all(_DUE, now=view.now, kinds=list(kinds))]


def claim(tx: Tx, station: str, process: str, kinds: Sequence[str]) -> list[Planned]:
    """Take the station's deeds that are due for *process* alone; who comes second gets none of them."""
    rows = tx.all(_TO_CLAIM, station=station, now=tx.now, kinds=list(kinds))
    for row in rows:
        tx.run(_CLAIM, of_deed=row.id, process=process, at=tx.now)
    return [_planned(row) for row in rows]


def put_off(tx: Tx, deed: Planned, due_at: datetime) -> None:
    """Give a claimed deed back; it is due at *due_at*."""
    tx.run(_PUT_OFF, of_deed=deed.id, at=due_at)


def done(tx: Tx, deed: str) -> bool:
    """A claimed deed has happened; also when that was uncertain.  Whether it was news."""
    return _end(tx, deed, DeedState.DONE, (DeedState.CLAIMED, DeedState.UNCERTAIN))


def void(tx: Tx, deed: str) -> bool:
    """A deed needs doing no longer; one that has ended stays as it ended.  Whether it was news."""
    return _end(tx, deed, DeedState.VOID, (DeedState.PENDING, DeedState.CLAIMED))


def stale(view: View) -> set[str]:
    """The stations where a claim is older than a deed may take."""
    rows = view.all(_STALE, before=view.now - CLAIM_LASTS)
    return {row.station for row in rows}


def doubt(tx: Tx, station: str) -> None:
    """Say of the station's claims that are too old that nobody knows what became of them."""
    for row in tx.all(_STALE_HERE, station=station, before=tx.now - CLAIM_LASTS):
        if _end(tx, row.id, DeedState.UNCERTAIN, (DeedState.CLAIMED,)):
            data = {"deed": row.id, "kind": row.kind, "cause": row.cause}
            tx.event(station, EventKind.DEED_UNCERTAIN, SYSTEM, data=data)


def _end(tx: Tx, deed: str, to: DeedState, states: Sequence[DeedState]) -> bool:
    before = [state.value for state in states]
    return tx.run(_END, of_deed=deed, states=before, to=to.value, at=tx.now) == 1


def _planned(row: Row) -> Planned:
    return Planned(row.id, row.station, row.kind, row.cause, row.due_at, row.data)
