"""The time after a restore in which no sign is lit.

A sign may still be showing a plate by a lease of which the restored database knows nothing.  Every such
lease was given by a central that had stopped before this one began, so once this one has waited, on its
own monotonic clock, as long as the longest lease and the slowest panel can last, all of them are dark.
"""

import sqlalchemy as sa

from central import schema
from central.clock import Clock
from central.database.tx import Tx, View
from central.signs.lit import MARGIN_MS, SLOWEST_DARK_MS
from contract.wire import LEASE_TTL_MAX_MS

SETTLE_MS = LEASE_TTL_MAX_MS + MARGIN_MS + SLOWEST_DARK_MS

_M = schema.meta.c
_KEY = "settling"
_ASKED = sa.select(_M.value).where(_M.name == _KEY)
_BEGIN = sa.insert(schema.meta).values(name=_KEY)
_END = sa.delete(schema.meta).where(_M.name == _KEY)


class Settling:
    """Whether this process must still wait.  `learn` first, once, at its beginning."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until_ms: int | None = None

    def learn(self, view: View) -> None:
        """Look whether this database was restored and has not settled since."""
        if view.first(_ASKED) is not None:
            self._until_ms = self._clock.monotonic_ms() + SETTLE_MS

    @property
    def lasts(self) -> bool:
        """Whether nothing may be lit yet."""
        return self._until_ms is not None and not self.is_over

    @property
    def is_over(self) -> bool:
        """Whether it has lasted long enough, and nobody has noted that yet."""
        return self._until_ms is not None and self._clock.monotonic_ms() >= self._until_ms

    def end(self, tx: Tx) -> None:
        """Note that it is over, so that the next start need not wait."""
        tx.run(_END)
        tx.after_commit(self._ended)

    def _ended(self) -> None:
        self._until_ms = None


def begin(tx: Tx) -> None:
    """Let every central that starts on this database wait first."""
    tx.run(_END)  # the backup may have been taken in such a time
    tx.run(_BEGIN, value=tx.now.isoformat())
