"""The backup file: everything that central keeps, readable by any release and for either database.

It is gzip; inside are lines of JSON.  The first says what this is and of when.  Then, for each table, one
line names its columns and their kinds, and each row is one line, an array in the order of the columns.
The last line counts the rows and holds the SHA-256 of every byte before it.
"""

import gzip
import hashlib
import os
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from central.schema.columns import Flag, Json, UtcTime
from contract.errors import PortvaktError
from contract.reading import from_json

Progress = Callable[[int, int], None]

PIECE = 500
SUFFIX = ".jsonl.gz"
_LEVEL = 5  # half the time of gzip's own choice, and files one tenth larger
_ENCODER = msgspec.json.Encoder()


class BackupBroken(PortvaktError):
    """The file is not what was written, or no backup at all."""


class Kind(StrEnum):
    """What a column holds.  Names are kept for ever: old files are read by new releases."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"
    FLAG = "flag"
    JSON = "json"


TYPES: Mapping[Kind, type[sa.types.TypeEngine[Any]]] = {
    Kind.TIME: UtcTime,
    Kind.FLAG: Flag,
    Kind.JSON: Json,
    Kind.NUMBER: sa.BigInteger,
    Kind.TEXT: sa.Text,
}


class Header(Struct, frozen=True, kw_only=True):
    """What the file is: the tables' `revision`, the release that wrote it, the database's epoch, when.

    `rows` says how many rows each table has, `newest` the number of each station's newest event.
    """

    portvakt_backup: Literal[1]
    revision: str
    release: str
    epoch: str
    at: datetime
    rows: dict[str, int]
    newest: dict[str, int]

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


class Table(Struct, frozen=True, kw_only=True):
    """The rows of one table follow."""

    table: str
    columns: list[tuple[str, Kind]]


class End(Struct, frozen=True, kw_only=True):
    """How many rows of each table stand in the file, and the SHA-256 of all lines before this one."""

    rows: dict[str, int]
    sha256: str


def kind_of(column: "sa.Column[Any]") -> Kind:
    """What *column* holds."""
    wide = column.type
    kinds = {UtcTime: Kind.TIME, Flag: Kind.FLAG, Json: Kind.JSON, sa.Integer: Kind.NUMBER}
    return next((kind for known, kind in kinds.items() if isinstance(wide, known)), Kind.TEXT)


class Writing:
    """Lines on their way into the file."""

    def __init__(self, file: gzip.GzipFile) -> None:
        self._file = file
        self._sha = hashlib.sha256()
        self._rows: dict[str, int] = {}
        self._table = ""

    def head(self, header: Header) -> None:
        """Write the first line."""
        self._lines([header])

    def table(self, table: Table) -> None:
        """Begin a table."""
        self._table = table.table
        self._rows[self._table] = 0
        self._lines([table])

    def rows(self, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows of the table."""
        self._rows[self._table] += len(rows)
        self._lines(rows)

    def end(self) -> None:
        """Write the last line."""
        self._lines([End(rows=self._rows, sha256=self._sha.hexdigest())])

    def _lines(self, words: Sequence[Any]) -> None:
        lines = b"".join(_ENCODER.encode(word) + b"\n" for word in words)
        self._sha.update(lines)
        self._file.write(lines)


@contextmanager
def writing(path: Path) -> Iterator[Writing]:
    """Write a file, for its owner only; it is on disk when the block ends, and the block ends it."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as raw:
        with gzip.GzipFile("", "wb", _LEVEL, raw) as file:
            lines = Writing(file)
            yield lines
            lines.end()
        raw.flush()
        os.fsync(raw.fileno())
        # Whoever reads it back shall hear of the disk, and not of what memory still holds of it.
        os.posix_fadvise(raw.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


class Reading:
    """The file at *path*, line by line: header, and tables with their rows."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def header(self) -> Header:
        """What the file says of itself; nothing after that is looked at.

        Raises:
            BackupBroken: it is no backup, or of a format that this release does not know.
        """
        with self._told() as lines:
            return self._header(next(lines, b""))

    def verify(self, progress: Progress) -> Header:
        """Read all of it, and compare what was written with what is there.

        Raises:
            BackupBroken: a byte is missing or another.
        """
        with self._told() as lines:
            first = next(lines, b"")
            header, sha = self._header(first), hashlib.sha256(first)
            progress(0, header.total)
            counts: dict[str, int] = {}
            name, done, last = "", 0, b""
            for line in lines:
                if line.startswith(b"["):
                    counts[name] = counts.get(name, 0) + 1
                    done += 1
                    if done % PIECE == 0:
                        progress(done, header.total)
                elif line.startswith(b'{"table"'):
                    name = from_json(line, Table).table
                    counts[name] = 0
                else:
                    last = line
                    break
                sha.update(line)
            end = from_json(last, End)
            if next(lines, None) is not None or end.sha256 != sha.hexdigest():
                raise self._broken("its checksum is another")
            if not end.rows == counts == header.rows:
                raise self._broken("rows are missing")
            progress(done, header.total)
            return header

    def lines(self) -> Iterator[bytes]:
        """All lines as they stand; BackupBroken when they cannot be read to their end."""
        with self._told() as lines:
            yield from lines

    def parts(self) -> Iterator[Table | list[Any]]:
        """Each table and its rows, in the order in which they may be written.

        Raises:
            BackupBroken: the file cannot be read to its end.
        """
        with self._told() as lines:
            next(lines, b"")
            table = Table(table="", columns=[])
            for line in lines:
                if line.startswith(b"["):
                    yield _row(line, table)
                elif line.startswith(b'{"table"'):
                    table = from_json(line, Table)
                    yield table
                else:
                    return

    @contextmanager
    def _told(self) -> Iterator[Iterator[bytes]]:
        try:
            with gzip.open(self._path) as file:
                yield iter(file)
        except (gzip.BadGzipFile, zlib.error) as error:
            raise self._broken("it is damaged, or no gzip file") from error
        except EOFError as error:
            raise self._broken("its end is missing") from error
        except msgspec.DecodeError as error:
            raise self._broken("a line of it makes no sense") from error
        except OSError as error:
            raise BackupBroken(f"{self._path} cannot be read ({error.strerror}).") from error

    def _header(self, line: bytes) -> Header:
        try:
            return from_json(line, Header)
        except msgspec.DecodeError as error:
            raise BackupBroken(
                f"{self._path} is no backup that this Portvakt knows; is it the right file?"
            ) from error

    def _broken(self, why: str) -> BackupBroken:
        return BackupBroken(f"{self._path} is broken ({why}); take another backup.")


def _row(line: bytes, table: Table) -> list[Any]:
    row: list[Any] = from_json(line)
    for place, (_, kind) in enumerate(table.columns):
        if kind is Kind.TIME and row[place] is not None:
            row[place] = datetime.fromisoformat(row[place])
    return row
