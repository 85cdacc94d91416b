"""One process at a time may speak to a sign's panel: the service, or somebody who tests it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contract.errors import PortvaktError


class NotAlone(PortvaktError):
    """Another process has this sign, or this user may not look."""


class NoFolder(NotAlone):
    """The folder of its state cannot be opened, so nobody can tell who else has the sign."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the sign whose state is kept in *folder*; the kernel lets go of it however we end.

    Raises:
        NoFolder: the folder cannot be opened.
        NotAlone: somebody else holds it; the text says what to do.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise NoFolder(
            f"The sign's folder {folder} cannot be opened ({error.strerror}); run it with sudo."
        ) from error
    try:
        # A lock on the folder itself (flock(2)): there is no file that could be left behind.
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise NotAlone(
            "Another process has this sign's panel; stop it first: sudo systemctl stop portvakt-sign."
        ) from error
    try:
        yield
    finally:
        os.close(handle)
