"""What follows a transaction: who hears that it is on disk, and what its caller is told when it is not."""

from collections.abc import Iterable

from sqlalchemy.exc import DBAPIError, IntegrityError

from central.database.listeners import Listeners
from central.database.tx import Tx
from contract import problems
from contract.problems import Problem

NOT_SAVED = "The database could not save this; nothing was changed. Try again."
CLOSING = "Central is shutting down; try again in a moment."
UNSURE = (
    "The database did not say whether this was saved: look at the line before you do it again."
    " An arrival may simply be sent again."
)


class Aftermath:
    """Those who hear of commits.

    `hints` hear `(station, seq)` after a commit.  `losses` hear, with no words, that a commit failed:
    whatever somebody remembers from inside that transaction did not happen.  `commits` hear how many
    jobs a commit held and how many seconds it took.
    """

    def __init__(self) -> None:
        self.hints: Listeners[str, int] = Listeners()
        self.losses: Listeners[[]] = Listeners()
        self.commits: Listeners[int, float] = Listeners()

    def committed(self, txs: Iterable[Tx]) -> None:
        """Do what waited for these transactions to be on disk, then give one hint for each station."""
        newest: dict[str, int] = {}
        for tx in txs:
            newest |= tx.seqs
            for deed in tx.afterwards:
                deed()
        for station, seq in newest.items():
            self.hints.tell(station, seq)

    def unsure(self, tx: Tx) -> None:
        """Nobody knows whether it is on disk: forget what was seen inside, and let everybody look."""
        self.losses.tell()
        for station, seq in tx.seqs.items():
            self.hints.tell(station, seq)


def not_saved(detail: str = NOT_SAVED, cause: Exception | None = None) -> Problem:
    """What a caller hears when surely nothing was changed."""
    return _because(Problem(problems.NOT_SAVED, detail), cause)


def unsure(cause: Exception) -> Problem:
    """What a caller hears when the answer to a commit was lost."""
    return _because(Problem(problems.UNSURE, UNSURE), cause)


def as_told(error: Exception) -> Exception:
    """What the caller hears: a database that failed is `not_saved`; a broken rule stays what it is."""
    if isinstance(error, DBAPIError) and not isinstance(error, IntegrityError):
        return not_saved(cause=error)
    return error


def _because(problem: Problem, cause: Exception | None) -> Problem:
    problem.__cause__ = cause
    return problem
