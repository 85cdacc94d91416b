"""Column types that mean the same in SQLite and in PostgreSQL.

SQLite's STRICT tables know INTEGER, TEXT, REAL and BLOB only, so every type here becomes one of them
there and PostgreSQL's own type elsewhere.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC, to the millisecond: milliseconds since 1970, or timestamptz."""

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column's type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(sa.Integer())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401 - SQLAlchemy's
        """Refuse a time without a zone: nobody could say when it was."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone.")
        since_ms = (value - _EPOCH) // _MS
        return _EPOCH + since_ms * _MS if dialect.name == "postgresql" else since_ms

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401 - SQLAlchemy's
        """Give the moment back in UTC."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            return value.astimezone(UTC)  # type: ignore[no-any-return]
        return _EPOCH + value * _MS  # type: ignore[no-any-return]


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
