"""How this sign is, for the page where the whole fleet is looked at.

Its beats say what it shows, several times a minute; this says how the machine behind it is.
"""

import threading
from collections.abc import Mapping
from pathlib import Path

from contract.wire import DeviceFault, Heartbeat
from device.clock import Clock
from device.heartbeat import Heart, LastError, heartbeat
from device.own_identity import OwnIdentity
from device.session import CentralSession
from device.vitals import PROC, SYS, Machine
from signage.downlink import BEAT_TIMEOUT_S, Downlink
from signage.settings import SignSettings

LIT, DARK, FAULT = "lit", "dark", "fault"
PANEL = "panel"


class OwnLine:
    """The heartbeat's own session, under whatever token the downlink has."""

    def __init__(self, settings: SignSettings, downlink: Downlink) -> None:
        self._url = settings.central.url
        self._downlink = downlink
        self.trust = downlink.trust
        self._token = ""
        self._session: CentralSession | None = None
        self.station = f"/v1/stations/{settings.central.station}"

    @property
    def own(self) -> OwnIdentity:
        """Who we are at central."""
        return self._downlink.own

    @property
    def device(self) -> str:
        """Our id at central; empty before enrolment."""
        identity = self._downlink.identity
        return "" if identity is None else identity.device

    def session(self) -> CentralSession:
        """The telling thread's session."""
        identity = self._downlink.identity
        token = "" if identity is None else identity.token
        if self._session is None or token != self._token:
            self._session = CentralSession(
                self._url, token, timeout=BEAT_TIMEOUT_S, trust=self.trust
            )
            self._token = token
        return self._session


class SignHeart:
    """Tells central how the sign is: `run` is a worker's body, and the deciding loop `note`s its state."""

    def __init__(
        self,
        line: OwnLine,
        clock: Clock,
        folder: Path,
        *,
        proc: Path = PROC,
        sys: Path = SYS,
    ) -> None:
        self._clock = clock
        self._trust = line.trust
        self._lit = False
        self._wrong: dict[str, tuple[int, str]] = {}
        self._machine = Machine(clock, folder, proc, sys)
        self._errors = LastError(clock)
        self._heart = Heart(line, self.state, clock)

    def note(self, faults: Mapping[str, str], *, lit: bool) -> None:
        """Keep what the panel shows and what is wrong, by part; only what came or went is told soon.

        A part without a reason is well.
        """
        self._lit = lit
        wrong = {part: reason for part, reason in faults.items() if reason}
        if wrong.keys() != self._wrong.keys():
            self._heart.soon()
        now_ms = self._clock.monotonic_ms()
        self._wrong = {
            part: (self._wrong[part][0] if part in self._wrong else now_ms, reason)
            for part, reason in wrong.items()
        }

    @property
    def is_first_start(self) -> bool:
        """Whether this process is the first since the machine came up."""
        return self._machine.look().restarts == 0

    def run(self, stopping: threading.Event) -> None:
        """Body of the telling thread."""
        with self._errors.listening():
            self._heart.run(stopping)

    def turn(self) -> bool:
        """Tell central if it is time; whether that was tried."""
        return self._heart.turn()

    def state(self) -> Heartbeat:
        """Say how the sign is now."""
        now_ms = self._clock.monotonic_ms()
        faults = [
            DeviceFault(part=part, since_s=(now_ms - since_ms) // 1000, reason=reason[:200])
            for part, (since_ms, reason) in self._wrong.items()
        ]
        shows = FAULT if PANEL in self._wrong else LIT if self._lit else DARK
        return heartbeat(
            self._clock.boot_id,
            self._machine.look(),
            shows=shows,
            faults=faults + self._trust.faults(),
            last_error=self._errors.text,
        )
