"""The first tables."""

import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op

from central.schema.columns import Flag, Json, UtcTime

revision = "0001"
down_revision = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make them, and give this database its epoch."""
    _meta()
    _person()
    _station()
    _bay()
    _booking()
    _device()
    _device_code()
    _event()
    _help_call()
    _lit()
    _session()
    _sign_in_code()
    _visit()
    _arrival()
    _call()
    meta = sa.table("meta", sa.column("name"), sa.column("value"))
    op.execute(sa.insert(meta).values(name="epoch", value=secrets.token_hex(8)))


def _table(name: str, *parts: Any) -> None:  # noqa: ANN401 - columns and constraints
    op.create_table(name, *parts, sqlite_strict=True)


def _key(name: str, kind: Any = sa.Text) -> "sa.Column[Any]":  # noqa: ANN401 - types and their instances
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _must(name: str, kind: Any = sa.Text) -> "sa.Column[Any]":  # noqa: ANN401 - the same
    return sa.Column(name, kind, nullable=False)


def _may(name: str, kind: Any = sa.Text) -> "sa.Column[Any]":  # noqa: ANN401 - the same
    return sa.Column(name, kind, nullable=True)


def _where_ended(name: str, columns: list[str]) -> None:
    where = sa.text("ended_at IS NOT NULL")
    op.create_index(name, "visit", columns, sqlite_where=where, postgresql_where=where)


def _unique_where(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(
        name,
        table,
        columns,
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def _meta() -> None:
    _table(
        "meta",
        _key("name"),
        _must("value"),
    )


def _person() -> None:
    _table(
        "person",
        _key("id"),
        _must("name"),
        _must("role"),
        _must("password_hash"),
        _must("stations", Json),
        _must("created_at", UtcTime),
        sa.UniqueConstraint("name"),
    )


def _station() -> None:
    _table(
        "station",
        _key("id"),
        _must("name"),
        _must("time_zone"),
        _must("seq", _BIG),
    )


def _bay() -> None:
    _table(
        "bay",
        _key("station"),
        _key("id"),
        _must("door"),
        _must("kinds", Json),
        _must("capacity", sa.Integer),
        sa.ForeignKeyConstraint(["station"], ["station.id"]),
        sa.UniqueConstraint("station", "door"),
    )


def _booking() -> None:
    _table(
        "booking",
        _key("station"),
        _key("ref"),
        _must("plate"),
        _must("match_key"),
        _must("slot_at", UtcTime),
        _must("kind"),
        _may("visit"),
        sa.ForeignKeyConstraint(["station"], ["station.id"]),
    )
    op.create_index("booking_by_plate", "booking", ["station", "match_key", "slot_at"])
    op.create_index("booking_by_slot", "booking", ["station", "slot_at"])


def _device() -> None:
    _table(
        "device",
        _key("id"),
        _must("station"),
        _must("role"),
        _must("name"),
        _must("token_sha256"),
        _must("serial"),
        _must("enrolled_at", UtcTime),
        _may("revoked_at", UtcTime),
        _may("bay"),
        _must("bay_seq", sa.Integer),
        _may("beat_at", UtcTime),
        _must("silent", Flag),
        _must("boot"),
        _must("panel_state"),
        _must("fault"),
        _may("commanded"),
        _may("sent_call"),
        _must("sent_whole", Flag),
        _may("confirmed", Flag),
        _may("panel", Json),
        sa.ForeignKeyConstraint(["station"], ["station.id"]),
        sa.UniqueConstraint("token_sha256"),
    )
    op.create_index("device_by_station", "device", ["station", "role"])
    _unique_where("one_sign_a_bay", "device", ["station", "bay"], "bay IS NOT NULL")


def _device_code() -> None:
    _table(
        "device_code",
        _key("handle"),
        _must("code_hash"),
        _must("station"),
        _must("role"),
        _must("name"),
        _may("bay"),
        _must("made_at", UtcTime),
        _must("expires_at", UtcTime),
        _must("tries", sa.Integer),
        _may("used_at", UtcTime),
        sa.ForeignKeyConstraint(["station"], ["station.id"]),
    )


def _event() -> None:
    _table(
        "event",
        _key("station"),
        _key("seq", _BIG),
        _must("at", UtcTime),
        _must("kind"),
        _must("actor_kind"),
        _must("actor_id"),
        _must("actor"),
        _may("visit"),
        _may("bay"),
        _may("call"),
        _must("data", Json),
        sa.ForeignKeyConstraint(["station"], ["station.id"]),
    )
    op.create_index("event_by_visit", "event", ["visit", "seq"])


def _help_call() -> None:
    _table(
        "help_call",
        _key("id"),
        _must("station"),
        _must("device"),
        _must("post"),
        _must("raised_at", UtcTime),
        _may("plate"),
        _may("match_key"),
        _may("visit"),
        _may("acknowledged_by"),
        _may("acknowledged_id"),
        _may("acknowledged_at", UtcTime),
        _may("closed_by"),
        _may("closed_at", UtcTime),
        _may("word"),
        sa.ForeignKeyConstraint(["station"], ["station.id"]),
    )
    op.create_index("help_by_station", "help_call", ["station", "closed_at"])


def _lit() -> None:
    _table(
        "lit",
        _key("device"),
        _must("station"),
        _must("boot"),
        _must("bay"),
        _must("match_key"),
        _must("call"),
        _must("held", Flag),
        sa.ForeignKeyConstraint(["station"], ["station.id"]),
        sa.UniqueConstraint("station", "match_key", name="one_door_a_plate"),
        sa.UniqueConstraint("station", "bay", name="one_plate_a_door"),
    )


def _session() -> None:
    _table(
        "session",
        _key("token_sha256"),
        _must("person"),
        _must("csrf"),
        _must("created_at", UtcTime),
        _must("seen_at", UtcTime),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
    )


def _sign_in_code() -> None:
    _table(
        "sign_in_code",
        _key("code_sha256"),
        _must("person"),
        _must("expires_at", UtcTime),
        _may("used_at", UtcTime),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
    )


def _visit() -> None:
    _table(
        "visit",
        _key("id"),
        _must("station"),
        _must("plate"),
        _must("match_key"),
        _must("kind"),
        _must("source"),
        _must("state"),
        _must("version", sa.Integer),
        _must("arrived_at", UtcTime),
        _must("turn_at", UtcTime),
        _must("rule"),
        _may("slot_at", UtcTime),
        _may("bay"),
        _may("call"),
        _may("called_at", UtcTime),
        _may("in_bay_at", UtcTime),
        _may("ended_at", UtcTime),
        _must("calls", sa.Integer),
        sa.ForeignKeyConstraint(["station"], ["station.id"]),
    )
    _unique_where("one_call_a_bay", "visit", ["station", "bay"], "state = 'called'")
    _unique_where(
        "one_open_visit_a_plate",
        "visit",
        ["station", "match_key"],
        "state IN ('waiting', 'parked', 'called', 'in_bay')",
    )
    _where_ended("visit_by_end", ["station", "state", "ended_at"])
    _where_ended("visit_by_plate", ["station", "match_key", "ended_at"])


def _arrival() -> None:
    _table(
        "arrival",
        _key("id"),
        _must("station"),
        _must("visit"),
        _must("device"),
        _must("source"),
        _must("body_sha256"),
        _must("plate"),
        _must("match_key"),
        _must("at", UtcTime),
        _must("received_at", UtcTime),
        _must("outcome"),
        sa.ForeignKeyConstraint(["station"], ["station.id"]),
        sa.ForeignKeyConstraint(["visit"], ["visit.id"]),
    )
    op.create_index("arrival_by_plate", "arrival", ["station", "match_key", "received_at"])
    op.create_index("arrival_by_visit", "arrival", ["visit"])


def _call() -> None:
    _table(
        "call",
        _key("id"),
        _must("station"),
        _must("bay"),
        _must("visit"),
        _must("match_key"),
        _must("plate"),
        _must("seq", sa.Integer),
        _must("started_at", UtcTime),
        _may("ended_seq", sa.Integer),
        _may("granted_at", UtcTime),
        _may("sent_at", UtcTime),
        _may("confirmed_at", UtcTime),
        _may("dark_at", UtcTime),
        _may("cannot_show_at", UtcTime),
        sa.ForeignKeyConstraint(["station"], ["station.id"]),
        sa.ForeignKeyConstraint(["visit"], ["visit.id"]),
    )
    _unique_where("one_standing_call_a_bay", "call", ["station", "bay"], "ended_seq IS NULL")
    _unique_where("one_standing_call_a_visit", "call", ["visit"], "ended_seq IS NULL")
