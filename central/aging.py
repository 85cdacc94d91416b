"""Kept copies grow old too: what is erased here is erased in them, and they are written anew.

A backup is loaded into a database that is thrown away, what is due is erased there, and the rest is written
to a new file that takes the old one's name: a crash leaves the old file or the new one.  The old bytes may
stay on the medium where they lay, as those of any deleted file.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from central import engines, loading, swap
from central.backup import one_at_a_time, write
from central.backup_file import SUFFIX, Reading
from central.errors import NotPossible
from central.giving_way import GivingWay
from central.privacy.personal_data import Aged, Erase
from central.scratch import clear, scratch, sync
from central.tx import Tx, View
from contract import problems
from contract.errors import PortvaktError
from contract.problems import Problem

_log = logging.getLogger(__name__)


def _quiet(_done: int, _of: int) -> None:
    """Nobody looks at the progress of the night."""


def age_backups(folders: Iterable[Path], erase: Erase, now: datetime, wait_s: float) -> Aged:
    """Run *erase* in every backup in *folders*; those in which it found something are written anew.

    A file that cannot be read as a backup is left as it is, and named in `failed`.

    Raises:
        Problem: `not_saved` when a backup is being taken and is not done within *wait_s*.
    """
    rewritten, failed = 0, list[str]()
    for folder in folders:
        if not folder.is_dir():
            continue  # on a disk that is not there just now
        if not one_at_a_time.acquire(timeout=wait_s):
            raise Problem(
                problems.NOT_SAVED,
                "A backup is being taken just now and still holds it; nothing was erased here."
                " Try again in a few minutes.",
            )
        try:
            with scratch(folder) as place:
                for file in sorted(folder.glob(f"*{SUFFIX}")):
                    rewritten += _aged(file, place, erase, now, failed)
        except (NotPossible, OSError) as error:
            _log.warning("backups not aged folder=%s reason=%s", folder, error)
            failed.append(str(folder))
        finally:
            one_at_a_time.release()
    return Aged(rewritten, failed)


def age_aside(folder: Path, erase: Erase, now: datetime, before: datetime) -> Aged:
    """The same in databases that `swap` has kept aside; those from before *before* are removed."""
    rewritten, failed = 0, list[str]()
    for file in swap.aside(folder):
        if swap.replaced_at(file) < before:
            swap.remove(file)
            rewritten += 1
            continue
        rewritten += _tried(file, failed, lambda file=file: _erased_in(file, erase, now))  # type: ignore[misc]
    return Aged(rewritten, failed)


def _aged(file: Path, place: Path, erase: Erase, now: datetime, failed: list[str]) -> bool:
    try:
        return _tried(file, failed, lambda: _written_anew(file, place, erase, now))
    finally:
        clear(place)


def _tried(file: Path, failed: list[str], work: Callable[[], bool]) -> bool:
    try:
        return work()
    except (PortvaktError, SQLAlchemyError, OSError) as error:
        _log.warning("copy not aged file=%s reason=%s", file, error)
        failed.append(str(file))
        return False


def _written_anew(file: Path, place: Path, erase: Erase, now: datetime) -> bool:
    """Erase in the backup *file*; whether there was anything."""
    old, new, slowly = Reading(file), place / "new", GivingWay(_quiet)
    loading.check_revision(old.header())
    taken_at = old.verify(slowly).at
    engine = engines.writing_engine(f"sqlite:///{place / 'aging.db'}")
    try:
        with engine.connect() as connection, connection.begin():
            loading.load(connection, old, slowly)
            if not erase(Tx(connection, now)):
                return False
            # The moment that it shows stays the one at which it was taken.
            write(View(connection, taken_at), new, slowly)
    finally:
        engine.dispose()
    Reading(new).verify(slowly)
    new.replace(file)
    sync(file.parent)
    return True


def _erased_in(file: Path, erase: Erase, now: datetime) -> bool:
    engine = engines.writing_engine(f"sqlite:///{file}")
    try:
        with closing(engine.connect()) as connection:
            with connection.begin():
                found = erase(Tx(connection, now))
            if found:
                _rewrite(connection)
        return bool(found)
    finally:
        engine.dispose()  # its last connection brings the log into the file and removes it


def _rewrite(connection: sa.Connection) -> None:
    raw: Any = connection.connection.driver_connection
    raw.execute("VACUUM")
