"""Whether bytes of erased rows may still lie in the database's files: true from the erasure until the wipe.

It stands in the database, so that a process that dies in between leaves the work to the next one.
"""

import sqlalchemy as sa

from central import schema
from central.tx import Tx, View

_NAME = "unwiped"
_M = schema.meta.c
_OWES = sa.select(_M.value).where(_M.name == _NAME)
_SET = sa.update(schema.meta).where(_M.name == _NAME).values(value=sa.bindparam("to"))
_FIRST = sa.insert(schema.meta)


def mark(tx: Tx) -> None:
    """Something was erased: its bytes are to be wiped."""
    _write(tx, "yes")


def paid(tx: Tx) -> None:
    """They are wiped."""
    _write(tx, "no")


def owes(view: View) -> bool:
    """Whether a wipe is due."""
    row = view.first(_OWES)
    return row is not None and row.value == "yes"


def _write(tx: Tx, to: str) -> None:
    if tx.run(_SET, to=to) == 0:
        tx.run(_FIRST, name=_NAME, value=to)
