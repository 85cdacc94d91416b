"""The outbox's file: its table, and how to begin a new one when the old one is damaged.

SQLite before 3.51.3 can corrupt a write-ahead log under two writers
(sqlite.org/wal.html#the_wal_reset_bug), so the one connection locks out every other process.
"""

import os
import shutil
import sqlite3
import zlib
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from device.files import sync_folder

LOCK_WAIT_S = 1.0
KEPT_WRECKS = 3
# Six pages of the log; an arrival needs three, and a few more when a page of the table splits.
_PROOF_BYTES = 16_384

_TABLE = """
pragma synchronous = full;
pragma secure_delete = on;
create table if not exists arrival (
    position integer primary key autoincrement,
    id text not null unique,
    body blob not null,
    seal integer not null,
    boot_id text not null,
    mono_ms integer not null,
    at text not null,
    tries integer not null default 0,
    last_answer text not null default ''
) strict;
create table if not exists taken (
    id text primary key,
    epoch text not null,
    boot_id text not null,
    mono_ms integer not null,
    at text not null
) strict;
"""
_SET_UP = "pragma locking_mode = exclusive; pragma journal_mode = wal; " + _TABLE
_INSERT = """
insert into arrival (id, body, seal, boot_id, mono_ms, at, tries, last_answer)
values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing
"""
_ALL = """
select position, id, body, seal, boot_id, mono_ms, at, tries, last_answer
from arrival
"""
_FORWARD = _ALL + " order by position"
_BACKWARD = _FORWARD + " desc"
_WAITING = _ALL + " where id not in (select id from taken) order by position"  # noqa: S608 - our own words


class SavedAt(NamedTuple):
    """The clocks of the moment of saving: which boot, its monotonic time, wall time in UTC."""

    boot_id: str
    mono_ms: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """An arrival that waits: its frozen body, how often it was offered, and what the last answer was."""

    id: str
    body: bytes
    saved: SavedAt
    tries: int = 0
    last_answer: str = ""


def opened(path: Path) -> sqlite3.Connection:
    """Open the file, made if need be, checked, and locked against everybody else.

    Raises:
        sqlite3.Error, OSError: it cannot be used.
    """
    _make_folder(path.parent)
    _finish_renewal(path)
    db = sqlite3.connect(path, timeout=LOCK_WAIT_S, isolation_level=None, check_same_thread=False)
    try:
        db.executescript(_SET_UP)
        _check(db)
        sync_folder(path.parent)
    except BaseException:
        db.close()
        raise
    return db


def insert(db: sqlite3.Connection, row: Row) -> None:
    """Add *row*; in the default mode it is committed and fsynced when this returns.

    Raises:
        ValueError: the id is taken by another body.
    """
    saved = (row.saved.boot_id, row.saved.mono_ms, row.saved.at.astimezone(UTC).isoformat())
    db.execute(
        _INSERT, (row.id, row.body, zlib.crc32(row.body), *saved, row.tries, row.last_answer)
    )
    if one(db, "select body from arrival where id = ?", row.id) != row.body:
        raise ValueError(f"arrival {row.id} was saved before with another body")


def prove(db: sqlite3.Connection) -> None:
    """Commit more than an arrival needs, outside of the arrivals, and leave no row.

    A statement that is rolled back would prove nothing, for it never leaves the memory.  What is
    deleted again before the commit does, because `secure_delete` writes the wiped pages.
    """
    db.execute("create table if not exists proof (filler blob not null) strict")
    db.execute("begin immediate")
    db.execute("insert into proof values (randomblob(?))", (_PROOF_BYTES,))
    db.execute("delete from proof")
    db.execute("commit")


def rows(db: sqlite3.Connection) -> list[Row]:
    """All rows that wait, oldest first."""
    return [_row(values) for values in db.execute(_WAITING)]


def one(db: sqlite3.Connection, question: str, *values: object) -> object:
    """The first column of the first row of the answer."""
    return db.execute(question, values).fetchone()[0]


def wrecks(path: Path) -> list[Path]:
    """The damaged files that were kept for a person to look at, oldest first."""
    return sorted(path.parent.glob(f"{path.name}.wreck-*[0-9]"))


def renew(path: Path) -> int:
    """Keep a copy of the damaged file, and put a new one with all readable rows in its place.

    A power cut at any moment leaves either the damaged file or the whole new one.  Returns how many
    rows were saved.

    Raises:
        sqlite3.Error, OSError: the damaged file is still in its place.
    """
    wreck = _beside(path, f".wreck-{datetime.now(UTC):%Y%m%d%H%M%S%f}")
    try:
        _copy(path, wreck)
        found = _salvaged(wreck)
        _write_new(_beside(path, ".new"), found)
    except BaseException:
        _remove(wreck)
        raise
    _beside(path, ".new").replace(_beside(path, ".ready"))
    sync_folder(path.parent)
    _finish_renewal(path)
    for old in wrecks(path)[:-KEPT_WRECKS]:
        _remove(old)
    return len(found)


def _finish_renewal(path: Path) -> None:
    ready = _beside(path, ".ready")
    if not ready.exists():
        return
    # The old log goes before the new file comes: SQLite would play it into the new one.
    for suffix in ("-wal", "-shm"):
        _beside(path, suffix).unlink(missing_ok=True)
    sync_folder(path.parent)
    ready.replace(path)
    sync_folder(path.parent)


def _write_new(path: Path, found: list[Row]) -> None:
    _remove(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript(_TABLE)
        db.execute("begin")
        for row in found:
            insert(db, row)
        db.execute("commit")


def _salvaged(wreck: Path) -> list[Row]:
    """Every row of *wreck* that can still be read and whose body is what was saved.

    Those that central has taken are among them and wait again: central knows them by their ids.
    """
    with suppress(sqlite3.Error), closing(sqlite3.connect(wreck, isolation_level=None)) as db:
        # From both ends up to the damage.
        found = _readable(db, _BACKWARD) | _readable(db, _FORWARD)
        return [found[position] for position in sorted(found)]
    return []


def _readable(db: sqlite3.Connection, question: str) -> dict[int, Row]:
    found: dict[int, Row] = {}
    with suppress(sqlite3.Error, ValueError, TypeError):
        for values in db.execute(question):
            if zlib.crc32(values[2]) == values[3]:
                found[values[0]] = _row(values)
    return found


def _row(values: tuple[int, str, bytes, int, str, int, str, int, str]) -> Row:
    _, arrival_id, body, _, boot_id, mono_ms, at, tries, last_answer = values
    return Row(
        arrival_id, body, SavedAt(boot_id, mono_ms, datetime.fromisoformat(at)), tries, last_answer
    )


def _check(db: sqlite3.Connection) -> None:
    if one(db, "pragma integrity_check") != "ok":
        error = sqlite3.DatabaseError("the integrity check failed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def _make_folder(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True)
        sync_folder(folder.parent)


def _copy(path: Path, wreck: Path) -> None:
    for suffix in ("", "-wal"):
        if _beside(path, suffix).exists():
            shutil.copyfile(_beside(path, suffix), _beside(wreck, suffix))
            _beside(wreck, suffix).chmod(0o600)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        _beside(path, suffix).unlink(missing_ok=True)


def _beside(path: Path, suffix: str) -> Path:
    return Path(os.fspath(path) + suffix)
