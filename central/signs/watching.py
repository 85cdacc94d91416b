"""Once a second: rows whose leases have run out are let go, and who has fallen silent is noticed."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from central.database.store import Store
from central.database.tx import View
from central.devices import heartbeats
from central.known import Known
from central.signs import sweep
from central.troubles import Troubles
from contract.problems import Problem


class Watching:
    """The devices of all stations, as one process watches them; what fails at one is a trouble of its own."""

    def __init__(self, store: Store, known: Known, troubles: Troubles) -> None:
        self._store = store
        self._known = known
        self._troubles = troubles

    def tick(self) -> None:
        """Look after the signs and posts of every station; Problem `not_saved` when the database is away."""
        try:
            self._let_go()
            if self._store.shared:
                self._store.read(self._look)
        except Problem:
            self._was_deaf()
            raise
        for station, silent in self._known.heard.fallen_silent().items():
            notice = partial(sweep.notice_silence, known=self._known, devices=silent)
            with self._apart(station):
                self._store.write(notice, station)
        for station, silent in self._known.pulses.fallen_silent().items():
            missed = partial(heartbeats.notice_silence, known=self._known, devices=silent)
            with self._apart(station):
                self._store.write(missed, station)

    def settle(self) -> None:
        """End the time after a restore once it has lasted long enough."""
        if self._known.settling.is_over:
            self._store.write(lambda tx: sweep.settle(tx, self._known))

    def _let_go(self) -> None:
        stations = self._store.read(sweep.lit_stations) | set(self._known.witnessed())
        # Handed in together: behind one writer they are one commit.
        jobs = [
            (
                station,
                self._store.submit(
                    partial(sweep.let_go, known=self._known, station=station), station
                ),
            )
            for station in sorted(stations)
        ]
        for station, job in jobs:
            with self._apart(station):
                job.result()

    @contextmanager
    def _apart(self, station: str) -> Iterator[None]:
        with self._troubles.apart("signs", station):
            try:
                yield
            except Problem:
                self._was_deaf(station)
                raise

    def _look(self, view: View) -> None:
        """See what other processes have heard."""
        self._known.heard.look(view)
        self._known.pulses.look(view)

    def _was_deaf(self, station: str | None = None) -> None:
        self._known.heard.was_deaf(station)
        self._known.pulses.was_deaf(station)
