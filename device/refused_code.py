"""A one-time code that central refused: it is shown once, and not again until another one is given.

Five wrong tries void a code.  What was refused is noted beside the token, so that neither the next try nor
a restart brings it again, and `portvakt check` can say it.
"""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contract.problems import CODE_REFUSED
from device.central_settings import CentralPlace
from device.files import write_whole
from device.log import event
from device.session import CentralRefused

log = logging.getLogger(__name__)

HALF = 4  # what may be said of a code: the other half is its secret


class RefusedCode:
    """What is noted of the code that central at *central* refused, beside *token_file*."""

    def __init__(self, token_file: Path, central: CentralPlace) -> None:
        self._note = token_file.with_name("enrol-code.refused")
        self._where = f"{central.url} {central.station}"
        self._mark = ""

    def is_it(self, code: str) -> bool:
        """Whether *code* was refused, there and at that station."""
        return bool(code) and self._marked(code) in {self._mark, self._noted()}

    @contextmanager
    def noting(self, code: str) -> Iterator[None]:
        """Note *code* when central refuses it inside; any other no says nothing about it."""
        try:
            yield
        except CentralRefused as error:
            if error.reason == CODE_REFUSED.reason:
                self.note(code)
            raise

    def note(self, code: str) -> None:
        """Remember that *code* was refused; on a disk that takes nothing until we end."""
        self._mark = self._marked(code)
        log.error(event("central refused the code", begins=begins(code)))
        try:
            write_whole(self._note, f"{self._mark}\n".encode("ascii"))
        except OSError as error:
            log.warning(event("refused code not noted", reason=error.strerror))

    def _noted(self) -> str:
        try:
            return self._note.read_text("ascii", "replace").strip()
        except OSError:
            return ""

    def _marked(self, code: str) -> str:
        # Corrected settings make it another try.
        return hashlib.sha256(f"{self._where} {_signs(code)}".encode()).hexdigest()


def begins(code: str) -> str:
    """The first half of *code*, by which people tell codes apart."""
    return _signs(code)[:HALF]


def _signs(code: str) -> str:
    return "".join(sign for sign in code.upper() if sign.isalnum())
