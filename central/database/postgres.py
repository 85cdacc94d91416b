"""PostgreSQL as central uses it: few connections, which give up early, and what their errors mean."""

import logging
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import IsolationLevel, sql
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

_log = logging.getLogger(__name__)

# As many as threads that answer requests, and four for those that write beside them: the ticker, the night,
# the later-writer and the command line must get through when every request waits for a station.
WRITERS = 18 + 4
# Whoever reads is done at once, so that the others may wait for them: two processes have less than the
# hundred connections that a server gives by itself.
READERS = 16
POOL_WAIT_S = 3
CONNECT_S = 3
_LOCK_MS = 4_000
_STATEMENT_MS = 10_000
# A central that freezes in the middle of a job would hold its station's row until it wakes.
IDLE_MS = 15_000
# The server too must notice that our machine is gone: by itself it would keep its locks for two hours.
# Seconds, and milliseconds for the last; a Unix socket has no such thing and ignores them
# (postgresql.org/docs/current/runtime-config-connection.html).
_GONE = {
    "tcp_keepalives_idle": 5,
    "tcp_keepalives_interval": 2,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": 8_000,
}
_CONNECT: dict[str, object] = {
    "connect_timeout": CONNECT_S,
    # A server whose machine is gone answers nothing at all, not even a refusal (TCP only).
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8_000,
}
# A database may have been told not to wait for its disk; what we acknowledge must be on it.
_DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off'"
)
# A connection that listens or holds a lock does nothing for days.
_PATIENT = (
    "SELECT set_config(name, '0', false) FROM pg_settings"
    " WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_session_timeout')"
)

# For one read that may take as long as it takes: until its transaction ends.
UNHURRIED = sa.text("SELECT set_config('statement_timeout', '0', true)")

# SQLSTATEs (postgresql.org/docs/current/errcodes-appendix.html).
_UNIQUE = "23505"  # two processes wrote the same at once: the second look sees the other's
_CHANCE = {"40001", "40P01", _UNIQUE}  # serialization failure, deadlock
_CANCELED = "57014"  # it took longer than a statement may, or an operator broke it off
_USELESS = {"25006", "57P01", "57P02", "57P03"}  # a standby, or a server that is going or coming


@contextmanager
def _discreet() -> Iterator[None]:
    """Keep the first line of an error only: in the next, PostgreSQL tells the row, plate and all."""
    try:
        yield
    except psycopg.Error as error:
        error.args = (error.diag.message_primary or str(error),)
        raise


class _Discreet(PGDialect_psycopg):
    """PostgreSQL, whose errors may go into the log."""

    supports_statement_cache = True

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:  # noqa: ANN401 - the driver's
        """Run a statement."""
        with _discreet():
            super().do_execute(cursor, statement, parameters, context)  # type: ignore[no-untyped-call]

    def do_executemany(
        self,
        cursor: Any,  # noqa: ANN401 - the driver's
        statement: str,
        parameters: Any,  # noqa: ANN401 - the driver's
        context: Any = None,  # noqa: ANN401 - the driver's
    ) -> None:
        """Run a statement for many rows."""
        with _discreet():
            super().do_executemany(cursor, statement, parameters, context)  # type: ignore[no-untyped-call]

    def do_commit(self, dbapi_connection: Any) -> None:  # noqa: ANN401 - the driver's
        """Commit."""
        with _discreet():
            super().do_commit(dbapi_connection)  # type: ignore[no-untyped-call]


registry.register("postgresql.discreet", __name__, "_Discreet")


def writing_engine(url: URL) -> Engine:
    """An engine for transactions that see what others commit meanwhile: the station's row is locked."""
    engine = _engine(url, WRITERS, IsolationLevel.READ_COMMITTED, read_only=False)
    limits = {"idle_in_transaction_session_timeout": IDLE_MS, **_GONE}
    sa.event.listen(engine, "connect", lambda raw, _: _set(raw, **limits))
    return engine


def reading_engine(url: URL) -> Engine:
    """An engine whose connections see one moment, and cannot write."""
    return _engine(url, READERS, IsolationLevel.REPEATABLE_READ, read_only=True)


def migrating_engine(url: URL) -> Engine:
    """An engine with one connection on which a statement may take its time."""
    engine = _made(url, 1)
    sa.event.listen(engine, "connect", lambda raw, _: _set(raw, statement_timeout=0))
    return engine


def connect(url: URL) -> "psycopg.Connection[Any]":
    """Open a connection of its own, outside every pool, on which each statement is a transaction."""
    dialect: Any = _Discreet  # SQLAlchemy's own way to read an address is not typed
    positional, words = dialect().create_connect_args(_address(url))
    connection = psycopg.connect(*positional, **{**_words(), **words}, autocommit=True)
    connection.execute(_PATIENT)
    _say(connection, _GONE)
    return connection


def is_chance(error: DBAPIError) -> bool:
    """Whether nothing was changed and the same may go well if it is tried again."""
    return error.connection_invalidated or _state(error) in _CHANCE | _USELESS


def is_useless(error: DBAPIError) -> bool:
    """Whether this connection leads to a server that cannot serve; another may lead to a better one."""
    return not error.connection_invalidated and _state(error) in _USELESS


def is_away(error: DBAPIError) -> bool:
    """Whether the server did not answer, or not in time, rather than refuse what was asked."""
    return error.connection_invalidated or isinstance(error.orig, psycopg.OperationalError)


def is_cut_short(error: DBAPIError) -> bool:
    """Whether the server gave up this one statement, while all others go well."""
    return _state(error) == _CANCELED


def warn_of_risks(connection: sa.Connection) -> None:
    """Say in the log what would lose an acknowledged write at a power cut."""
    if connection.exec_driver_sql("SHOW fsync").scalar_one() != "on":
        _log.warning("postgresql runs with fsync=off: a power cut can destroy the database")


def _engine(url: URL, size: int, level: IsolationLevel, *, read_only: bool) -> Engine:
    engine = _made(url, size)

    def prepare(raw: Any, _record: object) -> None:  # noqa: ANN401 - a driver's own connection
        _set(raw, statement_timeout=_STATEMENT_MS, lock_timeout=_LOCK_MS)
        raw.isolation_level, raw.read_only = level, read_only

    sa.event.listen(engine, "connect", prepare)
    return engine


def _made(url: URL, size: int) -> Engine:
    return sa.create_engine(
        _address(url),
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=POOL_WAIT_S,
        connect_args=_words(),
        hide_parameters=True,  # a traceback in the log must not hold plates
    )


def _set(raw: Any, **settings: int) -> None:  # noqa: ANN401 - a driver's own connection
    raw.autocommit = True
    _say(raw, settings)
    raw.execute(_DURABLE)
    raw.autocommit = False


def _say(raw: Any, settings: Mapping[str, int]) -> None:  # noqa: ANN401 - a driver's own connection
    for name, value in settings.items():
        raw.execute(sql.SQL("SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))


def _address(url: URL) -> URL:
    return url.set(drivername="postgresql+discreet")


def _words() -> dict[str, object]:
    name = f"portvakt {socket.gethostname()} {os.getpid()}"
    return {**_CONNECT, "application_name": name}


def _state(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)
