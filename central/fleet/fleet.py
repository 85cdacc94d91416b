"""The fleet's use cases: what machines say, how all of them are, and which release goes where."""

import logging
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from central import schema
from central.database.store import Store
from central.database.tx import Tx, View
from central.devices.devices import Device
from central.errors import NotPossible, NotThere
from central.fleet import halts, machines, quiet, releases, summary, view, wanted
from central.fleet.releases import Releases
from central.known import Known
from central.places.places import Place
from central.words import Actor
from contract.event import EventKind
from contract.fleet import MachineHeard, MachineSaid
from contract.fleet_view import RINGS, Fleet

log = logging.getLogger(__name__)

_M, _D, _RING = (table.c for table in (schema.machine, schema.device, schema.ring_release))
_BEFORE = sa.select(_RING.ring, _RING.before).where(
    _RING.release == sa.bindparam("release"), _RING.before.is_not(None)
)
_HAS_BEGUN = sa.select(_M.station, _M.name, _M.body).where(_M.begun == sa.bindparam("release"))
_MACHINE = sa.select(_M.name, _M.body).where(
    _M.station == sa.bindparam("station"), _M.device == sa.bindparam("device")
)
_DEVICE = sa.select(_D.name).where(
    _D.station == sa.bindparam("station"),
    _D.id == sa.bindparam("device"),
    _D.revoked_at.is_(None),
)
_ALL_STATIONS = sa.union(sa.select(schema.station.c.id.label("id")), sa.select(_M.station))
_BY_HAND = "a person halted it"


class Fleets:
    """The fleet of one database; `releases` are the files in the data folder."""

    def __init__(self, store: Store, known: Known, folder: Path | None = None) -> None:
        self._store = store
        self._known = known
        self.folder = folder
        self.releases = Releases(store, folder)

    def hear(self, device: Device, said: MachineSaid) -> MachineHeard:
        """Keep what a machine said; give the release that it should begin, and when nobody minds.

        While our own clock cannot be believed nobody is told to begin anything.
        """
        return self._store.write(lambda tx: self._hear(tx, device, said), station=device.station)

    def _hear(self, tx: Tx, device: Device, said: MachineSaid) -> MachineHeard:
        at = tx.now.replace(microsecond=tx.now.microsecond // 1000 * 1000)
        release = machines.heard(tx, device.station, device.id, device.name, device.role, said, at)
        if not self._known.clock.synced():
            return MachineHeard()
        place = self._known.places.of(tx, device.station)
        return MachineHeard(wanted=release, quiet=quiet.times(place.hours, tx.now))

    def all(self, sees: Callable[[str], bool] = lambda _: True) -> Fleet:
        """Every machine of the stations that *sees* lets through, the rings and the releases."""
        places = {place.id: place for place in self._known.places.stations()}
        return self._store.read(lambda found: _fleet(found, places, sees))

    # -- what a person decides ------------------------------------------------------------------

    def release(self, actor: Actor, release: str, ring: str) -> list[str]:
        """Let *ring* and those before it run *release*; give the rings that wanted another.

        Raises:
            NotThere: there is no such release.
            NotPossible: it is halted.
            RingSkipped: an earlier ring with stations has not got it yet.
        """
        log.info("release wanted release=%s ring=%s", release, ring)
        return self._store.write(lambda tx: _release(tx, actor, release, ring))

    def take_back(self, actor: Actor, release: str, rings: list[str]) -> list[str]:
        """Let *rings* want what they wanted before *release*, as long as nobody has begun it.

        Raises:
            NotPossible: somebody has begun it, or what was wanted before is no longer here.
        """
        return self._store.write(lambda tx: _take_back(tx, actor, release, rings))

    def halt(self, actor: Actor, release: str, why: str = "") -> bool:
        """Give *release* to nobody who has not begun it; whether it was not halted yet."""
        log.info("release halted release=%s", release)
        return self._store.write(lambda tx: _halt(tx, actor, release, why))

    def resume(self, actor: Actor, release: str) -> bool:
        """Let a halted release go on; whether it was halted."""
        log.info("release resumed release=%s", release)
        return self._store.write(lambda tx: _resume(tx, actor, release))

    def pin(self, station: str, actor: Actor, device: str, release: str | None) -> None:
        """Let a machine stay at *release* whatever its ring wants, or follow its ring again.

        Raises:
            NotThere: there is no such machine, or no such release.
        """
        self._store.write(lambda tx: _pin(tx, station, actor, device, release), station=station)

    def put_in(self, station: str, actor: Actor, ring: str) -> None:
        """Put a station into a ring; NotThere when there is none of that name."""
        self._store.write(lambda tx: _put_in(tx, station, actor, ring), station=station)


def _fleet(found: View, places: dict[str, Place], sees: Callable[[str], bool]) -> Fleet:
    about = view.seen(found, places)
    rows = view.machine_rows(found, about, sees)
    ready, stations = summary.counts(rows, about.away)
    zone = next((place.zone for place in places.values()), ZoneInfo("UTC"))
    return Fleet(
        as_of=found.now,
        says=summary.says(rows, found.now, zone, about.away),
        stations=stations,
        ready=ready,
        rings=view.ring_rows(found, about, rows, sees),
        releases=view.release_rows(found),
        machines=rows,
    )


def _release(tx: Tx, actor: Actor, release: str, ring: str) -> list[str]:
    _check_known(tx, release)
    if release in wanted.wishes(tx).halted:
        raise NotPossible(f"{release} is halted; let it go on first.")
    _check_ring(ring)
    changed = wanted.want(tx, release, ring, [row.id for row in tx.all(_ALL_STATIONS)])
    halts.tell(tx, EventKind.RELEASE_WANTED, actor, release, changed)
    return changed


def _take_back(tx: Tx, actor: Actor, release: str, rings: list[str]) -> list[str]:
    begun = tx.first(_HAS_BEGUN, release=release)
    if begun is not None:
        raise NotPossible(
            f"{begun.station} {begun.name} has begun {release} already; halt it instead."
        )
    _check_before(tx, release, rings)
    found = wanted.take_back(tx, release, rings)
    halts.tell(tx, EventKind.RELEASE_TAKEN_BACK, actor, release, found)
    return found


def _check_before(tx: Tx, release: str, rings: list[str]) -> None:
    """What a ring wanted before may have been removed since: nobody could fetch it."""
    for row in tx.all(_BEFORE, release=release):
        if row.ring in rings and not releases.is_known(tx, row.before):
            raise NotPossible(
                f"Ring {row.ring} wanted {row.before} before, which was removed; release another there,"
                " or halt this one."
            )


def _halt(tx: Tx, actor: Actor, release: str, why: str) -> bool:
    _check_known(tx, release)
    done = wanted.halt(tx, release, why.strip() or _BY_HAND)
    if done:
        halts.tell(tx, EventKind.RELEASE_HALTED, actor, release)
    return done


def _resume(tx: Tx, actor: Actor, release: str) -> bool:
    _check_known(tx, release)
    done = wanted.resume(tx, release)
    if done:
        halts.tell(tx, EventKind.RELEASE_RESUMED, actor, release)
    return done


def _pin(tx: Tx, station: str, actor: Actor, device: str, release: str | None) -> None:
    row = tx.first(_MACHINE, station=station, device=device)
    known = row or tx.first(_DEVICE, station=station, device=device)
    if known is None:
        raise NotThere(f"{station} has no machine {device}.")
    if release is None:
        if not wanted.unpin(tx, station, device):
            return
    else:
        if row is None or machines.body_of(row).release != release:
            _check_known(tx, release)
        wanted.pin(tx, station, device, release)
    if _is_ours(tx, station):
        data = {"device": device, "name": known.name, "release": release or ""}
        tx.event(station, EventKind.MACHINE_PINNED, actor, data=data)


def _put_in(tx: Tx, station: str, actor: Actor, ring: str) -> None:
    _check_ring(ring)
    if station not in {row.id for row in tx.all(_ALL_STATIONS)}:
        raise NotThere(f"There is no station {station}.")
    wanted.put_in(tx, station, ring)
    if _is_ours(tx, station):
        tx.event(station, EventKind.RING_CHANGED, actor, data={"ring": ring})


def _check_known(tx: Tx, release: str) -> None:
    if not releases.is_known(tx, release):
        raise NotThere(
            f"There is no release {release} here; add it: portvakt central release add FILE.tar"
        )


def _check_ring(ring: str) -> None:
    if ring not in RINGS:
        raise NotPossible(f"There is no ring {ring}; choose {', '.join(RINGS)}.")


def _is_ours(tx: Tx, station: str) -> bool:
    """Whether the station's events are written here, and not in a hall that sends them."""
    return any(row.id == station for row in halts.stations(tx))
