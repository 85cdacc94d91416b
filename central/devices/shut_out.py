"""Devices that were revoked: how they are found again, to be replaced."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from central import schema
from central.database.tx import View
from contract.event import EventKind
from contract.wire import Role

FOUND_FOR = timedelta(days=30)
_D, _E = schema.device.c, schema.event.c
# One that was replaced has another last event.
_SHUT_OUT = (
    sa.select(_D.id, _D.role, _D.name, _D.revoked_at)
    .join(schema.event, sa.and_(_E.station == _D.station, _E.seq == _D.bay_seq))
    .where(
        _D.station == sa.bindparam("station"),
        _D.revoked_at > sa.bindparam("since"),
        _E.kind == EventKind.DEVICE_REVOKED.value,
    )
    .order_by(_D.revoked_at.desc(), _D.id)
)


@dataclass(frozen=True, slots=True)
class ShutOut:
    """A device that was revoked `at`, and that nothing has replaced yet."""

    id: str
    role: Role
    name: str
    at: datetime


def find(view: View, station: str) -> list[ShutOut]:
    """The devices that were revoked within 30 days and can still be replaced, newest first."""
    rows = view.all(_SHUT_OUT, station=station, since=view.now - FOUND_FOR)
    return [ShutOut(row.id, Role(row.role), row.name, row.revoked_at) for row in rows]
