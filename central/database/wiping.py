"""No bytes of what was erased: SQLite's file written anew, and its log emptied.

An erased row leaves more behind than `secure_delete` wipes: when a page is split or put in order, copies of
its cells stay in the gap between the pointers and the content, and those that have moved to a neighbour are
wiped there only (some 2 of 10,000 plates after a random year).  Nothing but VACUUM leaves those gaps
behind; a little at a time is not to be had, since SQLite does not say which pages a cell has ever been on.

The old pages then stand in the file until the log is brought into it, and in the log until that is
truncated (sqlite.org/pragma.html#pragma_wal_checkpoint).
"""

import logging
import sqlite3
import time
from collections.abc import Callable

from central import schema
from central.database.tx import View

_log = logging.getLogger(__name__)

# A check of the queue each millisecond or so; more often would cost more than the copying.
_OPCODES = 10_000
# Those that read when the file was written anew are off in a moment; a backup is not.
TRIES = 20
PAUSE_S = 0.05

Work = Callable[[sqlite3.Connection], bool]
Alone = Callable[[Work], bool]


class Impatience:
    """Says True once somebody has waited for *patience_s*."""

    def __init__(
        self,
        nobody_waits: Callable[[], bool],
        patience_s: float,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._nobody_waits = nobody_waits
        self._patience_s = patience_s
        self._now_s = now_s
        self._since_s: float | None = None

    def __call__(self) -> bool:
        """Whether it is enough."""
        now_s = self._now_s()
        if self._nobody_waits():
            self._since_s = None
        elif self._since_s is None:
            self._since_s = now_s
        return self._since_s is not None and now_s - self._since_s > self._patience_s


def wipe(alone: Alone, give_up: Callable[[], bool], pause: Callable[[float], None]) -> bool:
    """Leave no bytes of erased rows; *alone* runs a piece on the writer's connection, between two commits.

    *give_up* is asked while the file is copied: the first half of a VACUUM can be broken off, and then
    nothing was changed.  Gives whether it is done; if not, somebody waited or read for long: try later.
    """
    # Who reads for long would keep the log full whatever is written into it.
    if not alone(_truncate) or not alone(lambda raw: _vacuum(raw, give_up)):
        return False
    for _ in range(TRIES):
        if alone(_truncate):
            return True
        pause(PAUSE_S)
    return False


def _truncate(raw: sqlite3.Connection) -> bool:
    """Empty the log, unless somebody reads from it: the line must not wait for them."""
    (patience_ms,) = raw.execute("PRAGMA busy_timeout").fetchone()
    raw.execute("PRAGMA busy_timeout=0")
    try:
        busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        raw.execute(f"PRAGMA busy_timeout={patience_ms}")
    return not busy


def _vacuum(raw: sqlite3.Connection, give_up: Callable[[], bool]) -> bool:
    begun_s = time.perf_counter()
    raw.set_progress_handler(give_up, _OPCODES)
    try:
        raw.execute("VACUUM")
    except sqlite3.OperationalError as error:
        _log.info("file not written anew reason=%s", error)
        return False
    finally:
        raw.set_progress_handler(None, 0)
    _log.info("file written anew took_s=%.2f", time.perf_counter() - begun_s)
    return True


def nobody_waits(view: View) -> bool:
    """Whether no vehicle is at any station, so that a line that stands still makes nobody wait."""
    return view.first(_ANYBODY) is None


_ANYBODY = schema.visit.select().where(schema.IS_OPEN).limit(1)
