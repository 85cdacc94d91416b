"""The whole fleet at one moment: rows of the database in, rows for people out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import structs

from central import schema
from central.database.tx import Row, View
from central.devices import faults
from central.fleet import halts, machines, rings, states, wanted
from central.fleet.rings import Wishes
from central.fleet.states import State
from central.places.places import Place
from contract.fleet import MachineSaid
from contract.fleet_view import (
    LAST_RING,
    RINGS,
    MachineRow,
    MachineState,
    ReleaseRow,
    RingRow,
)
from contract.halls import LOST_S
from contract.wire import Heartbeat

HALL_AWAY = timedelta(seconds=LOST_S)
REVOKED_FOR = timedelta(days=30)
_D, _P, _F, _M = (
    table.c for table in (schema.device, schema.heartbeat, schema.release_file, schema.machine)
)
_DEVICES = (
    sa.select(_D.id, _D.station, _D.role, _D.name, _D.bay, _D.revoked_at)
    .add_columns(_P.received_at, _P.body)
    .outerjoin(schema.heartbeat, sa.and_(_P.station == _D.station, _P.device == _D.id))
    .where(sa.or_(_D.revoked_at.is_(None), _D.revoked_at > sa.bindparam("since")))
)
_GONE = sa.select(_D.id).where(_D.revoked_at <= sa.bindparam("since"))
_MACHINES = sa.select(schema.machine).order_by(_M.station, _M.device)
_RELEASES = sa.select(schema.release).order_by(schema.release.c.added_at.desc())
_AWAY = sa.select(schema.hall.c.station, schema.hall.c.heard_at).where(
    schema.hall.c.heard_at < sa.bindparam("since")
)
_FILES = sa.select(schema.release_file).order_by(_F.platform)


@dataclass(frozen=True, slots=True)
class Seen:
    """What of the database decides how the rows look."""

    wishes: Wishes
    rings: Mapping[str, str]
    pins: Mapping[tuple[str, str], str]
    files: set[tuple[str, str]]
    places: Mapping[str, Place] = field(default_factory=dict)
    # Halls that have not reported, each with when it did so last: of their machines nothing is known since.
    away: Mapping[str, datetime] = field(default_factory=dict)


def seen(view: View, places: Mapping[str, Place]) -> Seen:
    """Read it."""
    return Seen(
        wishes=wanted.wishes(view),
        rings={row.station: row.ring for row in view.all(sa.select(schema.station_ring))},
        pins={
            (row.station, row.device): row.release
            for row in view.all(sa.select(schema.machine_pin))
        },
        files={(row.release, row.platform) for row in view.all(_FILES)},
        places=places,
        away={row.station: row.heard_at for row in view.all(_AWAY, since=view.now - HALL_AWAY)},
    )


def machine_rows(view: View, about: Seen, sees: Callable[[str], bool]) -> list[MachineRow]:
    """Every machine of the stations that *sees* lets through; what needs a person comes first."""
    since = view.now - REVOKED_FOR
    devices = {(row.station, row.id): row for row in view.all(_DEVICES, since=since)}
    gone = {row.id for row in view.all(_GONE, since=since)}
    said = {(row.station, row.device): row for row in view.all(_MACHINES)}
    found = [
        _row(view, about, devices.get(key), said.get(key))
        for key in devices.keys() | said.keys()
        if sees(key[0]) and key[1] not in gone
    ]
    return sorted(found, key=states.order)


def release_rows(view: View) -> list[ReleaseRow]:
    """The releases, the newest first."""
    files: dict[str, list[Row]] = {}
    for row in view.all(_FILES):
        files.setdefault(row.release, []).append(row)
    return [
        ReleaseRow(
            release=row.name,
            platforms=[one.platform for one in files.get(row.name, [])],
            size=sum(one.size for one in files.get(row.name, [])),
            added_at=row.added_at,
            halted_at=row.halted_at,
            why=row.why,
        )
        for row in view.all(_RELEASES)
    ]


def ring_rows(
    view: View, about: Seen, found: list[MachineRow], sees: Callable[[str], bool]
) -> list[RingRow]:
    """The rings in their order, with the stations of which there are machines or which are ours.

    Of those, too, only what *sees* lets through: the ids of others are nobody's to read.
    """
    ours = {row.id for row in halts.stations(view) if sees(row.id)}
    stations = ours | {row.station for row in found}
    since = {row.ring: row.since for row in view.all(sa.select(schema.ring_release))}
    return [_ring(about, ring, stations, found, since) for ring in RINGS]


def _ring(
    about: Seen, ring: str, stations: set[str], found: list[MachineRow], since: Mapping[str, Any]
) -> RingRow:
    release = about.wishes.rings.get(ring)
    inside = [row for row in found if row.ring == ring and row.state is not MachineState.REVOKED]
    return RingRow(
        ring=ring,
        stations=sorted(one for one in stations if about.rings.get(one, LAST_RING) == ring),
        machines=len(inside),
        running=sum(release is not None and row.release == release for row in inside),
        release=release,
        since=since.get(ring),
    )


def _row(view: View, about: Seen, device: Row | None, machine: Row | None) -> MachineRow:
    made = _known(about, device, machine)
    if device is not None and device.revoked_at is not None:
        return structs.replace(made, state=MachineState.REVOKED, since=device.revoked_at)
    ways: list[State] = []
    cut_at = about.away.get(made.station)
    now = cut_at or view.now
    service = None if device is None or not device.body else _heartbeat(device)
    if service is not None and device is not None:
        made = _of_service(made, service, device.received_at)
        ways.append(states.of_service(service, device.received_at, now))
    if machine is not None:
        said = machines.body_of(machine)
        made = _of_machine(about, made, said, machine)
        # Before: the machine's own word on its release counts, and it may be the newer of the two.
        ways.insert(0, states.of(said, machine.heard_at, now, made.wanted))
    if not ways:
        return made
    state = ways[0] if len(ways) == 1 else states.together(ways[0], ways[1])
    if cut_at is not None and state.state in states.CALM:
        state = State(MachineState.LATE, since=cut_at, why="its hall has no contact since")
    return structs.replace(
        made,
        state=state.state,
        since=state.since,
        about=state.about,
        why=state.why or made.why,
    )


def _known(about: Seen, device: Row | None, machine: Row | None) -> MachineRow:
    """What is known of a machine that has said nothing."""
    row = next(one for one in (device, machine) if one is not None)
    device_id = row.device if device is None else row.id
    place = about.places.get(row.station)
    ring = about.rings.get(row.station, LAST_RING)
    pinned = about.pins.get((row.station, device_id))
    return MachineRow(
        station=row.station,
        device=device_id,
        name=row.name,
        role=row.role,
        station_name=row.station if place is None else place.name,
        door=None if place is None or device is None else place.door(device.bay),
        ring=ring,
        pinned=pinned,
        wanted=pinned or about.wishes.rings.get(ring),
    )


def _of_service(made: MachineRow, said: Heartbeat, heard_at: Any) -> MachineRow:  # noqa: ANN401 - a moment
    outbox = said.outbox
    return structs.replace(
        made,
        heard_at=heard_at,
        release=said.release,
        outbox_waiting=None if outbox is None else outbox.waiting,
        outbox_oldest_s=None if outbox is None else outbox.oldest_s,
        restarts=said.restarts,
        faults=[one.part for one in faults.rows(said, heard_at)],
        under_voltage=said.under_voltage,
        temperature_c=said.temperature_c,
        disk_free_mb=said.disk_free_mb,
        clock_synced=said.clock_synced,
        last_error=said.last_error,
    )


def _of_machine(about: Seen, made: MachineRow, said: MachineSaid, row: Row) -> MachineRow:
    heard_at = row.heard_at if made.heard_at is None else max(row.heard_at, made.heard_at)
    standing = machines.standing(said, made.ring, made.pinned)
    release = rings.target(standing, about.wishes)
    lacks = release not in (None, said.release) and (release, said.platform) not in about.files
    return structs.replace(
        made,
        heard_at=heard_at,
        release=said.release,
        platform=said.platform,
        lacks_file=lacks,
        why=f"there is no file of {release} for {said.platform}" if lacks else "",
        restarts=sum(one.restarts for one in said.units) if said.units else made.restarts,
        under_voltage=said.under_voltage,
        temperature_c=said.temperature_c,
        disk_free_mb=said.disk_free_mb,
        clock_synced=said.clock_synced,
        root_writable=said.root_writable,
        last_error=made.last_error or said.why,
    )


def _heartbeat(row: Row) -> Heartbeat:
    return msgspec.convert(row.body, Heartbeat)
