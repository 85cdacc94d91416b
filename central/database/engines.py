"""The two doors to the database: one that writes, and one that only reads; SQLite's are made here."""

import logging
import sqlite3
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.pool import QueuePool, StaticPool

from central.database import postgres
from central.errors import StoreUnfit

_log = logging.getLogger(__name__)

READERS = 8
_SERIALIZED = 3
_WAL_RESET_FIXED = (3, 51, 3)
_BUSY_MS = 5_000
# Connections move between threads: readers through the pool, the writer's when it is closed.
_BETWEEN_THREADS = {"check_same_thread": False}


class _Writing(SQLiteDialect_pysqlite):
    """SQLite for the writer: the driver's own transactions begin deferred, and deadlock when they upgrade.

    A dialect, because engines that listen to their own transactions pay for it at each statement.
    """

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:  # noqa: ANN401 - a driver's own connection
        """Take the right to write at once."""
        dbapi_connection.execute("BEGIN IMMEDIATE")

    def do_commit(self, dbapi_connection: Any) -> None:  # noqa: ANN401 - the same
        """Refuse what SQLite has ended by itself on an error: the driver is silent about it."""
        if not dbapi_connection.in_transaction:
            raise sqlite3.OperationalError("the transaction was lost before its commit")
        dbapi_connection.commit()


class _Reading(SQLiteDialect_pysqlite):
    """SQLite for readers: every look is one consistent moment."""

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:  # noqa: ANN401 - the same
        """Hold on to the moment of the first look."""
        dbapi_connection.execute("BEGIN")


registry.register("sqlite.writing", __name__, "_Writing")
registry.register("sqlite.reading", __name__, "_Reading")


def is_sqlite(url: str) -> bool:
    """Whether *url* names a file, which one process writes, or a server, which several may."""
    return make_url(url).get_backend_name() == "sqlite"


def writing_engine(url: str) -> Engine:
    """An engine for what changes rows; SQLite's has exactly one connection, for the writer's thread."""
    if not is_sqlite(url):
        return postgres.writing_engine(make_url(url))
    engine = sa.create_engine(
        make_url(url).set(drivername="sqlite+writing"),
        poolclass=StaticPool,
        connect_args=_BETWEEN_THREADS,
        hide_parameters=True,  # a traceback in the log must not hold plates
    )
    sa.event.listen(engine, "connect", _open_for_writing)
    return engine


def reading_engine(url: str) -> Engine:
    """An engine whose connections cannot write, and never checkpoint."""
    if not is_sqlite(url):
        return postgres.reading_engine(make_url(url))
    engine = sa.create_engine(
        make_url(url).set(drivername="sqlite+reading"),
        poolclass=QueuePool,
        pool_size=READERS,
        max_overflow=READERS,
        connect_args=_BETWEEN_THREADS,
        hide_parameters=True,
    )
    sa.event.listen(engine, "connect", _open_for_reading)
    return engine


def migrating_engine(url: str) -> Engine:
    """An engine for steps that change the tables: each is one transaction, however long it takes."""
    return writing_engine(url) if is_sqlite(url) else postgres.migrating_engine(make_url(url))


def check_sqlite(writers: int) -> None:
    """Refuse an SQLite that threads cannot share; warn when more than one process is meant to write.

    SQLite 3.7.0 to 3.51.2 can corrupt a WAL file under two connections that write or checkpoint at
    once (fixed in 3.51.3, "WAL-reset bug").

    Raises:
        StoreUnfit: SQLite was built without its mutexes.
    """
    if sqlite3.threadsafety != _SERIALIZED:
        raise StoreUnfit(
            "This Python's SQLite was built without thread safety; install Python from your distribution."
        )
    if writers > 1 and sqlite3.sqlite_version_info < _WAL_RESET_FIXED:
        _log.warning(
            "sqlite may corrupt the database under several writers version=%s writers=%d fixed=3.51.3",
            sqlite3.sqlite_version,
            writers,
        )


def _pragmas(connection: Any, *pragmas: str) -> None:  # noqa: ANN401 - a driver's own connection
    connection.isolation_level = None  # transactions begin where the dialect says
    for pragma in (f"busy_timeout={_BUSY_MS}", "foreign_keys=ON", *pragmas):
        connection.execute(f"PRAGMA {pragma}")


def _open_for_writing(connection: Any, _record: object) -> None:  # noqa: ANN401 - the same
    # Deleted bytes become zeros at once, at no measurable price; some SQLites are built without it.
    _pragmas(connection, "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON")


def _open_for_reading(connection: Any, _record: object) -> None:  # noqa: ANN401 - the same
    _pragmas(connection, "wal_autocheckpoint=0", "query_only=ON")
