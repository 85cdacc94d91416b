"""Posts and signs: enrolled by a one-time code, known by a token, hung over a bay."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa

from central import enrolment, schema, yard_signs
from central.errors import NotPossible, NotThere
from central.known import Known
from central.store import Store
from central.tx import Row, Tx, View
from central.words import SYSTEM, Actor, Nudge
from contract.event import EventKind
from contract.wire import Enrol, Enrolled, Role

_D = schema.device.c
_BY_TOKEN = sa.select(schema.device).where(
    _D.token_sha256 == sa.bindparam("token"), _D.revoked_at.is_(None)
)
_OF_STATION = (
    sa.select(schema.device)
    .where(_D.station == sa.bindparam("station"), _D.revoked_at.is_(None))
    .order_by(_D.name, _D.id)
)
_ONE = sa.select(schema.device).where(
    _D.station == sa.bindparam("station"),
    _D.id == sa.bindparam("device"),
    _D.revoked_at.is_(None),
)
_AT_BAY = sa.select(_D.id).where(
    _D.station == sa.bindparam("station"), _D.bay == sa.bindparam("bay")
)
_HANG = (
    sa.update(schema.device)
    .where(_D.id == sa.bindparam("of_device"))
    .values(bay=sa.bindparam("bay"), bay_seq=sa.bindparam("bay_seq"), lists=None)
)
_REVOKE = (
    sa.update(schema.device)
    .where(_D.id == sa.bindparam("of_device"))
    .values(revoked_at=sa.bindparam("at"), bay=None, bay_seq=sa.bindparam("bay_seq"))
)


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled post or sign; a yard sign hangs over no bay and `lists` several."""

    id: str
    station: str
    role: Role
    name: str
    bay: str | None
    lists: tuple[str, ...] = ()

    @property
    def actor(self) -> Actor:
        """The device as the one who does something."""
        return Actor("post" if self.role is Role.POST else "sign", self.id, self.name)


class Devices:
    """The devices of one database."""

    def __init__(self, store: Store, known: Known) -> None:
        self._store = store
        self._known = known
        self._by_token: dict[str, Device] = {}
        self._changes = 0

    def create_device_code(
        self, station: str, role: Role, name: str, bay: str | None = None
    ) -> str:
        """Make a code like `K7QF-93TM` that enrols one device, once, within 48 hours.

        Raises:
            NotPossible: no name, or a bay for a post.
            Problem: `not_found` for a station or bay that does not exist.
        """
        if not name.strip():
            raise NotPossible("Give the device a name that people will recognise, such as Post 1.")
        if bay is not None and role is not Role.SIGN:
            raise NotPossible("Only a sign hangs over a bay; leave the bay out for a post.")
        code = enrolment.make_code()
        code_hash = enrolment.hashed(code)
        self._store.write(
            lambda tx: self._keep_code(tx, code, code_hash, station, role, name.strip(), bay),
            station=station,
        )
        return code

    def enrol(self, station: str, words: Enrol) -> Enrolled:
        """Make a device of a one-time code; Problem `code_refused` when it is wrong, used or old."""
        code = enrolment.check(self._store, station, words.code)
        return self._store.write(
            lambda tx: self._insert(tx, code, words.serial), station=code.station
        )

    def by_token(self, token: str) -> Device | None:
        """The device that this token belongs to.

        Remembered, because it is asked for every call; but not where another process may revoke it.
        """
        digest = _sha256(token)
        found = self._by_token.get(digest)
        if found is None:
            changes = self._changes
            row = self._store.read(lambda view: view.first(_BY_TOKEN, token=digest))
            if row is None:
                return None
            found = _device(row)
            if changes == self._changes and not self._store.shared:
                self._by_token[digest] = found
        return found

    def all(self, station: str) -> list[Device]:
        """The station's devices, by name."""
        return self._store.read(
            lambda view: [_device(row) for row in view.all(_OF_STATION, station=station)]
        )

    def assign_sign(self, station: str, actor: Actor, device: str, bay: str | None) -> None:
        """Hang a sign over *bay*, or over none; a sign that hung there before hangs nowhere then.

        Raises:
            NotThere: the station has no such sign.
            Problem: `not_found` for a bay that does not exist.
        """
        self._store.write(lambda tx: self._assign(tx, station, actor, device, bay), station=station)

    def set_lists(self, station: str, actor: Actor, device: str, bays: Sequence[str]) -> None:
        """Say which bays a yard sign lists; with none it is no yard sign any more.

        It raises NotThere, and what `yard_signs.set_lists` does.
        """
        self._store.write(
            lambda tx: self._set_lists(tx, station, actor, device, bays), station=station
        )

    def revoke(self, station: str, actor: Actor, device: str) -> None:
        """Take a device out of service: its token is void at once; NotThere when there is none."""
        self._store.write(lambda tx: self._revoke(tx, station, actor, device), station=station)

    def _keep_code(
        self,
        tx: Tx,
        code: str,
        code_hash: str,
        station: str,
        role: Role,
        name: str,
        bay: str | None,
    ) -> None:
        place = self._known.places.of(tx, station)
        if bay is not None:
            place.bay(bay)
        enrolment.keep(tx, code, code_hash, station, role, name, bay)

    def _insert(self, tx: Tx, code: Row, serial: str) -> Enrolled:
        enrolment.use(tx, code)
        device = f"{code.role}-{secrets.token_hex(4)}"
        token = f"pv_{device}_{secrets.token_urlsafe(32)}"
        tx.run(
            sa.insert(schema.device),
            id=device,
            station=code.station,
            role=code.role,
            name=code.name,
            token_sha256=_sha256(token),
            serial=serial,
            enrolled_at=tx.now,
            token_at=tx.now,
            bay=None,
            bay_seq=0,
            silent=False,
            boot="",
            panel_state="ok",
            fault="",
            sent_whole=False,
        )
        data = {"device": device, "name": code.name, "role": code.role, "serial": serial}
        seq = tx.event(code.station, EventKind.DEVICE_ENROLLED, SYSTEM, bay=code.bay, data=data)
        if code.role == Role.SIGN:
            self._hang(tx, code.station, device, code.bay, seq)
        return Enrolled(
            device=device,
            token=token,
            station=code.station,
            role=Role(code.role),
            name=code.name,
            bay=code.bay,
        )

    def _assign(self, tx: Tx, station: str, actor: Actor, device: str, bay: str | None) -> None:
        row = _one(tx, station, device)
        if row.role != Role.SIGN:
            raise NotPossible(f"{row.name} is a post; only signs hang over bays.")
        if bay is not None:
            self._known.places.of(tx, station).bay(bay)
        data = {"device": device, "name": row.name, "from_bay": row.bay}
        seq = tx.event(station, EventKind.SIGN_ASSIGNED, actor, bay=bay, data=data)
        self._hang(tx, station, device, bay, seq)

    def _set_lists(
        self, tx: Tx, station: str, actor: Actor, device: str, bays: Sequence[str]
    ) -> None:
        place = self._known.places.of(tx, station)
        yard_signs.set_lists(tx, place, actor, _one(tx, station, device), bays)
        tx.after_commit(partial(self._known.nudges.tell, Nudge(station, device)))
        tx.after_commit(self._forget)

    def _hang(self, tx: Tx, station: str, device: str, bay: str | None, seq: int) -> None:
        """One sign over each bay.  What each may have lit stays a row until it is known to be dark."""
        earlier = [] if bay is None else tx.all(_AT_BAY, station=station, bay=bay)
        for row in earlier:
            tx.run(_HANG, of_device=row.id, bay=None, bay_seq=seq)
            tx.after_commit(partial(self._known.heard.hangs, row.id, station, None))
            tx.after_commit(partial(self._known.nudges.tell, Nudge(station, row.id)))
        tx.run(_HANG, of_device=device, bay=bay, bay_seq=seq)
        tx.after_commit(partial(self._known.heard.hangs, device, station, bay))
        tx.after_commit(partial(self._known.nudges.tell, Nudge(station, device)))
        tx.after_commit(self._forget)

    def _revoke(self, tx: Tx, station: str, actor: Actor, device: str) -> None:
        row = _one(tx, station, device)
        data = {"device": device, "name": row.name, "role": row.role}
        seq = tx.event(station, EventKind.DEVICE_REVOKED, actor, bay=row.bay, data=data)
        tx.run(_REVOKE, of_device=device, at=tx.now, bay_seq=seq)
        tx.after_commit(partial(self._known.heard.gone, device))
        tx.after_commit(partial(self._known.pulses.gone, device))
        tx.after_commit(partial(self._known.revoked.tell, device))
        tx.after_commit(self._forget)

    def _forget(self) -> None:
        self._changes += 1
        self._by_token.clear()


def _one(view: View, station: str, device: str) -> Row:
    row = view.first(_ONE, station=station, device=device)
    if row is None:
        raise NotThere(f"{station} has no device {device}.")
    return row


def _device(row: Row) -> Device:
    lists = tuple(row.lists or ())
    return Device(row.id, row.station, Role(row.role), row.name, row.bay, lists)


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
