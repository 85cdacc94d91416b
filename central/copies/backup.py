"""A backup of everything, taken while central serves: one consistent moment, into one file.

The file is complete and read back before it gets its name; what was begun and not ended is removed, by
this backup or, after a crash, by the next.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from central import migrations, schema
from central.copies import loading
from central.copies.backup_file import (
    SUFFIX,
    Header,
    Progress,
    Reading,
    Table,
    Writing,
    kind_of,
    writing,
)
from central.copies.giving_way import GivingWay
from central.copies.scratch import scratch, sync
from central.database import engines, postgres
from central.database.store import Store
from central.database.tx import View
from central.errors import NotPossible
from contract.errors import PortvaktError
from contract.problems import Problem

PIECE = 50
CHECK_UP_TO = 200_000
PREFIX = "portvakt-"
# Sessions and codes that work once are void in a restored database, so they are not kept at all.
LEFT_OUT = frozenset({"session", "sign_in_code", "device_code", "known_browser", "tried_name"})

_EPOCH = sa.select(schema.meta.c.value).where(schema.meta.c.name == "epoch")
_E = schema.event.c
_NEWEST = sa.select(_E.station, sa.func.max(_E.seq).label("seq")).group_by(_E.station)
# Two would slow each other down, and alembic, which builds the database of the check, runs once at a time.
one_at_a_time = threading.Lock()


class BackupFailed(PortvaktError):
    """There is no backup; the text says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupMade:
    """A backup that is on disk under its name.  `removed` are older ones that were not to be kept."""

    file: str
    rows: int
    bytes: int
    restored: bool
    removed: list[str]

    @property
    def how_checked(self) -> str:
        """What was done to believe in it."""
        return "written and restored once" if self.restored else "written and read back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Where a backup goes: the *file*, or one named by its time in *folder*.

    `keep` says how many of the folder's are kept, this one included; up to `check_up_to` rows the file
    is restored once into a database that is thrown away.
    """

    folder: Path
    file: str | None = None
    keep: int | None = None
    check_up_to: int = CHECK_UP_TO


def back_up(store: Store, wanted: Wanted, progress: Progress) -> BackupMade:
    """Take a backup; *progress* hears `(done, of)` rows of each of its steps.

    Raises:
        BackupFailed, BackupBroken: there is none; older ones are as they were.
    """
    if not one_at_a_time.acquire(blocking=False):
        raise NotPossible("A backup is being taken already; wait until it is done.")
    try:
        _check(wanted)
        with scratch(wanted.folder) as place:
            return _taken(store, wanted, place, GivingWay(progress))
    except OSError as error:
        raise BackupFailed(
            f"The backup could not be written to {wanted.folder} ({error.strerror});"
            " make room there, or name another folder with --to."
        ) from error
    except (DBAPIError, Problem) as error:
        raise BackupFailed(
            f"The backup could not be taken ({_reason(error)}); look at the disk of the database and of"
            f" {wanted.folder}."
        ) from error
    finally:
        one_at_a_time.release()


def _reason(error: Exception) -> object:
    """What the database itself said, whatever a request would have been told."""
    cause = error.__cause__ if isinstance(error, Problem) else error
    return cause.orig if isinstance(cause, DBAPIError) else error


def _check(wanted: Wanted) -> None:
    if wanted.file is not None and (wanted.folder / wanted.file).exists():
        raise NotPossible(f"{wanted.folder / wanted.file} is there already; name another file.")
    if wanted.keep is not None and wanted.keep < 1:
        raise NotPossible("Keep at least one backup: --keep 1 or more.")


def _taken(store: Store, wanted: Wanted, place: Path, progress: Progress) -> BackupMade:
    new = place / "new"

    def written(view: View) -> Header:
        if store.shared:
            view.one(
                postgres.UNHURRIED
            )  # to count ten years of events takes longer than a request may
        return write(view, new, progress)

    header = store.read(written)
    Reading(new).verify(progress)
    is_small = header.total <= wanted.check_up_to
    if is_small:
        _restore_once(new, place, progress)
    final = wanted.folder / (wanted.file or f"{PREFIX}{header.at:%Y-%m-%dT%H%M%SZ}{SUFFIX}")
    size = new.stat().st_size
    new.replace(final)
    sync(wanted.folder)
    removed = [] if wanted.keep is None else _prune(wanted.folder, wanted.keep)
    return BackupMade(
        file=str(final), rows=header.total, bytes=size, restored=is_small, removed=removed
    )


def write(view: View, path: Path, progress: Progress) -> Header:
    """Write all that *view* sees to *path*."""
    tables = [table for table in schema.metadata.sorted_tables if table.name not in LEFT_OUT]
    header = _header(view, tables)
    done = 0
    progress(done, header.total)
    with writing(path) as lines:
        lines.head(header)
        for table in tables:
            for count in _write_table(view, table, lines):
                done += count
                progress(done, header.total)
    return header


def _header(view: View, tables: Sequence[sa.Table]) -> Header:
    count = sa.func.count()
    return Header(
        portvakt_backup=1,
        revision=migrations.revisions()[0],
        release=version("portvakt"),
        epoch=view.one(_EPOCH).value,
        at=view.now,
        rows={str(one.name): view.one(sa.select(count).select_from(one))[0] for one in tables},
        newest={row.station: row.seq for row in view.all(_NEWEST)},
    )


def _write_table(view: View, table: sa.Table, lines: Writing) -> Iterator[int]:
    kinds = [(str(column.name), kind_of(column)) for column in table.columns]
    lines.table(Table(table=str(table.name), columns=kinds))
    for rows in view.pieces(sa.select(table), PIECE):
        lines.rows([tuple(row) for row in rows])
        yield len(rows)


def _restore_once(file: Path, place: Path, progress: Progress) -> None:
    """Make a database of the file, as a restore would, and throw it away."""
    engine = engines.writing_engine(f"sqlite:///{place / 'check.db'}")
    try:
        with engine.begin() as connection:
            loading.load(connection, Reading(file), progress)
    finally:
        engine.dispose()


def _prune(folder: Path, keep: int) -> list[str]:
    """Remove all but the newest *keep* backups of the folder; their names sort by time."""
    named = sorted(folder.glob(f"{PREFIX}[0-9]*{SUFFIX}"))
    gone = named[: max(len(named) - keep, 0)]
    for one in gone:
        one.unlink()
    sync(folder)
    return [one.name for one in gone]
