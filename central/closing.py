"""What happens by itself: the line is swept after closing, and bays close as announced."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa

from central import bays, deeds, schema
from central.changes import Scene, carry_out
from central.deeds import Planned
from central.known import Known
from central.line import Deed, Visit
from central.places import Place
from central.rows import open_visits
from central.store import Store
from central.tx import Tx, View
from central.words import SYSTEM
from contract.event import EventKind
from contract.visit import State

# The kind of deed that ends whatever is open some time after closing; its cause is the closing's moment.
SWEEP = "sweep"
REASON = "closing"

_S = schema.station.c
_WITH_HOURS = sa.select(_S.id, _S.setup_seq).where(
    _S.overnight == sa.bindparam("overnight"),
    sa.or_(_S.hours != sa.bindparam("none"), _S.special_days != sa.bindparam("none")),
)


class Closings:
    """The timed deeds of all stations, as one process does them: `tick` once a second."""

    def __init__(self, store: Store, known: Known) -> None:
        self._store = store
        self._known = known
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
            self._store.write(partial(self._do_due, station, kinds), station=station)
        for station in sorted(stale):
            self._store.write(partial(deeds.doubt, station=station), station=station)

    def _plan(self) -> None:
        """Plan each station's next sweep ahead, so that it is done late when nobody is there in time.

        Only closings that are still to come are planned: hours that are changed in a running day make
        none of them past.
        """
        now = self._known.clock.now()
        rows = self._store.read(lambda view: view.all(_WITH_HOURS, overnight=False, none={}))
        for row in rows:
            if self._is_planned(row.id, row.setup_seq, now):
                continue
            place = self._store.read(partial(self._known.places.of, station=row.id))
            closes_at = place.hours.next_day_closing(now)
            if closes_at is not None:
                self._store.write(partial(_plan_sweep, place, closes_at), station=place.id)
            self._planned[row.id] = (row.setup_seq, now, closes_at)

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


def _plan_sweep(place: Place, closes_at: datetime, tx: Tx) -> None:
    deeds.plan(tx, place.id, SWEEP, closes_at.isoformat(), _sweep_at(place, closes_at))


def _sweep_at(place: Place, closed_at: datetime) -> datetime:
    return closed_at + timedelta(minutes=place.sweep_after_min)


def _next_day_begins(place: Place, closed_at: datetime, due_at: datetime) -> datetime:
    """Who came from then on came for another day."""
    opens_at = place.hours.next_opening(closed_at)
    if opens_at is None:
        return due_at
    return min(due_at, opens_at - timedelta(minutes=place.early_min))


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
