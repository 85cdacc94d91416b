"""Kept copies grow old too: what is erased here is erased in them, and they are written anew.

A backup is loaded into a database that is thrown away, what is due is erased there, and the rest is written
to a new file that takes the old one's name: a crash leaves the old file or the new one.  The old bytes may
stay on the medium where they lay, as those of any deleted file.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from central import migrations
from central.copies import loading
from central.copies.backup import one_at_a_time, write
from central.copies.backup_file import SUFFIX, Header, Progress, Reading
from central.copies.giving_way import GivingWay
from central.copies.scratch import clear, scratch, sync
from central.database import engines, swap
from central.database.tx import Tx, View
from central.errors import NotPossible
from central.privacy.personal_data import Aged
from contract import problems
from contract.errors import PortvaktError
from contract.problems import Problem

_log = logging.getLogger(__name__)

InTurn = Callable[[], AbstractContextManager[None]]


class OfOldRelease(PortvaktError):
    """The release before could not read it any more, were it written anew."""


class Task(Protocol):
    """What is to be erased in copies."""

    def concerns(self, file: Path) -> bool:
        """Whether the backup *file* must be opened for that."""

    def erase(self, tx: Tx, since: datetime) -> int:
        """Do it in a copy that was taken at *since*; give how many rows it concerned."""

    def looked_at(self, tx: Tx) -> datetime | None:
        """It is done in the copy behind *tx*, which is thrown away; when it must be looked at again."""

    def done(self, file: Path, until: datetime | None) -> None:
        """*file* stands as it shall, and *until* is what `looked_at` gave."""


@contextmanager
def in_turn(wait_s: float) -> Iterator[None]:
    """No backup is taken here meanwhile.

    Raises:
        Problem: `not_saved` when one is being taken and is not done within *wait_s*.
    """
    if not one_at_a_time.acquire(timeout=wait_s):
        raise Problem(
            problems.NOT_SAVED,
            "A backup is being taken just now and still holds it; nothing was erased here."
            " Try again in a few minutes.",
        )
    try:
        yield
    finally:
        one_at_a_time.release()


def age_backups(
    folders: Iterable[Path], task: Task, now: datetime, turn: InTurn, progress: Progress
) -> Aged:
    """Do *task* in every backup in *folders*; those in which it found something are written anew.

    A file that cannot be read as a backup is left as it is, and named in `failed`; one that an older release
    has written is in `old`.  Each folder is done in a *turn*, which may raise.
    """
    rewritten, failed, old = 0, list[str](), list[str]()
    for folder in folders:
        try:
            if not folder.is_dir():
                continue  # on a disk that is not there just now
            with turn(), scratch(folder) as place:
                for file in sorted(folder.glob(f"*{SUFFIX}")):
                    rewritten += _aged(file, place, task, now, progress, failed, old)
        except (NotPossible, OSError) as error:
            _log.info("backups not aged folder=%s reason=%s", folder, error)
            failed.append(str(folder))
    return Aged(rewritten, failed, old)


def age_aside(folder: Path, task: Task, now: datetime, before: datetime) -> Aged:
    """The same in databases that `swap` has kept aside; those from before *before* are removed."""
    rewritten, failed = 0, list[str]()
    for file in swap.aside(folder):
        if swap.replaced_at(file) < before:
            swap.remove(file)
            rewritten += 1
            continue
        rewritten += _tried(file, failed, lambda file=file: _erased_in(file, task, now))  # type: ignore[misc]
    return Aged(rewritten, failed)


def _aged(
    file: Path,
    place: Path,
    task: Task,
    now: datetime,
    progress: Progress,
    failed: list[str],
    old: list[str],
) -> bool:
    try:
        return _tried(file, failed, lambda: _written_anew(file, place, task, now, progress))
    except OfOldRelease:
        old.append(str(file))
        return False
    finally:
        clear(place)


def _tried(file: Path, failed: list[str], work: Callable[[], bool]) -> bool:
    try:
        return work()
    except OfOldRelease:
        raise
    # The raw connection has errors of its own.
    except (PortvaktError, SQLAlchemyError, sqlite3.Error, OSError) as error:
        _log.info("copy not aged file=%s reason=%s", file, type(error).__name__)
        failed.append(str(file))
        return False


def _written_anew(file: Path, place: Path, task: Task, now: datetime, progress: Progress) -> bool:
    """Erase in the backup *file*; whether there was anything."""
    old, new, slowly = Reading(file), place / "new", GivingWay(progress)
    loading.check_revision(old.header())
    if not task.concerns(file):
        return False
    _check_age(old.header())
    taken_at = old.verify(slowly).at
    engine = engines.writing_engine(f"sqlite:///{place / 'aging.db'}")
    try:
        with engine.connect() as connection, connection.begin():
            loading.load(connection, old, slowly)
            found = task.erase(Tx(connection, now), taken_at)
            if found:
                # The moment that it shows stays the one at which it was taken.
                write(View(connection, taken_at), new, slowly)
            until = task.looked_at(Tx(connection, now))
    finally:
        engine.dispose()
    if found:
        _take_the_place(file, new, slowly)
    task.done(file, until)
    return bool(found)


def _check_age(header: Header) -> None:
    """At an upgrade, backups from before are the way back: the old release reads no newer ones."""
    if header.revision != migrations.revisions()[0]:
        raise OfOldRelease(f"It is of release {header.release}.")


def _take_the_place(file: Path, new: Path, progress: Progress) -> None:
    Reading(new).verify(progress)
    new.chmod(file.stat().st_mode & 0o777)
    new.replace(file)
    sync(file.parent)


def _erased_in(file: Path, task: Task, now: datetime) -> bool:
    engine = engines.writing_engine(f"sqlite:///{file}")
    try:
        with closing(engine.connect()) as connection:
            with connection.begin():
                migrations.catch_up(connection)  # kept aside before an upgrade
                found = task.erase(Tx(connection, now), swap.replaced_at(file))
            if found:
                _rewrite(connection)
        return bool(found)
    finally:
        engine.dispose()  # its last connection brings the log into the file and removes it


def _rewrite(connection: sa.Connection) -> None:
    raw: Any = connection.connection.driver_connection
    raw.execute("VACUUM")
