"""A code becomes a device: a new one, one that takes another's place, or the same once more."""

import secrets

import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx
from central.devices import device_tokens, enrolment
from central.words import SYSTEM
from contract.event import EventKind
from contract.wire import Enrolled, Role

_D, _E = schema.device.c, schema.event.c
_INSERT = sa.insert(schema.device)
_BY_ID = sa.select(schema.device).where(_D.id == sa.bindparam("device"))
_RETIRE = (
    sa.update(schema.device)
    .where(_D.id == sa.bindparam("of_device"))
    .values(
        revoked_at=sa.bindparam("at"),
        bay=None,
        bay_seq=sa.bindparam("bay_seq"),
        picture=None,  # nobody may look at it now, and a plate stands in it
    )
)
# A revoked device hangs nowhere since the event that says where it hung.
_REVOKED_FROM = sa.select(_E.bay).where(
    _E.station == sa.bindparam("station"),
    _E.seq == sa.bindparam("seq"),
    _E.kind == EventKind.DEVICE_REVOKED.value,
)
_HANGS_AT = sa.select(_D.id).where(
    _D.station == sa.bindparam("station"), _D.bay == sa.bindparam("bay")
)
_TAKE_OVER = (
    sa.update(schema.device)
    .where(_D.id == sa.bindparam("of_device"))
    .values(lists=sa.bindparam("lists"), bay_seq=sa.bindparam("bay_seq"))
)


def replaced(tx: Tx, code: Row) -> Row | None:
    """The device whose place the one of *code* takes; None when it takes nobody's."""
    return None if code.replaces is None else tx.first(_BY_ID, device=code.replaces)


def insert(tx: Tx, code: Row, old: Row | None, serial: str) -> tuple[Enrolled, int]:
    """Make the device of *code*, in the place of *old* if there is one; give the number of its event."""
    device = f"{code.role}-{secrets.token_hex(4)}"
    token = device_tokens.make(device)
    name = code.name if old is None else old.name
    bay = code.bay if old is None or code.bay is not None else _door(tx, old)
    tx.run(
        _INSERT,
        id=device,
        station=code.station,
        role=code.role,
        name=name,
        token_sha256=device_tokens.nobodys(),
        next_token_sha256=device_tokens.sha256(token),
        serial=serial,
        enrolled_at=tx.now,
        bay=None,
        bay_seq=0,
        silent=False,
        boot="",
        panel_state="ok",
        fault="",
        sent_whole=False,
    )
    enrolment.made(tx, code.handle, device)
    data = {"device": device, "name": name, "role": code.role, "serial": serial}
    kind = EventKind.DEVICE_ENROLLED
    if old is not None:
        kind, data = EventKind.DEVICE_REPLACED, {**data, "replaces": old.id}
    seq = tx.event(code.station, kind, SYSTEM, bay=bay, data=data)
    return _enrolled(device, token, code, name, bay), seq


def retire(tx: Tx, old: Row, seq: int) -> None:
    """Take a device out of service: its tokens are void, and it hangs nowhere since event *seq*."""
    tx.run(_RETIRE, of_device=old.id, at=old.revoked_at or tx.now, bay_seq=seq)


def take_lists(tx: Tx, device: str, old: Row, seq: int) -> None:
    """Let *device*, which hangs over no bay, list what *old* listed."""
    if old.lists:
        tx.run(_TAKE_OVER, of_device=device, lists=old.lists, bay_seq=seq)


def again(tx: Tx, code: Row) -> Enrolled:
    """Answer once more who did not hear the first answer.

    Raises:
        Problem: `code_refused` when the device has used its token: then somebody has heard it.
    """
    row = None if code.device is None else tx.first(_BY_ID, device=code.device)
    if row is None or row.revoked_at is not None or not device_tokens.is_new(row):
        raise enrolment.refused()
    token = device_tokens.give_again(tx, row)
    return _enrolled(row.id, token, code, row.name, row.bay)


def _door(tx: Tx, old: Row) -> str | None:
    """Where *old* hangs; of a revoked one where it hung, unless another sign hangs there since."""
    if old.revoked_at is None:
        return None if old.bay is None else str(old.bay)
    hung = tx.first(_REVOKED_FROM, station=old.station, seq=old.bay_seq)
    if hung is None or hung.bay is None:
        return None
    is_taken = tx.first(_HANGS_AT, station=old.station, bay=hung.bay) is not None
    return None if is_taken else str(hung.bay)


def _enrolled(device: str, token: str, code: Row, name: str, bay: str | None) -> Enrolled:
    role = Role(code.role)
    return Enrolled(device=device, token=token, station=code.station, role=role, name=name, bay=bay)
