"""The thread that makes a post somebody: it tries the typed code, and tells the loop who we are."""

import logging
import math
import queue
import threading
from collections.abc import Callable

from contract.problems import CODE_FOR_ANOTHER, CODE_REFUSED, TOO_MANY
from device.log import event
from device.session import CentralRefused, CentralUnreachable, CentralUntrusted
from kiosk.becoming import CodeTried, WeAre
from kiosk.enrolling import Outcome, Who
from kiosk.uplink import Uplink

log = logging.getLogger(__name__)

LOOK_S = 0.25
_OF_THE_CODE = {
    CODE_REFUSED.reason: Outcome.REFUSED,
    CODE_FOR_ANOTHER.reason: Outcome.OTHER_KIND,
}
_SHORTEST_MIN, _LONGEST_MIN = 2, 60


class Enrolment:
    """Tries codes over *uplink*; `run` is a worker's body, and *put* takes its news."""

    def __init__(self, uplink: Uplink, put: Callable[[WeAre | CodeTried], object]) -> None:
        self._uplink = uplink
        self._put = put
        self._codes: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._who: Who | None = None

    def try_code(self, code: str) -> None:
        """Ask central to take this post by *code*; any thread."""
        self._codes.put(code)

    def run(self, stopping: threading.Event) -> None:
        """Body of the thread."""
        while not stopping.is_set():
            self.look()
            try:
                code = self._codes.get(timeout=LOOK_S)
            except queue.Empty:
                continue
            self.tried(code)

    def look(self) -> None:
        """Say who we are when that changed: another thread may have enrolled by the code on the card."""
        who = self._uplink.who
        if who is self._who:
            return
        card_refused = self._who is Who.CARD and who is Who.NOBODY
        self._who = who
        self._put(WeAre(who, self._of_the_card() if card_refused else Outcome.NONE))

    def tried(self, code: str) -> None:
        """Trade *code* for an identity, and say what came of it."""
        try:
            self._uplink.become(code)
        except CentralRefused as error:
            self._failed(*outcome_of(error))
        except CentralUntrusted:
            self._failed(Outcome.UNTRUSTED)
        except CentralUnreachable:
            self._failed(Outcome.UNREACHED)
        else:
            self._uplink.worked()
            self.look()

    def _of_the_card(self) -> Outcome:
        return _OF_THE_CODE.get(self._uplink.why_not, Outcome.REFUSED)

    def _failed(self, outcome: Outcome, minutes: int = 0) -> None:
        log.warning(event("typed code did not work", outcome=outcome))
        self._put(CodeTried(outcome, minutes))


def outcome_of(error: CentralRefused) -> tuple[Outcome, int]:
    """What a no to a code means to whoever typed it, and how many minutes to wait."""
    if error.reason in _OF_THE_CODE:
        return _OF_THE_CODE[error.reason], 0
    if error.reason == TOO_MANY.reason:
        minutes = math.ceil(error.retry_after_s / 60)
        return Outcome.TOO_MANY, min(max(minutes, _SHORTEST_MIN), _LONGEST_MIN)
    return Outcome.FAILS, 0
