"""The line to central: one thread asks and brings the answers, one listens for nudges.

Both only bring news to the deciding loop.  What an answer means is the lease engine's business; here
a beat goes out, and either its answer or the fact that there is none comes back.
"""

import logging
import queue
import threading
from collections.abc import Callable
from random import SystemRandom

from contract.problems import UNKNOWN_DEVICE
from contract.wire import Beat, Enrol, Lease, Role
from device.brought_code import BroughtCode
from device.clock import Clock
from device.identity import (
    Identity,
    IdentityBroken,
    board_serial,
    enrol,
    load_identity,
    new_claim,
    save_identity,
)
from device.log import Outage, event
from device.own_identity import OwnIdentity
from device.session import CentralRefused, CentralSession, CentralUnreachable
from device.sse import read_events
from device.trust import Trust
from signage.news import Answered, News, Nudged, Unanswered, nudge
from signage.settings import SignSettings

# Short, because a late answer is worth little: the lease runs from the moment the beat was sent.
BEAT_TIMEOUT_S = (2.0, 3.0)
LOOK_S = 0.25
FIRST_RETRY_S, LAST_RETRY_S = 0.5, 15.0

log = logging.getLogger(__name__)


class BackOff:
    """Waiting times that double, each shortened by chance so that devices do not come back in step."""

    def __init__(self) -> None:
        self._random = SystemRandom()
        self._s = FIRST_RETRY_S

    def reset(self) -> None:
        """Begin again with the shortest."""
        self._s = FIRST_RETRY_S

    def next_s(self) -> float:
        """The next waiting time, in seconds."""
        waited, self._s = self._s, min(self._s * 2, LAST_RETRY_S)
        return self._random.uniform(waited / 2, waited)


class Downlink:
    """The bodies of the two threads, which *bring* news to the loop, and the one beat that may be out."""

    def __init__(
        self, settings: SignSettings, bring: Callable[[News], object], clock: Clock
    ) -> None:
        self._settings = settings
        self.trust = Trust(settings.central.ca_file, clock)
        self._bring = bring
        self._clock = clock
        self._central = Outage(log, "central")
        token_file = settings.identity.token_file
        self._code = BroughtCode(settings.identity.code_file, token_file, settings.central)
        self.lost_token = False
        identity = self._remembered()
        is_brought = self._code.is_new
        # What we were until central has judged the code that somebody brought since.
        self._before = identity if is_brought else None
        self.begins_anew = identity is None or is_brought
        self.own = OwnIdentity(token_file, None if is_brought else identity)
        self._claim = new_claim()
        self._known = threading.Event()
        self._beats: queue.SimpleQueue[Beat] = queue.SimpleQueue()
        self._is_stranger = False
        # What a story is told by: whether central ever answered, and what went wrong since it last did.
        self.answered = False
        self.trouble: Exception | None = None

    @property
    def has_code(self) -> bool:
        """Whether we are somebody, or may be soon: by a code that central has neither taken nor refused."""
        if self.identity is not None:
            return True
        # The other thread may be using the code right now; it keeps the identity before that.
        return self._code.is_new or self.identity is not None

    @property
    def why_not(self) -> str:
        """The reason for which central refused the code that is there; empty when it did not."""
        return self._code.why_not

    @property
    def is_known(self) -> bool:
        """Whether we are enrolled, so that central would listen."""
        return self._known.is_set()

    @property
    def identity(self) -> Identity | None:
        """Who we are at central; None before enrolment."""
        return self.own.now

    def send(self, beat: Beat) -> None:
        """Send *beat*; its answer, or Unanswered, is brought to the loop before the next may go."""
        self._beats.put(beat)

    def ask(self, stopping: threading.Event) -> None:
        """Body of the asking thread: become somebody, then send beats."""
        self._become(stopping)
        token = self._token
        session = self._session(token)
        while not stopping.is_set():
            try:
                beat = self._beats.get(timeout=LOOK_S)
            except queue.Empty:
                continue
            if token != self._token:  # it was renewed, or we were enrolled again
                token = self._token
                session = self._session(token)
            news = self._exchange(session, beat)
            if self._is_stranger and not self.own.refused(token):
                self._enrol_again()
            self._bring(news)

    def listen(self, stopping: threading.Event) -> None:
        """Body of the listening thread: keep the stream of nudges open."""
        wait = BackOff()
        while not stopping.is_set():
            if not self._known.wait(LOOK_S):
                continue
            try:
                self._hear(wait, stopping)
            except (CentralUnreachable, CentralRefused) as error:
                log.debug(event("nudges lost", reason=error))
            stopping.wait(wait.next_s())

    def _hear(self, wait: BackOff, stopping: threading.Event) -> None:
        with self._session(self._token) as session:
            response = session.listen(f"{self._path()}/nudges")
            self._bring(Nudged())  # whatever was said while nobody listened
            for sent in read_events(response):
                wait.reset()
                news = nudge(sent)
                if news is not None:
                    self._bring(news)
                if stopping.is_set():
                    return

    def _exchange(self, session: CentralSession, beat: Beat) -> News:
        self._is_stranger = False
        try:
            lease = session.call("POST", f"{self._path()}/beat", beat, Lease)
        except CentralUnreachable as error:
            self._lost(error, error.why)
        except CentralRefused as error:
            self._lost(error, error)
            self._is_stranger = error.reason == UNKNOWN_DEVICE.reason
        else:
            self.answered, self.trouble = True, None
            self._central.back(self._clock.monotonic_ms())
            return Answered(lease)
        return Unanswered(beat.nonce)

    def _lost(self, error: Exception, reason: object) -> None:
        self.trouble = error
        self._central.lost(self._clock.monotonic_ms(), reason)

    def _become(self, stopping: threading.Event) -> None:
        """Enrol where somebody brought a code, or we are nobody; as long as it takes."""
        wait = BackOff()
        while self.identity is None and not stopping.is_set():
            try:
                self._enrolled()
            except (CentralUnreachable, CentralRefused) as error:
                self._lost(error, error)
            if self._before is not None and not self._code.is_new:
                # A wrong code leaves a sign what it was.
                self.own.become(self.identity or self._before)
            if self.identity is None:
                stopping.wait(wait.next_s() if self._code.is_new else LOOK_S)
        if self.identity is not None:
            self._known.set()

    def _enrol_again(self) -> None:
        """Central does not know us: only a code that was not tried yet can change that."""
        try:
            self._enrolled()
        except (CentralUnreachable, CentralRefused) as error:
            log.warning(event("enrolment failed", reason=error))

    def _enrolled(self) -> None:
        code = self._code.text
        if not self._code.is_new:
            return
        central = self._settings.central
        session = CentralSession(central.url, trust=self.trust)
        with self._code.noting(code), session:
            words = Enrol(code=code, serial=board_serial(), claim=self._claim, role=Role.SIGN)
            identity = enrol(session, central.station, words)
        try:
            save_identity(identity, self._settings.identity.token_file)
        except IdentityBroken as error:
            # The code is used up: better a sign that works until it is switched off than none.
            log.error(event("token not kept", reason=error))  # noqa: TRY400 - the sentence is enough
        # In this order: with a used code and no identity the sign would tell that it wants another.
        self.own.become(identity)
        self._code.used(code)
        log.info(event("enrolled", device=identity.device, name=identity.name, bay=identity.bay))

    def _remembered(self) -> Identity | None:
        """Read who we are; a damaged file must not keep a sign from a new code."""
        try:
            identity = load_identity(self._settings.identity.token_file)
        except IdentityBroken as error:
            log.error(event("identity lost", reason=error))  # noqa: TRY400 - its text says all
            self.lost_token = True
            return None
        if identity is not None:
            self._code.belongs_to_token()
        return identity

    def _session(self, token: str) -> CentralSession:
        url = self._settings.central.url
        return CentralSession(url, token or None, timeout=BEAT_TIMEOUT_S, trust=self.trust)

    @property
    def _token(self) -> str:
        return "" if self.identity is None else self.identity.token

    def _path(self) -> str:
        device = "" if self.identity is None else self.identity.device
        return f"/v1/stations/{self._settings.central.station}/signs/{device}"
