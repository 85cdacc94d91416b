"""How posts and signs are: the last heartbeat of each is kept, and only what changes becomes an event."""

from collections.abc import Mapping, Sequence
from functools import partial

import msgspec
import sqlalchemy as sa
from msgspec import structs
from sqlalchemy.dialects import postgresql

from central import schema
from central.database.store import Store
from central.database.tx import Row, Tx, View
from central.devices import boots, brake, device_tokens, faults
from central.devices.brake import Said, Told
from central.devices.devices import Device
from central.known import Known
from central.line.rows import ms_between
from central.signs import signs
from central.words import SYSTEM, Actor
from contract import masking, problems
from contract.event import EventKind
from contract.problems import Problem
from contract.wire import Heartbeat, HeartbeatHeard, Role
from contract.yard import DeviceNotice, DeviceRow

_D, _P = schema.device.c, schema.heartbeat.c
# PostgreSQL's form of the clause, which SQLite took over word for word (sqlite.org/lang_upsert.html).
_INSERT = postgresql.insert(schema.heartbeat)
_KEEP = _INSERT.on_conflict_do_update(
    index_elements=["station", "device"],
    set_={
        "received_at": _INSERT.excluded.received_at,
        "silent": _INSERT.excluded.silent,
        "body": _INSERT.excluded.body,
    },
)
_KNOWN = (
    sa.select(_D.id, _D.station, _D.role, _D.name, _D.bay, _D.lists, _D.panel)
    .add_columns(_D.enrolled_at, _D.token_at, _D.next_token_sha256, _D.rotate_at)
    .add_columns(_D.boots, _D.cloned_at)
    .add_columns(_P.received_at, _P.silent, _P.body)
    .outerjoin(schema.heartbeat, sa.and_(_P.station == _D.station, _P.device == _D.id))
    .where(_D.revoked_at.is_(None))
)
_ONE = _KNOWN.where(_D.station == sa.bindparam("station"), _D.id == sa.bindparam("device"))
_OF_STATION = _KNOWN.where(_D.station == sa.bindparam("station")).order_by(_D.name, _D.id)
_FALL_SILENT = (
    sa.update(schema.heartbeat)
    .where(_P.device == sa.bindparam("of_device"), _P.silent == sa.bindparam("before"))
    # Another process may have heard it since we looked.
    .where(_P.received_at == sa.bindparam("seen_at"))
    .values(silent=sa.bindparam("after"))
)
_SEEN = (
    sa.select(_D.station, _D.name, _P.received_at)
    .join(schema.heartbeat, sa.and_(_P.station == _D.station, _P.device == _D.id))
    .where(_D.id == sa.bindparam("device"))
)
# What a restore leaves of a heartbeat: there was one, so that its post is missed when no other comes.
BARE: Mapping[str, object] = {}
_NOT_HEARD = Heartbeat(release="", boot="")


class Heartbeats:
    """The heartbeats of one database."""

    def __init__(self, store: Store, known: Known) -> None:
        self._store = store
        self._known = known

    def hear(self, device: Device, said: Heartbeat) -> HeartbeatHeard:
        """Keep a device's heartbeat; it is on disk when this returns.

        Raises:
            Problem: `unknown_device` when it is in service no longer.
        """
        said = masking.fitting(said)  # whatever a device lets through, no plate is kept
        is_due = self._store.write(
            lambda tx: _keep(tx, self._known, device, said), station=device.station
        )
        return HeartbeatHeard(new_token=is_due)

    def rows(self, station: str) -> list[DeviceRow]:
        """The station's devices, by name, each with its last heartbeat."""
        return self._store.read(
            lambda view: [_device_row(row, view) for row in view.all(_OF_STATION, station=station)]
        )


def notices(view: View, station: str) -> list[DeviceNotice]:
    """The station's devices that need somebody, by name."""
    found = view.all(_OF_STATION, station=station)
    heard = [row for row in found if row.body is not None or row.cloned_at is not None]
    return [one for one in map(_notice, heard) if faults.needs_somebody(one)]


def last_ones(view: View) -> list[tuple[DeviceNotice, str, Heartbeat]]:
    """Every device of all stations that was heard: how it is, its station, and its last heartbeat."""
    heard = [row for row in view.all(_KNOWN) if row.body is not None]
    return [(_notice(row), row.station, _body(row)) for row in heard]


def notice_silence(tx: Tx, known: Known, devices: Sequence[str]) -> None:
    """Write down, once, that posts have not been heard for too long."""
    for device in devices:
        row, seen_at = tx.first(_SEEN, device=device), known.pulses.row_at(device)
        if row is None:
            continue
        if row.received_at != seen_at:  # it was heard after all: it has its time again
            heard = partial(known.pulses.heard, device, row.station, row.received_at)
            tx.after_commit(heard)
            continue
        words = {"of_device": device, "seen_at": seen_at, "before": False, "after": True}
        if tx.run(_FALL_SILENT, **words):
            data = {"device": device, "name": row.name, "role": Role.POST}
            tx.event(row.station, EventKind.DEVICE_SILENT, SYSTEM, data=data)
        tx.after_commit(partial(known.pulses.noticed_silent, device))


def _keep(tx: Tx, known: Known, device: Device, said: Heartbeat) -> bool:
    """Keep a heartbeat; whether its device should ask for its next token."""
    at = tx.now.replace(microsecond=tx.now.microsecond // 1000 * 1000)  # as fine as a row is
    row = tx.first(_ONE, station=device.station, device=device.id)
    if row is None:  # it was taken out of service on the way here
        raise Problem(problems.UNKNOWN_DEVICE, "This device is not known here; enrol it again.")
    news = _News(tx, device)
    if row.silent:
        news.tell(EventKind.DEVICE_BACK)
    told = news.of(said, _told(row))
    tx.run(
        _KEEP,
        station=device.station,
        device=device.id,
        received_at=at,
        silent=False,
        body={**structs.asdict(said), "told": told},
    )
    if device.role is Role.POST:
        boots.heard(tx, row, said.boot)  # a sign's beats say so of a sign, and oftener
        tx.after_commit(partial(known.pulses.heard, device.id, device.station, at))
    return device_tokens.is_due(row, tx.now, synced=known.clock.synced())


class _News:
    """What a heartbeat of *device* says that was not told before."""

    def __init__(self, tx: Tx, device: Device) -> None:
        self._tx = tx
        self._device = device

    @property
    def _actor(self) -> Actor:
        return self._device.actor

    def tell(self, kind: EventKind, **more: object) -> None:
        """Write an event of the device."""
        device = self._device
        data = {"device": device.id, "name": device.name, "role": device.role, **more}
        self._tx.event(device.station, kind, self._actor, bay=device.bay, data=data)

    def of(self, said: Heartbeat, told: Told) -> Told:
        """Write what came and what went since; give what is told by now."""
        failing = {fault.part: fault for fault in faults.rows(said, self._tx.now)}
        told, found = brake.news(told, faults.bad(said), self._tx.now)
        for part in found:
            if part == brake.REFUSED:
                self.tell(EventKind.ARRIVALS_REFUSED, refused=faults.refused(said))
            elif part in failing:
                self.tell(EventKind.DEVICE_FAULT, **structs.asdict(failing[part]))
            elif part == brake.FLICKERS:
                words = structs.asdict(faults.flickers(self._tx.now))
                self.tell(EventKind.DEVICE_FAULT, **words)
            else:
                self.tell(EventKind.DEVICE_WELL, part=part)
        return told


def _body(row: Row) -> Heartbeat:
    return msgspec.convert(row.body, Heartbeat) if row.body else _NOT_HEARD


def _told(row: Row) -> Told:
    """What was told of the device; an older release has told all that it kept, and did not say when."""
    if row.body and "told" in row.body:
        return msgspec.convert(row.body["told"], Told)
    bad = faults.bad(_body(row))
    return Told(parts={part: Said(bad=number) for part, number in bad.items()})


def _notice(row: Row) -> DeviceNotice:
    said = _body(row)
    return DeviceNotice(
        device=row.id,
        name=row.name,
        role=row.role,
        heard_at=row.received_at or row.cloned_at,
        silent=bool(row.silent),
        faults=faults.rows(said, row.received_at),
        refused=faults.refused(said),
        cloned=row.cloned_at is not None,
    )


def _has_next(row: Row) -> bool:
    """Whether the device was given another token and has not used it yet."""
    return row.next_token_sha256 is not None and not device_tokens.is_new(row)


def _device_row(row: Row, view: View) -> DeviceRow:
    known = DeviceRow(
        id=row.id,
        station=row.station,
        role=Role(row.role),
        name=row.name,
        bay=row.bay,
        lists=list(row.lists or ()),
        panel=signs.panel_of(row),
        token_at=row.token_at,
        rotating=row.rotate_at is not None or _has_next(row),
        cloned_at=row.cloned_at,
    )
    if not (row.body or row.silent):
        return structs.replace(known, says=faults.sentences(known))
    said = _body(row)
    heard = structs.replace(
        known,
        heard_at=row.received_at,
        age_s=ms_between(row.received_at, view.now) // 1000,
        silent=row.silent,
        faults=faults.rows(said, row.received_at),
        heartbeat=said if row.body else None,
    )
    return structs.replace(heard, says=faults.sentences(heard))
