"""A SQLite file as it was before its tables were changed, kept beside the new one for a week.

While the tables are changed a note beside it names the copy.  By it the next start after a kill sees what
came of the change, so that a start that is killed again and again leaves one copy, not one for each try.
"""

import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from central.database import swap
from central.errors import StoreUnfit

log = logging.getLogger(__name__)

_COPYING = f"{swap.NAME}.copying"
_CHANGING = f"{swap.NAME}.changing"


@contextmanager
def kept_as_it_was(file: Path | None, now: datetime) -> Iterator[Path | None]:
    """Copy the database *file* aside, for the block that changes its tables; without a file, nothing.

    The copy goes when the block fails: then nothing was changed, and the next try makes another.

    Raises:
        StoreUnfit: there is no room for it, so the tables stay as they are.
    """
    if file is None:
        yield None
        return
    try:
        kept = _copied(file, now)
    except (OSError, sqlite3.Error) as error:
        (file.parent / _COPYING).unlink(missing_ok=True)
        _settled(file)
        raise StoreUnfit(
            f"The tables of {file} must be changed for this release, and it cannot be kept aside as it is"
            f" ({error}); make room in {file.parent}."
        ) from error
    try:
        yield kept
    except BaseException:
        swap.remove(kept)
        _settled(file)
        raise
    _settled(file)


def clear(file: Path, revision: str | None, revision_of: Callable[[Path], str | None]) -> None:
    """Remove what a killed start has left beside *file*: half a copy, or one for a change that never was.

    The tables of *file* are at *revision*.  A copy at another one is what the file was, and stays its week.
    """
    try:
        for half in file.parent.glob(f"{_COPYING}*"):
            half.unlink()
        kept = _noted(file)
        if kept is not None and revision_of(kept) == revision:
            log.info("a copy was removed, for its change never came to be copy=%s", kept)
            swap.remove(kept)
        _settled(file)
    # The raw connection has errors of its own.
    except (OSError, SQLAlchemyError, sqlite3.Error) as error:
        log.warning("a copy of before a change stays folder=%s reason=%s", file.parent, error)


def _noted(file: Path) -> Path | None:
    """The copy that the note names; none when it was not kept yet, or is gone."""
    try:
        name = (file.parent / _CHANGING).read_text("ascii", "replace").strip()
    except FileNotFoundError:
        return None
    return next((kept for kept in swap.aside(file.parent) if kept.name == name), None)


def _settled(file: Path) -> None:
    (file.parent / _CHANGING).unlink(missing_ok=True)


def _copied(file: Path, now: datetime) -> Path:
    new = file.parent / _COPYING
    new.unlink(missing_ok=True)
    # Nobody else reads it, from the first byte on.
    os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    # The backup interface takes what still stands in the log with it (sqlite.org/backup.html).
    with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(new)) as copy:
        old.backup(copy)
    with (file.parent / _CHANGING).open("w", encoding="ascii") as note:
        note.write(f"{swap.name_at(now)}\n")
        note.flush()
        os.fsync(note.fileno())
    return swap.keep(new, now)
