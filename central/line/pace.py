"""How long services take at each station: learned from the newest, and added to as they end.

A station that has worked for years has hundreds of them in a fortnight.  They are read once; after each
service only what ended since is read, so that an arrival costs what it costs at a new station.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from central import schema
from central.database.tx import View
from central.line import wait

LOOKS_BACK = timedelta(days=14)
LAST = 300
# Two processes read their clocks before they wait for each other: a later commit may have an earlier end.
_OVERLAP = timedelta(minutes=1)

_V = schema.visit.c
_ENDED = (
    sa.select(_V.ended_at, _V.in_bay_at, _V.kind)
    .where(
        _V.station == sa.bindparam("station"),
        _V.state == "done",
        _V.ended_at > sa.bindparam("since"),
    )
    .order_by(_V.ended_at.desc())
    .limit(LAST)
)
# The last word is what the index says of its rows: without it SQLite may not use the index.
_LAST_END = sa.select(sa.func.max(_V.ended_at)).where(
    _V.station == sa.bindparam("station"), _V.state == "done", _V.ended_at.is_not(None)
)

_Service = tuple[datetime, datetime, str]


@dataclass(frozen=True, slots=True)
class _Pace:
    """The services that were read, newest first, and the mean minutes by kind that follow."""

    services: tuple[_Service, ...]
    means: Mapping[str, float]
    newest: datetime | None


class Paces:
    """The pace of every station.  In a *shared* database, other processes end services too."""

    def __init__(self, *, shared: bool) -> None:
        self._shared = shared
        self._of: dict[str, _Pace] = {}
        self._behind: set[str] = set()

    def ended(self, station: str) -> None:
        """A service has ended: there is one more to read."""
        self._behind.add(station)

    def forget(self, station: str) -> None:
        """A service did not end after all: read everything again."""
        self._of.pop(station, None)

    def means(self, view: View, station: str) -> Mapping[str, float]:
        """Mean minutes by kind of inspection."""
        pace, behind = self._of.get(station), station in self._behind
        if pace is not None and not (behind or self._shared):
            return pace.means
        # Whoever ends a service meanwhile puts the station behind again.
        self._behind.discard(station)
        newest: datetime | None = view.one(_LAST_END, station=station)[0]
        if pace is None or behind or newest != pace.newest:
            pace = _read(view, station, _still(pace, newest), newest)
            self._of[station] = pace
        return pace.means


def _still(pace: _Pace | None, newest: datetime | None) -> tuple[_Service, ...]:
    """What was read and is still true: when the newest service is gone, nobody knows what else is."""
    if pace is None or pace.newest is None or newest is None or newest < pace.newest:
        return ()
    return pace.services


def _read(view: View, station: str, known: tuple[_Service, ...], newest: datetime | None) -> _Pace:
    oldest = view.now - LOOKS_BACK
    since = max(oldest, known[0][0] - _OVERLAP) if known else oldest
    found = {tuple(row) for row in view.all(_ENDED, station=station, since=since)}
    services = sorted(
        {service for service in (*found, *known) if service[1] is not None and service[0] > oldest},
        reverse=True,
    )[:LAST]
    minutes = [(kind, (end - begin) / timedelta(minutes=1)) for end, begin, kind in services]
    return _Pace(tuple(services), wait.service_means(minutes), newest)
