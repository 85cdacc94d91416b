"""What tables are made of: columns, conditions of partial indexes, and the one place that knows them all."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, Text

metadata = sa.MetaData()

# The same words stand in the partial indexes and in the queries, so that SQLite can match them.
IS_OPEN = sa.text("state IN ('waiting', 'parked', 'called', 'in_bay')")
IS_CALLED = sa.text("state = 'called'")
HAS_ENDED = sa.text("ended_at IS NOT NULL")
IS_IN_BAY = sa.text("state = 'in_bay'")
IS_HELD = sa.text("outcome = 'held' AND settled_at IS NULL")
HAS_ENDED_WITH_TWO = sa.text("ended_at IS NOT NULL AND match_key2 IS NOT NULL")
HAS_OTHER_PLATE = sa.text("match_key2 IS NOT NULL")
IS_DUE = sa.text("state IN ('pending', 'claimed')")
IS_UNCERTAIN = sa.text("state = 'uncertain'")
STANDS = sa.text("ended_seq IS NULL")
IS_UNHELPED = sa.text("closed_at IS NULL")
# Whose plate is not erased yet: an erased plate is an empty one.
IS_NAMED_ENDED = sa.text("ended_at IS NOT NULL AND plate <> ''")
IS_CANCELLED = sa.text("cancelled_at IS NOT NULL")
IS_NAMED = sa.text("plate <> ''")
IS_NAMED_STRAY = sa.text("visit IS NULL AND plate <> ''")
# In brackets: it stands beside other conditions.
IS_NAMED_HELP = sa.text("(plate IS NOT NULL OR word IS NOT NULL OR acknowledged_by IS NOT NULL)")

BIG = sa.BigInteger().with_variant(Integer(), "sqlite")


def table(name: str, *parts: Any) -> sa.Table:  # noqa: ANN401 - columns, constraints and indexes
    """Make a table, of SQLite's strict kind."""
    return sa.Table(name, metadata, *parts, sqlite_strict=True)


def key(name: str) -> "Column[str]":
    """A part of the primary key."""
    return Column(name, Text, primary_key=True)


def must(name: str, kind: Any = Text) -> "Column[Any]":  # noqa: ANN401 - SQLAlchemy takes types and their instances
    """A column that is never empty."""
    return Column(name, kind, nullable=False)


def may(name: str, kind: Any = Text) -> "Column[Any]":  # noqa: ANN401 - the same
    """A column that may be empty."""
    return Column(name, kind, nullable=True)


def of_station() -> ForeignKeyConstraint:
    """The row belongs to a station."""
    return ForeignKeyConstraint(["station"], ["station.id"])


def of_visit() -> ForeignKeyConstraint:
    """The row belongs to a visit."""
    return ForeignKeyConstraint(["visit"], ["visit.id"])


def only_where(where: sa.TextClause, name: str, *columns: str, unique: bool = False) -> Index:
    """An index of the rows where *where* holds: those that do not cost it nothing."""
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)
