"""Machines, releases and rings.

It only adds tables: the release before this one goes on with this database as if they were not there.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from central.schema.columns import Json, UtcTime

revision = "0006"
down_revision = "0005"
# Tables are added, and nothing that an older release reads has changed.
reads_from = "0005"

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add them; nothing was kept of them before."""
    _machines()
    _table(
        "release",
        _key("name"),
        _must("added_at", UtcTime),
        _may("halted_at", UtcTime),
        _must("why"),
        _may("resumed_at", UtcTime),
    )
    _table(
        "release_file",
        _key("file"),
        _must("release"),
        _must("platform"),
        _must("size", _BIG),
        _must("sha256"),
        _must("added_at", UtcTime),
        sa.UniqueConstraint("release", "platform"),
    )
    _table("ring_release", _key("ring"), _must("release"), _may("before"), _must("since", UtcTime))
    _table("station_ring", _key("station"), _must("ring"))
    _table(
        "machine_pin", _key("station"), _key("device"), _must("release"), _must("since", UtcTime)
    )


def _machines() -> None:
    _table(
        "machine",
        _key("station"),
        _key("device"),
        _must("name"),
        _must("role"),
        _must("heard_at", UtcTime),
        _must("body", Json),
        _must("told", Json),
        _may("begun"),
        _may("begun_at", UtcTime),
    )
    op.create_index("machine_by_time", "machine", ["heard_at"])
    begun = sa.text("begun IS NOT NULL")
    op.create_index(
        "machine_begun", "machine", ["begun"], sqlite_where=begun, postgresql_where=begun
    )


def _table(name: str, *parts: Any) -> None:  # noqa: ANN401 - columns and constraints
    op.create_table(name, *parts, sqlite_strict=True)


def _key(name: str) -> "sa.Column[Any]":
    return sa.Column(name, sa.Text, primary_key=True, autoincrement=False)


def _must(name: str, kind: Any = sa.Text) -> "sa.Column[Any]":  # noqa: ANN401 - types and their instances
    return sa.Column(name, kind, nullable=False)


def _may(name: str, kind: Any = sa.Text) -> "sa.Column[Any]":  # noqa: ANN401 - the same
    return sa.Column(name, kind, nullable=True)
