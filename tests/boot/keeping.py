"""What is made once and kept: of two processes that want it at the same time, one makes it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Kept:
    """A folder of things that are dear to make."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._is_ours = False

    @contextmanager
    def alone(self) -> Iterator[Path]:
        """Hold the folder for this process; again within itself it is held already."""
        if self._is_ours:
            yield self.folder
            return
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._is_ours = True
            try:
                yield self.folder
            finally:
                self._is_ours = False
