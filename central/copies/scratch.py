"""A place of our own beside the backups: for half a file until it is whole, and a database of a check."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from central.errors import NotPossible

NAME = ".portvakt-backup"


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A folder inside *folder*, which nobody else may enter and which goes with the block.

    Raises:
        NotPossible: another process has it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = folder / NAME
    place.mkdir(mode=0o700, exist_ok=True)
    fd = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _hold(fd, folder)
        try:
            clear(place)  # of a backup that was killed
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)
    finally:
        os.close(fd)


def clear(place: Path) -> None:
    """Remove what lies there."""
    for left in place.iterdir():
        left.unlink()


def write_whole(path: Path, content: bytes) -> None:
    """Have *content* on the disk as *path*, for its owner only; a crash leaves the old or the new."""
    new = path.with_name(f"{path.name}.new")
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(fd)
    new.replace(path)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Have the names in *folder* on the disk."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _hold(fd: int, folder: Path) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise NotPossible(
            f"Another central is writing a backup to {folder}; wait for it."
        ) from error
