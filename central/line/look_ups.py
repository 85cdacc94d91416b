"""A post looks a plate up: the customer is answered at once, and what they are told is written down."""

import logging
import threading
from concurrent.futures import Future, wait
from functools import partial

from central.database.store import Store
from central.known import Known
from central.line import standing
from central.words import Actor
from contract.wire import Standing

log = logging.getLogger(__name__)

# What is told is on disk first when the disk is well; a door that is open must not wait for a slow one.
PATIENCE_S = 0.3


class LookUps:
    """Answers look-ups; of each visit at most one telling is on its way to the disk."""

    def __init__(self, store: Store, known: Known) -> None:
        self._store = store
        self._known = known
        self._lock = threading.Lock()
        self._on_their_way: set[str] = set()

    def status(self, station: str, post: Actor, plate: str) -> Standing | None:
        """Where *plate* stands, if *post* itself took it today; None for all others.

        Raises:
            Problem: `not_found` for a station that is not there, `not_saved` when nothing can be read.
        """
        found = self._store.read(
            lambda view: standing.status(view, self._known, station, post.id, plate)
        )
        if found.is_news and found.standing is not None:
            self._write_down(station, post, found.standing)
        return found.standing

    def _write_down(self, station: str, post: Actor, answer: Standing) -> None:
        with self._lock:
            if answer.visit in self._on_their_way:
                return
            self._on_their_way.add(answer.visit)
        telling = self._store.submit(
            lambda tx: standing.tell(tx, station, post, answer), station=station
        )
        telling.add_done_callback(partial(self._done, station, answer.visit))
        wait([telling], timeout=PATIENCE_S)

    def _done(self, station: str, visit: str, telling: "Future[None]") -> None:
        with self._lock:
            self._on_their_way.discard(visit)
        error = telling.exception()
        if error is not None:
            log.warning("look-up not written down station=%s reason=%s", station, error)
