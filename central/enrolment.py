"""One-time codes that enrol a device: short enough to be typed, and void before they can be guessed."""

import secrets
from datetime import timedelta

import sqlalchemy as sa
from argon2.exceptions import VerificationError

from central import schema
from central.people import HASHER
from central.store import Store
from central.tx import Row, Tx
from contract import problems
from contract.problems import Problem
from contract.wire import Role

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no 0 and O, no 1 and I
HALF = 4
LIVES = timedelta(hours=48)
TRIES = 5

_K = schema.device_code.c
_CODE = sa.select(schema.device_code).where(_K.handle == sa.bindparam("handle"))
_TRY = (
    sa.update(schema.device_code)
    .where(
        _K.handle == sa.bindparam("of_handle"),
        _K.used_at.is_(None),
        _K.tries < TRIES,
        _K.expires_at > sa.bindparam("now"),
    )
    .values(tries=_K.tries + 1)
)
_USE = (
    sa.update(schema.device_code)
    .where(_K.handle == sa.bindparam("of_handle"), _K.used_at.is_(None))
    .values(used_at=sa.bindparam("at"))
)
# A used one too: a thousand of them would leave few first halves that are free.
_OLD = sa.delete(schema.device_code).where(
    (_K.expires_at < sa.bindparam("before")) | _K.used_at.is_not(None)
)
_INSERT = sa.insert(schema.device_code)


def make_code() -> str:
    """Make a code like `K7QF-93TM`."""
    signs = [secrets.choice(ALPHABET) for _ in range(2 * HALF)]
    return f"{''.join(signs[:HALF])}-{''.join(signs[HALF:])}"


def hashed(code: str) -> str:
    """What is kept of a code."""
    return HASHER.hash(_signs(code))


def keep(
    tx: Tx, code: str, code_hash: str, station: str, role: Role, name: str, bay: str | None
) -> None:
    """Write down what a code is for.  Its first half finds it; only the hash knows the second."""
    tx.run(_OLD, before=tx.now)
    tx.run(
        _INSERT,
        handle=_signs(code)[:HALF],
        code_hash=code_hash,
        station=station,
        role=role.value,
        name=name,
        bay=bay,
        made_at=tx.now,
        expires_at=tx.now + LIVES,
        tries=0,
        used_at=None,
    )


def check(store: Store, station: str, typed: str) -> Row:
    """Find the code that somebody typed; Problem `code_refused` when it is wrong, used or old.

    The try is on disk before the code is compared, so that guesses cannot run in parallel.
    """
    code = _signs(typed)
    handle = code[:HALF]
    if store.write(lambda tx: tx.run(_TRY, of_handle=handle, now=tx.now)) != 1:
        raise _refused()
    row = store.read(lambda view: view.one(_CODE, handle=handle))
    try:
        HASHER.verify(row.code_hash, code)
    except VerificationError:
        raise _refused() from None
    if row.station != station:
        raise _refused()
    return row


def use(tx: Tx, code: Row) -> None:
    """Use a code up; Problem `code_refused` when somebody else just did."""
    if tx.run(_USE, of_handle=code.handle, at=tx.now) != 1:
        raise _refused()


def _signs(code: str) -> str:
    return "".join(sign for sign in code.upper() if sign.isalnum())


def _refused() -> Problem:
    return Problem(
        problems.CODE_REFUSED,
        "This code is wrong, used or too old; ask the office for a new one.",
    )
