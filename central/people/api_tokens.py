"""Tokens of other systems, such as one for bookings: what they may do, where, and until when."""

import hashlib
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from central import schema
from central.clock import Clock
from central.database.store import Store
from central.database.tx import Row, Tx, View
from central.halls.log import mark_hall
from central.halls.marking import unmark_unheard
from central.words import Actor
from contract import problems
from contract.accounts import Scope, TokenMade, TokenRow, TokenWords
from contract.event import EventKind
from contract.problems import Problem

PREFIX = "pv_api-"  # no device's token begins so: devices are `post-...` and `sign-...`
USED_EVERY = timedelta(minutes=1)

_T = schema.api_token.c
_BY_DIGEST = sa.select(schema.api_token).where(_T.token_sha256 == sa.bindparam("digest"))
_BY_ID = sa.select(schema.api_token).where(_T.id == sa.bindparam("token_id"))
_ALL = sa.select(schema.api_token).order_by(_T.created_at.desc(), _T.id)
_USED = (
    sa.update(schema.api_token)
    .where(_T.id == sa.bindparam("of_token"))
    .values(last_used_at=sa.bindparam("at"))
)
_REVOKE = (
    sa.update(schema.api_token)
    .where(_T.id == sa.bindparam("of_token"), _T.revoked_at.is_(None))
    .values(revoked_at=sa.bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """Another system, as its token names it."""

    id: str
    name: str
    scopes: frozenset[Scope]
    stations: frozenset[str]
    expires_at: datetime

    @property
    def actor(self) -> Actor:
        """The system as the one who does something."""
        return Actor("system", self.id, self.name)


class ApiTokens:
    """The tokens of one database.  The text of a token is given once; what is kept is its SHA-256.

    A token has 256 random bits, so a plain hash is enough: there is nothing to guess at.
    """

    def __init__(
        self, store: Store, clock: Clock, hall_marked: Callable[[], None] = lambda: None
    ) -> None:
        self._hall_marked = hall_marked
        self._store = store
        self._clock = clock
        self._by_digest: dict[str, ApiToken] = {}
        self._used: dict[str, datetime] = {}
        self._changes = 0
        self._lock = threading.Lock()

    def create(self, stations: Sequence[str], actor: Actor, words: TokenWords) -> TokenMade:
        """Make a token for *stations*.

        Raises:
            Problem: `not_found` for a station that does not exist, `line_not_empty` when the line of one
                would move into a hall box and somebody is on its board here.
        """
        token_id = f"api-{secrets.token_hex(4)}"
        token = f"pv_{token_id}_{secrets.token_urlsafe(32)}"

        def job(tx: Tx) -> TokenMade:
            tx.after_commit(self._hall_marked)
            row = _insert(tx, token_id, token, stations, actor, words)
            return TokenMade(row=row, token=token)

        return self._store.write(job)

    def of_station(self, station: str) -> list[TokenRow]:
        """Every token that works or has worked at *station*, newest first."""
        rows = self._store.read(lambda view: view.all(_ALL))
        return [_row(row) for row in rows if station in row.stations]

    def revoke(
        self,
        station: str,
        actor: Actor,
        token_id: str,
        may_see: Callable[[str], bool] = lambda _: True,
    ) -> None:
        """Void a token at once; once more changes nothing.

        Raises:
            Problem: `not_found` when *station* has no such token, `not_allowed` when it also works at
                a station that the asker may not see.
        """
        self._store.write(lambda tx: self._revoke(tx, station, actor, token_id, may_see))

    def by_token(self, token: str) -> ApiToken:
        """Whose *token* this is.

        Remembered, because it is asked for every call; but not where another process may revoke it.

        Raises:
            Problem: `token_refused` when nobody gave it, or it was revoked or is too old.
        """
        digest = _sha256(token)
        with self._lock:
            found, changes = self._by_digest.get(digest), self._changes
        if found is None:
            found = self._find(digest, changes)
        if found.expires_at <= self._clock.now():
            raise Problem(
                problems.TOKEN_REFUSED,
                f"The token of {found.name} ended on {found.expires_at:%Y-%m-%d}; ask for a new one.",
            )
        self._note_use(found.id)
        return found

    def _find(self, digest: str, changes: int) -> ApiToken:
        row = self._store.read(lambda view: view.first(_BY_DIGEST, digest=digest))
        if row is None:
            raise Problem(
                problems.TOKEN_REFUSED, "Nobody here gave this token; ask the station for one."
            )
        if row.revoked_at is not None:
            raise Problem(
                problems.TOKEN_REFUSED, f"The token of {row.name} was revoked; ask for a new one."
            )
        found = _token(row)
        with self._lock:
            # What was read before a token was revoked must not be remembered after it.
            if changes == self._changes and not self._store.shared:
                self._by_digest[digest] = found
        return found

    def _note_use(self, token_id: str) -> None:
        """Not waited for: a booking system must not stand still because a stamp cannot be written."""
        now, last = self._clock.now(), self._used.get(token_id)
        if last is None or now - last >= USED_EVERY:
            self._used[token_id] = now
            self._store.submit(lambda tx: tx.run(_USED, of_token=token_id, at=now))

    def _revoke(
        self, tx: Tx, station: str, actor: Actor, token_id: str, may_see: Callable[[str], bool]
    ) -> None:
        row = _one(tx, station, token_id)
        foreign = [name for name in sorted(row.stations) if not may_see(name)]
        if foreign:
            raise Problem(
                problems.NOT_ALLOWED,
                f"{row.name} works at {foreign[0]} too; ask somebody whose stations are all of its.",
            )
        if tx.run(_REVOKE, of_token=token_id, at=tx.now):
            _tell(tx, row.stations, actor, {"token": token_id, "name": row.name, "did": "revoked"})
            if Scope.HALL in row.scopes:
                for name in row.stations:
                    unmark_unheard(tx, name)
                tx.after_commit(self._hall_marked)
        tx.after_commit(self._forget)

    def _forget(self) -> None:
        with self._lock:
            self._changes += 1
            self._by_digest.clear()


def _insert(
    tx: Tx, token_id: str, token: str, stations: Sequence[str], actor: Actor, words: TokenWords
) -> TokenRow:
    there = sorted(set(stations))
    scopes = sorted(set(words.scopes))
    name = words.name.strip()
    data = {"token": token_id, "name": name, "did": "made", "scopes": scopes, "days": words.days}
    _tell(tx, there, actor, data)
    if Scope.HALL in scopes:
        for station in there:
            mark_hall(tx, station)
    tx.run(
        sa.insert(schema.api_token),
        id=token_id,
        name=name,
        token_sha256=_sha256(token),
        stations=there,
        scopes=scopes,
        created_at=tx.now,
        created_by=actor.name,
        expires_at=tx.now + timedelta(days=words.days),
    )
    return _row(tx.one(_BY_ID, token_id=token_id))


def _tell(tx: Tx, stations: Sequence[str], actor: Actor, data: dict[str, object]) -> None:
    """Write it down at every station, in one order: two such jobs cannot wait for each other."""
    for station in sorted(stations):
        tx.event(station, EventKind.TOKEN_CHANGED, actor, data=data)


def _one(view: View, station: str, token_id: str) -> Row:
    row = view.first(_BY_ID, token_id=token_id)
    if row is None or station not in row.stations:
        raise Problem(problems.NOT_FOUND, f"{station} has no token {token_id}.")
    return row


def _token(row: Row) -> ApiToken:
    scopes = frozenset(map(Scope, row.scopes))
    return ApiToken(row.id, row.name, scopes, frozenset(row.stations), row.expires_at)


def _row(row: Row) -> TokenRow:
    return TokenRow(
        id=row.id,
        name=row.name,
        scopes=[Scope(scope) for scope in row.scopes],
        stations=list(row.stations),
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
