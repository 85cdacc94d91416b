"""People who sign in by an account elsewhere: at a provider that speaks OpenID Connect.

Somebody is *subject* at *issuer*, and nothing else: names and addresses change hands there (OpenID
Connect Core 1.0 section 5.7).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from central.database.tx import Row, Tx
from central.errors import NotPossible
from central.oidc.settings import safe_address
from central.people import accounts, sessions
from central.people.person import OFFICE, Person
from central.words import Actor
from contract import problems
from contract.problems import Problem

_log = logging.getLogger(__name__)

_SUBJECT_MAX = 255  # OpenID Connect Core 1.0 section 2


@dataclass(frozen=True, slots=True)
class Claim:
    """What a provider vouches for: who somebody is, as what they work, and where."""

    issuer: str
    subject: str
    name: str
    role: str
    stations: frozenset[str]


def link(tx: Tx, name: str, issuer: str, subject: str, actor: Actor) -> str | None:
    """Let the person *name* sign in by that account; give the issuer of the one before, if it was another.

    Raises:
        NotThere, AlreadyThere, NotPossible: nobody has that name, or the account is another's, or none.
        OidcUnfit: no provider may have that address.
    """
    safe_address("The issuer", issuer)
    if not subject.strip() or len(subject) > _SUBJECT_MAX:
        raise NotPossible(
            "Say who they are at the provider: the `sub` of their tokens, 1 to 255 characters."
        )
    row = accounts.named(tx, name)
    accounts.link(tx, row.id, issuer, subject)
    accounts.tell(tx, actor, sessions.person_of(row), "linked")
    is_other = row.issuer is not None and (row.issuer, row.subject) != (issuer, subject)
    return str(row.issuer) if is_other else None


def linked(tx: Tx, issuer: str, subject: str) -> Row:
    """Find who that account is here; Problem `not_allowed` when it is nobody who may sign in."""
    row = tx.first(accounts.LOCKED_BY_SUBJECT, issuer=issuer, subject=subject)
    if row is None or row.disabled_at is not None:
        raise Problem(
            problems.NOT_ALLOWED,
            "Nobody here is linked to this account; ask a manager to link you.",
        )
    return row


def claimed(
    tx: Tx, claim: Claim, added: Callable[[str], None], changed: Callable[[Tx, Person], None]
) -> Row:
    """Find or make who the provider says it is, as it says, but for the last who is of the office.

    Once it is on disk *added* hears the id of somebody new; *changed* hears of other rights than before.
    """
    office = accounts.office(tx)
    if tx.first(accounts.BY_SUBJECT, issuer=claim.issuer, subject=claim.subject) is None:
        tx.after_commit(partial(added, _new(tx, claim).id))
        return linked(tx, claim.issuer, claim.subject)
    row = linked(tx, claim.issuer, claim.subject)
    before = sessions.person_of(row)
    after = Person(row.id, row.name, claim.role, claim.stations)
    if after.role != OFFICE and office == {row.id}:
        # Nobody would be left who could put it right.
        _log.warning("last of the office kept person=%s claimed=%s", row.id, claim.role)
        return row
    if after != before:
        accounts.check(tx, claim.role, claim.stations)
        accounts.change(tx, after)
        changed(tx, after)
        accounts.tell(tx, _provider(claim), after, "changed", *before.stations)
    return linked(tx, claim.issuer, claim.subject)


def _new(tx: Tx, claim: Claim) -> Person:
    person = accounts.insert(tx, claim.name, claim.role, claim.stations)
    accounts.link(tx, person.id, claim.issuer, claim.subject)
    accounts.tell(tx, _provider(claim), person, "added")
    return person


def _provider(claim: Claim) -> Actor:
    return Actor("system", "provider", claim.issuer)
