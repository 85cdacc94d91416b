"""A restored SQLite file takes the place of the one before, which is kept aside.

The new file is built beside the old one and renamed when it is whole.  From then on whoever holds the data
folder next carries the exchange to its end, so a power cut at any moment leaves the old database or the
restored one, and never none or a mixture of both.
"""

import errno
import os
from datetime import UTC, datetime
from pathlib import Path

NAME = "central.db"
_BUILDING = f"{NAME}.restoring"
_WHOLE = f"{NAME}.restored"
_ASIDE = f"{NAME}.before-"
_STAMP = "%Y-%m-%dT%H%M%SZ"
# The log goes with its own file: SQLite would play it into the other.
_PARTS = ("-wal", "-shm", "-journal", "")


def building(folder: Path) -> Path:
    """Where the new database is built."""
    return folder / _BUILDING


def is_whole(folder: Path) -> None:
    """Say that the new database is closed and complete: from here on it counts.

    Raises:
        OSError: it is not closed, so a part of it still stands in its log.
    """
    new = building(folder)
    if (folder / f"{_BUILDING}-wal").exists():
        raise OSError(errno.EBUSY, "the new database did not close")
    _sync(new)
    new.rename(folder / _WHOLE)
    _sync(folder)


def finish(folder: Path) -> Path | None:
    """Put a whole new database in its place and remove half a one; whoever calls holds the folder.

    Returns:
        Where the database that was there before is now; None when nothing was exchanged.
    """
    for part in _PARTS:
        (folder / f"{_BUILDING}{part}").unlink(missing_ok=True)
    whole = folder / _WHOLE
    if not whole.exists():
        return None
    # Its own time names what it replaces: the same name at a second try.
    made_at = datetime.fromtimestamp(whole.stat().st_mtime, UTC)
    aside = folder / f"{_ASIDE}{made_at:{_STAMP}}"
    for part in _PARTS:
        old = folder / f"{NAME}{part}"
        if old.exists():
            old.rename(f"{aside}{part}")
    _sync(folder)
    whole.rename(folder / NAME)
    _sync(folder)
    return aside if aside.exists() else None


def keep(copy: Path, at: datetime) -> Path:
    """Keep *copy*, which lies beside the database, as the one of before *at*; give its name."""
    _sync(copy)
    kept = copy.with_name(name_at(at))
    copy.rename(kept)
    _sync(copy.parent)
    return kept


def name_at(at: datetime) -> str:
    """What the database of before *at* is called."""
    return f"{_ASIDE}{at:{_STAMP}}"


def aside(folder: Path) -> list[Path]:
    """The databases that were kept aside, oldest first."""
    return sorted(folder.glob(f"{_ASIDE}*Z"))


def replaced_at(kept: Path) -> datetime:
    """When something else took the place of the database *kept*."""
    return datetime.strptime(kept.name, f"{_ASIDE}{_STAMP}").replace(tzinfo=UTC)


def remove(kept: Path) -> None:
    """Remove a database that was kept aside."""
    for part in _PARTS:
        kept.with_name(kept.name + part).unlink(missing_ok=True)
    _sync(kept.parent)


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
