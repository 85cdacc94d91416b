"""The one-time code that somebody brought, in its file: whether it is still to be tried.

A person who brings a code wants this machine to become what the code is for, whatever it was before: a code
that was not tried yet goes before the token that is there.  Who took a code in is noted beside the token, as
the file with the code stays where it is, and may be read-only.
"""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from device.central_settings import CentralPlace
from device.files import write_whole
from device.log import event
from device.refused_code import RefusedCode, signs

log = logging.getLogger(__name__)


class BroughtCode:
    """The code in *code_file*, if there is one, for the device whose token is in *token_file*."""

    def __init__(self, code_file: Path | None, token_file: Path, central: CentralPlace) -> None:
        self._file = code_file
        self._refused = RefusedCode(token_file, central)
        self._note = token_file.with_name("enrol-code.used")
        self._used = ""

    @property
    def text(self) -> str:
        """The code; empty when there is none."""
        try:
            return "" if self._file is None else self._file.read_text("utf-8", "replace").strip()
        except OSError:
            return ""

    @property
    def why_not(self) -> str:
        """The reason for which central refused it; empty when it did not."""
        return self._refused.why(self.text)

    @property
    def is_new(self) -> bool:
        """Whether there is a code that central neither took nor refused."""
        code = self.text
        return bool(code) and not self.is_used(code) and not self._refused.is_it(code)

    def is_used(self, code: str) -> bool:
        """Whether this device has become what it is by *code*."""
        return _marked(code) in {self._used, self._noted()}

    @contextmanager
    def noting(self, code: str) -> Iterator[None]:
        """Note *code* when central refuses it inside."""
        with self._refused.noting(code):
            yield

    def used(self, code: str) -> None:
        """Remember that *code* made this device what it is; on a disk that takes nothing until we end."""
        self._used = _marked(code)
        try:
            write_whole(self._note, f"{self._used}\n".encode("ascii"))
        except OSError as error:
            log.warning(event("used code not noted", reason=error.strerror))

    def belongs_to_token(self) -> None:
        """Take the code that lies beside a token of an older release, which noted none, for the token's."""
        if not self._note.exists():
            self.used(self.text)

    def _noted(self) -> str:
        try:
            return self._note.read_text("ascii", "replace").strip()
        except OSError:
            return ""


def _marked(code: str) -> str:
    return hashlib.sha256(f"used {signs(code)}".encode()).hexdigest()
