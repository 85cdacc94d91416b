"""No bytes of what was erased: PostgreSQL's tables written anew, and its log let go as far as we may.

A plain VACUUM frees the room of erased rows and leaves their bytes in it, in tables and indexes; VACUUM
FULL writes new files.  The planner's own statistics hold plates too, as the most common values of a column.
The server's log belongs to the server: with `pg_checkpoint` and `pg_switch_wal` granted it is emptied here,
and with `wal_recycle=off` its old files go (docs/operations.md).
"""

import logging
import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.engine import URL

from central import schema
from central.database import postgres
from central.database.presence import KEY

_log = logging.getLogger(__name__)

# One of those who serve a database wipes it at a time.
_WIPING = KEY + 1
_ALONE = "SELECT pg_try_advisory_lock(%s)"
# What VACUUM says of rows that an old reader may still want to see, in any language: the number comes first.
_STILL_SEEN = re.compile(r"[1-9]\d* ")
_COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
WHERE attrelid = to_regclass(%s) AND attname = ANY(%s) AND attname IN (
    SELECT s.attname FROM pg_stats s WHERE s.schemaname = current_schema() AND s.tablename = %s)
"""
_MAY_SWITCH = "SELECT has_function_privilege('pg_catalog.pg_switch_wal()', 'EXECUTE')"
_MAY_CHECKPOINT = """
SELECT rolsuper OR coalesce(pg_has_role(to_regrole('pg_checkpoint')::oid, 'USAGE'), false)
FROM pg_roles WHERE rolname = current_user
"""
# The first ends the file that holds erased bytes, the second lets it go.
_ROUNDS = 2

Connection = psycopg.Connection[Any]


def wipe(url: URL, patience_s: float) -> bool:
    """Leave no bytes of erased rows in the tables' files; nobody waits for a table longer than *patience_s*.

    Gives whether it is done; if not, a table was too large for that, somebody reads what was erased, or
    another central is at it: try later.
    """
    try:
        with closing(postgres.connect(url)) as connection:
            return bool(_one(connection, _ALONE, _WIPING)) and _wipe(connection, patience_s)
    except psycopg.Error as error:
        _log.info("tables not written anew reason=%s", type(error).__name__)
        return False


def _wipe(connection: Connection, patience_s: float) -> bool:
    still_seen: list[str] = []

    def hear(said: psycopg.errors.Diagnostic) -> None:
        if _STILL_SEEN.match(said.message_detail or ""):
            still_seen.append(said.message_primary or "")

    connection.add_notice_handler(hear)
    for name in ("lock_timeout", "statement_timeout"):
        connection.execute("SELECT set_config(%s, %s, false)", (name, f"{patience_s * 1000:.0f}"))
    for table in schema.metadata.sorted_tables:
        _write_anew(connection, table)
    connection.execute("VACUUM (FULL) pg_catalog.pg_statistic")
    connection.execute("SELECT set_config('statement_timeout', '0', false)")
    _let_the_log_go(connection)
    return not still_seen


def _write_anew(connection: Connection, table: sa.Table) -> None:
    name = sql.Identifier(table.name)
    connection.execute(sql.SQL("VACUUM (FULL, ANALYZE, VERBOSE) {}").format(name))
    if connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(name)).fetchone() is None:
        for change in _without_statistics(connection, table):
            connection.execute(change)


def _without_statistics(connection: Connection, table: sa.Table) -> Iterator[sql.Composed]:
    """An empty table keeps the statistics that it had; a column that is told its own type forgets them."""
    plain = [column.name for column in table.columns if not column.foreign_keys]
    found = connection.execute(_COLUMNS, (table.name, plain, table.name)).fetchall()
    for column, of_type in found:
        yield sql.SQL("ALTER TABLE {} ALTER COLUMN {} TYPE {}").format(
            sql.Identifier(table.name), sql.Identifier(column), sql.SQL(of_type)
        )


def _let_the_log_go(connection: Connection) -> None:
    may_switch = _one(connection, _MAY_SWITCH)
    may_checkpoint = _one(connection, _MAY_CHECKPOINT)
    if not (may_switch and may_checkpoint):
        _log.info(
            "postgresql's log keeps erased bytes until it is overwritten; grant pg_checkpoint"
        )
    for _ in range(_ROUNDS):
        if may_switch:
            connection.execute("SELECT pg_switch_wal()")
        if may_checkpoint:
            connection.execute("CHECKPOINT")


def _one(connection: Connection, question: str, *words: object) -> object:
    row = connection.execute(question, words).fetchone()
    return None if row is None else row[0]
