"""Our next token: fetched when a heartbeat's answer says so, saved before it is used."""

import logging
from typing import Protocol

from contract.accounts import NewToken
from contract.wire import DeviceFault
from device.clock import Clock
from device.identity import IdentityBroken
from device.log import event
from device.own_identity import OwnIdentity
from device.session import CentralRefused, CentralSession, CentralUnreachable

log = logging.getLogger(__name__)

TOKEN = "token"  # noqa: S105 - the part that fails


class Line(Protocol):
    """A device's own way to central."""

    @property
    def station(self) -> str:
        """The path under which our station's calls live."""

    @property
    def own(self) -> OwnIdentity:
        """Who we are there."""

    def session(self) -> CentralSession:
        """The calling thread's own session."""


class Rotation:
    """Fetches a new token over *line*.  Whatever fails, the old one works on and central asks us again."""

    def __init__(self, line: Line, clock: Clock) -> None:
        self._line = line
        self._clock = clock
        self._unkept: tuple[int, str] | None = None

    def fetch(self) -> bool:
        """Ask for the next token, save it, use it; whether that was done."""
        own = self._line.own
        if own.now is None:
            return False
        path = f"{self._line.station}/devices/{own.now.device}/token"
        try:
            own.check_kept()  # a token that cannot be kept is not asked for
            own.renew(self._line.session().call("POST", path, None, NewToken).token)
        except IdentityBroken as error:
            self._not_kept(error)
            return False
        except (CentralUnreachable, CentralRefused) as error:
            log.info(event("new token not fetched", reason=error))
            return False
        self._unkept = None
        log.info(event("token renewed"))
        return True

    def faults(self) -> list[DeviceFault]:
        """What is wrong with our token file, for the heartbeat."""
        if self._unkept is None:
            return []
        since_ms, reason = self._unkept
        since_s = (self._clock.monotonic_ms() - since_ms) // 1000
        return [DeviceFault(part=TOKEN, since_s=since_s, reason=reason[:200])]

    def _not_kept(self, error: IdentityBroken) -> None:
        if self._unkept is None:
            reason = f"{error.path} cannot be written; the old token stays in use."
            self._unkept = self._clock.monotonic_ms(), reason
            log.error(event("new token not kept", reason=reason))
