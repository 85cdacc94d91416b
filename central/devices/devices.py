"""Posts and signs: enrolled by a one-time code, known by a token, hung over a bay."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa

from central import schema
from central.database.store import Store
from central.database.tx import Row, Tx, View
from central.devices import boots, device_tokens, enrolling, enrolment, shut_out
from central.devices.device_codes import DeviceCodes
from central.devices.known_tokens import KnownTokens
from central.devices.shut_out import ShutOut
from central.errors import NotPossible, NotThere
from central.known import Known
from central.signs import yard_signs
from central.words import Actor, Nudge
from contract import problems
from contract.event import EventKind
from contract.problems import Problem
from contract.wire import Enrol, Enrolled, Role

log = logging.getLogger(__name__)

_D = schema.device.c
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
    """The devices of one database, and the `codes` by which they come."""

    def __init__(self, store: Store, known: Known) -> None:
        self._store = store
        self._known = known
        self._tokens = KnownTokens(store, known)
        self.codes = DeviceCodes(store, known)

    def create_device_code(
        self, station: str, role: Role, name: str, bay: str | None = None
    ) -> str:
        """Make a code like `K7QF-93TM` that enrols one device, once, within 48 hours.

        It raises what `DeviceCodes.make` does.
        """
        return self.codes.make(enrolment.Purpose(station, role, name, bay)).code

    def enrol(self, station: str, words: Enrol) -> Enrolled:
        """Make a device of a one-time code; it raises what `enrolment.check` and `use` do.

        Who asks again with the same `claim`, because the answer was lost, gets the same device, with
        another token.
        """
        try:
            handle = enrolment.check(self._store, station, words)
            enrolled = self._store.write(lambda tx: self._enrol(tx, handle, words), station=station)
        except Problem as refused:
            if refused.kind is problems.CODE_REFUSED:
                log.warning("code refused begins=%s", enrolment.begins(words.code))
            if refused.kind is problems.CODE_FOR_ANOTHER:
                log.warning("code for another role begins=%s", enrolment.begins(words.code))
            raise
        log.info("device enrolled station=%s device=%s", enrolled.station, enrolled.device)
        return enrolled

    def by_token(self, token: str) -> Device | None:
        """The device that this token belongs to; its next token becomes its only one by this."""
        row = self._tokens.row(token)
        return None if row is None else _device(row)

    def ask_rotation(self, station: str, device: str) -> None:
        """Let a device get a new token, with its next heartbeat; it raises what `next_token` does."""
        self._store.write(
            lambda tx: device_tokens.want(tx, _one(tx, station, device)), station=station
        )

    def next_token(self, station: str, device: str) -> str:
        """Give a device its next token; the present one works until the next was used once.

        Raises:
            NotThere: it was taken out of service.
            Problem: `wrong_state` when nobody has told it to ask, or two machines have its token.
        """
        synced = self._known.clock.synced()
        return self._store.write(
            lambda tx: device_tokens.give(tx, _one(tx, station, device), synced=synced),
            station=station,
        )

    def one_again(self, station: str, actor: Actor, device: str) -> None:
        """A person says that one machine has the device's token; NotThere when there is no device."""
        self._store.write(lambda tx: self._one_again(tx, station, actor, device), station=station)

    def all(self, station: str) -> list[Device]:
        """The station's devices, by name."""
        return self._store.read(
            lambda view: [_device(row) for row in view.all(_OF_STATION, station=station)]
        )

    def shut_out(self, station: str) -> list[ShutOut]:
        """The devices that were revoked within 30 days and can still be replaced, newest first."""
        return self._store.read(lambda view: shut_out.find(view, station))

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

    def _enrol(self, tx: Tx, handle: str, words: Enrol) -> Enrolled:
        code, is_again = enrolment.use(tx, handle, words)
        if is_again:
            return enrolling.again(tx, code)
        old = enrolling.replaced(tx, code)
        enrolled, seq = enrolling.insert(tx, code, old, words.serial)
        if old is not None:
            enrolling.retire(tx, old, seq)
            self._gone(tx, old.id)
        if code.role == Role.SIGN:
            self._hang(tx, code.station, enrolled.device, enrolled.bay, seq)
        if old is not None and enrolled.bay is None:
            enrolling.take_lists(tx, enrolled.device, old, seq)
        return enrolled

    def _one_again(self, tx: Tx, station: str, actor: Actor, device: str) -> None:
        if boots.one_again(tx, actor, _one(tx, station, device)):
            tx.after_commit(partial(self._known.nudges.tell, Nudge(station, device)))

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
        tx.after_commit(self._tokens.forget)

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
        tx.after_commit(self._tokens.forget)

    def _revoke(self, tx: Tx, station: str, actor: Actor, device: str) -> None:
        row = _one(tx, station, device)
        data = {"device": device, "name": row.name, "role": row.role}
        seq = tx.event(station, EventKind.DEVICE_REVOKED, actor, bay=row.bay, data=data)
        enrolling.retire(tx, row, seq)
        self._gone(tx, device)

    def _gone(self, tx: Tx, device: str) -> None:
        """Forget a device that is in service no longer, and end what it has open."""
        tx.after_commit(partial(self._known.heard.gone, device))
        tx.after_commit(partial(self._known.pulses.gone, device))
        tx.after_commit(partial(self._known.revoked.tell, device))
        tx.after_commit(self._tokens.forget)


def _one(view: View, station: str, device: str) -> Row:
    row = view.first(_ONE, station=station, device=device)
    if row is None:
        raise NotThere(f"{station} has no device {device}.")
    return row


def _device(row: Row) -> Device:
    lists = tuple(row.lists or ())
    return Device(row.id, row.station, Role(row.role), row.name, row.bay, lists)
