"""In a hall: how it is, for whoever looks from the office.  No plate and no name of anybody is in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from central import schema
from central.database.tx import Tx, View
from central.fleet.machines import body_of
from central.halls.words import ids
from central.known import Known
from central.line.line import Bay
from central.places.places import Place
from contract.halls import HallBay, HallDevice, HallMachine, HallSaid, NotTaken
from contract.release import running
from contract.visit import State
from contract.yard import DeviceRow

FORGOTTEN_AT_ONCE = 100
MOST = 100
_NAME = 64

_V, _H, _F, _K = (
    schema.visit.c,
    schema.help_call.c,
    schema.office_forgets.c,
    schema.device_code.c,
)
_M, _D = schema.machine, schema.device.c
_STATION: "sa.BindParameter[str]" = sa.bindparam("station")
_OPEN_VISITS = sa.select(_V.state, _V.arrived_at).where(_V.station == _STATION, schema.IS_OPEN)
_HELP = sa.select(sa.func.count().label("n")).where(_H.station == _STATION, schema.IS_UNHELPED)
_FORGOTTEN = sa.select(_F.ref).where(_F.station == _STATION).limit(FORGOTTEN_AT_ONCE)
_WAITING_CODES = sa.select(_K.handle).where(_K.station == _STATION, _K.used_at.is_(None))
# Who was taken out of service says nothing any more, and nobody is to look for it.
_MACHINES = (
    sa.select(_M)
    .join(schema.device, sa.and_(_D.id == _M.c.device, _D.station == _M.c.station))
    .where(_M.c.station == _STATION, _D.revoked_at.is_(None))
    .order_by(_M.c.device)
    .limit(32)
)
_TOLD = sa.delete(schema.office_forgets).where(
    _F.station == _STATION, _F.ref.in_(sa.bindparam("refs", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands elsewhere: the devices, when a backup was taken, what of the office's was not taken."""

    devices: Sequence[DeviceRow] = ()
    machines: Sequence[HallMachine] = ()
    backup_at: datetime | None = None
    not_taken: Sequence[NotTaken] = ()
    synced: bool = False


def said(view: View, known: Known, station: str, beside: Beside) -> HallSaid:
    """How the hall is now."""
    place = known.places.of(view, station)
    visits = view.all(_OPEN_VISITS, station=station)
    states = [row.state for row in visits]
    waits = [row.arrived_at for row in visits if row.state == State.WAITING.value]
    return HallSaid(
        release=running()[:_NAME],
        name=place.name[:128],
        time_zone=place.zone.key,
        clock_synced=beside.synced,
        keep=_keep(place),
        bays=[_bay(bay) for bay in place.bays][:MOST],
        open=place.hours.is_open(view.now),
        waiting=len(waits) + states.count(State.PARKED.value),
        called=states.count(State.CALLED.value),
        in_bay=states.count(State.IN_BAY.value),
        help_open=view.one(_HELP, station=station).n,
        oldest_at=min(waits, default=None),
        backup_at=beside.backup_at,
        devices=[_device(row) for row in beside.devices][:MOST],
        machines=list(beside.machines),
        codes_used=_codes_used(view, station),
        erased=ids(view, station, "erased")[:MOST],
        forgotten=[row.ref for row in view.all(_FORGOTTEN, station=station)],
        not_taken=list(beside.not_taken)[:MOST],
    )


def machines(view: View, station: str) -> list[HallMachine]:
    """What the hall's machines have said of themselves."""
    return [
        HallMachine(
            device=row.device,
            name=row.name[:_NAME],
            role=row.role,
            heard_at=row.heard_at,
            said=body_of(row),
        )
        for row in view.all(_MACHINES, station=station)
    ]


def told(tx: Tx, station: str, heard: HallSaid) -> None:
    """The office has heard it: what was kept to be told is kept no longer."""
    if heard.forgotten:
        tx.run(_TOLD, station=station, refs=list(heard.forgotten))


def _keep(place: Place) -> list[int]:
    days = place.keep
    return [days.plates, days.recheck, days.names, days.looks]


def _bay(bay: Bay) -> HallBay:
    return HallBay(bay=bay.id, door=bay.door[:_NAME], kinds=sorted(bay.kinds))


def _device(row: DeviceRow) -> HallDevice:
    return HallDevice(
        device=row.id,
        name=row.name[:_NAME],
        role=row.role,
        bay=row.bay,
        heard_at=row.heard_at,
        silent=row.silent,
        faults=[fault.part[:_NAME] for fault in row.faults],
        refused=_refused(row),
        cloned=row.cloned_at is not None,
    )


def _refused(row: DeviceRow) -> int:
    outbox = None if row.heartbeat is None else row.heartbeat.outbox
    return 0 if outbox is None else outbox.refused


def _codes_used(view: View, station: str) -> list[str]:
    """The office's codes that wait here no longer: each is a device now, or was voided by a restore."""
    waiting = {row.handle for row in view.all(_WAITING_CODES, station=station)}
    return [handle for handle in ids(view, station, "code") if handle not in waiting][:MOST]
