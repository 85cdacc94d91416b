"""What machines say of themselves: the last of it is kept, and what changes becomes an event.

    heard(tx, station, device, name, role, said, at, tells=True) -> WantedRelease | None

keeps what a machine said and gives the release that it should begin now, if any.  `at` is when it said so
by our clock.  The office calls it too, for the machines of halls, with `tells=False`: what happens in a hall
becomes an event there, and comes up with all others.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa
from msgspec import Struct, structs
from sqlalchemy.dialects import postgresql

from central import schema
from central.database.tx import Row, Tx, View
from central.devices import brake
from central.fleet import halts, releases, rings, states, wanted
from central.fleet.rings import Standing
from central.words import Actor, ActorKind
from contract import masking
from contract.event import EventKind
from contract.fleet import MachineSaid, Phase, WantedRelease

_M = schema.machine.c
_ONE = sa.select(schema.machine).where(
    _M.station == sa.bindparam("station"), _M.device == sa.bindparam("device")
)
_INSERT = postgresql.insert(schema.machine)
_KEEP = _INSERT.on_conflict_do_update(
    index_elements=["station", "device"],
    set_={
        name: _INSERT.excluded[name]
        for name in ("name", "role", "heard_at", "body", "told", "begun", "begun_at")
    },
)
_KINDS: Mapping[str, ActorKind] = {"post": "post", "sign": "sign"}
_NAME = re.compile(r"[0-9][0-9A-Za-z.]{0,31}(-[0-9a-f]{8})?")  # as `contract.fleet.ReleaseName`
_AHEAD = timedelta(minutes=5)
WHY_MAX = 200
_OF_PHASE = {
    Phase.STAGING: EventKind.UPDATE_BEGUN,
    Phase.TRIAL: EventKind.UPDATE_BEGUN,
    Phase.ROLLED_BACK: EventKind.UPDATE_UNDONE,
    Phase.REFUSED: EventKind.UPDATE_REFUSED,
}


class _Told(Struct, frozen=True, omit_defaults=True):
    """What was told of a machine: the last of its updates, and its services."""

    update: str = ""
    about: str = ""
    runs: str = ""
    units: brake.Told = brake.Told()


def heard(
    tx: Tx,
    station: str,
    device: str,
    name: str,
    role: str,
    said: MachineSaid,
    at: datetime,
    *,
    tells: bool = True,
) -> WantedRelease | None:
    """Keep what a machine said; the module's text says the rest."""
    said = _fitting(said)
    row = tx.first(_ONE, station=station, device=device)
    if row is not None and at < row.heard_at <= tx.now + _AHEAD:
        return None  # it came by a detour, and we know better
    halts.note_awake(tx, tx.now)
    before = _Told() if row is None else msgspec.convert(row.told, _Told)
    news = _News(tx, station, Actor(_KINDS.get(role, "system"), device, name), role, tells=tells)
    told = news.of(said, before)
    begun, begun_at = _begun(row, said, at)
    tx.run(
        _KEEP,
        station=station,
        device=device,
        name=name,
        role=role,
        heard_at=at,
        body=msgspec.to_builtins(said),
        told=msgspec.to_builtins(told),
        begun=begun,
        begun_at=begun_at,
    )
    if news.undone:
        halts.halt_for(tx, said.about, f"{station} {name} went back from it", said.why, tells=tells)
    return _wanted(tx, station, device, said, tells=tells)


def _fitting(said: MachineSaid) -> MachineSaid:
    """Whatever a machine lets through, no plate is kept, and no name of a release that is none."""
    return structs.replace(
        said,
        about=said.about if _NAME.fullmatch(said.about) else "",
        why=masking.without_plates(said.why)[:WHY_MAX],
        bad=[
            structs.replace(one, why=masking.without_plates(one.why)[:WHY_MAX]) for one in said.bad
        ],
    )


def body_of(row: Row) -> MachineSaid:
    """What a machine said last, as a row keeps it."""
    return msgspec.convert(row.body, MachineSaid)


def standing(said: MachineSaid, ring: str, pinned: str | None) -> Standing:
    """What of a machine decides which release it gets."""
    return Standing(
        runs=said.release,
        ring=ring,
        pinned=pinned,
        phase=said.phase,
        about=said.about,
        bad=frozenset(one.release for one in said.bad),
    )


def _wanted(
    tx: Tx, station: str, device: str, said: MachineSaid, *, tells: bool
) -> WantedRelease | None:
    machine = standing(said, wanted.ring_of(tx, station), wanted.pin_of(tx, station, device))
    release = rings.to_begin(machine, wanted.wishes(tx))
    if release is None:
        return None
    # A hall reports its machines one after the other: of those behind this one nothing new is known yet.
    besides = "" if tells else station
    if not machine.has_begun(release) and halts.look(tx, release, tells=tells, besides=besides):
        return None
    return _file(tx, release, said.platform)


def _file(view: View, release: str, platform: str) -> WantedRelease | None:
    row = releases.file_for(view, release, platform)
    if row is None:
        return None
    return WantedRelease(release=release, file=row.file, size=row.size, sha256=row.sha256)


def _begun(row: Row | None, said: MachineSaid, at: datetime) -> tuple[str | None, datetime | None]:
    """Which release it began, and when: as long as it does not leave it again."""
    if row is None:
        return None, None
    if said.phase in rings.UNDER_WAY and said.about:
        begins = said.about
    elif said.release != body_of(row).release and said.phase is Phase.SETTLED:
        begins = said.release  # so quick that nobody heard it begin
    elif row.begun in (said.release, None):
        return row.begun, row.begun_at
    else:
        return None, None
    return (begins, row.begun_at) if begins == row.begun else (begins, at)


class _News:
    """What a machine says that was not told before; only its own central tells it."""

    def __init__(self, tx: Tx, station: str, actor: Actor, role: str, *, tells: bool) -> None:
        self._tx = tx
        self._station = station
        self._actor = actor
        self._role = role
        self._tells = tells
        self.undone = False

    def of(self, said: MachineSaid, told: _Told) -> _Told:
        """Write what is new; give what is told by now."""
        units, parts = brake.news(
            told.units, {one.unit: 1 for one in states.failing(said)}, self._tx.now
        )
        failing = {one.unit: one.state for one in states.failing(said)}
        for part in parts:
            if part in failing:
                self._tell(EventKind.UNIT_FAILING, part=part, why=failing[part])
            elif part != brake.FLICKERS:
                self._tell(EventKind.UNIT_WELL, part=part)
        update, about = self._update(said, told)
        # On its way it may run the new one already, and has not kept it yet.
        on_its_way = said.phase in rings.UNDER_WAY and told.runs
        runs = told.runs if on_its_way else said.release
        return _Told(update=update, about=about, runs=runs, units=units)

    def _update(self, said: MachineSaid, told: _Told) -> tuple[str, str]:
        kind = _OF_PHASE.get(said.phase)
        if kind is None:
            if told.runs and told.runs != said.release:
                self._tell(EventKind.UPDATE_DONE, release=said.release)
            return "", ""
        if (kind.value, said.about) != (told.update, told.about):
            why = {"why": said.why} if said.why else {}
            self.undone = kind is EventKind.UPDATE_UNDONE
            self._tell(kind, release=said.about, **why)
        return kind.value, said.about

    def _tell(self, kind: EventKind, **more: object) -> None:
        if self._tells:
            who = {"device": self._actor.id, "name": self._actor.name, "role": self._role}
            self._tx.event(self._station, kind, self._actor, data={**who, **more})
