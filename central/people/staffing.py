"""The staff of a station: who they are, and what a manager or the office changes about them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from central import schema
from central.database.store import Store
from central.database.tx import Row, Tx, View
from central.errors import NotPossible
from central.people import accounts, invitations, lock_out, sessions
from central.people.people import People
from central.people.person import OFFICE, Person, why_not_be, why_not_change, why_not_grant
from central.words import COMMAND_LINE, Actor
from contract import problems
from contract.accounts import Invitation, PersonChange, PersonRow
from contract.problems import Problem

Deed = Literal["disable", "enable", "unlock"]
_DONE = {"disable": "disabled", "enable": "enabled", "unlock": "unlocked"}

_S = schema.session.c
_SEEN = sa.select(_S.person, sa.func.max(_S.seen_at).label("seen_at")).group_by(_S.person)


class Staffing:
    """What is done to accounts.  *who* is the person who does it, or None: the command line, which may all,
    and need not say at which station.

    All raise Problem `not_found` for somebody who does not work at that station, and `not_allowed` for
    whoever may not do that to them.
    """

    def __init__(self, store: Store, people: People) -> None:
        self._store = store
        self._people = people

    def at(self, station: str) -> list[PersonRow]:
        """Everybody who may sign in at *station*, by name."""
        return self._store.read(lambda view: _rows(view, station))

    def add(self, who: Person | None, name: str, role: str, stations: Sequence[str]) -> Invitation:
        """Write down somebody new, and invite them to set a password.

        Raises:
            AlreadyThere, NotThere, NotPossible: the name is taken, a station or the role unknown.
        """
        _check(role, stations)
        code = invitations.make_typed()

        def job(tx: Tx) -> Invitation:
            _allow("" if who is None else why_not_grant(who, role, stations))
            person = accounts.insert(tx, name, role, stations)
            accounts.tell(tx, _actor(who), person, "added")
            return _invited(tx, person.id, code)

        invitation = self._store.write(job)
        self._people.added.tell(invitation.person.id)
        return invitation

    def change(
        self, who: Person | None, station: str, person: str, words: PersonChange
    ) -> PersonRow:
        """Give somebody another role or other stations; their sessions end.

        Raises:
            NotThere, NotPossible: a station or the role is unknown.
            Problem: `person_refused` when nobody of the office would be left.
        """

        def job(tx: Tx) -> PersonRow:
            office, row = _theirs(tx, who, station, person)
            before = sessions.person_of(row)
            role = before.role if words.role is None else words.role
            stations = before.stations if words.stations is None else frozenset(words.stations)
            _check(role, stations)
            _allow("" if who is None else why_not_grant(who, role, stations))
            accounts.check(tx, role, stations)
            after = Person(before.id, before.name, role, stations)
            if after == before:
                return _row(tx, person)
            if role != OFFICE:
                _leave_somebody(office, person)
            accounts.change(tx, after)
            sessions.end_all(tx, person, self._people.signed_out.tell)
            accounts.tell(tx, _actor(who), after, "changed", *before.stations)
            return _row(tx, person)

        return self._store.write(job)

    def do(self, who: Person | None, station: str, person: str, deed: Deed) -> PersonRow:
        """Disable somebody, let them in again, or take the lock away that strangers' wrong tries made.

        Raises:
            Problem: `person_refused` when nobody of the office would be left.
        """

        def job(tx: Tx) -> PersonRow:
            office, row = _theirs(tx, who, station, person)
            match deed:
                case "disable":
                    _leave_somebody(office, person)
                    self._disable(tx, row)
                case "enable":
                    accounts.disable(tx, person, disabled=False)
                case "unlock":
                    lock_out.unlock(tx, row.name, person)
            accounts.tell(tx, _actor(who), sessions.person_of(row), _DONE[deed])
            return _row(tx, person)

        return self._store.write(job)

    def invite(self, who: Person | None, station: str, person: str) -> Invitation:
        """Let somebody set a password anew; Problem `person_refused` while they are disabled."""
        code = invitations.make_typed()

        def job(tx: Tx) -> Invitation:
            _, row = _theirs(tx, who, station, person)
            if row.disabled_at is not None:
                raise Problem(
                    problems.PERSON_REFUSED, f"{row.name} is disabled; let them in again first."
                )
            accounts.tell(tx, _actor(who), sessions.person_of(row), "invited")
            return _invited(tx, person, code)

        return self._store.write(job)

    def id_of(self, name: str) -> str:
        """Find somebody by name; NotThere when there is nobody."""
        return self._store.read(lambda view: str(accounts.named(view, name).id))

    def _disable(self, tx: Tx, row: Row) -> None:
        """Nothing of theirs works any more: no session, no code, no browser that was known."""
        accounts.disable(tx, row.id, disabled=True)
        sessions.end_all(tx, row.id, self._people.signed_out.tell)
        invitations.void(tx, row.id)
        lock_out.know_no_other(tx, "", row.id)


def _theirs(tx: Tx, who: Person | None, station: str, person: str) -> tuple[frozenset[str], Row]:
    """Find somebody of *station* whom *who* may change, and those of the office who can sign in."""
    office = accounts.office(tx)
    row = tx.first(accounts.BY_ID.with_for_update(), person=person)
    whom = None if row is None else sessions.person_of(row)
    if row is None or whom is None or (station and not whom.works_at(station)):
        raise Problem(problems.NOT_FOUND, "Nobody of that id works here; load the page again.")
    _allow("" if who is None else why_not_change(who, whom))
    return office, row


def _check(role: str, stations: Iterable[str]) -> None:
    why_not = why_not_be(role, stations)
    if why_not:
        raise NotPossible(why_not)


def _allow(why_not: str) -> None:
    if why_not:
        raise Problem(problems.NOT_ALLOWED, why_not)


def _leave_somebody(office: frozenset[str], person: str) -> None:
    if office == {person}:
        raise Problem(
            problems.PERSON_REFUSED,
            "Nobody of the office would be left who can sign in; add somebody first.",
        )


def _actor(who: Person | None) -> Actor:
    return COMMAND_LINE if who is None else who.actor


def _invited(tx: Tx, person: str, code: str) -> Invitation:
    until = invitations.invite(tx, person, code)
    return Invitation(person=_row(tx, person), code=code, expires_at=until)


def _rows(view: View, station: str) -> list[PersonRow]:
    show = _showing(view)
    return [
        show(row) for row in view.all(accounts.ALL) if sessions.person_of(row).works_at(station)
    ]


def _row(view: View, person: str) -> PersonRow:
    return _showing(view)(view.one(accounts.BY_ID, person=person))


def _showing(view: View) -> Callable[[Row], PersonRow]:
    locks = lock_out.locks(view)
    seen: dict[str, datetime] = {row.person: row.seen_at for row in view.all(_SEEN)}

    def show(row: Row) -> PersonRow:
        return PersonRow(
            id=row.id,
            name=row.name,
            role=row.role,
            stations=sorted(row.stations),
            created_at=row.created_at,
            disabled=row.disabled_at is not None,
            locked_until=locks.get(lock_out.name_key(row.name)),
            has_password=bool(row.password_hash),
            signs_in_elsewhere=row.issuer is not None,
            seen_at=seen.get(row.id),
        )

    return show
