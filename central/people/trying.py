"""A try to sign in by a password: counted first, and then compared.

Nobody learns from the answer, nor from how long it takes, whether a name is unknown, a password wrong,
somebody disabled, or without a password (OWASP Authentication Cheat Sheet).
"""

from collections.abc import Callable
from dataclasses import dataclass

from central.database.store import Store
from central.database.tx import Row, Tx, View
from central.people import accounts, lock_out, passwords
from central.people.lock_out import Side
from contract import problems
from contract.problems import Problem


@dataclass(frozen=True, slots=True)
class Tried:
    """Whose password it was, and which side's wrong tries are forgiven for it."""

    side: Side
    row: Row


def look(view: View, name: str, browser: str) -> Side:
    """Say from where a try would come; `too_many` when that side is locked out."""
    return lock_out.look(view, name, _id_of(_named(view, name)), browser)


def compare(store: Store, name: str, password: str, browser: str) -> Tried:
    """Say whose password that is; Problem `wrong_sign_in` when it is nobody's, or `too_many`."""
    return _compare(
        store, name, password, lambda tx, row: lock_out.begin(tx, name, _id_of(row), browser)
    )


def _compare(
    store: Store, name: str, password: str, begin: Callable[[Tx, Row | None], Side]
) -> Tried:
    def job(tx: Tx) -> tuple[Side, Row | None]:
        row = _named(tx, name)
        return begin(tx, row), row

    side, row = store.write(job)
    kept = "" if row is None or row.disabled_at is not None else row.password_hash
    if not passwords.fits(kept, password) or row is None:
        raise wrong()
    return Tried(side, row)


def check_old(store: Store, name: str, old: str, session: str) -> None:
    """Let whoever is signed in change their password; guesses of it are counted for their *session*.

    So strangers who guess at the name keep nobody from changing what they guess at.

    Raises:
        Problem: `value_refused` (path `$.old`) when it is wrong, or `too_many`.
    """
    try:
        tried = _compare(store, name, old, lambda tx, _: lock_out.begin_in(tx, session))
    except Problem as refused:
        if refused.kind is not problems.WRONG_SIGN_IN:
            raise
        raise Problem(
            problems.VALUE_REFUSED, "This is not your old password; try again.", path="$.old"
        ) from None
    store.write(lambda tx: lock_out.forgive(tx, tried.side))


def wrong() -> Problem:
    """The one answer to a name and a password that do not go together, whyever that is."""
    return Problem(problems.WRONG_SIGN_IN, "The name or the password is not right; try again.")


def _named(view: View, name: str) -> Row | None:
    return view.first(accounts.BY_NAME, name=name.strip())


def _id_of(row: Row | None) -> str:
    return "" if row is None else str(row.id)
