"""Who may sign in: names, passwords, sessions and one-time codes."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from central import schema
from central.clock import Clock
from central.errors import AlreadyThere, NotPossible, NotThere
from central.listeners import Listeners
from central.store import Store
from central.tx import Row, Tx, View
from central.words import Actor
from contract import problems
from contract.ids import uuid7
from contract.problems import Problem

# OWASP's second choice for Argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
SHORTEST_PASSWORD = 8  # NIST SP 800-63B section 5.1.1.1
SESSION_IDLE = timedelta(hours=2)  # an open board asks once a minute
SESSION_LONGEST = timedelta(hours=12)
CODE_LIVES = timedelta(minutes=10)
_SEEN_EVERY = timedelta(minutes=1)
# Verified when the name is unknown, so that an answer takes as long for everybody.
_NOBODY = HASHER.hash(secrets.token_hex(16))

_P, _S, _K = schema.person.c, schema.session.c, schema.sign_in_code.c
_BY_NAME = sa.select(schema.person).where(_P.name == sa.bindparam("name"))
_BY_ID = sa.select(schema.person).where(_P.id == sa.bindparam("person"))
_STATION_IDS = sa.select(schema.station.c.id)
_SESSION = (
    sa.select(schema.person, _S.csrf, _S.created_at.label("since"), _S.seen_at)
    .join(schema.session, _S.person == _P.id)
    .where(_S.token_sha256 == sa.bindparam("token"))
)
_SEEN = (
    sa.update(schema.session)
    .where(_S.token_sha256 == sa.bindparam("of_token"))
    .values(seen_at=sa.bindparam("at"))
)
_SIGN_OUT = sa.delete(schema.session).where(_S.token_sha256 == sa.bindparam("of_token"))
_EXPIRED = sa.delete(schema.session).where(_S.seen_at < sa.bindparam("before"))
_USE_CODE = (
    sa.update(schema.sign_in_code)
    .where(
        _K.code_sha256 == sa.bindparam("of_code"),
        _K.used_at.is_(None),
        _K.expires_at > sa.bindparam("now"),
    )
    .values(used_at=sa.bindparam("now"))
    .returning(_K.person)
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in, and the stations that they work at."""

    id: str
    name: str
    role: str
    stations: frozenset[str]

    @property
    def actor(self) -> Actor:
        """The person as the one who does something."""
        return Actor("staff", self.id, self.name)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session.  `token` goes into the cookie and is kept nowhere; `csrf` goes into the page."""

    token: str
    csrf: str
    person: Person


class People:
    """The persons of one database and their sessions.

    `signed_out` hears the `session_key` of a session that was ended.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self.signed_out: Listeners[str] = Listeners()
        self._store = store
        self._clock = clock

    def create_user(
        self, name: str, password: str, stations: Sequence[str], role: str = "staff"
    ) -> Person:
        """Let somebody sign in at *stations*.

        Raises:
            AlreadyThere, NotThere, NotPossible: the name is taken, a station unknown, the password short.
        """
        if len(password) < SHORTEST_PASSWORD:
            raise NotPossible(f"A password has at least {SHORTEST_PASSWORD} characters.")
        if not name.strip():
            raise NotPossible("Give the person's name.")
        hashed = HASHER.hash(password)
        return self._store.write(lambda tx: _insert(tx, name.strip(), hashed, stations, role))

    def sign_in(self, name: str, password: str) -> SignedIn:
        """Start a session; Problem `wrong_sign_in` when name and password do not go together."""
        row = self._store.read(lambda view: view.first(_BY_NAME, name=name))
        try:
            HASHER.verify(_NOBODY if row is None else row.password_hash, password)
        except VerificationError:
            row = None
        if row is None:
            raise Problem(
                problems.WRONG_SIGN_IN, "The name or the password is not right; try again."
            )
        return self._store.write(lambda tx: _start(tx, row))

    def sign_in_code(self, name: str) -> str:
        """Make a code that signs *name* in once, within ten minutes; NotThere for an unknown name."""
        code = secrets.token_urlsafe(24)
        self._store.write(lambda tx: _insert_code(tx, name, code))
        return code

    def sign_in_by_code(self, code: str) -> SignedIn:
        """Start a session by a one-time code; Problem `wrong_sign_in` when it is used, old or wrong."""
        return self._store.write(lambda tx: _start_by_code(tx, code))

    def session(self, token: str) -> SignedIn | None:
        """Who is signed in with *token*; None when nobody is, or no longer."""
        row = self._store.read(lambda view: view.first(_SESSION, token=_sha256(token)))
        now = self._clock.now()
        if row is None or now - row.seen_at > SESSION_IDLE or now - row.since > SESSION_LONGEST:
            return None
        if now - row.seen_at > _SEEN_EVERY:
            # Not waited for: a page must not stand still because a stamp cannot be written.
            self._store.submit(lambda tx: tx.run(_SEEN, of_token=_sha256(token), at=now))
        return SignedIn(token, row.csrf, _person(row))

    def sign_out(self, token: str) -> None:
        """End a session."""
        key = session_key(token)
        self._store.write(lambda tx: tx.run(_SIGN_OUT, of_token=key))
        self.signed_out.tell(key)


def session_key(token: str) -> str:
    """Name a session without its *token*, which nobody but its owner may learn."""
    return _sha256(token)


def _insert(tx: Tx, name: str, hashed: str, stations: Sequence[str], role: str) -> Person:
    if tx.first(_BY_NAME, name=name) is not None:
        raise AlreadyThere(f"There is somebody called {name} already; choose another name.")
    there = {row.id for row in tx.all(_STATION_IDS)}
    missing = [station for station in stations if station not in there]
    if missing:
        raise NotThere(f"There is no station {missing[0]}; create it first.")
    person = Person(_new_id(tx), name, role, frozenset(stations))
    tx.run(
        sa.insert(schema.person),
        id=person.id,
        name=name,
        role=role,
        password_hash=hashed,
        stations=sorted(person.stations),
        created_at=tx.now,
        wrong=0,
    )
    return person


def _insert_code(tx: Tx, name: str, code: str) -> None:
    row = tx.first(_BY_NAME, name=name)
    if row is None:
        raise NotThere(
            f"There is nobody called {name}; create them with: portvakt central create user."
        )
    tx.run(
        sa.insert(schema.sign_in_code),
        code_sha256=_sha256(code),
        person=row.id,
        expires_at=tx.now + CODE_LIVES,
        used_at=None,
        sets_password=False,
    )


def _start_by_code(tx: Tx, code: str) -> SignedIn:
    used = tx.first(_USE_CODE, of_code=_sha256(code), now=tx.now)
    if used is None:
        raise Problem(
            problems.WRONG_SIGN_IN, "This code was used, is too old or is wrong; get a new one."
        )
    return _start(tx, tx.one(_BY_ID, person=used.person))


def _start(tx: Tx, row: Row) -> SignedIn:
    tx.run(_EXPIRED, before=tx.now - SESSION_IDLE)
    session = SignedIn(secrets.token_urlsafe(32), secrets.token_urlsafe(32), _person(row))
    tx.run(
        sa.insert(schema.session),
        token_sha256=_sha256(session.token),
        person=row.id,
        csrf=session.csrf,
        created_at=tx.now,
        seen_at=tx.now,
        sets_password=False,
    )
    return session


def _person(row: Row) -> Person:
    return Person(row.id, row.name, row.role, frozenset(row.stations))


def _new_id(view: View) -> str:
    return uuid7(int(view.now.timestamp() * 1000))


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
