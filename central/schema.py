"""The tables.  What must never happen is refused here, by the database, and not only by the code."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, Text

from central.columns import Flag, Json, UtcTime

metadata = sa.MetaData()

# The same words stand in the partial indexes and in the queries, so that SQLite can match them.
IS_OPEN = sa.text("state IN ('waiting', 'parked', 'called', 'in_bay')")
IS_CALLED = sa.text("state = 'called'")
HAS_ENDED = sa.text("ended_at IS NOT NULL")
STANDS = sa.text("ended_seq IS NULL")


def _table(name: str, *parts: Any) -> sa.Table:  # noqa: ANN401 - columns, constraints and indexes
    return sa.Table(name, metadata, *parts, sqlite_strict=True)


def _key(name: str) -> "Column[str]":
    return Column(name, Text, primary_key=True)


def _must(name: str, kind: Any = Text) -> "Column[Any]":  # noqa: ANN401 - SQLAlchemy takes types and their instances
    return Column(name, kind, nullable=False)


def _may(name: str, kind: Any = Text) -> "Column[Any]":  # noqa: ANN401 - the same
    return Column(name, kind, nullable=True)


def _of_station() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["station"], ["station.id"])


# `epoch` names this database's history: a restore that loses rows writes a new one.
meta = _table("meta", _key("name"), _must("value"))

station = _table(
    "station",
    _key("id"),
    _must("name"),
    _must("time_zone"),
    _must("seq", sa.BigInteger().with_variant(Integer(), "sqlite")),
)

bay = _table(
    "bay",
    _key("station"),
    _key("id"),
    _must("door"),
    _must("kinds", Json),
    _must("capacity", Integer),
    _of_station(),
    sa.UniqueConstraint("station", "door"),
)

booking = _table(
    "booking",
    _key("station"),
    _key("ref"),
    _must("plate"),
    _must("match_key"),
    _must("slot_at", UtcTime),
    _must("kind"),
    _may("visit"),
    _of_station(),
    Index("booking_by_slot", "station", "slot_at"),
    Index("booking_by_plate", "station", "match_key", "slot_at"),
)

visit = _table(
    "visit",
    _key("id"),
    _must("station"),
    _must("plate"),
    _must("match_key"),
    _must("kind"),
    _must("source"),
    _must("state"),
    _must("version", Integer),
    _must("arrived_at", UtcTime),
    _must("turn_at", UtcTime),
    _must("rule"),
    _may("slot_at", UtcTime),
    _may("bay"),
    _may("call"),
    _may("called_at", UtcTime),
    _may("in_bay_at", UtcTime),
    _may("ended_at", UtcTime),
    _must("calls", Integer),
    _of_station(),
    Index(
        "one_open_visit_a_plate",
        "station",
        "match_key",
        unique=True,
        sqlite_where=IS_OPEN,
        postgresql_where=IS_OPEN,
    ),
    Index(
        "one_call_a_bay",
        "station",
        "bay",
        unique=True,
        sqlite_where=IS_CALLED,
        postgresql_where=IS_CALLED,
    ),
    # An arrival, which writes a page for each index, writes none for these.
    Index(
        "visit_by_plate",
        "station",
        "match_key",
        "ended_at",
        sqlite_where=HAS_ENDED,
        postgresql_where=HAS_ENDED,
    ),
    Index(
        "visit_by_end",
        "station",
        "state",
        "ended_at",
        sqlite_where=HAS_ENDED,
        postgresql_where=HAS_ENDED,
    ),
)

arrival = _table(
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
    _of_station(),
    ForeignKeyConstraint(["visit"], ["visit.id"]),
    Index("arrival_by_plate", "station", "match_key", "received_at"),
    Index("arrival_by_visit", "visit"),
)

# One showing of one visit at one bay.  The stamps say how far we know that it came.
call = _table(
    "call",
    _key("id"),
    _must("station"),
    _must("bay"),
    _must("visit"),
    _must("match_key"),
    _must("plate"),
    _must("seq", Integer),
    _must("started_at", UtcTime),
    _may("ended_seq", Integer),
    _may("granted_at", UtcTime),
    _may("sent_at", UtcTime),
    _may("confirmed_at", UtcTime),
    _may("dark_at", UtcTime),
    _may("cannot_show_at", UtcTime),
    _of_station(),
    ForeignKeyConstraint(["visit"], ["visit.id"]),
    Index(
        "one_standing_call_a_bay",
        "station",
        "bay",
        unique=True,
        sqlite_where=STANDS,
        postgresql_where=STANDS,
    ),
    Index(
        "one_standing_call_a_visit",
        "visit",
        unique=True,
        sqlite_where=STANDS,
        postgresql_where=STANDS,
    ),
)

device = _table(
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
    _must("bay_seq", Integer),
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
    _of_station(),
    sa.UniqueConstraint("token_sha256"),
    Index("device_by_station", "station", "role"),
    Index(
        "one_sign_a_bay",
        "station",
        "bay",
        unique=True,
        sqlite_where=sa.text("bay IS NOT NULL"),
        postgresql_where=sa.text("bay IS NOT NULL"),
    ),
)

# A sign that may be showing a plate.  Unique on plate and on bay: one plate, one door.
lit = _table(
    "lit",
    _key("device"),
    _must("station"),
    _must("boot"),
    _must("bay"),
    _must("match_key"),
    _must("call"),
    _must("held", Flag),
    _of_station(),
    sa.UniqueConstraint("station", "match_key", name="one_door_a_plate"),
    sa.UniqueConstraint("station", "bay", name="one_plate_a_door"),
)

# `help` is not a word of SQL, but PostgreSQL's shell takes it for a question.
help_call = _table(
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
    _of_station(),
    Index("help_by_station", "station", "closed_at"),
)

event = _table(
    "event",
    _key("station"),
    Column(
        "seq",
        sa.BigInteger().with_variant(Integer(), "sqlite"),
        primary_key=True,
        autoincrement=False,
    ),
    _must("at", UtcTime),
    _must("kind"),
    _must("actor_kind"),
    _must("actor_id"),
    _must("actor"),
    _may("visit"),
    _may("bay"),
    _may("call"),
    _must("data", Json),
    _of_station(),
    Index("event_by_visit", "visit", "seq"),
)

person = _table(
    "person",
    _key("id"),
    _must("name"),
    _must("role"),
    _must("password_hash"),
    _must("stations", Json),
    _must("created_at", UtcTime),
    sa.UniqueConstraint("name"),
)

session = _table(
    "session",
    _key("token_sha256"),
    _must("person"),
    _must("csrf"),
    _must("created_at", UtcTime),
    _must("seen_at", UtcTime),
    ForeignKeyConstraint(["person"], ["person.id"]),
)

sign_in_code = _table(
    "sign_in_code",
    _key("code_sha256"),
    _must("person"),
    _must("expires_at", UtcTime),
    _may("used_at", UtcTime),
    ForeignKeyConstraint(["person"], ["person.id"]),
)

# The first half of a code finds its row, so that wrong second halves can be counted.
device_code = _table(
    "device_code",
    _key("handle"),
    _must("code_hash"),
    _must("station"),
    _must("role"),
    _must("name"),
    _may("bay"),
    _must("made_at", UtcTime),
    _must("expires_at", UtcTime),
    _must("tries", Integer),
    _may("used_at", UtcTime),
    _of_station(),
)
