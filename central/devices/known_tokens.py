"""Whose a device's token is, asked for every call; a next token becomes the only one by its first use."""

import threading
from functools import partial

from central.database.store import Store
from central.database.tx import Row, Tx
from central.devices import device_tokens
from central.known import Known
from central.words import Actor, Nudge
from contract.problems import Problem


class KnownTokens:
    """The tokens of one database.

    What they belong to is remembered, but not where another process may revoke or replace them.
    """

    def __init__(self, store: Store, known: Known) -> None:
        self._store = store
        self._known = known
        self._rows: dict[str, Row] = {}
        self._changes = 0
        self._lock = threading.Lock()

    def row(self, token: str) -> Row | None:
        """The row of the device that this token belongs to; None when it is nobody's, or void."""
        digest = device_tokens.sha256(token)
        with self._lock:
            found, changes = self._rows.get(digest), self._changes
        if found is not None:
            return found
        row, is_next = self._store.read(lambda view: device_tokens.find(view, digest))
        if row is None:
            return None
        if is_next:
            return self._first_use(digest, row)
        with self._lock:
            # What was read before a change was committed must not be remembered after it.
            if changes == self._changes and not self._store.shared:
                self._rows[digest] = row
        return row

    def forget(self) -> None:
        """Something about a device has changed."""
        with self._lock:
            self._changes += 1
            self._rows.clear()

    def _first_use(self, digest: str, row: Row) -> Row | None:
        """Make a next token the only one, before it opens anything.

        When that cannot be saved both work on: a device is not shut out by a full disk.
        """
        try:
            self._store.write(lambda tx: self._promote(tx, digest, row), station=row.station)
        except Problem:
            return row
        return self._store.read(lambda view: device_tokens.find(view, digest))[0]

    def _promote(self, tx: Tx, digest: str, row: Row) -> None:
        tx.after_commit(self.forget)
        if device_tokens.promote(tx, digest, Actor(row.role, row.id, row.name)):
            # Whoever listens by the old token has to show the new one.
            tx.after_commit(partial(self._known.revoked.tell, row.id))
            tx.after_commit(partial(self._known.nudges.tell, Nudge(row.station, row.id)))
