"""The line to central: who we are there, and whether it answers.

Deliveries, questions, calls for help and heartbeats use it, each from its own thread, so that a slow one
delays no other.
"""

import logging
import threading
from collections.abc import Callable
from datetime import tzinfo
from functools import partial
from pathlib import Path

from contract.problems import UNKNOWN_DEVICE
from contract.wire import Enrol, Role
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
from device.session import CentralRefused, CentralSession, CentralUnreachable, CentralUnreadable
from device.trust import Trust
from kiosk.backoff import BackOff
from kiosk.enrolling import Who
from kiosk.happenings import Happening, Link
from kiosk.settings import PostSettings

log = logging.getLogger(__name__)

Bring = Callable[[Happening], object]
MakeSession = Callable[[str, str | None], CentralSession]

# Long enough for a busy central's disk, short beside a customer's patience.
TIMEOUT_S = (3.05, 5.0)
SERVER_ERROR = 500


def is_doubtful(error: CentralUnreachable | CentralRefused) -> bool:
    """Whether *error* may be about this one request and not about central: a 5xx, or no words of its own."""
    if isinstance(error, CentralRefused):
        return error.status >= SERVER_ERROR
    return isinstance(error, CentralUnreadable)


def central_session(url: str, token: str | None, trust: Trust | None = None) -> CentralSession:
    """Make a session with the post's deadlines."""
    return CentralSession(url, token, timeout=TIMEOUT_S, trust=trust)


class NotEnrolled(CentralUnreachable):
    """We have no token, and nothing to get one by."""


class Uplink:
    """Sessions with our token, one for each thread, and news of the line to *bring*.

    A post that central does not know keeps its token and goes on trying; only a code that was not
    tried before makes it enrol again.
    """

    def __init__(
        self,
        settings: PostSettings,
        clock: Clock,
        bring: Bring,
        make_session: MakeSession | None = None,
    ) -> None:
        self._settings = settings
        self.trust = Trust(settings.central.ca_file, clock)
        self._clock = clock
        self._bring = bring
        self._make_session = make_session or partial(central_session, trust=self.trust)
        self._own = threading.local()
        self._lock = threading.Lock()
        self._outage = Outage(log, "central")
        token_file = settings.identity.token_file
        self.lost_token = False
        self._code = BroughtCode(settings.identity.code_file, token_file, settings.central)
        identity = self._remembered(token_file)
        is_brought = self._code.is_new
        self.own = OwnIdentity(token_file, None if is_brought else identity)
        # What we were until central has judged the code that somebody brought since.
        self._shut_out = identity if is_brought else None
        # What a story is told by: whether central ever answered, and what went wrong since it last did.
        self.answered = False
        self.trouble: Exception | None = None
        self._claim = new_claim()
        self._no_to_code: CentralRefused | None = None
        self._epoch = ""
        self.when_back: Callable[[], object] = bool

    @property
    def station(self) -> str:
        """The path under which our station's calls live."""
        return f"/v1/stations/{self._settings.central.station}"

    @property
    def device(self) -> str:
        """Our id at central; empty before enrolment."""
        identity = self.own.now
        return "" if identity is None else identity.device

    @property
    def who(self) -> Who:
        """Who we are.  A post that was somebody once goes on taking plates, whatever became of its token."""
        if self._is_known:
            return Who.KNOWN
        is_new = self._code.is_new
        if self._is_known:  # another thread has just used the code: only then is it no new one
            return Who.KNOWN
        return Who.CARD if is_new else Who.NOBODY

    @property
    def _is_known(self) -> bool:
        return self.own.now is not None or self._shut_out is not None or self.lost_token

    @property
    def why_not(self) -> str:
        """The reason for which central refused the code on our card; empty when it did not."""
        return self._code.why_not

    @property
    def zone(self) -> tzinfo:
        """The station's time zone."""
        return self._settings.zone

    @property
    def epoch(self) -> str:
        """The name of the database that answered last; empty before that, or when none was said."""
        return self._epoch

    def back_off(self) -> BackOff:
        """Waiting times as the station set them."""
        central = self._settings.central
        return BackOff(central.first_retry_s, central.last_retry_s)

    def session(self) -> CentralSession:
        """The calling thread's own session.

        Raises:
            CentralUnreachable: we are not enrolled and cannot be now.
            CentralRefused: central does not take our code.
        """
        with self._lock:
            identity = self.own.now or self._enrolled()
        if getattr(self._own, "token", None) != identity.token:
            self._own.session = self._make_session(self._settings.central.url, identity.token)
            self._own.token = identity.token
        session: CentralSession = self._own.session
        return session

    def worked(self, epoch: str = "") -> None:
        """Note that central answered, from the database named *epoch* if it said so.

        After an outage, and when it is another database than before, `when_back` is called.
        """
        with self._lock:
            is_news = self._outage.is_on or epoch not in {"", self._epoch}
            self._epoch = epoch or self._epoch
            self.answered, self.trouble = True, None
            self._outage.back(self._clock.monotonic_ms())
        self._bring(Link(True))
        if is_news:
            self.when_back()

    def failed(self, error: CentralUnreachable | CentralRefused) -> bool:
        """Note an answer that was none, or a no; true when central could not be used at all."""
        reason = error.reason if isinstance(error, CentralRefused) else ""
        stranger = reason == UNKNOWN_DEVICE.reason
        # A code that is not taken says nothing about the plate that was to be sent after it.
        outside = stranger or error is self._no_to_code
        away = isinstance(error, CentralUnreachable) or outside or error.status >= SERVER_ERROR
        if not away:
            self.worked()
            return False
        with self._lock:
            if not isinstance(error, NotEnrolled):  # why we are not is known already
                self.trouble = error
            self._outage.lost(self._clock.monotonic_ms(), error)
            if stranger and self._is_stranger() and self._code.is_new:
                self._shut_out = self.own.now
                self.own.become(None)
        self._bring(Link(False))
        return True

    def _enrolled(self) -> Identity:
        code, url = self._code.text, self._settings.central.url
        if not code:
            raise NotEnrolled(url, "this post is not enrolled; give it a code")
        if not self._code.is_new:
            raise NotEnrolled(url, "our code is used or was refused; give this post a new one")
        try:
            identity = self._traded(code)
        except CentralRefused as error:
            self._no_to_code = error
            # A wrong code leaves a post what it was; and central may come to know the token again.
            if not self._code.is_new:
                self.own.become(self._shut_out)
            raise
        return self._kept(identity, code)

    def _traded(self, code: str) -> Identity:
        central = self._settings.central
        with self._code.noting(code), self._make_session(central.url, None) as session:
            words = Enrol(code=code, serial=board_serial(), claim=self._claim, role=Role.POST)
            return enrol(session, central.station, words)

    def _kept(self, identity: Identity, code: str) -> Identity:
        try:
            save_identity(identity, self._settings.identity.token_file)
        except IdentityBroken as error:  # the code is used up, so at least this run must have it
            log.error(event("identity not kept", reason=error))  # noqa: TRY400 - its text says all
        # In this order: with a used code and no identity the post would ask its customers for another.
        self.own.become(identity)
        self._code.used(code)
        log.info(event("enrolled", device=identity.device, name=identity.name))
        return identity

    def become(self, code: str) -> None:
        """Enrol by *code*, which somebody typed; nothing happens when we have become somebody meanwhile.

        Raises:
            CentralUnreachable: the code may still be good.
            CentralRefused: ask for another code.
        """
        with self._lock:
            if self.own.now is not None:
                return
            try:
                self._kept(self._traded(code), code)
            except (CentralUnreachable, CentralRefused) as error:
                self.trouble = error
                raise

    def _is_stranger(self) -> bool:
        """Whether central knows no token of ours, as far as the one of this thread's session can tell."""
        return not self.own.refused(getattr(self._own, "token", ""))

    def _remembered(self, token_file: Path) -> Identity | None:
        """Read who we are; a damaged file must not keep a post from taking plates."""
        try:
            identity = load_identity(token_file)
        except IdentityBroken as error:
            log.error(event("identity lost", reason=error))  # noqa: TRY400 - its text says all
            self.lost_token = True
            return None
        if identity is not None:
            self._code.belongs_to_token()
        return identity
