"""At the office: every hall as it was heard last, and how old that is."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from central import schema
from central.database.tx import Row, View
from central.halls.leaving import left_here
from central.line.rows import ms_between
from contract.accounts import Scope
from contract.halls import LATE_S, LOST_S, HallRow, HallSaid

_H, _S, _E, _V, _T = (
    schema.hall.c,
    schema.station.c,
    schema.hall_erasure.c,
    schema.hall_event.c,
    schema.api_token.c,
)
_HALLS = (
    sa.select(schema.hall, _S.name, _S.time_zone)
    .join(schema.station, _S.id == _H.station)
    .order_by(_S.name, _H.station)
)
_ERASURES = (
    sa.select(
        _E.station,
        sa.func.count().label("number"),
        sa.func.min(_E.at, type_=_E.at.type).label("since"),
    )
    .where(schema.IS_ASKED)
    .group_by(_E.station)
)
_LAST = sa.select(sa.func.max(_V.seq).label("seq")).where(
    _V.station == sa.bindparam("station"), _V.epoch == sa.bindparam("epoch")
)

_KEYS = sa.select(_T.scopes, _T.stations, _T.expires_at, _T.last_used_at).where(
    _T.revoked_at.is_(None)
)


def contact(age_s: int | None) -> str:
    """How good the contact with a hall is, by the age of what it said last."""
    if age_s is None:
        return "never"
    if age_s < LATE_S:
        return "good"
    return "late" if age_s < LOST_S else "lost"


def rows(view: View) -> list[HallRow]:
    """All halls, by the names of their stations."""
    asked = {row.station: row for row in view.all(_ERASURES)}
    keys = [row for row in view.all(_KEYS) if Scope.HALL in row.scopes]
    return [
        _row(view, row, asked.get(row.station), key_ends_at(keys, row.station))
        for row in view.all(_HALLS)
    ]


def key_ends_at(keys: Sequence[Row], station: str) -> datetime | None:
    """When the key ends that the hall of *station* uses; a newer one that lies about helps nobody.

    While it has used none, the one that lasts longest.
    """
    own = [key for key in keys if station in key.stations]
    used = [key for key in own if key.last_used_at is not None]
    if used:
        ends: datetime = max(used, key=lambda key: (key.last_used_at, key.expires_at)).expires_at
        return ends
    return max((key.expires_at for key in own), default=None)


def _row(view: View, row: Row, asked: Row | None, key_ends: datetime | None) -> HallRow:
    age_s = _age_s(row.heard_at, view.now)
    last = view.first(_LAST, station=row.station, epoch=row.epoch) if row.epoch else None
    return HallRow(
        station=row.station,
        name=row.name,
        time_zone=row.time_zone,
        contact=contact(age_s),
        heard_at=row.heard_at,
        age_s=age_s,
        events=(last.seq or 0) if last is not None else 0,
        behind=max(0, row.log_seq - row.after),
        erasures=0 if asked is None else asked.number,
        erasures_since=None if asked is None else asked.since,
        left_here=left_here(view, row.station),
        key_ends_at=key_ends,
        said=None if row.said is None else msgspec.convert(row.said, HallSaid),
    )


def _age_s(heard_at: datetime | None, now: datetime) -> int | None:
    return None if heard_at is None else max(0, ms_between(heard_at, now) // 1000)
