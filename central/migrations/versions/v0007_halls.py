"""Hall boxes and their office: events forwarded, and what a hall fetches."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from central.schema.columns import Json, UtcTime

revision = "0007"
down_revision = "0006"
# Tables are added, and nothing that an older release reads has changed.
reads_from = "0005"

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add their tables; a central with neither keeps them empty."""
    _office()
    _hall()


def _office() -> None:
    _table(
        "hall",
        _key("station"),
        _must("since", UtcTime),
        _must("log_seq", _BIG),
        _must("after", _BIG),
        _may("heard_at", UtcTime),
        _may("epoch"),
        _may("said", Json),
    )
    _table(
        "hall_event",
        _key("station"),
        _key("epoch"),
        sa.Column("seq", _BIG, primary_key=True, autoincrement=False),
        _must("at", UtcTime),
        _must("received_at", UtcTime),
        *(_must(name) for name in ("kind", "actor_kind", "actor_id")),
        *(_may(name) for name in ("visit", "bay", "call")),
        _must("data", Json),
    )
    _table("hall_log", _key("station"), _key("ref"), _must("seq", _BIG))
    op.create_index("hall_log_in_order", "hall_log", ["station", "seq"], unique=True)
    _table(
        "hall_erasure",
        _key("id"),
        _must("station"),
        _must("plate"),
        _must("at", UtcTime),
        _may("done_at", UtcTime),
    )
    asked = sa.text("done_at IS NULL")
    op.create_index(
        "hall_erasures_asked",
        "hall_erasure",
        ["station", "at"],
        sqlite_where=asked,
        postgresql_where=asked,
    )
    _table("hall_revocation", _key("station"), _key("device"), _must("at", UtcTime))


def _hall() -> None:
    _table("office_link", _key("station"), _must("office"), _must("after", _BIG))
    _table("office_word", _key("station"), _key("kind"), _key("id"), _must("word", Json))
    _table("office_forgets", _key("station"), _key("ref"))


def _table(name: str, *columns: "sa.Column[Any]") -> None:
    of_station = sa.ForeignKeyConstraint(["station"], ["station.id"])
    op.create_table(name, *columns, of_station, sqlite_strict=True)


def _key(name: str) -> "sa.Column[Any]":
    return sa.Column(name, sa.Text, primary_key=True, autoincrement=False)


def _must(name: str, kind: Any = sa.Text) -> "sa.Column[Any]":  # noqa: ANN401 - types and their instances
    return sa.Column(name, kind, nullable=False)


def _may(name: str, kind: Any = sa.Text) -> "sa.Column[Any]":  # noqa: ANN401 - the same
    return sa.Column(name, kind, nullable=True)
