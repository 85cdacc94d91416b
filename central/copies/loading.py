"""A backup's rows into an empty database, at the file's own tables, and from there to today's."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DataError, IntegrityError

from central import migrations
from central.copies.backup_file import TYPES, BackupBroken, Header, Progress, Reading, Table
from central.errors import StoreUnfit

PIECE = 100

_NEWEST = sa.text("SELECT station, max(seq) AS seq FROM event GROUP BY station")


class NotTheSame(BackupBroken):
    """What is in the database is not what the file says."""


def check_revision(header: Header) -> None:
    """Refuse a file whose tables this release does not know.

    Raises:
        StoreUnfit: a newer release has written it.
    """
    if header.revision not in migrations.revisions():
        raise StoreUnfit(
            f"This backup was written by a newer Portvakt ({header.release});"
            " install that release and restore it there."
        )


def load(connection: sa.Connection, file: Reading, progress: Progress) -> Header:
    """Fill an empty database in the transaction of *connection*, compare it with *file*, and bring it up
    to date.

    Raises:
        NotTheSame: rows are missing, or an event is.
        BackupBroken: the file cannot be read, or its rows break the database's rules.
    """
    header = file.header()
    migrations.upgrade(connection, header.revision)
    try:
        done = 0
        progress(done, header.total)
        for table, rows in _pieces(file):
            if count := _insert(connection, table, rows):
                done += count
                progress(done, header.total)
    except (IntegrityError, DataError) as error:
        raise NotTheSame(
            f"A row of the backup breaks a rule of the database ({error.orig}); take another backup."
        ) from error
    compare(connection, header)
    migrations.upgrade(connection)
    return header


def compare(connection: sa.Connection, header: Header) -> None:
    """Count every table's rows, and look at each station's newest event.

    Raises:
        NotTheSame: there is a difference; the text names the table or the station.
    """
    for name, rows in header.rows.items():
        found = connection.execute(
            sa.select(sa.func.count()).select_from(sa.table(name))
        ).scalar_one()
        if found != rows:
            raise NotTheSame(f"Table {name} has {found} rows where the backup says {rows}.")
    newest = {row.station: row.seq for row in connection.execute(_NEWEST)}
    if newest != header.newest:
        raise NotTheSame(f"The newest events are {newest} where the backup says {header.newest}.")


def _pieces(file: Reading) -> Iterator[tuple[Table, list[list[Any]]]]:
    """Rows in pieces; each table begins with an empty piece, and no other piece is empty."""
    table, rows = Table(table="", columns=[]), list[list[Any]]()
    for part in file.parts():
        if isinstance(part, Table):
            if rows:
                yield table, rows
            table, rows = part, []
            yield table, []
            continue
        rows.append(part)
        if len(rows) == PIECE:
            yield table, rows
            rows = []
    if rows:
        yield table, rows


def _insert(connection: sa.Connection, table: Table, rows: list[list[Any]]) -> int:
    names = [name for name, _ in table.columns]
    kinds = [sa.column(name, TYPES[kind]) for name, kind in table.columns]
    target = sa.table(table.table, *kinds)
    if not rows:
        # A new database has given itself an epoch; what the file says counts.
        connection.execute(sa.delete(target))
        return 0
    connection.execute(sa.insert(target), [dict(zip(names, row, strict=True)) for row in rows])
    return len(rows)
