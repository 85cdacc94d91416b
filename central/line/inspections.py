"""How inspections ended: kept beside the visit, so that a recheck is known when the vehicle comes back.

Only the outcomes of visits that are done count: one that was reopened, or whose end was taken back, has
none until it is done again.
"""

from datetime import datetime

import msgspec
import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx, View
from central.line.line import Visit
from central.words import Actor
from contract.visit import State
from contract.words import Outcome
from contract.yard import Inspected

_I, _V = schema.inspection.c, schema.visit.c
_INSERT = sa.insert(schema.inspection)
_FORGET = sa.delete(schema.inspection).where(_I.visit == sa.bindparam("of_visit"))


def _last(column: "sa.ColumnElement[str | None]") -> "sa.Select[tuple[datetime, str, object]]":
    latest = (
        sa.select(_I.at, _I.kind, _I.outcome)
        .join(schema.visit, _V.id == _I.visit)
        .where(
            _V.state == State.DONE.value,
            _I.station == sa.bindparam("station"),
            column == sa.bindparam("key"),
            _I.at >= sa.bindparam("since"),
        )
        .order_by(_I.at.desc())
        .limit(1)
    )
    return sa.select(*latest.subquery().c)


# One look by each plate: each has an index of its own.
_LAST = sa.union_all(_last(_I.match_key), _last(_I.match_key2))


def keep(tx: Tx, station: str, actor: Actor, visit: Visit, outcome: Outcome | None) -> None:
    """Write down how the inspection of *visit* ended this time; what was said before was taken back."""
    tx.run(_FORGET, of_visit=visit.id)
    if outcome is None:
        return
    tx.run(
        _INSERT,
        visit=visit.id,
        station=station,
        match_key=visit.match_key,
        match_key2=visit.match_key2,
        kind=visit.kind,
        at=tx.now,
        by=actor.name,
        outcome=msgspec.to_builtins(outcome),
    )


def last_of(view: View, station: str, keys: list[str], since: datetime) -> Inspected | None:
    """The latest outcome of a vehicle since then, by any of its plates; an erased plate is nobody's."""
    rows: list[Row] = []
    for key in filter(None, keys):
        rows += view.all(_LAST, station=station, key=key, since=since)
    latest = max(rows, key=lambda row: row.at, default=None)
    if latest is None:
        return None
    outcome: Outcome = msgspec.convert(latest.outcome, Outcome)
    return Inspected(at=latest.at, kind=latest.kind, outcome=outcome)
