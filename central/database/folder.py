"""The data folder: central's database and socket, held by one process at a time."""

import fcntl
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Self

from central.database import swap
from central.errors import FolderTaken


class DataFolder:
    """Everything that central keeps, under *path*; made when missing, readable by its owner only.

    As a context it holds the folder exclusively.

    Raises:
        FolderTaken: another process holds it, or it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock_fd: int | None = None

    @property
    def url(self) -> str:
        """Where the database is, as SQLAlchemy writes it."""
        return f"sqlite:///{self.path / 'central.db'}"

    @property
    def socket_path(self) -> Path:
        """Where the running service listens for the command line."""
        return self.path / "central.sock"

    def secret(self, name: str) -> str:
        """The secret in the file *name*, made when it is first wanted; its owner alone may read it."""
        path = self.path / name
        try:
            kept = path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            kept = ""
        if kept:
            return kept
        made = secrets.token_urlsafe(32)
        # Whole or not there: a power cut must not leave half a secret, nor an empty one.
        new = path.with_suffix(".new")
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "w", encoding="ascii") as file:
            file.write(f"{made}\n")
            file.flush()
            os.fsync(fd)
        new.replace(path)
        return made

    def __enter__(self) -> Self:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            fd = os.open(self.path / "central.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise FolderTaken(
                f"The data folder {self.path} cannot be written ({error.strerror}); name another with --data."
            ) from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(fd, 32).decode(errors="replace").strip() or "unknown"
            os.close(fd)
            raise FolderTaken(
                f"The data folder {self.path} is in use by another Portvakt (process {holder});"
                " stop that one or name another folder with --data."
            ) from error
        os.ftruncate(fd, 0)
        os.write(fd, f"{os.getpid()}\n".encode())
        self._lock_fd = fd
        self._carry_on()
        return self

    def _carry_on(self) -> None:
        """A restore that was cut off after it was complete is completed here."""
        try:
            swap.finish(self.path)
        except OSError as error:
            self.__exit__(None, None, None)
            raise FolderTaken(
                f"The restored database in {self.path} cannot be put in its place ({error.strerror});"
                " look at that folder's disk and owner."
            ) from error

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._lock_fd is not None:
            os.close(self._lock_fd)
            self._lock_fd = None
