"""Which ring wants which release, as the database keeps it.

What a central that follows an office calls, and the office that it follows:

    wants_of(view, stations) -> Wants       what goes down to the hall box of these stations
    set_wanted(tx, before, wants) -> None   the hall box takes over what is new in it

Between both, `wants.Wants` travels as JSON.  Its `files` are what the hall box must fetch: each is taken in
by `Releases.add`, which checks its signature again.  A release that the hall box itself has halted since
a person last let it go on stays halted there.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from central import schema
from central.database.tx import Tx, View
from central.fleet import rings
from central.fleet.rings import Wishes
from central.fleet.wants import Halt, Pin, WantedFile, Wants
from contract.fleet_view import LAST_RING, RINGS

_R, _F, _RING, _AT, _PIN = (
    table.c
    for table in (
        schema.release,
        schema.release_file,
        schema.ring_release,
        schema.station_ring,
        schema.machine_pin,
    )
)
_RINGS = sa.select(schema.ring_release)
_HALTED = sa.select(_R.name, _R.why, _R.halted_at).where(_R.halted_at.is_not(None))
# A release that was never halted nobody must be told to let go on.
_SPOKEN_OF = (
    sa.select(schema.release)
    .where(sa.or_(_R.halted_at.is_not(None), _R.resumed_at.is_not(None)))
    .order_by(_R.name)
)
_RING_OF = sa.select(_AT.ring).where(_AT.station == sa.bindparam("station"))
_PIN_OF = sa.select(_PIN.release).where(
    _PIN.station == sa.bindparam("station"), _PIN.device == sa.bindparam("device")
)
_SET_RING = postgresql.insert(schema.ring_release)
_WANT = _SET_RING.on_conflict_do_update(
    index_elements=["ring"],
    set_={name: _SET_RING.excluded[name] for name in ("release", "before", "since")},
)
_PUT = postgresql.insert(schema.station_ring)
_PUT_IN = _PUT.on_conflict_do_update(index_elements=["station"], set_={"ring": _PUT.excluded.ring})
_SET_PIN = postgresql.insert(schema.machine_pin)
_PIN_TO = _SET_PIN.on_conflict_do_update(
    index_elements=["station", "device"],
    set_={name: _SET_PIN.excluded[name] for name in ("release", "since")},
)
_HALT = (
    sa.update(schema.release)
    .where(_R.name == sa.bindparam("release"))
    .values(halted_at=sa.bindparam("at"), why=sa.bindparam("because"))
)
_RESUMED = (
    sa.update(schema.release)
    .where(_R.name == sa.bindparam("release"))
    .values(resumed_at=sa.bindparam("at"))
)


def wishes(view: View) -> Wishes:
    """Which release each ring wants, and which are halted."""
    return Wishes(
        rings={row.ring: row.release for row in view.all(_RINGS)},
        halted={row.name for row in view.all(_HALTED)},
    )


def ring_of(view: View, station: str) -> str:
    """The ring of a station; who was put into none is in the last."""
    row = view.first(_RING_OF, station=station)
    return LAST_RING if row is None or row.ring not in RINGS else str(row.ring)


def pin_of(view: View, station: str, device: str) -> str | None:
    """The release at which a machine stays, if it is pinned."""
    row = view.first(_PIN_OF, station=station, device=device)
    return None if row is None else str(row.release)


def peopled(view: View, stations: Iterable[str]) -> set[str]:
    """The rings in which some of *stations* are."""
    known = {row.station: row.ring for row in view.all(sa.select(schema.station_ring))}
    return {known.get(station, LAST_RING) for station in stations}


def want(tx: Tx, release: str, ring: str, stations: Iterable[str]) -> list[str]:
    """Let *ring* and those before it want *release*; give the rings that wanted another.

    Raises:
        RingSkipped: an earlier ring that has some of *stations* does not want it yet.
    """
    now = wishes(tx)
    then = rings.released(now, release, ring, peopled(tx, stations))
    changed = [one for one in rings.through(ring) if now.rings.get(one) != then.rings[one]]
    for one in changed:
        tx.run(_WANT, ring=one, release=release, before=now.rings.get(one), since=tx.now)
    return changed


def take_back(tx: Tx, release: str, of_rings: Sequence[str]) -> list[str]:
    """Let those of the rings that want *release* want what they wanted before it; give them."""
    rows = {row.ring: row for row in tx.all(_RINGS)}
    found = [ring for ring in of_rings if ring in rows and rows[ring].release == release]
    for ring in found:
        before = rows[ring].before
        if before is None:
            tx.run(sa.delete(schema.ring_release).where(_RING.ring == ring))
        else:
            tx.run(_WANT, ring=ring, release=before, before=None, since=tx.now)
    return found


def halt(tx: Tx, release: str, why: str) -> bool:
    """Halt a release that is not halted yet; whether it was not."""
    there = sa.select(_R.name).where(_R.name == release, _R.halted_at.is_(None))
    return tx.first(there) is not None and bool(
        tx.run(_HALT, release=release, at=tx.now, because=why)
    )


def resume(tx: Tx, release: str) -> bool:
    """Let a halted release go on; whether it was halted."""
    there = sa.select(_R.name).where(_R.name == release, _R.halted_at.is_not(None))
    if tx.first(there) is None:
        return False
    tx.run(_HALT, release=release, at=None, because="")
    tx.run(_RESUMED, release=release, at=tx.now)
    return True


def put_in(tx: Tx, station: str, ring: str) -> None:
    """Put a station into a ring."""
    tx.run(_PUT_IN, station=station, ring=ring)


def pin(tx: Tx, station: str, device: str, release: str) -> None:
    """Let a machine stay at *release*."""
    tx.run(_PIN_TO, station=station, device=device, release=release, since=tx.now)


def unpin(tx: Tx, station: str, device: str) -> bool:
    """Let a machine follow its ring again; whether it was pinned."""
    mine = sa.and_(_PIN.station == station, _PIN.device == device)
    return bool(tx.run(sa.delete(schema.machine_pin).where(mine)))


# -- between an office and its hall boxes ----------------------------------------------------------


def wants_of(view: View, stations: Iterable[str]) -> Wants:
    """All that the hall box of *stations* must know of releases."""
    here = set(stations)
    now = wishes(view)
    ring = {station: ring_of(view, station) for station in sorted(here)}
    pins = [
        Pin(row.station, row.device, row.release)
        for row in view.all(sa.select(schema.machine_pin).order_by(_PIN.station, _PIN.device))
        if row.station in here
    ]
    wanted = {now.rings[one] for one in ring.values() if one in now.rings}
    wanted |= {one.release for one in pins}
    return Wants(
        rings=dict(now.rings),
        stations=ring,
        pins=pins,
        halts=[
            Halt(row.name, row.why, row.halted_at, row.resumed_at) for row in view.all(_SPOKEN_OF)
        ],
        files=_files(view, wanted),
    )


def set_wanted(tx: Tx, before: Wants, wants: Wants) -> None:
    """Take over what the office says otherwise than *before*: halts, rings, our stations' rings, pins.

    Of all the rest what was chosen here stands.
    """
    told = {one.release: one for one in before.halts}
    for one in wants.halts:
        if told.get(one.release) != one:
            _follow(tx, one)
    for ring in RINGS:
        release = wants.rings.get(ring)
        if before.rings.get(ring) != release:
            _follow_ring(tx, ring, release)
    for station, ring in wants.stations.items():
        if before.stations.get(station, LAST_RING) != ring:
            put_in(tx, station, ring)
    for gone in set(before.pins) - set(wants.pins):
        unpin(tx, gone.station, gone.device)
    for kept in wants.pins:
        if kept not in before.pins:
            _know(tx, kept.release)
            pin(tx, kept.station, kept.device, kept.release)


def _follow_ring(tx: Tx, ring: str, release: str | None) -> None:
    if release is None:
        tx.run(sa.delete(schema.ring_release).where(_RING.ring == ring))
    else:
        _know(tx, release)
        tx.run(_WANT, ring=ring, release=release, before=None, since=tx.now)


def _know(tx: Tx, release: str) -> None:
    """Let there be such a release: it may be halted here before its file has come."""
    if tx.first(sa.select(_R.name).where(_R.name == release)) is None:
        tx.run(sa.insert(schema.release), name=release, added_at=tx.now, why="")


def _follow(tx: Tx, said: Halt) -> None:
    """Halt or let go on what the office does, but for what was halted here since a person let it go on."""
    _know(tx, said.release)
    own = tx.one(sa.select(_R.halted_at).where(_R.name == said.release)).halted_at
    if said.halted_at is None and own is not None and not _let_go(own, said.resumed_at):
        return
    tx.run(_HALT, release=said.release, at=said.halted_at, because=said.why)
    tx.run(_RESUMED, release=said.release, at=said.resumed_at)


def _let_go(halted_at: datetime, resumed_at: datetime | None) -> bool:
    return resumed_at is not None and resumed_at >= halted_at


def _files(view: View, releases: Iterable[str]) -> list[WantedFile]:
    found = sa.select(schema.release_file).where(_F.release.in_(list(releases))).order_by(_F.file)
    return [
        WantedFile(
            release=row.release,
            file=row.file,
            size=row.size,
            sha256=row.sha256,
            platform=row.platform,
        )
        for row in view.all(found)
    ]
