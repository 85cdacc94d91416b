"""Sessions: a random token in a cookie, of which only a hash is kept here."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx
from central.people.person import Person

SESSION_IDLE = timedelta(hours=2)  # an open board asks once a minute
SESSION_LONGEST = timedelta(hours=12)

_P, _S = schema.person.c, schema.session.c
FIND = (
    sa.select(schema.person, _S.csrf, _S.created_at.label("since"), _S.seen_at, _S.sets_password)
    .join(schema.session, _S.person == _P.id)
    .where(_S.token_sha256 == sa.bindparam("token"), _P.disabled_at.is_(None))
)
SEEN = (
    sa.update(schema.session)
    .where(_S.token_sha256 == sa.bindparam("of_token"))
    .values(seen_at=sa.bindparam("at"))
)
_END = sa.delete(schema.session).where(_S.token_sha256 == sa.bindparam("of_token"))
_EXPIRED = sa.delete(schema.session).where(_S.seen_at < sa.bindparam("before"))
_OF_PERSON = sa.select(_S.token_sha256).where(_S.person == sa.bindparam("person"))
_INSERT = sa.insert(schema.session)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session.  `token` goes into the cookie and is kept nowhere; `csrf` goes into the page.

    In a session that `sets_password` nothing else is open.  `browser` is what the browser is known by
    from now on, right after signing in.
    """

    token: str = field(repr=False)
    csrf: str = field(repr=False)
    person: Person
    sets_password: bool = False
    browser: str = field(default="", compare=False, repr=False)


def session_key(token: str) -> str:
    """Name a session without its *token*, which nobody but its owner may learn."""
    return hashlib.sha256(token.encode()).hexdigest()


def person_of(row: Row) -> Person:
    """Make a person of a row of theirs."""
    return Person(row.id, row.name, row.role, frozenset(row.stations))


def start(tx: Tx, row: Row, browser: str = "", *, sets_password: bool = False) -> SignedIn:
    """Begin a session for the person of *row*, under a token that nobody could know before."""
    tx.run(_EXPIRED, before=tx.now - SESSION_IDLE)
    session = SignedIn(
        secrets.token_urlsafe(32),
        secrets.token_urlsafe(32),
        person_of(row),
        sets_password,
        browser,
    )
    tx.run(
        _INSERT,
        token_sha256=session_key(session.token),
        person=row.id,
        csrf=session.csrf,
        created_at=tx.now,
        seen_at=tx.now,
        sets_password=sets_password,
    )
    return session


def end(tx: Tx, key: str) -> None:
    """End the session of that `session_key`."""
    tx.run(_END, of_token=key)


def end_all(tx: Tx, person: str, ended: Callable[[str], None]) -> None:
    """End every session of *person*; *ended* hears of each once that is on disk."""
    for row in tx.all(_OF_PERSON, person=person):
        end(tx, row.token_sha256)
        tx.after_commit(partial(ended, row.token_sha256))
