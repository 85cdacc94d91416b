"""What happens by itself: the line is swept after closing, and bays close as announced."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile

import sqlalchemy as sa

from central import deeds, schema
from central.database.store import Store
from central.database.tx import Tx, View
from central.deeds import Planned
from central.known import Known
from central.line.changes import Scene, carry_out
from central.line.line import Deed, Visit
from central.line.rows import open_visits
from central.places import bays
from central.places.places import Place
from central.troubles import Troubles
from central.words import SYSTEM
from contract.event import EventKind
from contract.visit import State

# The kind of deed that ends whatever is open some time after closing; its cause is the closing's moment.
SWEEP = "sweep"
REASON = "closing"

_S, _E = schema.station.c, schema.event.c
_WITH_HOURS = sa.select(_S.id, _S.setup_seq).where(
    _S.overnight == sa.bindparam("overnight"),
    sa.or_(_S.hours != sa.bindparam("none"), _S.special_days != sa.bindparam("none")),
)
_SWEEP_OF = sa.select(schema.deed.c.id).where(
    schema.deed.c.station == sa.bindparam("station"),
    schema.deed.c.kind == SWEEP,
    schema.deed.c.cause == sa.bindparam("cause"),
)
# More events than a station has between a closing and the moment when its clock is set.
_LOOKS_EVENTS = 5_000
# From the last change of the station or its bays back; after it nothing was set up.
_NEWEST = (
    sa.select(_E.at, _E.kind)
    .where(_E.station == sa.bindparam("station"), _E.seq <= sa.bindparam("seq"))
    .order_by(_E.seq.desc())
    .limit(_LOOKS_EVENTS)
)


class Closings:
    """The timed deeds of all stations, as one process does them: `tick` once a second."""

    def __init__(self, store: Store, known: Known, troubles: Troubles) -> None:
        self._store = store
        self._known = known
        self._troubles = troubles
        self._process = f"{os.getpid()} {known.clock.boot_id}"
        # By station: the setup that was read, and from when until when nothing else is to be planned.
        self._planned: dict[str, tuple[int, datetime, datetime | None]] = {}

    def tick(self) -> None:
        """Plan what is coming and do what is due.

        A clock that nobody has set knows no closing: then nothing is planned or swept, it waits.
        """
        kinds = [bays.CLOSE_BAY]
        if self._known.clock.synced():
            kinds.append(SWEEP)
            self._plan()
        ready, stale = self._store.read(lambda view: (_ready(view, kinds), deeds.stale(view)))
        for station in sorted(ready):
            with self._troubles.apart("closing", station):
                self._store.write(partial(self._do_due, station, kinds), station=station)
        for station in sorted(stale):
            with self._troubles.apart("deeds", station):
                self._store.write(partial(deeds.doubt, station=station), station=station)

    def _plan(self) -> None:
        """Plan each station's next sweep ahead, so that it is done late when nobody is there in time."""
        now = self._known.clock.now()
        rows = self._store.read(lambda view: view.all(_WITH_HOURS, overnight=False, none={}))
        for row in rows:
            if not self._is_planned(row.id, row.setup_seq, now):
                with self._troubles.apart("planning", row.id):
                    closes_at = self._plan_sweeps(row.id, now)
                    self._planned[row.id] = (row.setup_seq, now, closes_at)

    def _plan_sweeps(self, station: str, now: datetime) -> datetime | None:
        """Plan the sweep after the next closing, which is given, and the last one's if nobody could."""
        place = self._store.read(partial(self._known.places.of, station=station))
        closes_at, closed_at = place.hours.next_day_closing(now), place.hours.last_closing(now)
        if closed_at is not None and self._store.read(partial(_is_missed, place, closed_at)):
            self._store.write(partial(_plan_sweep, place, closed_at), station=station)
        if closes_at is not None:
            self._store.write(partial(_plan_sweep, place, closes_at), station=station)
        return closes_at

    def _is_planned(self, station: str, setup_seq: int, now: datetime) -> bool:
        seen, since, until = self._planned.get(station, (-1, now, None))
        return seen == setup_seq and since <= now and (until is None or now < until)

    def _do_due(self, station: str, kinds: Sequence[str], tx: Tx) -> None:
        for deed in deeds.claim(tx, station, self._process, kinds):
            if deed.kind == bays.CLOSE_BAY:
                bays.close_announced(tx, self._known, deed)
            else:
                sweep(tx, self._known, deed)


def sweep(tx: Tx, known: Known, deed: Planned) -> None:
    """Take out of the line who is still in it after a closing; the reason is kept on each.

    What the station says now counts: a closing that is none any more sweeps nobody, and who came for
    the next day stays, however late this is done.
    """
    place = known.places.of(tx, deed.station)
    closed_at = datetime.fromisoformat(deed.cause)
    due_at = _sweep_at(place, closed_at)
    if place.overnight or not place.hours.closes_for_the_day(closed_at):
        deeds.void(tx, deed.id)
    elif due_at > tx.now:
        deeds.put_off(tx, deed, due_at)
    else:
        before = _next_day_begins(place, closed_at, due_at)
        scene = Scene(tx, known, place, SYSTEM)
        for visit in open_visits(tx, place.id):
            if visit.arrived_at < before:
                carry_out(scene, visit, _swept(visit, tx.now))
        deeds.done(tx, deed.id)


def _ready(view: View, kinds: Sequence[str]) -> set[str]:
    """The stations where something is to be done now."""
    return {
        deed.station
        for deed in deeds.due(view, kinds)
        if deed.kind != bays.CLOSE_BAY or bays.is_ready(view, deed)
    }


def _is_missed(place: Place, closed_at: datetime, view: View) -> bool:
    """Whether a closing passed while no clock was set or nobody was there, and its sweep stands nowhere.

    Only a closing that the station had when it came: hours that are changed in a running day make none
    of them past.
    """
    if view.first(_SWEEP_OF, station=place.id, cause=closed_at.isoformat()) is not None:
        return False
    newest = view.all(_NEWEST, station=place.id, seq=place.setup_seq)
    since = list(takewhile(lambda event: event.at >= closed_at, newest))
    if len(since) == _LOOKS_EVENTS:
        return False
    return all(event.kind != EventKind.STATION_CHANGED.value for event in since)


def _plan_sweep(place: Place, closes_at: datetime, tx: Tx) -> None:
    deeds.plan(tx, place.id, SWEEP, closes_at.isoformat(), _sweep_at(place, closes_at))


def _sweep_at(place: Place, closed_at: datetime) -> datetime:
    return closed_at + timedelta(minutes=place.sweep_after_min)


def _next_day_begins(place: Place, closed_at: datetime, due_at: datetime) -> datetime:
    """Who came from then on came for another day."""
    opens_at = place.hours.next_opening(closed_at)
    if opens_at is None:
        return due_at
    return max(closed_at, min(due_at, opens_at - timedelta(minutes=place.early_min)))


def _swept(visit: Visit, now: datetime) -> Deed:
    gone = replace(
        visit,
        state=State.REMOVED,
        version=visit.version + 1,
        note=REASON,
        call=None,
        ended_at=now,
        stall=None,
    )
    return Deed(gone, EventKind.SWEPT, ended_call=visit.call, started_call=None)
