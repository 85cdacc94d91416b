"""Column types that mean the same in SQLite and in PostgreSQL.

SQLite's STRICT tables know INTEGER, TEXT, REAL and BLOB only, so every type here becomes one of them
there and PostgreSQL's own type elsewhere.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def _since_ms(value: datetime | None) -> int | None:
    """Refuse a time without a zone: nobody could say when it was."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"{value} has no time zone.")
    return (value - _EPOCH) // _MS


def _at_ms(since_ms: int | None) -> datetime | None:
    return None if since_ms is None else _EPOCH + since_ms * _MS


def _timestamp(value: datetime | None) -> datetime | None:
    """The same moment to the millisecond, so that both databases keep the same."""
    return _at_ms(_since_ms(value))


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC, to the millisecond: milliseconds since 1970, or timestamptz."""

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column's type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(sa.Integer())

    # A row of a visit has seven times: the processors themselves, not the usual hooks that they would call.
    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """Choose how a time is written."""
        return _timestamp if dialect.name == "postgresql" else _since_ms

    def result_processor(
        self,
        dialect: Dialect,
        coltype: object,  # noqa: ARG002 - SQLAlchemy's
    ) -> Callable[[Any], datetime | None]:
        """Choose how a time is read."""
        return _in_utc if dialect.name == "postgresql" else _at_ms


class Flag(TypeDecorator[bool]):
    """Yes or no."""

    impl = sa.Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column's type."""
        plain = sa.Boolean() if dialect.name == "postgresql" else sa.Integer()
        return dialect.type_descriptor(plain)

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> Any:  # noqa: ANN401 - SQLAlchemy's
        """SQLite keeps 0 and 1."""
        return value if value is None or dialect.name == "postgresql" else int(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:  # noqa: ANN401, ARG002 - SQLAlchemy's
        """Give a boolean back."""
        return None if value is None else bool(value)


class Json(TypeDecorator[Any]):
    """A value as JSON text."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ANN401, ARG002 - SQLAlchemy's
        """Write the value as JSON."""
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002 - SQLAlchemy's
        """Read it back as plain lists, objects and values."""
        return None if value is None else msgspec.json.decode(value)
