"""Devices' tokens: random, known to central by their hash alone, and replaced while the device works.

A device's next token works beside the first until it was used once: then it is the first, and the one
before is void.  A new device has only a next one, so that an answer to its enrolment that was lost can be
given again until the device has shown that it has it.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx, View
from central.words import Actor
from contract import problems
from contract.event import EventKind
from contract.problems import Problem

OLDEST = timedelta(days=90)

_D = schema.device.c
_IN_SERVICE = _D.revoked_at.is_(None)
# Two questions: for an OR of two columns PostgreSQL may read every device.
_FIRST = sa.select(schema.device).where(_D.token_sha256 == sa.bindparam("token"), _IN_SERVICE)
_NEXT = sa.select(schema.device).where(_D.next_token_sha256 == sa.bindparam("token"), _IN_SERVICE)
_PROMOTE = (
    sa.update(schema.device)
    .where(_D.next_token_sha256 == sa.bindparam("token"), _IN_SERVICE)
    .values(
        token_sha256=_D.next_token_sha256,
        next_token_sha256=None,
        token_at=sa.bindparam("at"),
        # A new device's first token is asked back too, if somebody wanted that before it was used.
        rotate_at=sa.case((_D.token_at.is_(None), _D.rotate_at), else_=sa.null()),
    )
)
_GIVE = (
    sa.update(schema.device)
    .where(_D.id == sa.bindparam("of_device"), _IN_SERVICE)
    .values(next_token_sha256=sa.bindparam("token"), token_at=sa.bindparam("at"))
)
_WANT = (
    sa.update(schema.device)
    .where(_D.id == sa.bindparam("of_device"), _D.rotate_at.is_(None))
    .values(rotate_at=sa.bindparam("at"))
)


def make(device: str) -> str:
    """Make a token of *device*: 256 random bits behind its id."""
    return f"pv_{device}_{secrets.token_urlsafe(32)}"


def sha256(token: str) -> str:
    """What is kept of a token; no salt is needed for what nobody can guess."""
    return hashlib.sha256(token.encode()).hexdigest()


def nobodys() -> str:
    """What stands in the place of a first token that no device has shown yet: the hash of no token."""
    return secrets.token_hex(32)


def find(view: View, digest: str) -> tuple[Row | None, bool]:
    """Whose token it is, and whether this is the next one, used for the first time."""
    row = view.first(_FIRST, token=digest)
    return (row, False) if row is not None else (view.first(_NEXT, token=digest), True)


def promote(tx: Tx, digest: str, actor: Actor) -> bool:
    """Make a next token the first: it was used.  Whether it took the place of another.

    It may be the copy of a card that used it: what was heard of two machines stands.
    """
    row = tx.first(_NEXT, token=digest)
    if row is None or tx.run(_PROMOTE, token=digest, at=tx.now) == 0:
        return False  # somebody else was faster
    if is_new(row):
        return False
    data = {"device": row.id, "name": row.name, "role": row.role}
    tx.event(row.station, EventKind.DEVICE_ROTATED, actor, bay=row.bay, data=data)
    return True


def is_new(row: Row) -> bool:
    """Whether the device has never used a token; of an older release's we know not since when it has its."""
    return row.token_at is None and row.next_token_sha256 is not None


def want(tx: Tx, row: Row) -> None:
    """Let a device ask for a new token with its next heartbeat; Problem `wrong_state` as in `give`."""
    _refuse_two(row)
    tx.run(_WANT, of_device=row.id, at=tx.now)


def is_due(row: Row, now: datetime, *, synced: bool) -> bool:
    """Whether a device should ask for a new token: a person wants it, or it has the old one for long.

    Of two machines with one token the faster would get it, and that is the thief's: then none does.  A
    clock that is not to be believed makes nothing old.
    """
    if row.cloned_at is not None:
        return False
    if row.rotate_at is not None:
        return True
    since: datetime = row.token_at or row.enrolled_at
    return synced and now - since > OLDEST


def give(tx: Tx, row: Row, *, synced: bool) -> str:
    """Make the next token of a device that was told to ask; one that was given and not used is void.

    Raises:
        Problem: `wrong_state` when nobody has told it to, or two machines have the token: who has one of
            somebody else's cannot keep it for themselves.
    """
    _refuse_two(row)
    if not is_due(row, tx.now, synced=synced):
        raise Problem(
            problems.WRONG_STATE,
            "This device needs no new token; ask when a heartbeat's answer says so.",
            state="in_service",
        )
    token = make(row.id)
    tx.run(_GIVE, of_device=row.id, token=sha256(token), at=row.token_at or row.enrolled_at)
    return token


def _refuse_two(row: Row) -> None:
    if row.cloned_at is not None:
        raise Problem(
            problems.WRONG_STATE,
            "Two machines have this token: make a code that replaces it.",
            state="cloned",
        )


def give_again(tx: Tx, row: Row) -> str:
    """Make the first token of a new device once more; the one before, which nobody used, is void."""
    token = make(row.id)
    tx.run(_GIVE, of_device=row.id, token=sha256(token), at=None)
    return token
