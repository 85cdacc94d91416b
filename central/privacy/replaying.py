"""What was erased in the database, for copies in which it still stands: on this machine or another.

An erasure on request leaves an event that names its visits; who has copies reads on from the last that they
have followed, in the order of the station's events.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx, View
from central.privacy import erasing, found
from central.privacy.found import Found
from central.privacy.limits import is_due
from central.words import SYSTEM
from contract.event import EventKind
from contract.plate import Plate
from contract.visit import OPEN

STEP = 200

_E, _S, _V = schema.event.c, schema.station.c, schema.visit.c
_STATIONS = sa.select(_S.id, _S.time_zone)
_NEWEST = sa.select(sa.func.max(_E.seq)).where(_E.station == sa.bindparam("station"))
_ON_REQUEST = sa.select(_E.data).where(
    _E.station == sa.bindparam("station"),
    _E.seq > sa.bindparam("after"),
    _E.kind == EventKind.ERASED.value,
    # What goes by night goes from each copy by itself.
    _E.actor_id != SYSTEM.id,
)
_IDS: "sa.BindParameter[list[str]]" = sa.bindparam("ids", expanding=True)
_NAMED = sa.select(_V.id, _V.station, _V.state).where(_V.id.in_(_IDS), _V.plate != "")
_ARRIVALS, _BOOKINGS, _HELP = (
    sa.select(table).where(table.c.visit.in_(_IDS))
    for table in (schema.arrival, schema.booking, schema.help_call)
)


@dataclass(frozen=True, slots=True)
class News:
    """What copies must follow: the nights of all stations, and the *visits* that were erased on request.

    `seen` is, for each station, the event up to which this was read.
    """

    at: datetime
    zones: Sequence[ZoneInfo]
    visits: Sequence[str]
    seen: Mapping[str, int]

    def night_since(self, last: datetime | None) -> bool:
        """Whether a night has begun anywhere since *last*."""
        return any(is_due(last, self.at, zone) for zone in self.zones)


def news(view: View, seen: Mapping[str, int]) -> News:
    """Read on where *seen* ends."""
    stations = view.all(_STATIONS)
    return News(
        at=view.now,
        zones=[ZoneInfo(row.time_zone) for row in stations],
        visits=[visit for row in stations for visit in _on_request(view, row.id, seen)],
        seen={row.id: view.one(_NEWEST, station=row.id)[0] or 0 for row in stations},
    )


def forget_visits(tx: Tx, ids: Sequence[str]) -> int:
    """Forget in a copy whose visits these were; give how many still had a plate there."""
    done = 0
    for start in range(0, len(ids), STEP):
        rows = tx.all(_NAMED, ids=list(ids[start : start + STEP]))
        for station in sorted({row.station for row in rows}):
            done += _forget(tx, station, [row for row in rows if row.station == station])
    return done


def _on_request(view: View, station: str, seen: Mapping[str, int]) -> list[str]:
    rows = view.all(_ON_REQUEST, station=station, after=seen.get(station, 0))
    return [visit for row in rows for visit in row.data.get("visits", ())]


def _forget(tx: Tx, station: str, rows: Sequence[Row]) -> int:
    ids = [row.id for row in rows]
    of = Found(
        plate=Plate(""),
        visits=rows,
        arrivals=tx.all(_ARRIVALS, ids=ids),
        bookings=tx.all(_BOOKINGS, ids=ids),
        inspections=(),
        calls=(),
        help_calls=tx.all(_HELP, ids=ids),
        may_be_lit=False,
    )
    strays = found.stray_events(tx, station, of)
    erasing.end_open(tx, [row.id for row in rows if row.state in OPEN])
    erasing.events(tx, strays)
    return erasing.visits(tx, station, ids).visits
