"""What a machine tells central once a minute, from a process that lives when post and sign do not.

It holds up nothing and decides nothing: what central wants is written down for the fetcher, and an answer
leaves a mark by which the updater judges whether a new release still reaches central.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from pathlib import Path
from random import SystemRandom

import msgspec

from contract.fleet import MachineHeard, MachineSaid
from contract.problems import UNKNOWN_DEVICE
from device.clock import Clock, SystemClock
from device.files import write_whole
from device.log import Outage, event, set_up
from device.machine.facts import Machine
from device.machine.places import Places
from device.machine.records import is_on_trial
from device.machine.whom import NotEnrolled, Whom, whom
from device.session import CentralRefused, CentralSession, CentralUnreachable
from device.settings import SettingsError
from device.state_file import runtime_folder
from device.supervise import Loop, stop_on_signals
from device.trust import Trust
from device.vitals import uptime_s

log = logging.getLogger(__name__)

EVERY_MS, SHORTEST_MS, LONGEST_MS = 60_000, 5_000, 600_000
# After a boot the network is seldom there at once; the fourth wait and the later ones are EVERY_MS.
AGAIN_MS = (5_000, 10_000, 20_000)
# Central is of an older release; it may be replaced by a newer one while we run.
UNKNOWN_MS = 600_000
TICK_MS = 1_000
STRANGER = 75  # sysexits.h, EX_TEMPFAIL: systemd starts us again, with the token that is there then
REACHED, REFUSED = "reached", "refused"
SERVER_ERROR = 500
# A machine that was just set up is soon enrolled, and its heartbeat shall not be late.
FRESH_S = 3_600
_UNKNOWN = frozenset({404, 405})
_SHORTER, _WHOLE = 0.9, 1.0
_FOR_ALL = 0o644
_RANDOM = SystemRandom()

MakeSession = Callable[[Whom], CentralSession]


class Stranger(Exception):
    """Central does not know the token that systemd gave us, or there is none; end, to be given another."""


class MachineHeart:
    """Sends what *said* says, as often as central asks for it.

    *folder* is the process's own runtime folder; *make_session* gives the way to central.
    """

    def __init__(
        self,
        places: Places,
        clock: Clock,
        said: Callable[[], MachineSaid],
        folder: Path | None,
        make_session: MakeSession | None = None,
        find: Callable[[Path], Whom] = whom,
        spread: Callable[[float, float], float] = _RANDOM.uniform,
    ) -> None:
        self._places = places
        self._clock = clock
        self._said = said
        self._folder = folder
        self._make_session = make_session or self._session
        self._find = find
        self._spread = spread
        self._outage = Outage(log, "machine heartbeat")
        self._due_ms = self._begun_ms = clock.monotonic_ms()
        self._is_unknown = False
        self._missed = 0
        self._whom: Whom | None = None
        self._line: CentralSession | None = None

    def turn(self) -> bool:
        """Tell central if it is time; whether that was tried.

        Raises:
            Stranger: with this token we shall not be heard.
        """
        if self._clock.monotonic_ms() < self._due_ms:
            return False
        wait_ms = self._told()
        self._due_ms = self._clock.monotonic_ms() + round(wait_ms * self._spread(_SHORTER, _WHOLE))
        return True

    def _told(self) -> int:
        """Send one; give the wait before the next."""
        try:
            us = self._find(self._places.settings)
            path = f"{us.path}/devices/{us.device}/machine"
            heard = self._session_of(us).call("POST", path, self._said(), MachineHeard)
        except NotEnrolled as error:
            self._lost(error)
            return self._with_other_token("", EVERY_MS)
        except CentralRefused as error:
            return self._refused(error)
        except CentralUnreachable as error:
            self._lost(error)
            return self._again_ms()
        except SettingsError as error:
            self._lost(error)
            return EVERY_MS
        self._missed = 0
        self._outage.back(self._clock.monotonic_ms())
        self._is_unknown = False
        self._reached()
        self._keep(heard)
        return min(max(heard.every_s * 1000, SHORTEST_MS), LONGEST_MS)

    def _refused(self, error: CentralRefused) -> int:
        # The way is good, whatever was said: also by a proxy whose central is down.
        self._reached()
        if error.status >= SERVER_ERROR:
            self._lost(error)
            return self._again_ms()
        self._missed = 0
        if error.reason == UNKNOWN_DEVICE.reason and self._whom is not None:
            self._lost(error)
            return self._with_other_token(self._whom.token, EVERY_MS)
        if error.status in _UNKNOWN:
            if not self._is_unknown:
                again_s = UNKNOWN_MS // 1000
                log.info(event("machine heartbeat not known to central", again_s=again_s))
            self._is_unknown = True
            return UNKNOWN_MS
        self._lost(error)
        return EVERY_MS

    def _again_ms(self) -> int:
        """How long to wait after one that central did not take: not long at first."""
        self._missed += 1
        return AGAIN_MS[self._missed - 1] if self._missed <= len(AGAIN_MS) else EVERY_MS

    def _with_other_token(self, token: str, wait_ms: int) -> int:
        """End, so that systemd starts us with the token that is there then.

        Not at once when that was no news, or the log of a revoked machine would fill; and not while a
        release is watched, which would be blamed for it.
        """
        if is_on_trial(self._places):
            return wait_ms
        begun_s = (self._clock.monotonic_ms() - self._begun_ms) // 1000
        is_old = (uptime_s(self._places.proc) or 0) > FRESH_S
        patience_s = LONGEST_MS // 1000 if is_old and self._was_refused(token) else 0
        if begun_s >= patience_s:
            self._note_refused(token)
            raise Stranger
        return wait_ms

    def _was_refused(self, token: str) -> bool:
        try:
            return self._folder is not None and (
                (self._folder / REFUSED).read_text("ascii") == _mark(token)
            )
        except OSError:
            return False

    def _note_refused(self, token: str) -> None:
        self._write(REFUSED, _mark(token).encode())

    def _reached(self) -> None:
        self._write(REACHED, b"")

    def _write(self, name: str, content: bytes) -> None:
        if self._folder is None:
            return
        try:
            write_whole(self._folder / name, content, _FOR_ALL)
        except OSError as error:
            log.warning(event("mark not written", name=name, reason=error.strerror))

    def _keep(self, heard: MachineHeard) -> None:
        """Write down what central wants, when that is something else than before."""
        words = msgspec.to_builtins(heard)
        path = self._places.wanted
        try:
            if path.exists() and _without_time(path.read_bytes()) == words:
                return
            words["heard_at"] = self._clock.now().isoformat()
            write_whole(path, json.dumps(words).encode() + b"\n", _FOR_ALL)
        except OSError as error:
            log.warning(event("wanted release not kept", path=path, reason=error.strerror))
            return
        wanted = heard.wanted.release if heard.wanted else "none"
        log.info(event("central wants", release=wanted))

    def _session_of(self, us: Whom) -> CentralSession:
        if self._line is None or us != self._whom:
            self._line, self._whom = self._make_session(us), us
        return self._line

    def _session(self, us: Whom) -> CentralSession:
        return CentralSession(
            us.central.url, us.token, trust=Trust(us.central.ca_file, self._clock)
        )

    def _lost(self, error: Exception) -> None:
        self._is_unknown = False
        self._outage.lost(self._clock.monotonic_ms(), error)


def run(places: Places | None = None) -> int:
    """Serve until a signal: 0 then, `STRANGER` when another token is wanted."""
    set_up()
    places, clock = places or Places(), SystemClock()
    heart = MachineHeart(places, clock, Machine(places, clock).said, runtime_folder())
    loop: Loop[None] = Loop(tick_ms=TICK_MS)
    stop_on_signals(loop)
    try:
        loop.run(bool, heart.turn)
    except Stranger:
        return STRANGER
    return 0


def _mark(token: str) -> str:
    """By what we know a token again; nobody can use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def _without_time(content: bytes) -> object:
    try:
        found = json.loads(content)
    except ValueError:
        return None
    if isinstance(found, dict):
        found.pop("heard_at", None)
    return found
