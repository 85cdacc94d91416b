"""The one-time codes of stations: made for a device to come, looked at, and withdrawn."""

from dataclasses import replace
from datetime import datetime
from functools import partial

import sqlalchemy as sa

from central import schema
from central.database.store import Store
from central.database.tx import Row, Tx
from central.devices import enrolment
from central.devices.enrolment import Purpose
from central.errors import NotPossible, NotThere
from central.known import Known
from contract.accounts import CodeMade, CodeRow
from contract.wire import Role

# Of a million first halves a few hundred are taken at most.
_TRIED = 20

_D = schema.device.c
_EVER = sa.select(schema.device).where(
    _D.station == sa.bindparam("station"), _D.id == sa.bindparam("device")
)


class DeviceCodes:
    """The codes of one database that wait for their devices."""

    def __init__(self, store: Store, known: Known) -> None:
        self._store = store
        self._known = known

    def make(self, purpose: Purpose) -> CodeMade:
        """Make a code for *purpose*; its first half is that of no other that waits.

        Raises:
            NotPossible: no name, a bay for a post, or a device that would replace one of another kind.
            NotThere: the station never had the device that is to be replaced.
            Problem: `not_found` for a station or bay that does not exist.
        """
        if not purpose.name.strip():
            raise NotPossible("Give the device a name that people will recognise, such as Post 1.")
        if purpose.bay is not None and purpose.role is not Role.SIGN:
            raise NotPossible("Only a sign hangs over a bay; leave the bay out for a post.")
        for _ in range(_TRIED):
            code = enrolment.make_code()
            keep = partial(self._keep, code, enrolment.hashed(code), purpose)
            expires_at = self._store.write(keep, station=purpose.station)
            if expires_at is not None:
                return CodeMade(code=code, expires_at=expires_at)
        raise NotPossible("Too many codes wait for their devices; withdraw some of them.")

    def open(self, station: str) -> list[CodeRow]:
        """The station's codes that wait for their devices, newest first."""
        return self._store.read(lambda view: enrolment.open_codes(view, station))

    def is_awaited(self, typed: str) -> bool:
        """Whether the first half of a typed code is of one that may still be tried."""
        return self._store.read(lambda view: enrolment.is_awaited(view, typed))

    def withdraw(self, station: str, handle: str) -> None:
        """Let a code work no longer; NotThere when none begins with *handle*, or it was used."""
        gone = self._store.write(lambda tx: enrolment.withdraw(tx, station, handle), station)
        if not gone:
            raise NotThere(f"{station} has no code {handle} that waits for its device.")

    def _keep(self, code: str, code_hash: str, purpose: Purpose, tx: Tx) -> datetime | None:
        place = self._known.places.of(tx, purpose.station)
        if purpose.bay is not None:
            place.bay(purpose.bay)
        if purpose.replaces is not None:
            old = _ever(tx, purpose.station, purpose.replaces)
            if old.role != purpose.role:
                raise NotPossible(f"{old.name} is a {old.role}; only a {old.role} can replace it.")
            purpose = replace(purpose, name=old.name)
        purpose = replace(purpose, name=purpose.name.strip())
        return enrolment.keep(tx, code, code_hash, purpose)


def _ever(tx: Tx, station: str, device: str) -> Row:
    """Read a device of *station*, also one that is in service no longer."""
    row = tx.first(_EVER, station=station, device=device)
    if row is None:
        raise NotThere(f"{station} never had a device {device}.")
    return row
