"""Codes that sign a person in once: one from the command line, or an invitation to set a password."""

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx
from contract import problems
from contract.problems import Problem

CODE_LIVES = timedelta(minutes=10)
INVITATION_LIVES = timedelta(hours=48)
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no 0 and O, no 1 and I
# 80 bits, in four groups that a person can read out and type.
GROUPS, GROUP = 4, 4

_K = schema.sign_in_code.c
_INSERT = sa.insert(schema.sign_in_code)
_USE = (
    sa.update(schema.sign_in_code)
    .where(
        _K.code_sha256 == sa.bindparam("of_code"),
        _K.used_at.is_(None),
        _K.expires_at > sa.bindparam("now"),
    )
    .values(used_at=sa.bindparam("now"))
    .returning(_K.person, _K.sets_password)
)
_VOID = sa.delete(schema.sign_in_code).where(_K.person == sa.bindparam("of_person"))


def make_typed() -> str:
    """Make a code that a person types, like `K7QF-93TM-XW2P-5HRD`."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))


def make_pasted() -> str:
    """Make a code that a program passes on."""
    return secrets.token_urlsafe(24)


def keep(tx: Tx, person: str, code: str) -> None:
    """Let *code* sign *person* in once, within ten minutes."""
    _keep(tx, person, code, tx.now + CODE_LIVES, sets_password=False)


def invite(tx: Tx, person: str, code: str) -> datetime:
    """Let *code* sign *person* in once, to set a password; older codes of theirs are void.

    Returns:
        Until when it works.
    """
    void(tx, person)
    until = tx.now + INVITATION_LIVES
    _keep(tx, person, code, until, sets_password=True)
    return until


def use(tx: Tx, code: str) -> Row:
    """Use a code up; give `person` and `sets_password`; Problem `wrong_sign_in` when it does not work."""
    used = tx.first(_USE, of_code=_key(code), now=tx.now)
    if used is None:
        raise refused()
    return used


def void(tx: Tx, person: str) -> None:
    """Let no code of *person* work any longer."""
    tx.run(_VOID, of_person=person)


def refused() -> Problem:
    """The one answer to a code that does not work."""
    return Problem(
        problems.WRONG_SIGN_IN, "This code was used, is too old or is wrong; get a new one."
    )


def signs(typed: str) -> str:
    """What somebody meant who typed a code in small letters, or without its dashes."""
    meant = "".join(sign for sign in typed.upper() if sign.isalnum())
    return meant if len(meant) == GROUPS * GROUP else typed.strip()


def _keep(tx: Tx, person: str, code: str, until: datetime, *, sets_password: bool) -> None:
    tx.run(
        _INSERT,
        code_sha256=_key(code),
        person=person,
        expires_at=until,
        used_at=None,
        sets_password=sets_password,
    )


def _key(code: str) -> str:
    return hashlib.sha256(signs(code).encode()).hexdigest()
