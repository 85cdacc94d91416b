"""The two doors to the database: one connection that writes, and some that only read."""

import logging
import sqlite3
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.pool import QueuePool, StaticPool

from central.errors import StoreUnfit

_log = logging.getLogger(__name__)

READERS = 8
_SERIALIZED = 3
_WAL_RESET_FIXED = (3, 51, 3)
_BUSY_MS = 5_000


def writing_engine(url: str) -> Engine:
    """An engine with exactly one connection, for the writer's thread."""
    engine = sa.create_engine(
        url,
        poolclass=StaticPool,
        connect_args=_connect_args(make_url(url)),
        hide_parameters=True,  # a traceback in the log must not hold plates
    )
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _open_for_writing)
        sa.event.listen(engine, "begin", _begin_immediate)
        sa.event.listen(engine, "commit", _refuse_lost_transaction)
    return engine


def reading_engine(url: str) -> Engine:
    """An engine whose connections cannot write, and never checkpoint."""
    engine = sa.create_engine(
        url,
        poolclass=QueuePool,
        pool_size=READERS,
        max_overflow=READERS,
        connect_args=_connect_args(make_url(url)),
        hide_parameters=True,
    )
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _open_for_reading)
        sa.event.listen(engine, "begin", _begin_deferred)
    return engine


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


def _connect_args(url: URL) -> dict[str, Any]:
    # Connections move between threads: readers through the pool, the writer's when it is closed.
    return {"check_same_thread": False} if url.get_backend_name() == "sqlite" else {}


def _pragmas(connection: Any, *pragmas: str) -> None:  # noqa: ANN401 - a driver's own connection
    # The driver's own transactions begin deferred, and those deadlock when they upgrade; ours are explicit.
    connection.isolation_level = None
    for pragma in (f"busy_timeout={_BUSY_MS}", "foreign_keys=ON", *pragmas):
        connection.execute(f"PRAGMA {pragma}")


def _open_for_writing(connection: Any, _record: object) -> None:  # noqa: ANN401 - the same
    _pragmas(connection, "journal_mode=WAL", "synchronous=FULL")


def _open_for_reading(connection: Any, _record: object) -> None:  # noqa: ANN401 - the same
    _pragmas(connection, "wal_autocheckpoint=0", "query_only=ON")


def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _refuse_lost_transaction(connection: sa.Connection) -> None:
    """SQLite ends a transaction by itself on some errors, and the driver's commit() is silent about it."""
    driver: Any = connection.connection.dbapi_connection
    if not driver.in_transaction:
        raise sqlite3.OperationalError("the transaction was lost before its commit")
