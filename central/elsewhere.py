"""People who sign in by an account elsewhere: at a provider that speaks OpenID Connect.

Somebody is *subject* at *issuer*, and nothing else: names and addresses change hands there (OpenID
Connect Core 1.0 section 5.7).
"""

from collections.abc import Callable
from dataclasses import dataclass

from central import accounts, sessions
from central.person import Person
from central.tx import Row, Tx
from central.words import COMMAND_LINE, Actor
from contract import problems
from contract.problems import Problem


@dataclass(frozen=True, slots=True)
class Claim:
    """What a provider vouches for: who somebody is, as what they work, and where."""

    issuer: str
    subject: str
    name: str
    role: str
    stations: frozenset[str]


def link(tx: Tx, name: str, issuer: str, subject: str, actor: Actor) -> None:
    """Let the person *name* sign in by that account; NotThere or AlreadyThere when it cannot be."""
    row = accounts.named(tx, name)
    accounts.link(tx, row.id, issuer, subject)
    accounts.tell(tx, actor, sessions.person_of(row), "linked")


def linked(tx: Tx, issuer: str, subject: str) -> Row:
    """Find who that account is here; Problem `not_allowed` when it is nobody who may sign in."""
    row = tx.first(accounts.BY_SUBJECT, issuer=issuer, subject=subject)
    if row is None or row.disabled_at is not None:
        raise Problem(
            problems.NOT_ALLOWED,
            "Nobody here is linked to this account; ask a manager to link you.",
        )
    return row


def claimed(tx: Tx, claim: Claim, changed: Callable[[Tx, Person], None]) -> Row:
    """Find or make who the provider says it is, as it says; *changed* hears of other rights than before."""
    row = tx.first(accounts.BY_SUBJECT, issuer=claim.issuer, subject=claim.subject)
    if row is None:
        _new(tx, claim)
        return linked(tx, claim.issuer, claim.subject)
    row = linked(tx, claim.issuer, claim.subject)
    before = sessions.person_of(row)
    after = Person(row.id, row.name, claim.role, claim.stations)
    if after != before:
        accounts.check(tx, claim.role, claim.stations)
        accounts.change(tx, after)
        changed(tx, after)
        accounts.tell(tx, COMMAND_LINE, after, "changed", *before.stations)
    return linked(tx, claim.issuer, claim.subject)


def _new(tx: Tx, claim: Claim) -> None:
    person = accounts.insert(tx, claim.name, claim.role, claim.stations)
    accounts.link(tx, person.id, claim.issuer, claim.subject)
    accounts.tell(tx, person.actor, person, "added")
