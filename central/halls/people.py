"""In a hall: accounts of the office's that work here.

Of an account only that changes which the office has changed since it spoke of it last: who was disabled
here, or has set another password here, stays so until the office says another thing about just that.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx
from central.halls import words
from central.halls.words import OFFICE
from central.people import accounts, invitations, lock_out, sessions
from central.people.person import EVERYWHERE, Person, why_not_be
from central.people.person import OFFICE as EVERYTHING
from contract.halls import HallPerson, NotTaken

KIND = "person"
LAST = "last_person"
_INSERT = sa.insert(schema.person)
_Word = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """Who must hear of it after the commit: a session that ended, somebody new."""

    signed_out: Callable[[str], None]
    added: Callable[[str], None]


def take(tx: Tx, station: str, people: Sequence[HallPerson], heard: Heard) -> list[NotTaken]:
    """Take in all accounts of the office's for *station*; who is not among them works here no more."""
    before = words.of(tx, station, KIND)
    refused = []
    for person in people:
        was = before.get(person.id, {})
        why = _why_not(tx, person)
        if not _may_go(tx, person.id) and _goes(person, was):
            why = LAST
        if why:
            refused.append(NotTaken(kind=KIND, id=person.id, reason=why))
            if why != LAST:
                _shut_out(tx, station, person, was, heard)
            continue
        _take_one(tx, station, person, was, heard)
        words.say(tx, station, KIND, person.id, _word(person))
    for gone in before.keys() - {person.id for person in people}:
        if _may_go(tx, gone):
            _let_go(tx, station, gone, heard)
            words.unsay(tx, station, KIND, gone)
        else:
            refused.append(NotTaken(kind=KIND, id=gone, reason=LAST))
    return refused


def _may_go(tx: Tx, person: str) -> bool:
    """Whether somebody may lose what they may here: the last who may do everything does not."""
    return accounts.office(tx) != {person}


def _goes(person: HallPerson, was: _Word) -> bool:
    """Whether the office now says that somebody may do everything here no longer."""
    is_out = person.disabled and not was.get("disabled")
    return is_out or (person.role != EVERYTHING and was.get("role") != person.role)


def _shut_out(tx: Tx, station: str, person: HallPerson, was: _Word, heard: Heard) -> None:
    """Of an account that cannot be taken over as it is now, this is: whether it may sign in."""
    row = tx.first(accounts.BY_ID, person=person.id)
    if row is None or bool(was.get("disabled")) == person.disabled:
        return
    _disable(tx, row, heard, disabled=person.disabled)
    words.say(tx, station, KIND, person.id, {**was, "disabled": person.disabled})


def _why_not(tx: Tx, person: HallPerson) -> str:
    """Why an account cannot be one here, in a stable word; empty when it can."""
    row = tx.first(accounts.BY_NAME, name=person.name)
    if row is not None and row.id != person.id:
        return "name_taken"
    if _is_another(tx, person):
        return "account_taken"
    return "role_unknown" if why_not_be(person.role, ()) else ""


def _is_another(tx: Tx, person: HallPerson) -> bool:
    if person.issuer is None or person.subject is None:
        return False
    row = tx.first(accounts.BY_SUBJECT, issuer=person.issuer, subject=person.subject)
    return row is not None and row.id != person.id


def _take_one(tx: Tx, station: str, person: HallPerson, before: _Word, heard: Heard) -> None:
    row = tx.first(accounts.BY_ID, person=person.id)
    if row is None:
        _insert(tx, station, person, heard)
        return
    now = _word(person)
    changed = {name for name, value in now.items() if before.get(name) != value}
    if station not in row.stations or "role" in changed:
        role = person.role if "role" in changed else row.role
        _change(tx, row, role, {*row.stations, station}, heard)
    if "password" in changed:
        accounts.set_password(tx, row.id, person.password)
        sessions.end_all(tx, row.id, heard.signed_out)
    if "elsewhere" in changed and person.issuer and person.subject:
        accounts.link(tx, row.id, person.issuer, person.subject)
    if "disabled" in changed:
        _disable(tx, row, heard, disabled=person.disabled)


def _insert(tx: Tx, station: str, person: HallPerson, heard: Heard) -> None:
    tx.run(
        _INSERT,
        id=person.id,
        name=person.name,
        role=person.role,
        password_hash=person.password,
        stations=[station],
        created_at=tx.now,
        disabled_at=tx.now if person.disabled else None,
        issuer=person.issuer,
        subject=person.subject,
    )
    accounts.tell(tx, OFFICE, _person(person.id, person.name, person.role, {station}), "added")
    tx.after_commit(partial(heard.added, person.id))


def _change(tx: Tx, row: Row, role: str, stations: set[str], heard: Heard) -> None:
    # Somebody of this house who works everywhere here goes on to do so.
    after = _person(row.id, row.name, role, stations - {EVERYWHERE} or {EVERYWHERE})
    if EVERYWHERE in row.stations:
        after = _person(row.id, row.name, row.role, {EVERYWHERE})
    if after == sessions.person_of(row):
        return
    accounts.change(tx, after)
    sessions.end_all(tx, row.id, heard.signed_out)
    accounts.tell(tx, OFFICE, after, "changed", *row.stations)


def _disable(tx: Tx, row: Row, heard: Heard, *, disabled: bool) -> None:
    if disabled == (row.disabled_at is not None):
        return
    accounts.disable(tx, row.id, disabled=disabled)
    if disabled:
        sessions.end_all(tx, row.id, heard.signed_out)
        invitations.void(tx, row.id)
        lock_out.know_no_other(tx, "", row.id)
    what = "disabled" if disabled else "enabled"
    accounts.tell(tx, OFFICE, sessions.person_of(row), what)


def _let_go(tx: Tx, station: str, gone: str, heard: Heard) -> None:
    """Somebody works here no longer: with no other station of this box they cannot sign in here."""
    row = tx.first(accounts.BY_ID, person=gone)
    if row is None or EVERYWHERE in row.stations:
        return
    left = set(row.stations) - {station}
    if left:
        _change(tx, row, row.role, left, heard)
    else:
        _disable(tx, row, heard, disabled=True)


def _person(id_: str, name: str, role: str, stations: set[str]) -> Person:
    return Person(id_, name, role, frozenset(stations))


def _word(person: HallPerson) -> dict[str, Any]:
    """What is remembered of the office's word: enough to see that a part of it is another."""
    elsewhere = None if person.issuer is None else f"{person.issuer} {person.subject}"
    return {
        "role": person.role,
        "disabled": person.disabled,
        "password": _mark(person.password),
        "elsewhere": None if elsewhere is None else _mark(elsewhere),
    }


def _mark(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
