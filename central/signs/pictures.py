"""What stands on a sign, dot by dot, for a person who cannot see it: asked for, and kept for moments.

A sign says with its beat what has left for its panel, only when it is asked; with its next beat it is
forgotten here.  Nobody is asked twice: a picture that came before the question is no answer to it.
"""

from datetime import timedelta

import msgspec
import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx, View
from central.known import Known
from central.signs import signs
from central.words import Nudge
from contract import problems
from contract.problems import Problem
from contract.wire import Role
from contract.yard import SignPicture

# One that a silent sign has left would soon be a claim about now.
FRESH = timedelta(seconds=10)
_D = schema.device.c
_SIGN = sa.select(_D.picture).where(
    _D.id == sa.bindparam("device"),
    _D.station == sa.bindparam("station"),
    _D.role == Role.SIGN,
    _D.revoked_at.is_(None),
)
_FORGET = (
    sa.update(schema.device)
    .where(_D.id == sa.bindparam("of_device"), _D.picture.is_not(None))
    .values(picture=None)
)


def ask(tx: Tx, known: Known, station: str, sign: str) -> None:
    """Let *sign* say with a beat, at once, what stands on it; `not_found` when there is no such sign."""
    _found(tx, station, sign)
    tx.run(_FORGET, of_device=sign)
    signs.nudge(tx, known, [Nudge(station, sign, picture=True)])


def newest(view: View, station: str, sign: str) -> SignPicture | None:
    """What *sign* has said since it was asked; None while it has not answered."""
    kept = _found(view, station, sign).picture
    picture = None if kept is None else msgspec.convert(kept, SignPicture)
    return None if picture is None or view.now - picture.at > FRESH else picture


def _found(view: View, station: str, sign: str) -> Row:
    row = view.first(_SIGN, station=station, device=sign)
    if row is None:
        raise Problem(problems.NOT_FOUND, f"There is no sign {sign} here.")
    return row
