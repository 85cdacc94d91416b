"""Who looked at personal data: written down so that misuse can be found, and erased with its own time."""

import logging
import threading
from collections import OrderedDict
from concurrent.futures import Future
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from central import schema
from central.clock import Clock
from central.database.store import Store
from central.database.tx import Row, Tx
from central.known import Known
from central.words import Actor
from contract.accounts import Looked, LookRow
from contract.ids import uuid7

_log = logging.getLogger(__name__)

MERGED_FOR = timedelta(minutes=15)
REMEMBERED = 2_000  # a person looks at some dozen things within a quarter of an hour

_L = schema.look.c
_AGAIN = sa.update(schema.look).where(_L.id == sa.bindparam("of_look")).values(times=_L.times + 1)
_OF_DAY = (
    sa.select(schema.look)
    .where(
        _L.station == sa.bindparam("station"),
        _L.at >= sa.bindparam("since"),
        _L.at < sa.bindparam("until"),
    )
    .order_by(_L.at.desc(), _L.id.desc())
)

_Key = tuple[str, str, Looked, str]


class Looks:
    """The looks of one database.  The same person, what and about within 15 minutes is one row, counted.

    Which row that is, this process remembers; another one writes a row of its own.
    """

    def __init__(self, store: Store, known: Known, clock: Clock) -> None:
        self._store = store
        self._known = known
        self._clock = clock
        self._last: OrderedDict[_Key, tuple[str, datetime]] = OrderedDict()
        self._door = threading.Lock()
        self._losing = False

    def note(self, station: str, who: Actor, what: Looked, about: str = "") -> None:
        """Write down that *who* looked.  *about* is a visit, a sign, a day or a masked plate, never a plate.

        It is not waited for: a full disk must not close the board.
        """
        look_id = self._row_of((station, who.id, what, about))
        writing = self._store.submit(
            lambda tx: _write(tx, look_id, station, who, what, about), station=station
        )
        writing.add_done_callback(self._say_lost)

    def of_day(self, station: str, day: date) -> list[LookRow]:
        """Who looked on a day of the station's own calendar, newest first."""
        place = self._known.places.at(station)
        try:
            since, until = place.day_of(datetime.combine(day, time(12), place.zone))
        except OverflowError:  # the first day that the calendar knows, or its last
            return []
        rows = self._store.read(
            lambda view: view.all(_OF_DAY, station=station, since=since, until=until)
        )
        return [_row(row) for row in rows]

    def _say_lost(self, written: "Future[None]") -> None:
        """Tell the log when looks begin to be lost: somebody must know that the list has a gap."""
        error = written.exception()
        if error is not None and not self._losing:
            _log.warning("looks not written reason=%s", type(error).__name__)
        self._losing = error is not None

    def _row_of(self, key: _Key) -> str:
        """The row that counts this look: the last one of its kind, or a new one."""
        now = self._clock.now()
        with self._door:
            last = self._last.get(key)
            if last is not None and timedelta() <= now - last[1] < MERGED_FOR:
                return last[0]
            look_id = uuid7(int(now.timestamp() * 1000))
            self._last[key] = (look_id, now)
            self._last.move_to_end(key)
            if len(self._last) > REMEMBERED:
                self._last.popitem(last=False)
            return look_id


def _write(tx: Tx, look_id: str, station: str, who: Actor, what: Looked, about: str) -> None:
    """Count it, or write it for the first time; so too when the first time failed."""
    if tx.run(_AGAIN, of_look=look_id):
        return
    tx.run(
        sa.insert(schema.look),
        id=look_id,
        station=station,
        at=tx.now,
        person=who.id,
        name=who.name,
        what=what.value,
        about=about,
        times=1,
    )


def _row(row: Row) -> LookRow:
    return LookRow(
        at=row.at, person=row.name, what=Looked(row.what), about=row.about, times=row.times
    )
