"""One-time codes that enrol a device: short enough to be typed, and void before they can be guessed."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import sqlalchemy as sa
from argon2.exceptions import VerificationError
from sqlalchemy.dialects import postgresql

from central import schema
from central.database.store import Store
from central.database.tx import Row, Tx, View
from central.people.passwords import HASHER
from contract import problems
from contract.accounts import CodeRow
from contract.problems import Problem
from contract.wire import Enrol, Role

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no 0 and O, no 1 and I
HALF = 4
LIVES = timedelta(hours=48)
TRIES = 5
# So long the same asker may ask again with a used code, because the answer was lost on the way.
ASKED_AGAIN = timedelta(minutes=10)

_K = schema.device_code.c
_CODE = sa.select(schema.device_code).where(_K.handle == sa.bindparam("handle"))
# Codes that nobody has used, and those that their own asker may use once more: who has that claim guesses
# at nothing, so it costs no try.
_ALIVE = sa.or_(
    sa.and_(_K.used_at.is_(None), _K.tries < TRIES),
    sa.and_(_K.claim_sha256 == sa.bindparam("claim"), _K.used_at > sa.bindparam("since")),
)
_TRY = (
    sa.update(schema.device_code)
    .where(
        _K.handle == sa.bindparam("of_handle"),
        _K.expires_at > sa.bindparam("now"),
        _ALIVE,
    )
    .values(tries=sa.case((_K.used_at.is_(None), _K.tries + 1), else_=_K.tries))
)
_USE = (
    sa.update(schema.device_code)
    .where(_K.handle == sa.bindparam("of_handle"), _K.used_at.is_(None))
    .values(used_at=sa.bindparam("at"), claim_sha256=sa.bindparam("claim"))
)
_MADE = (
    sa.update(schema.device_code)
    .where(_K.handle == sa.bindparam("of_handle"))
    .values(device=sa.bindparam("made"))
)
# A used one too: a thousand of them would leave few first halves that are free.
_OLD = sa.delete(schema.device_code).where(
    sa.or_(
        _K.expires_at < sa.bindparam("now"),
        sa.and_(
            _K.used_at.is_not(None),
            sa.or_(_K.claim_sha256.is_(None), _K.used_at < sa.bindparam("since")),
        ),
    )
)
_OPEN = (
    sa.select(schema.device_code)
    .where(
        _K.station == sa.bindparam("station"),
        _K.used_at.is_(None),
        _K.tries < TRIES,
        _K.expires_at > sa.bindparam("now"),
    )
    .order_by(_K.made_at.desc(), _K.handle)
)
_WITHDRAW = sa.delete(schema.device_code).where(
    _K.station == sa.bindparam("of_station"),
    _K.handle == sa.bindparam("of_handle"),
    _K.used_at.is_(None),
)
# PostgreSQL's form of the clause, which SQLite took over word for word (sqlite.org/lang_upsert.html).
_INSERT = (
    postgresql.insert(schema.device_code)
    .on_conflict_do_nothing(index_elements=["handle"])
    .returning(_K.expires_at)
)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a code is for: a new device, or one that takes the place of the device `replaces`."""

    station: str
    role: Role
    name: str
    bay: str | None = None
    replaces: str | None = None


def make_code() -> str:
    """Make a code like `K7QF-93TM`."""
    signs = [secrets.choice(ALPHABET) for _ in range(2 * HALF)]
    return f"{''.join(signs[:HALF])}-{''.join(signs[HALF:])}"


def hashed(code: str) -> str:
    """What is kept of a code."""
    return HASHER.hash(_signs(code))


def keep(tx: Tx, code: str, code_hash: str, purpose: Purpose) -> datetime | None:
    """Write down what a code is for; give when it ends, None when another begins with the same half.

    Its first half finds it, and only the hash knows the second.
    """
    tx.run(_OLD, now=tx.now, since=tx.now - ASKED_AGAIN)
    kept = tx.first(
        _INSERT,
        handle=_signs(code)[:HALF],
        code_hash=code_hash,
        station=purpose.station,
        role=purpose.role.value,
        name=purpose.name,
        bay=purpose.bay,
        replaces=purpose.replaces,
        made_at=tx.now,
        expires_at=tx.now + LIVES,
        tries=0,
        used_at=None,
    )
    return None if kept is None else kept.expires_at


def open_codes(view: View, station: str) -> list[CodeRow]:
    """The station's codes that wait for their devices, newest first."""
    return [
        CodeRow(
            handle=row.handle,
            role=Role(row.role),
            name=row.name,
            bay=row.bay,
            replaces=row.replaces,
            made_at=row.made_at,
            expires_at=row.expires_at,
            tries_left=TRIES - row.tries,
        )
        for row in view.all(_OPEN, station=station, now=view.now)
    ]


def withdraw(tx: Tx, station: str, handle: str) -> bool:
    """Let a code that nobody has used work no longer; whether there was one."""
    return tx.run(_WITHDRAW, of_station=station, of_handle=_signs(handle)[:HALF]) == 1


def check(store: Store, station: str, words: Enrol) -> str:
    """Find the code that somebody typed, by the handle that this gives.

    The try is on disk before the code is compared, so that guesses cannot run in parallel.  One whose
    first half is nobody's costs the same work as any other.

    Raises:
        Problem: `code_refused`: wrong, used by another, or old; `code_for_another`: for another role.
    """
    code = _signs(words.code)
    handle = code[:HALF]
    tried = store.write(lambda tx: _tried(tx, handle, words)) == 1
    row = store.read(lambda view: view.first(_CODE, handle=handle))
    # It may have been withdrawn, or become old, since it was tried.
    fits = _fits(row.code_hash if tried and row is not None else _nobodys_hash(), code)
    if not (tried and fits and row is not None and row.station == station):
        raise refused()
    if words.role not in {None, row.role}:
        raise _for_another(row.role, words.role)
    return handle


def is_awaited(view: View, typed: str) -> bool:
    """Whether the first half of what somebody typed is of a code that may still be tried."""
    row = view.first(_CODE, handle=_signs(typed)[:HALF])
    if row is None or row.expires_at <= view.now:
        return False
    return row.tries < TRIES or row.used_at is not None


def use(tx: Tx, handle: str, words: Enrol) -> tuple[Row, bool]:
    """Use a code up; give it, and whether this asker had used it before and heard nothing.

    Raises:
        Problem: `code_refused` when somebody else just did.
    """
    claim = _claim(words)
    is_first = tx.run(_USE, of_handle=handle, at=tx.now, claim=claim) == 1
    row = tx.first(_CODE, handle=handle)
    if row is None or not (is_first or (claim is not None and row.claim_sha256 == claim)):
        raise refused()
    return row, not is_first


def made(tx: Tx, handle: str, device: str) -> None:
    """Note the device that a code became."""
    tx.run(_MADE, of_handle=handle, made=device)


def begins(typed: str) -> str:
    """What may be said of a code that somebody typed: its first half, and no sign that no code has."""
    return "".join(sign for sign in _signs(typed)[:HALF] if sign in ALPHABET)


def refused() -> Problem:
    """Say that a code does not work, and never why: that would help whoever guesses."""
    return Problem(
        problems.CODE_REFUSED,
        "This code is wrong, used or too old; ask the office for a new one.",
    )


def _for_another(made_for: str, asker: Role | None) -> Problem:
    """Say what a code is for; only to who has all of it, for whom that is no news to guess by."""
    what = f"This code was made for a {made_for}, and this is a {asker}"
    return Problem(problems.CODE_FOR_ANOTHER, f"{what}; ask the office for a code for a {asker}.")


def _fits(code_hash: str, code: str) -> bool:
    try:
        return HASHER.verify(code_hash, code)
    except VerificationError:
        return False


@cache
def _nobodys_hash() -> str:
    return hashed(make_code())


def _tried(tx: Tx, handle: str, words: Enrol) -> int:
    since = tx.now - ASKED_AGAIN
    return tx.run(_TRY, of_handle=handle, now=tx.now, since=since, claim=_claim(words))


def _claim(words: Enrol) -> str | None:
    """What is kept of the asker's own random word: without its hash a database gives no device away."""
    return None if not words.claim else hashlib.sha256(words.claim.encode()).hexdigest()


def _signs(code: str) -> str:
    return "".join(sign for sign in code.upper() if sign.isalnum())
