"""What this process remembers beside the database.  All of it may be lost at any time, harmlessly."""

from collections.abc import Callable
from datetime import datetime

from central.clock import Clock
from central.database.listeners import Listeners
from central.database.store import Store
from central.database.tx import View
from central.devices.heard import Heard
from central.devices.pulses import Pulses
from central.line import wait
from central.line.line import InLine, Visit
from central.line.pace import Paces
from central.line.wait import Estimate, Snapshot
from central.places.places import Place, Places
from central.signs.lit import Witness
from central.signs.settling import Settling
from central.words import Nudge
from contract.wire import LEASE_TTL_MAX_MS
from contract.yard import DeviceNotice


class Known:
    """Stations, devices heard, leases witnessed, the pace of the work, and who wants to hear of it."""

    def __init__(self, store: Store, clock: Clock, ttl_ms: int = LEASE_TTL_MAX_MS) -> None:
        self.epoch = store.epoch
        self.clock = clock
        self.places = Places(store)
        self.heard = Heard(clock)
        self.pulses = Pulses(clock)
        self.nudges: Listeners[Nudge] = Listeners()
        self.revoked: Listeners[str] = Listeners()
        # What the box itself lacks, beside the devices that need somebody.
        self.box: Callable[[datetime], list[DeviceNotice]] = lambda _now: []
        self.paces = Paces(shared=store.shared)
        self._ttl_ms = ttl_ms
        self._witnesses: dict[str, Witness] = {}
        self._hinted: dict[str, int] = {}
        self._waits: dict[str, tuple[int, int, dict[str, Estimate]]] = {}
        self.settling = Settling(clock)
        store.read(self.heard.learn)
        store.read(self.pulses.learn)
        store.read(self.settling.learn)
        # A witness that saw what was never committed could let a row go too early.
        store.losses.add(self._witnesses.clear)

    def witness(self, station: str) -> Witness:
        """What this process has seen of the station's leases.  For jobs of that station only."""
        return self._witnesses.setdefault(station, Witness(self._ttl_ms))

    def witnessed(self) -> list[str]:
        """The stations of which there is a witness."""
        return list(self._witnesses)

    def dismiss_witness(self, station: str) -> None:
        """Nothing is lit and nothing is called there: there is nothing to remember."""
        self._witnesses.pop(station, None)

    def first_hint(self, device: str, gone_seq: int) -> bool:
        """Whether *device* was not hinted yet that its row waits for this event; notes that it now is."""
        hinted, self._hinted[device] = self._hinted.get(device), gone_seq
        return hinted != gone_seq

    def wait(self, view: View, place: Place, visits: list[InLine], asked: str) -> Estimate | None:
        """The wait of one visit among the open *visits*, as they are in *view*."""
        means = self.paces.means(view, place.id)
        return wait.estimate(Snapshot(view.now, place.bays, visits, means, asked))

    def waits(self, view: View, place: Place, visits: list[Visit], seq: int) -> dict[str, Estimate]:
        """The waits of all at event *seq*: one replay for each event and minute serves everybody."""
        minute = int(view.now.timestamp() // 60)
        last = self._waits.get(place.id)
        if last is not None and last[:2] == (seq, minute):
            return last[2]
        means = self.paces.means(view, place.id)
        waits = wait.estimates(Snapshot(view.now, place.bays, visits, means))
        self._waits[place.id] = (seq, minute, waits)
        return waits
