"""What the boots that a device speaks in say about it: whether its token is on two machines.

A sign is known by the boot that its beats name, a post by that of its heartbeats.  Only what a process
says of its own present boot counts: an arrival may have waited on a disk since an earlier one.
"""

import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx
from central.devices import clones
from central.words import SYSTEM, Actor
from contract.event import EventKind

_D = schema.device.c
_KEEP = (
    sa.update(schema.device)
    .where(_D.id == sa.bindparam("of_device"))
    .values(boots=sa.bindparam("boots"))
)
_FLAG = (
    sa.update(schema.device)
    .where(_D.id == sa.bindparam("of_device"), _D.cloned_at.is_(None))
    .values(cloned_at=sa.bindparam("at"))
)
_ONE_AGAIN = (
    sa.update(schema.device)
    .where(_D.id == sa.bindparam("of_device"), _D.cloned_at.is_not(None))
    .values(boots=None, cloned_at=None)
)


def heard(tx: Tx, row: Row, boot: str) -> bool:
    """Take in that the device of *row* spoke in *boot*; whether this very moment shows two machines.

    Nothing is written but when the boot is another one than before.
    """
    if row.cloned_at is not None:
        return False
    before = clones.read(row.boots)
    now = clones.hear(before, boot, tx.now)
    if now.boots != before:
        tx.run(_KEEP, of_device=row.id, boots=clones.written(now.boots))
    if not now.cloned or tx.run(_FLAG, of_device=row.id, at=tx.now) == 0:
        return False
    tx.event(row.station, EventKind.DEVICE_CLONED, SYSTEM, bay=row.bay, data=_words(row))
    return True


def one_again(tx: Tx, actor: Actor, row: Row) -> bool:
    """A person has seen to it that one machine is left; false when nobody thought of two."""
    if tx.run(_ONE_AGAIN, of_device=row.id) == 0:
        return False
    tx.event(row.station, EventKind.DEVICE_ONE_AGAIN, actor, bay=row.bay, data=_words(row))
    return True


def _words(row: Row) -> dict[str, object]:
    return {"device": row.id, "name": row.name, "role": row.role}
