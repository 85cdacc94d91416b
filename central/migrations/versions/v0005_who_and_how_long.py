"""Who may do what, who looked, and for how long plates and names are kept."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from central.schema.columns import Flag, Json, UtcTime

revision = "0005"
down_revision = "0004"

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NAMED_HELP = "(plate IS NOT NULL OR word IS NOT NULL OR acknowledged_by IS NOT NULL)"
_STATION_DAYS = {
    "keep_days": "7",
    "keep_recheck_days": "30",
    "keep_names_days": "400",
    "keep_looks_days": "400",
}


def upgrade() -> None:
    """Add them; who may sign in and which device is known stays as it was."""
    _people()
    _tokens()
    _devices()
    _looks()
    _station()
    _to_erase()


def _people() -> None:
    op.add_column("person", sa.Column("disabled_at", UtcTime, nullable=True))
    for name in ("issuer", "subject"):
        op.add_column("person", sa.Column(name, sa.Text, nullable=True))
    op.create_index("person_elsewhere", "person", ["issuer", "subject"], unique=True)
    no = "false" if op.get_bind().dialect.name == "postgresql" else "0"
    for table in ("session", "sign_in_code"):
        _add(table, "sets_password", Flag, no)
    op.create_table(
        "known_browser",
        _key("token_sha256"),
        _must("person"),
        _must("at", UtcTime),
        _must("wrong", sa.Integer),
        sa.Column("wrong_at", UtcTime, nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sqlite_strict=True,
    )
    op.create_table(
        "tried_name",
        _key("name_sha256"),
        _must("wrong", sa.Integer),
        _must("wrong_at", UtcTime),
        sqlite_strict=True,
    )
    op.create_index("tried_name_by_time", "tried_name", ["wrong_at"])


def _tokens() -> None:
    op.create_table(
        "api_token",
        _key("id"),
        _must("name"),
        _must("token_sha256"),
        _must("stations", Json),
        _must("scopes", Json),
        _must("created_at", UtcTime),
        _must("created_by"),
        _must("expires_at", UtcTime),
        sa.Column("last_used_at", UtcTime, nullable=True),
        sa.Column("revoked_at", UtcTime, nullable=True),
        sa.UniqueConstraint("token_sha256"),
        sqlite_strict=True,
    )


def _devices() -> None:
    for name, kind in (
        ("next_token_sha256", sa.Text),
        ("token_at", UtcTime),
        ("rotate_at", UtcTime),
        ("boots", Json),
        ("cloned_at", UtcTime),
    ):
        op.add_column("device", sa.Column(name, kind, nullable=True))
    op.create_index("device_by_next_token", "device", ["next_token_sha256"], unique=True)
    for name in ("replaces", "claim_sha256", "device"):
        op.add_column("device_code", sa.Column(name, sa.Text, nullable=True))


def _looks() -> None:
    op.create_table(
        "look",
        _key("id"),
        _must("station"),
        _must("at", UtcTime),
        _must("person"),
        _must("name"),
        _must("what"),
        _must("about"),
        _must("times", sa.Integer),
        sa.ForeignKeyConstraint(["station"], ["station.id"]),
        sqlite_strict=True,
    )
    op.create_index("look_by_time", "look", ["station", "at"])


def _station() -> None:
    for name, days in _STATION_DAYS.items():
        _add("station", name, sa.Integer, days)
    for name in ("erased_seq", "names_seq"):
        _add("station", name, _BIG, "0")
    op.add_column("station", sa.Column("erased_at", UtcTime, nullable=True))
    # Until the next night somebody may still say for how long plates are to be kept.
    stations = sa.table("station", sa.column("erased_at", UtcTime))
    op.execute(sa.update(stations).values(erased_at=datetime.now(UTC)))


def _to_erase() -> None:
    """What retention finds its rows by; an open visit costs none of them anything."""
    for table in ("call", "help_call"):
        name = table.removesuffix("_call")
        op.create_index(f"{name}_by_visit", table, ["visit"])
    op.create_index("help_by_plate", "help_call", ["station", "match_key"])
    _index("cancelled_bookings", "booking", "cancelled_at", "cancelled_at IS NOT NULL")
    _index("call_by_plate", "call", "match_key", "plate <> ''")
    _index("visit_to_erase", "visit", "ended_at", "ended_at IS NOT NULL AND plate <> ''")
    _index("arrival_to_erase", "arrival", "received_at", "visit IS NULL AND plate <> ''")
    _index("help_to_erase", "help_call", "raised_at", _NAMED_HELP)


def _index(name: str, table: str, column: str, where: str) -> None:
    clause = sa.text(where)
    op.create_index(name, table, ["station", column], sqlite_where=clause, postgresql_where=clause)


def _add(table: str, name: str, kind: Any, value: str) -> None:  # noqa: ANN401 - types and their instances
    """Add a column that rows which are there get *value* in."""
    op.add_column(table, sa.Column(name, kind, nullable=False, server_default=sa.text(value)))


def _key(name: str) -> "sa.Column[Any]":
    return sa.Column(name, sa.Text, primary_key=True, autoincrement=False)


def _must(name: str, kind: Any = sa.Text) -> "sa.Column[Any]":  # noqa: ANN401 - types and their instances
    return sa.Column(name, kind, nullable=False)
