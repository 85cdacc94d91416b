"""The rows of people: found, written, and told of at the stations that they concern."""

import logging
from collections.abc import Iterable
from functools import partial

import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx, View
from central.errors import AlreadyThere, NotPossible, NotThere
from central.people.person import EVERYWHERE, OFFICE, Person, why_not_be
from central.words import Actor
from contract.event import EventKind
from contract.ids import uuid7

log = logging.getLogger(__name__)

_P = schema.person.c
BY_NAME = sa.select(schema.person).where(_P.name == sa.bindparam("name"))
BY_ID = sa.select(schema.person).where(_P.id == sa.bindparam("person"))
BY_SUBJECT = sa.select(schema.person).where(
    _P.issuer == sa.bindparam("issuer"), _P.subject == sa.bindparam("subject")
)
# Whoever begins a session and whoever ends all of them take the row in turn, so that none slips between.
# It is not the lock of a deletion: for that the row of a new session would have to wait as well.
LOCKED = BY_ID.with_for_update(key_share=True)
LOCKED_BY_SUBJECT = BY_SUBJECT.with_for_update(key_share=True)
ALL = sa.select(schema.person).order_by(_P.name)
_ANY = sa.select(_P.id).limit(1)
_STATIONS = sa.select(schema.station.c.id).order_by(schema.station.c.id)
_INSERT = sa.insert(schema.person)
_CHANGE = (
    sa.update(schema.person)
    .where(_P.id == sa.bindparam("of_person"))
    .values(role=sa.bindparam("role"), stations=sa.bindparam("stations"))
)
_DISABLE = (
    sa.update(schema.person)
    .where(_P.id == sa.bindparam("of_person"))
    .values(disabled_at=sa.bindparam("at"))
)
_PASSWORD = (
    sa.update(schema.person)
    .where(_P.id == sa.bindparam("of_person"))
    .values(password_hash=sa.bindparam("password_hash"))
)
_LINK = (
    sa.update(schema.person)
    .where(_P.id == sa.bindparam("of_person"))
    .values(issuer=sa.bindparam("issuer"), subject=sa.bindparam("subject"))
)
# Whoever has neither a password nor an account elsewhere has never come; they could unlock nothing.
_OFFICE = (
    sa.select(_P.id)
    .where(
        _P.role == OFFICE,
        _P.disabled_at.is_(None),
        (_P.password_hash != "") | _P.issuer.is_not(None),
    )
    .order_by(_P.id)
    .with_for_update()
)
_FIRST = sa.select(schema.meta.c.value).where(schema.meta.c.name == "epoch").with_for_update()


def named(view: View, name: str) -> Row:
    """Find somebody by name; NotThere when there is nobody."""
    row = view.first(BY_NAME, name=name.strip())
    if row is None:
        raise NotThere(
            f"There is nobody called {name}; create them with: portvakt central create user."
        )
    return row


def anybody(view: View) -> bool:
    """Whether there is anybody at all."""
    return view.first(_ANY) is not None


def alone(tx: Tx) -> None:
    """Let nobody else make the first person meanwhile, not even another process."""
    tx.one(_FIRST)


def insert(
    tx: Tx, name: str, role: str, stations: Iterable[str], password_hash: str = ""
) -> Person:
    """Write a new person.

    Raises:
        AlreadyThere, NotThere, NotPossible: the name is taken, a station or the role unknown.
    """
    name = name.strip()
    if not name:
        raise NotPossible("Give the person's name.")
    check(tx, role, stations)
    if tx.first(BY_NAME, name=name) is not None:
        raise AlreadyThere(f"There is somebody called {name} already; choose another name.")
    person = Person(uuid7(int(tx.now.timestamp() * 1000)), name, role, frozenset(stations))
    tx.run(
        _INSERT,
        id=person.id,
        name=name,
        role=role,
        password_hash=password_hash,
        stations=sorted(person.stations),
        created_at=tx.now,
    )
    return person


def check(view: View, role: str, stations: Iterable[str]) -> None:
    """Refuse what nobody can be: NotPossible for a role, NotThere for a station that is not there."""
    why_not = why_not_be(role, stations)
    if why_not:
        raise NotPossible(why_not)
    there = {row.id for row in view.all(_STATIONS)} | {EVERYWHERE}
    for station in stations:
        if station not in there:
            raise NotThere(f"There is no station {station}; create it first.")


def change(tx: Tx, person: Person) -> None:
    """Write the role and the stations of *person*."""
    tx.run(_CHANGE, of_person=person.id, role=person.role, stations=sorted(person.stations))


def disable(tx: Tx, person: str, *, disabled: bool) -> None:
    """Let nobody sign in as *person*, or again."""
    tx.run(_DISABLE, of_person=person, at=tx.now if disabled else None)


def set_password(tx: Tx, person: str, password_hash: str) -> None:
    """Write what is kept of a new password."""
    tx.run(_PASSWORD, of_person=person, password_hash=password_hash)


def link(tx: Tx, person: str, issuer: str, subject: str) -> None:
    """Write who somebody is elsewhere; AlreadyThere when that is another person here."""
    found = tx.first(BY_SUBJECT, issuer=issuer, subject=subject)
    if found is not None and found.id != person:
        raise AlreadyThere(f"That account is {found.name} here already.")
    tx.run(_LINK, of_person=person, issuer=issuer, subject=subject)


def office(tx: Tx) -> frozenset[str]:
    """Those of the office who can sign in; nobody else changes any of them meanwhile.

    All who change somebody take these rows first and in one order, so that nobody waits in a ring.
    """
    return frozenset(row.id for row in tx.all(_OFFICE))


def tell(tx: Tx, actor: Actor, person: Person, what: str, *more: str) -> None:
    """Say at every station of *person*, and those in *more*, what became of their account."""
    tx.after_commit(partial(log.info, "person %s id=%s by=%s", what, person.id, actor.kind))
    concerned = person.stations.union(more)
    data = {"person": person.name, "what": what, "role": person.role}
    for row in tx.all(_STATIONS):
        if EVERYWHERE in concerned or row.id in concerned:
            tx.event(row.id, EventKind.PERSON_CHANGED, actor, data=data)
