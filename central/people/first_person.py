"""The first person of a new central: whoever can read a file in its data folder becomes it.

No password is built in, and whoever comes first over the network is nobody: the code in the file shows
that they have a hand on the machine.
"""

import hmac
import logging
import os
import threading
from pathlib import Path

from central.errors import AlreadyThere
from central.people.invitations import make_typed, signs
from central.people.people import People, SignedIn
from contract import problems
from contract.problems import Problem

log = logging.getLogger(__name__)

FILE = "first-person.code"


class FirstPerson:
    """The way in while there is nobody; the file *path* holds the code until there is somebody."""

    def __init__(self, people: People, path: Path) -> None:
        self._people = people
        self._path = path
        self._code = make_typed()
        self._door = threading.Lock()
        people.added.add(lambda _: self._close())
        if people.anybody():
            self._close()
        else:
            _write(path, self._code)
            log.info("nobody can sign in yet: open /first with the code in file=%s", path)

    @property
    def is_awaited(self) -> bool:
        """Whether there is nobody yet."""
        return not self._people.anybody()

    def begin(self, code: str, name: str, password: str, browser: str = "") -> SignedIn:
        """Make the first person, and begin their session.

        Raises:
            Problem: `wrong_sign_in` for a wrong code, `not_found` when there is somebody already, and what
                `People.create_first` raises.
        """
        with self._door:
            if not self.is_awaited:
                raise _too_late()
            if not hmac.compare_digest(signs(code).encode(), signs(self._code).encode()):
                raise Problem(
                    problems.WRONG_SIGN_IN,
                    f"This is not the code in the file {FILE}; look at it again.",
                )
            try:
                session = self._people.create_first(name, password, browser)
            except AlreadyThere:
                self._close()
                raise _too_late() from None
        self._close()
        return session

    def _close(self) -> None:
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            # It opens nothing any more: whoever comes with it meets somebody who is there.
            log.warning("file not removed file=%s reason=%s", self._path, error.strerror)


def _write(path: Path, code: str) -> None:
    """Whole or not there, and for its owner alone from the first byte."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w", encoding="ascii") as file:
        file.write(f"{code}\n")
        file.flush()
        os.fsync(fd)
    new.replace(path)


def _too_late() -> Problem:
    return Problem(problems.NOT_FOUND, "There is somebody already; sign in at /login.")
