"""A one-time code that central refused: it is shown once, and not again until another one is given.

Five wrong tries void a code.  What was refused is noted beside the token, so that neither the next try nor
a restart brings it again, and `portvakt check` can say it.  A typed one stands beside that of the card.
One that central did not judge, because too many were tried, is noted too: for who waits for the answer.
"""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from contract.problems import CODE_FOR_ANOTHER, CODE_REFUSED, TOO_MANY
from device.central_settings import CentralPlace
from device.files import write_whole
from device.log import event
from device.session import CentralRefused

log = logging.getLogger(__name__)

_OF_THE_CODE = frozenset({CODE_REFUSED.reason, CODE_FOR_ANOTHER.reason})
KEPT = 8
# With less, central is busy with something else than codes.
_BUSY_S = 5
HALF = 4  # what may be said of a code: the other half is its secret


class RefusedCode:
    """What is noted of the code that central at *central* refused, beside *token_file*."""

    def __init__(self, token_file: Path, central: CentralPlace) -> None:
        self._note = token_file.with_name("enrol-code.refused")
        self._where = f"{central.url} {central.station}"
        self._here: dict[str, str] = {}
        self._waits = token_file.with_name("enrol-code.waits")
        self._waiting = ""

    def is_it(self, code: str) -> bool:
        """Whether *code* was refused, there and at that station."""
        return bool(self.why(code))

    def why(self, code: str) -> str:
        """The reason for which *code* was refused; empty when it was not."""
        if not code:
            return ""
        mark = self._marked(code)
        return self._here.get(mark) or self._noted().get(mark, "")

    @contextmanager
    def noting(self, code: str) -> Iterator[None]:
        """Note *code* when central refuses it inside, or does not judge it; any other no says nothing."""
        try:
            yield
        except CentralRefused as error:
            if error.reason in _OF_THE_CODE:
                self.note(code, error.reason)
                self.forget_wait()
            elif error.reason == TOO_MANY.reason and not 0 < error.retry_after_s <= _BUSY_S:
                self.note_wait(code, error.retry_after_s)
            raise
        self.forget_wait()

    def note_wait(self, code: str, seconds: int) -> None:
        """Note that *code* was not judged, and how long central asks to wait; once, for the card's sake."""
        mark = self._marked(code)
        if mark == self._waiting:
            return
        self._waiting = mark
        try:
            write_whole(self._waits, f"{mark} {seconds}\n".encode("ascii"))
        except OSError as error:
            log.warning(event("wait for a code not noted", reason=error.strerror))

    def wait_s(self, code: str) -> int | None:
        """How long central asked to wait with *code*, 0 when it did not say; None when it judged it."""
        try:
            mark, _, seconds = self._waits.read_text("ascii", "replace").strip().partition(" ")
        except OSError:
            return None
        is_it = mark == self._marked(code) and seconds.isdigit()
        return int(seconds) if is_it else None

    def forget_wait(self) -> None:
        """Forget what was noted of a wait: it is tried anew, or was judged."""
        self._waiting = ""
        with suppress(OSError):
            self._waits.unlink(missing_ok=True)

    def note(self, code: str, why: str = CODE_REFUSED.reason) -> None:
        """Remember that *code* was refused; on a disk that takes nothing until we end."""
        noted = self._noted() | self._here
        noted.pop(mark := self._marked(code), None)
        self._here = dict([*noted.items(), (mark, why)][-KEPT:])
        log.error(event("central refused the code", begins=begins(code), reason=why))
        try:
            lines = (f"{mark} {why}\n" for mark, why in self._here.items())
            write_whole(self._note, "".join(lines).encode("ascii"))
        except OSError as error:
            log.warning(event("refused code not noted", reason=error.strerror))

    def _noted(self) -> dict[str, str]:
        try:
            lines = self._note.read_text("ascii", "replace").splitlines()
        except OSError:
            return {}
        words = (line.partition(" ") for line in lines if line.strip())
        # An older release noted no reason.
        return {mark: why or CODE_REFUSED.reason for mark, _, why in words}

    def _marked(self, code: str) -> str:
        # Corrected settings make it another try.
        return hashlib.sha256(f"{self._where} {signs(code)}".encode()).hexdigest()


def begins(code: str) -> str:
    """The first half of *code*, by which people tell codes apart."""
    return signs(code)[:HALF]


def signs(code: str) -> str:
    """*code* without what people write between its signs."""
    return "".join(sign for sign in code.upper() if sign.isalnum())
