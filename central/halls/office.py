"""What the office does for its halls.  It never commands a line: it keeps, shows, and has things ready."""

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from central import schema
from central.clock import Clock
from central.database.store import Store
from central.database.tx import Tx
from central.halls import keeping, news, showing
from central.halls.leaving import check_nobody_left
from central.halls.marking import HallMarks, is_hall
from central.line.line import Bay
from central.places.places import Places
from central.places.setup import BaySetup, StationSetup
from central.words import Actor
from contract import problems
from contract.errors import PortvaktError
from contract.event import EventKind
from contract.halls import HallBay, HallNews, HallReport, HallRow, HallSaid, HallTaken
from contract.problems import Problem

log = logging.getLogger(__name__)

_DAYS = 4
_REVOKE = postgresql.insert(schema.hall_revocation).on_conflict_do_nothing(
    index_elements=["station", "device"]
)
_AFTER = sa.select(schema.hall.c.after).where(schema.hall.c.station == sa.bindparam("station"))


class Halls:
    """The halls that report to this database; `marks` says which stations those are."""

    def __init__(self, store: Store, clock: Clock, places: Places) -> None:
        self.marks = HallMarks(store, clock)
        self._store = store
        self._places = places

    def report(self, station: str, actor: Actor, report: HallReport) -> HallTaken:
        """Keep what a hall sends; what was kept before is not kept twice, and nothing behind a gap.

        Raises:
            Problem: `not_found` for a station that is no hall; of a first report `line_not_empty` while
                somebody is on the station's board here: what the hall has to tell waits on its disk.
        """
        taken = self._store.write(lambda tx: self._keep(tx, station, report), station=station)
        if report.said is not None:
            self._set_up(station, actor, report.said)
        return taken

    def news(self, station: str, office: str, after: int) -> HallNews:
        """What a hall has not fetched yet; *office* and *after* are the cursor that it shows."""
        found = self._store.read(
            lambda view: news.news(view, self._store.epoch, station, (office, after))
        )
        if office == found.office and self._is_behind(station, after):
            self._store.write(lambda tx: news.fetched(tx, station, after), station=station)
        return found

    def rows(self) -> list[HallRow]:
        """Every hall as it was heard last."""
        return self._store.read(showing.rows)

    def revoke_device(self, station: str, actor: Actor, device: str) -> None:
        """Let a hall take a device out of service as soon as it hears of that; once more changes nothing.

        Raises:
            Problem: `not_found` for a station that is no hall.
        """

        def job(tx: Tx) -> None:
            _check(tx, station)
            if tx.run(_REVOKE, station=station, device=device, at=tx.now):
                data = {"device": device, "name": device}
                tx.event(station, EventKind.DEVICE_REVOKED, actor, data=data)

        self._store.write(job, station=station)

    def _is_behind(self, station: str, after: int) -> bool:
        """Whether the hall has fetched more than is written down, or less: it was restored."""
        row = self._store.read(lambda view: view.first(_AFTER, station=station))
        return row is not None and row.after != after

    def _keep(self, tx: Tx, station: str, report: HallReport) -> HallTaken:
        _check(tx, station)
        check_nobody_left(tx, station)
        return keeping.keep(tx, station, report)

    def _set_up(self, station: str, actor: Actor, said: HallSaid) -> None:
        """Follow the hall's own set-up: what may be booked there, and for how long what is kept.

        What does not fit is told in the log: the hall's events must not wait for it.
        """
        named = _setup(said)
        self._try(station, lambda: self._places.set_station(station, named, actor=actor))
        there = {bay.id: bay for bay in self._places.at(station).bays}
        for bay in said.bays:
            self._try(station, partial(self._set_up_bay, station, actor, there.get(bay.bay), bay))

    def _set_up_bay(self, station: str, actor: Actor, known: Bay | None, bay: HallBay) -> None:
        if known is None:
            self._places.create_bay(station, bay.bay, bay.door, bay.kinds, actor=actor)
        elif (known.door, sorted(known.kinds)) != (bay.door, sorted(bay.kinds)):
            change = BaySetup(door=bay.door, kinds=bay.kinds)
            self._places.set_bay(station, bay.bay, change, actor=actor)

    def _try(self, station: str, deed: Callable[[], None]) -> None:
        try:
            deed()
        except PortvaktError as error:
            log.warning("set-up of a hall not followed station=%s reason=%s", station, error)


def _setup(said: HallSaid) -> StationSetup:
    named = StationSetup(name=said.name or None, time_zone=said.time_zone or None)
    if len(said.keep) != _DAYS:
        return named
    plates, recheck, names, looks = said.keep
    return replace(
        named,
        keep_days=plates,
        keep_recheck_days=recheck,
        keep_names_days=names,
        keep_looks_days=looks,
    )


def _check(tx: Tx, station: str) -> None:
    if not is_hall(tx, station):
        raise Problem(
            problems.NOT_FOUND,
            f"{station} is no hall here; make a token of scope hall:link for it at the office.",
        )
