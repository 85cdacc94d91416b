"""Wrong passwords lock strangers out for a while, and never a browser in which somebody works.

Tries from browsers that nobody knows are counted for each name, those of a known browser for that browser
alone (OWASP: Slow Down Online Guessing Attacks with Device Cookies).  So whoever guesses for ever gets ten
tries in a quarter of an hour, and the desk's own browser gets in all the same.  Names of nobody are
counted too: that a name is locked must not tell that there is somebody of that name.

The counts are in the database: a restart forgets none, and processes at one database share them.  A try
is counted before its password is compared, so that guesses cannot run side by side.
"""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from central import schema
from central.database.tx import Tx, View
from contract import problems
from contract.problems import Problem

log = logging.getLogger(__name__)

WRONG = 10
LOCKED = timedelta(minutes=15)
# A browser that was not used for so long is a stranger again.
KNOWN = timedelta(days=180)
_MOST_BROWSERS = 50  # of one person

_T, _B = schema.tried_name.c, schema.known_browser.c
_NAME = sa.select(_T.wrong, _T.wrong_at).where(_T.name_sha256 == sa.bindparam("tried"))
_BROWSER = sa.select(_B.wrong, _B.wrong_at).where(
    _B.token_sha256 == sa.bindparam("tried"), _B.at > sa.bindparam("since")
)
# PostgreSQL's form of the clause, which SQLite took over word for word (sqlite.org/lang_upsert.html).
_FIRST = postgresql.insert(schema.tried_name).values(
    name_sha256=sa.bindparam("tried"), wrong=0, wrong_at=sa.bindparam("now")
)
_THERE = _FIRST.on_conflict_do_nothing()
_COUNT_NAME = (
    sa.update(schema.tried_name)
    .where(_T.name_sha256 == sa.bindparam("tried"))
    .values(wrong=sa.bindparam("count"), wrong_at=sa.bindparam("now"))
)
_COUNT_BROWSER = (
    sa.update(schema.known_browser)
    .where(_B.token_sha256 == sa.bindparam("tried"))
    .values(wrong=sa.bindparam("count"), wrong_at=sa.bindparam("now"))
)
_FORGET = sa.delete(schema.tried_name).where(_T.name_sha256 == sa.bindparam("tried"))
_FORGET_OLD = sa.delete(schema.tried_name).where(_T.wrong_at < sa.bindparam("before"))
_FORGET_ALL = (
    sa.update(schema.known_browser)
    .where(_B.person == sa.bindparam("of_person"))
    .values(wrong=0, wrong_at=None)
)
_NEW_BROWSER = postgresql.insert(schema.known_browser)
_KNOW = _NEW_BROWSER.on_conflict_do_update(
    index_elements=["token_sha256"],
    set_={"at": _NEW_BROWSER.excluded.at, "wrong": 0, "wrong_at": None},
)
_BROWSERS = (
    sa.select(_B.token_sha256).where(_B.person == sa.bindparam("person")).order_by(_B.at.desc())
)
_UNKNOW = sa.delete(schema.known_browser).where(_B.token_sha256 == sa.bindparam("browser"))
_LOCKS = sa.select(_T.name_sha256, _T.wrong, _T.wrong_at).where(_T.wrong >= WRONG)


@dataclass(frozen=True, slots=True)
class Tries:
    """How many wrong passwords came from one side, and when the last one did."""

    wrong: int = 0
    at: datetime | None = None


def locked_until(tries: Tries, now: datetime) -> datetime | None:
    """Until when nobody is let in from that side; None while they are."""
    if tries.at is None or tries.wrong < WRONG or now >= tries.at + LOCKED:
        return None
    return tries.at + LOCKED


def one_more(tries: Tries, now: datetime) -> Tries:
    """Count a try; what is longer ago than a lock lasts is forgotten."""
    fresh = tries.at is not None and now < tries.at + LOCKED
    return Tries(tries.wrong + 1 if fresh else 1, now)


@dataclass(frozen=True, slots=True)
class Side:
    """Where a try comes from: a browser that is known for a person, or else anywhere for a name."""

    key: str
    is_known: bool


def begin(tx: Tx, name: str, person: str, browser: str) -> Side:
    """Count a try to sign in, before its password is compared; `too_many` when that side is locked.

    *person* is the id behind *name*, or empty: then the same rows are looked for, and none is found.
    """
    return _counted(tx, side_of(tx, name, person, browser))


def begin_in(tx: Tx, session: str) -> Side:
    """Count a try of somebody who is signed in, by their `session_key`; otherwise as `begin`."""
    key = hashlib.sha256(f"session {session}".encode()).hexdigest()
    return _counted(tx, Side(key, is_known=False))


def _counted(tx: Tx, side: Side) -> Side:
    tx.run(_FORGET_OLD, before=tx.now - LOCKED)
    if not side.is_known:
        tx.run(_THERE, tried=side.key, now=tx.now)
    tries = _tries(tx, side, counting=True)
    _refuse(locked_until(tries, tx.now), tx.now)
    counted = one_more(tries, tx.now)
    statement = _COUNT_BROWSER if side.is_known else _COUNT_NAME
    tx.run(statement, tried=side.key, count=counted.wrong, now=tx.now)
    if counted.wrong == WRONG:
        where = "browser" if side.is_known else "name"
        until = tx.now + LOCKED
        tx.after_commit(partial(log.warning, "too many tries side=%s until=%s", where, until))
    return side


def look(view: View, name: str, person: str, browser: str) -> Side:
    """The same without counting, for a quick no: a flood of refused tries must not keep the disk busy."""
    side = side_of(view, name, person, browser)
    _refuse(locked_until(_tries(view, side), view.now), view.now)
    return side


def side_of(view: View, name: str, person: str, browser: str) -> Side:
    """Find out whether the browser is known for that person."""
    key = browser_key(browser, person)
    if view.first(_BROWSER, tried=key, since=view.now - KNOWN) is not None:
        return Side(key, is_known=True)
    return Side(name_key(name), is_known=False)


def forgive(tx: Tx, side: Side) -> None:
    """The right password starts the count of its side again."""
    if side.is_known:
        tx.run(_COUNT_BROWSER, tried=side.key, count=0, now=tx.now)
    else:
        tx.run(_FORGET, tried=side.key)


def unlock(tx: Tx, name: str, person: str) -> None:
    """Let everybody try again: strangers and known browsers."""
    tx.run(_FORGET, tried=name_key(name))
    tx.run(_FORGET_ALL, of_person=person)


def know(tx: Tx, browser: str, person: str) -> None:
    """Remember that *person* has signed in in *browser*; of many browsers the latest are kept."""
    key = browser_key(browser, person)
    tx.run(_KNOW, token_sha256=key, person=person, at=tx.now, wrong=0, wrong_at=None)
    for row in tx.all(_BROWSERS, person=person)[_MOST_BROWSERS:]:
        tx.run(_UNKNOW, browser=row.token_sha256)


def know_no_other(tx: Tx, browser: str, person: str) -> None:
    """Make strangers of all browsers of *person* but this one."""
    kept = browser_key(browser, person)
    for row in tx.all(_BROWSERS, person=person):
        if row.token_sha256 != kept:
            tx.run(_UNKNOW, browser=row.token_sha256)


def locks(view: View) -> dict[str, datetime]:
    """Until when strangers are locked out, by `name_key`."""
    found = {
        row.name_sha256: locked_until(Tries(row.wrong, row.wrong_at), view.now)
        for row in view.all(_LOCKS)
    }
    return {key: until for key, until in found.items() if until is not None}


def name_key(name: str) -> str:
    """How the tries for a name are found: however it is written."""
    return hashlib.sha256(name.strip().casefold().encode()).hexdigest()


def browser_key(browser: str, person: str) -> str:
    """How a browser is found: one cookie serves all who share a desk, and each has tries of their own."""
    return hashlib.sha256(f"{browser} {person}".encode()).hexdigest()


def _tries(view: View, side: Side, *, counting: bool = False) -> Tries:
    """What was counted; whoever counts on makes others who count wait for their commit."""
    statement = _BROWSER if side.is_known else _NAME
    row = view.first(
        statement.with_for_update() if counting else statement,
        **({"since": view.now - KNOWN} if side.is_known else {}),
        tried=side.key,
    )
    return Tries() if row is None else Tries(row.wrong, row.wrong_at)


def _refuse(until: datetime | None, now: datetime) -> None:
    if until is not None:
        wait_s = -(-(until - now) // timedelta(seconds=1))
        raise Problem(
            problems.TOO_MANY,
            "Too many wrong tries; wait and try again, or ask a manager to unlock you.",
            retry_after_s=max(1, wait_s),
        )
