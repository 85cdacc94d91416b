"""A SQLite file as it was before its tables were changed, kept beside the new one for a week."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from central import swap
from central.errors import StoreUnfit

_COPYING = f"{swap.NAME}.copying"


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
        raise StoreUnfit(
            f"The tables of {file} must be changed for this release, and it cannot be kept aside as it is"
            f" ({error}); make room in {file.parent}."
        ) from error
    try:
        yield kept
    except BaseException:
        swap.remove(kept)
        raise


def _copied(file: Path, now: datetime) -> Path:
    new = file.parent / _COPYING
    new.unlink(missing_ok=True)
    # Nobody else reads it, from the first byte on.
    os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    # The backup interface takes what still stands in the log with it (sqlite.org/backup.html).
    with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(new)) as copy:
        old.backup(copy)
    return swap.keep(new, now)
