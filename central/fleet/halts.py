"""Halting a release by what machines say and by what they do not say; the rows behind `halting`."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from central import schema
from central.database.tx import Row, Tx, View
from central.fleet import halting, wanted
from central.fleet.halting import Heard
from central.words import SYSTEM, Actor
from contract.event import EventKind
from contract.fleet_view import LAST_RING

# One machine says something every minute, so a central that hears none for so long was away itself.
AWAY = timedelta(minutes=5)
WHY_MAX = 200
_AWAKE = "fleet_awake"

_M, _D, _R, _AT, _RING, _META, _HALL = (
    table.c
    for table in (
        schema.machine,
        schema.device,
        schema.release,
        schema.station_ring,
        schema.ring_release,
        schema.meta,
        schema.hall,
    )
)
_NEWEST = sa.select(sa.func.max(_M.heard_at, type_=_M.heard_at.type).label("heard_at"))
_AWAKE_AT = sa.select(_META.value).where(_META.name == _AWAKE)
_SINCE = postgresql.insert(schema.meta)
_NOTE = _SINCE.on_conflict_do_update(index_elements=["name"], set_={"value": _SINCE.excluded.value})
_BEGUN = sa.select(_M.station).where(schema.HAS_BEGUN, _M.begun == sa.bindparam("release"))
_IN_SERVICE = (
    sa.select(_M.station, _M.name, _M.heard_at, _M.begun, _M.begun_at)
    .outerjoin(schema.device, sa.and_(_D.id == _M.device, _D.station == _M.station))
    .where(_D.revoked_at.is_(None))
)
_AWAY = sa.select(_HALL.station).where(
    sa.or_(_HALL.heard_at.is_(None), _HALL.heard_at < sa.bindparam("since"))
)
_RELEASE = sa.select(schema.release).where(_R.name == sa.bindparam("release"))
_STATIONS = (
    sa.select(schema.station.c.id, sa.func.coalesce(_AT.ring, LAST_RING).label("ring"))
    .outerjoin(schema.station_ring, _AT.station == schema.station.c.id)
    .order_by(schema.station.c.id)
)
_RINGS_OF = sa.select(_RING.ring).where(_RING.release == sa.bindparam("release"))
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def note_awake(tx: Tx, now: datetime) -> None:
    """Remember since when machines are heard without a gap: who was away cannot call others silent."""
    newest = tx.one(_NEWEST).heard_at
    if newest is not None and now - newest > AWAY:
        tx.run(_NOTE, name=_AWAKE, value=now.isoformat())


def look(tx: Tx, release: str, *, tells: bool = True, besides: str = "") -> bool:
    """Halt *release* if two machines have not been heard since they began it; whether it is halted now.

    Machines of the station *besides* do not count, nor those of halls that have not reported themselves.
    """
    if tx.first(_BEGUN, release=release) is None:
        return False
    away = {row.station for row in tx.all(_AWAY, since=tx.now - AWAY)} | {besides}
    machines = [Heard(*row) for row in tx.all(_IN_SERVICE) if row.station not in away]
    row = tx.first(_RELEASE, release=release)
    resumed = (row and row.resumed_at) or _LONG_AGO
    why = halting.why(halting.silent(machines, release, tx.now, _awake(tx), resumed))
    return bool(why) and halt_for(tx, release, why, tells=tells)


def halt_for(tx: Tx, release: str, why: str, more: str = "", *, tells: bool = True) -> bool:
    """Halt *release* by ourselves, once; whether it is halted now."""
    reason = (f"{why}: {more}" if more else why)[:WHY_MAX]
    if wanted.halt(tx, release, reason):
        tell(tx, EventKind.RELEASE_HALTED, SYSTEM, release, why=reason, tells=tells)
        return True
    row = tx.first(_RELEASE, release=release)
    return row is not None and row.halted_at is not None


def tell(
    tx: Tx,
    kind: EventKind,
    actor: Actor,
    release: str,
    rings: Sequence[str] | None = None,
    *,
    tells: bool = True,
    **more: object,
) -> None:
    """Write down at each station whose ring wants *release*, or is one of *rings*, what became of it."""
    found = rings if rings is not None else [row.ring for row in tx.all(_RINGS_OF, release=release)]
    for row in stations(tx) if tells else ():
        if row.ring in found:
            data = {"release": release, "ring": row.ring, **more}
            tx.event(row.id, kind, actor, data=data)


def stations(view: View) -> Sequence[Row]:
    """Our own stations, each with its ring."""
    return view.all(_STATIONS)


def _awake(view: View) -> datetime:
    row = view.first(_AWAKE_AT)
    return _LONG_AGO if row is None else datetime.fromisoformat(row.value)
