"""Which stations have their line in a hall box, so that nothing moves it from here."""

import re
import threading

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from central import schema
from central.clock import Clock
from central.database.store import Store
from central.database.tx import Tx, View
from central.halls.leaving import check_nobody_left
from contract import problems
from contract.problems import Problem

# Another process may have marked a station; nobody is hurt when this one learns it so much later.
REMEMBERED_MS = 5_000
# What belongs to the line, by the first word behind the station's.
_LINE = re.compile(
    r"/v1/stations/[^/]+/"
    r"(arrivals|bays|elsewhere|events|expected|held|help|messages|queue|signs|status|undo|visits"
    r"|devices/enrol)(/|$)"
)

_H, _B = schema.hall.c, schema.booking.c
_HALLS = sa.select(_H.station)
_IS_HALL = sa.select(_H.station).where(_H.station == sa.bindparam("station"))
_UNHEARD = sa.select(_H.station).where(_H.station == sa.bindparam("station"), _H.heard_at.is_(None))
_MARK = postgresql.insert(schema.hall).on_conflict_do_nothing(index_elements=["station"])
_BOOKINGS = sa.select(_B.ref).where(_B.station == sa.bindparam("station"))


class HallMarks:
    """The stations of this database that are halls; asked for every call that moves a line."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._known: frozenset[str] | None = None
        self._until_ms = 0
        self._marked = 0

    def is_hall(self, station: str) -> bool:
        """Whether the line of *station* is in a hall box."""
        return station in self._stations()

    def refuse_line(self, path: str, station: str | None) -> None:
        """Refuse what is asked at *path* when it is of a line that a hall box keeps.

        Raises:
            Problem: `line_elsewhere`.
        """
        if station is None or not is_of_line(path) or not self.is_hall(station):
            return
        raise Problem(
            problems.LINE_ELSEWHERE,
            f"The line of {station} is kept by the computer in its hall; do this there.",
        )

    def forget(self) -> None:
        """A station was marked."""
        with self._lock:
            self._known = None
            self._marked += 1

    def _stations(self) -> frozenset[str]:
        now_ms = self._clock.monotonic_ms()
        with self._lock:
            if self._known is not None and (not self._store.shared or now_ms < self._until_ms):
                return self._known
            marked = self._marked
        known = frozenset(self._store.read(lambda view: [row.station for row in view.all(_HALLS)]))
        with self._lock:
            # What was read while another was marked is old already.
            if marked == self._marked:
                self._known, self._until_ms = known, now_ms + REMEMBERED_MS
        return known


def is_of_line(path: str) -> bool:
    """Whether what is asked at *path* belongs to a station's line."""
    return _LINE.match(path) is not None


def is_hall(view: View, station: str) -> bool:
    """Whether *station* is marked, for a job."""
    return view.first(_IS_HALL, station=station) is not None


def mark(tx: Tx, station: str) -> list[str]:
    """Mark *station* as a hall; give the bookings that are here already, when it was none before.

    Raises:
        Problem: `line_not_empty` while somebody is on its board here.
    """
    check_nobody_left(tx, station)
    marked = tx.run(
        _MARK,
        station=station,
        since=tx.now,
        log_seq=0,
        after=0,
        heard_at=None,
        epoch=None,
        said=None,
    )
    return [row.ref for row in tx.all(_BOOKINGS, station=station)] if marked else []


def unmark_unheard(tx: Tx, station: str) -> None:
    """Let *station* have its line here again when no hall box has ever reported for it: a slip is undone."""
    if tx.first(_UNHEARD, station=station) is None:
        return
    tx.run(sa.delete(schema.hall_log).where(schema.hall_log.c.station == station))
    tx.run(sa.delete(schema.hall).where(_H.station == station))
