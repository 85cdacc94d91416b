"""Who is at a PostgreSQL database: those who serve it together, or one who changes its tables alone.

An advisory lock says so.  Processes that serve hold it shared; migrate and restore hold it alone.  It
goes with the connection, so a process that died is gone from here too.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import psycopg
from sqlalchemy.engine import URL, make_url

from central import migrations, schema
from central.database import postgres
from central.errors import StoreAway, StoreTaken, StoreUnfit

_log = logging.getLogger(__name__)

KEY = 0x706F7274  # any number that nobody else locks in this database: "port"
MIGRATION_S = 240  # how long a start waits for somebody who migrates; systemd gives it 300
_NAMES = """
SELECT DISTINCT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND classid = 0 AND objid = %s AND objsubid = 1
AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND pid <> pg_backend_pid()
"""
_HISTORY = (
    f"SELECT version_num, (SELECT value FROM {schema.meta.name} WHERE name = 'epoch')"  # noqa: S608 - our own words
    " FROM alembic_version"
)

Connection = psycopg.Connection[Any]


class Presence:
    """Serves the database behind *url* together with others, while it is entered.

    Whoever comes first brings the database up to date; whoever comes later finds it so, and joins.

    Raises:
        StoreAway, StoreUnfit: the database does not answer, or is of another release.
        StoreTaken: others serve it with an older release.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self._history: object = None

    def __enter__(self) -> Self:
        self.connection = _connect(self.url)
        try:
            self._come_in()
        except BaseException:
            self.connection.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.connection.close()

    def again(self) -> None:
        """Come back after the connection was lost.

        Raises:
            StoreAway: the server does not answer yet.
            StoreUnfit: meanwhile the database was migrated or restored; only a new start may serve it.
        """
        self.connection.close()
        self.connection = _connect(self.url)
        try:
            is_in = _is(self.connection, "SELECT pg_try_advisory_lock_shared(%s)", KEY)
            if not is_in or self._read_history() != self._history:
                raise StoreUnfit(
                    "The database was changed while we were away; start central again."
                )
        except psycopg.Error as error:
            raise StoreAway(str(error)) from error

    def _come_in(self) -> None:
        try:
            if _is(self.connection, "SELECT pg_try_advisory_lock(%s)", KEY):
                migrations.migrate(_text(self.url))
                # Both at once is possible for one connection, so nobody comes in between.
                self.connection.execute("SELECT pg_advisory_lock_shared(%s)", (KEY,))
                self.connection.execute("SELECT pg_advisory_unlock(%s)", (KEY,))
            else:
                self._join()
            self._history = self._read_history()
        except psycopg.Error as error:
            raise _away(error) from error

    def _join(self) -> None:
        others = _others(self.connection)
        self.connection.execute(f"SET lock_timeout = '{MIGRATION_S}s'")
        try:
            self.connection.execute("SELECT pg_advisory_lock_shared(%s)", (KEY,))
        except psycopg.errors.LockNotAvailable as error:
            raise StoreTaken(
                f"Somebody has been changing this database for {MIGRATION_S} s ({others});"
                " start again when they are done."
            ) from error
        there, ours = self._read_history()[0], migrations.revisions()
        if there in ours[1:]:
            raise StoreTaken(
                f"An older Portvakt serves this database ({others}); stop it, then start this one."
            )
        if there != ours[0]:
            migrations.migrate(_text(self.url))  # of a newer release: it says whether we may
        _log.info("joined others at the database who=%s", others)

    def _read_history(self) -> tuple[Any, ...]:
        """The tables' revision and the database's epoch."""
        found: tuple[Any, ...] | None = self.connection.execute(_HISTORY).fetchone()
        return (None, None) if found is None else found


@contextmanager
def alone(url: str) -> Iterator[None]:
    """Hold the database behind *url* for this process; for whoever changes its tables.

    Raises:
        StoreAway: it does not answer.
        StoreTaken: somebody serves it.
    """
    connection = _connect(make_url(url))
    try:
        if not _is(connection, "SELECT pg_try_advisory_lock(%s)", KEY):
            raise StoreTaken(
                f"Portvakt serves this database ({_others(connection)}); stop it first."
            )
        yield
    finally:
        connection.close()


def _connect(url: URL) -> Connection:
    try:
        return postgres.connect(url)
    except psycopg.Error as error:
        raise _away(error) from error


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _others(connection: Connection) -> str:
    rows = connection.execute(_NAMES, (KEY,)).fetchall()
    return ", ".join(sorted(str(row[0]) for row in rows)) or "somebody"


def _is(connection: Connection, question: str, *words: object) -> bool:
    row = connection.execute(question, words).fetchone()
    return bool(row and row[0])


def _away(error: Exception) -> StoreAway:
    first = str(error).strip().partition("\n")[0]
    return StoreAway(
        f"The database does not answer ({first}); look whether PostgreSQL runs and who may connect."
    )
