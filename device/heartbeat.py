"""How a device is, told to central once a minute and soon after something changed.

A heartbeat holds up nothing: it has its own thread and its own session, and when central does not
take it that is logged once and tried again.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import SystemRandom
from typing import Protocol

from msgspec import structs

from contract.masking import fitting
from contract.wire import DeviceFault, Heartbeat, HeartbeatHeard, OutboxFacts
from device.clock import Clock
from device.log import Outage, event, mask_plates
from device.own_identity import OwnIdentity
from device.rotation import Rotation
from device.session import CentralRefused, CentralSession, CentralUnreachable
from device.vitals import Vitals, release

log = logging.getLogger(__name__)

LOOK_S = 0.25
EVERY_MS = 60_000
SHORTEST_MS, LONGEST_MS = 5_000, 600_000
# News does not wait for its turn, but a contact that flickers must not become a flood.
PAUSE_MS = 5_000
# Central is of an older release; it may be replaced by a newer one while we run.
UNKNOWN_MS = 600_000
_UNKNOWN = frozenset({404, 405})
# A little shorter by chance: after a power cut all devices of a station begin at the same moment.
_SHORTER, _WHOLE = 0.9, 1.0

ERROR_AGES_MS = 24 * 3_600_000

Spread = Callable[[float, float], float]
_RANDOM = SystemRandom()


class Line(Protocol):
    """A device's own way to central."""

    @property
    def station(self) -> str:
        """The path under which our station's calls live."""

    @property
    def device(self) -> str:
        """Our id there; empty before enrolment."""

    @property
    def own(self) -> OwnIdentity:
        """Who we are there, with the token that all our threads use."""

    def session(self) -> CentralSession:
        """The calling thread's own session."""


class Heart:
    """Sends what *state* says over *line*, as often as central asks for it; a worker's body is `run`."""

    def __init__(
        self,
        line: Line,
        state: Callable[[], Heartbeat],
        clock: Clock,
        spread: Spread = _RANDOM.uniform,
    ) -> None:
        self._line = line
        self._state = state
        self._clock = clock
        self._spread = spread
        self._outage = Outage(log, "heartbeat")
        self._rotation = Rotation(line, clock)
        self._is_unknown = False
        self._news = threading.Event()
        self._due_ms = self._soonest_ms = clock.monotonic_ms()

    def soon(self) -> None:
        """Something came or went: tell it within two seconds, but not twice within five; any thread."""
        self._news.set()

    def run(self, stopping: threading.Event) -> None:
        """Body of the telling thread."""
        while not stopping.wait(LOOK_S):
            self.turn()

    def turn(self) -> bool:
        """Tell central if it is time; whether that was tried."""
        now_ms = self._clock.monotonic_ms()
        at_ms = self._soonest_ms if self._news.is_set() else self._due_ms
        if now_ms < at_ms or not self._line.device:
            return False
        self._news.clear()  # what comes from now on may be missing in this one
        wait_ms = self._told()
        now_ms = self._clock.monotonic_ms()
        self._soonest_ms = now_ms + (UNKNOWN_MS if self._is_unknown else PAUSE_MS)
        self._due_ms = now_ms + round(wait_ms * self._spread(_SHORTER, _WHOLE))
        return True

    def _told(self) -> int:
        """Send one; give the wait before the next."""
        path = f"{self._line.station}/devices/{self._line.device}/heartbeat"
        state = self._state()
        faults = [*state.faults, *self._rotation.faults()]
        body = fitting(structs.replace(state, faults=faults))
        try:
            heard = self._line.session().call("POST", path, body, HeartbeatHeard)
        except CentralRefused as error:
            if error.status in _UNKNOWN:
                return self._not_known()
            self._lost(error)
            return EVERY_MS
        except CentralUnreachable as error:
            self._lost(error)
            return EVERY_MS
        self._outage.back(self._clock.monotonic_ms())
        self._is_unknown = False
        if heard.new_token and self._rotation.fetch():
            self.soon()  # by its first use the old token is void
        return min(max(heard.every_s * 1000, SHORTEST_MS), LONGEST_MS)

    def _not_known(self) -> int:
        if not self._is_unknown:
            log.info(event("heartbeat not known to central", again_s=UNKNOWN_MS // 1000))
        self._is_unknown = True
        self._outage.back(self._clock.monotonic_ms())
        return UNKNOWN_MS

    def _lost(self, error: Exception) -> None:
        self._is_unknown = False
        self._outage.lost(self._clock.monotonic_ms(), error)


class LastError(logging.Handler):
    """The first line of the last error that was logged, for a day; plates masked."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(logging.ERROR)
        self._clock = clock
        self._said: tuple[int, str] | None = None
        self.addFilter(mask_plates)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it; never the traceback, whose lines may hold a plate."""
        try:
            text = record.getMessage().splitlines()
        except (TypeError, ValueError):  # its arguments do not fit; whoever logs must not suffer
            self.handleError(record)
            return
        self._said = self._clock.monotonic_ms(), text[0] if text else ""

    @property
    def text(self) -> str:
        """What it was; empty when there was none within a day."""
        said = self._said
        if said is None or self._clock.monotonic_ms() - said[0] > ERROR_AGES_MS:
            return ""
        return said[1]

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear every log line of the process meanwhile."""
        root = logging.getLogger()
        root.addHandler(self)
        try:
            yield
        finally:
            root.removeHandler(self)


def heartbeat(
    boot_id: str,
    vitals: Vitals,
    *,
    shows: str = "",
    drawn_s: int | None = None,
    outbox: OutboxFacts | None = None,
    faults: list[DeviceFault] | None = None,
    last_error: str = "",
) -> Heartbeat:
    """Write down how a device is; `contract.masking.fitting` makes it fit to travel."""
    return Heartbeat(
        release=release(),
        boot=boot_id,
        uptime_s=vitals.uptime_s or 0,
        process_s=vitals.process_s,
        restarts=vitals.restarts,
        clock_synced=vitals.clock_synced,
        under_voltage=vitals.under_voltage,
        temperature_c=vitals.temperature_c,
        disk_free_mb=vitals.disk_free_mb,
        outbox=outbox,
        shows=shows,
        drawn_s=drawn_s,
        faults=faults or [],
        last_error=last_error,
    )
