"""Whether bytes of erased rows may still lie in the database's files: true from the erasure until the wipe.

It stands in the database, so that a process that dies in between leaves the work to the next one.  Each
erasure leaves a mark of its own, and a wipe takes away only the mark that stood when it began.
"""

import secrets

import sqlalchemy as sa

from central import schema
from central.database.tx import Tx, View

_NAME = "unwiped"
_M = schema.meta.c
_OWES = sa.select(_M.value).where(_M.name == _NAME)
_SET = sa.update(schema.meta).where(_M.name == _NAME).values(value=sa.bindparam("to"))
_PAID = "no"
_PAY = (
    sa.update(schema.meta)
    .where(_M.name == _NAME, _M.value == sa.bindparam("was"))
    .values(value=_PAID)
)
_FIRST = sa.insert(schema.meta)


def mark(tx: Tx) -> None:
    """Something was erased: its bytes are to be wiped."""
    new = secrets.token_hex(8)
    if tx.run(_SET, to=new) == 0:
        tx.run(_FIRST, name=_NAME, value=new)


def paid(tx: Tx, mark: str) -> None:
    """What was owed when `owed` gave *mark* is wiped; what somebody has erased since is not."""
    tx.run(_PAY, was=mark)


def owed(view: View) -> str | None:
    """The mark of what is to be wiped; None when nothing is."""
    row = view.first(_OWES)
    return None if row is None or row.value == _PAID else str(row.value)
