"""How every station is doing, in numbers: what operations watch.  No plate and no name is in them."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from central import schema
from central.database.tx import View
from central.devices import faults, heartbeats
from contract.visit import OPEN, State
from contract.wire import Heartbeat
from contract.yard import DeviceNotice

OTHER = "other"

_A, _D, _H, _S, _V, _X = (
    table.c
    for table in (
        schema.arrival,
        schema.device,
        schema.help_call,
        schema.station,
        schema.visit,
        schema.deed,
    )
)
_STATIONS = sa.select(_S.id, _S.seq).order_by(_S.id)
_VISITS = (
    sa.select(_V.station, _V.state, sa.func.count().label("number"))
    .where(schema.IS_OPEN)
    .group_by(_V.station, _V.state)
)
_OLDEST = (
    sa.select(_V.station, sa.func.min(_V.arrived_at, type_=_V.arrived_at.type).label("arrived_at"))
    .where(schema.IS_OPEN, _V.state == State.WAITING.value)
    .group_by(_V.station)
)
_HELD = sa.select(_A.station, sa.func.count()).where(schema.IS_HELD).group_by(_A.station)
_UNCERTAIN = (
    sa.select(_X.station, sa.func.count()).where(_X.state == "uncertain").group_by(_X.station)
)
# By way of the stations: that is a search for each of them, and not a walk through all that was closed.
_HELP = (
    sa.select(_S.id, sa.func.count(_H.id))
    .join(schema.help_call, sa.and_(_H.station == _S.id, _H.closed_at.is_(None)))
    .group_by(_S.id)
)
_SILENT = (
    sa.select(_D.station, sa.func.count())
    .where(_D.role == "sign", _D.revoked_at.is_(None), _D.silent)
    .group_by(_D.station)
)


@dataclass(slots=True)
class DeviceFigures:
    """The devices of one station, by their last heartbeats.

    `faults` counts by part the devices where it fails; a part that this release does not know is `other`.
    """

    posts_silent: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    outbox_waiting: int = 0
    outbox_oldest_s: int = 0
    outbox_refused: int = 0

    def add(self, notice: DeviceNotice, said: Heartbeat) -> None:
        """Count one more device."""
        self.posts_silent += notice.silent
        self.faults.update(
            {one.part if one.part in faults.WORDS else OTHER for one in notice.faults}
        )
        if said.outbox is not None:
            self.outbox_waiting += said.outbox.waiting
            self.outbox_refused += said.outbox.refused
            self.outbox_oldest_s = max(self.outbox_oldest_s, said.outbox.oldest_s)


@dataclass(frozen=True, slots=True)
class Figures:
    """One station: its newest event, its open visits by state, and what needs a person.

    `oldest_wait_s` is how long the one who waits longest has been here; 0 when nobody waits.
    """

    station: str
    seq: int
    visits: Mapping[State, int]
    oldest_wait_s: float
    help_open: int
    signs_silent: int
    arrivals_held: int
    deeds_uncertain: int
    devices: "DeviceFigures"


def read(view: View) -> list[Figures]:
    """Read all stations in one moment."""
    visits = {(row.station, row.state): row.number for row in view.all(_VISITS)}
    oldest = {row.station: row.arrived_at for row in view.all(_OLDEST)}
    help_open, silent, held, uncertain = (
        Counter(dict(tuple(row) for row in view.all(statement)))
        for statement in (_HELP, _SILENT, _HELD, _UNCERTAIN)
    )
    devices: defaultdict[str, DeviceFigures] = defaultdict(DeviceFigures)
    for notice, station, said in heartbeats.last_ones(view):
        devices[station].add(notice, said)
    return [
        Figures(
            station=row.id,
            seq=row.seq,
            visits={state: visits.get((row.id, state), 0) for state in OPEN},
            oldest_wait_s=max(0.0, (view.now - oldest.get(row.id, view.now)).total_seconds()),
            help_open=help_open[row.id],
            signs_silent=silent[row.id],
            arrivals_held=held[row.id],
            deeds_uncertain=uncertain[row.id],
            devices=devices[row.id],
        )
        for row in view.all(_STATIONS)
    ]
