"""Opening hours, bays that pause, vehicles with two plates, outcomes, held arrivals, deeds."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from central.schema.columns import Flag, Json, UtcTime

revision = "0002"
down_revision = "0001"

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text("state IN ('waiting', 'parked', 'called', 'in_bay')")


def upgrade() -> None:
    """Add them; what is there keeps its meaning: always open, one plate a vehicle, nothing held."""
    _station()
    _bay()
    _booking()
    _visit()
    _claim()
    _inspection()
    _arrival()
    _deed()
    op.add_column("device", _may("lists", Json))
    op.drop_index("help_by_station", "help_call")
    _index("open_help", "help_call", ["station", "raised_at"], "closed_at IS NULL")


def _must(name: str, kind: Any = sa.Text) -> "sa.Column[Any]":  # noqa: ANN401 - types and their instances
    return sa.Column(name, kind, nullable=False)


def _may(name: str, kind: Any = sa.Text) -> "sa.Column[Any]":  # noqa: ANN401 - the same
    return sa.Column(name, kind, nullable=True)


def _key(name: str, kind: Any = sa.Text) -> "sa.Column[Any]":  # noqa: ANN401 - the same
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _add(table: str, name: str, kind: Any, value: str) -> None:  # noqa: ANN401 - the same
    """Add a column that rows which are there get *value* in."""
    op.add_column(table, sa.Column(name, kind, nullable=False, server_default=sa.text(value)))


def _flag(table: str, name: str) -> None:
    """Add a flag that is down: PostgreSQL's own word for no, and SQLite's 0."""
    no = "false" if op.get_bind().dialect.name == "postgresql" else "0"
    _add(table, name, Flag, no)


def _of_station() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["station"], ["station.id"])


def _of_visit() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["visit"], ["visit.id"])


def _index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    only = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=only, postgresql_where=only)


def _station() -> None:
    _add("station", "setup_seq", _BIG, "0")
    _add("station", "hours", Json, "'{}'")
    op.add_column("station", _may("holidays"))
    _add("station", "special_days", Json, "'{}'")
    _add("station", "early_min", sa.Integer(), "60")
    _add("station", "sweep_after_min", sa.Integer(), "60")
    _flag("station", "overnight")
    _add("station", "recheck_days", sa.Integer(), "31")


def _bay() -> None:
    _add("bay", "state", sa.Text(), "'open'")
    op.add_column("bay", _may("until", UtcTime))
    _flag("bay", "call_ahead")


def _booking() -> None:
    for name in ("plate2", "match_key2", "make", "model", "colour", "remark"):
        op.add_column("booking", _may(name))
    op.add_column("booking", _may("cancelled_at", UtcTime))
    _index(
        "booking_by_other_plate",
        "booking",
        ["match_key2", "slot_at"],
        "match_key2 IS NOT NULL",
    )
    op.create_index("booking_of_vehicle", "booking", ["match_key", "slot_at"])


def _visit() -> None:
    for name in ("plate2", "match_key2", "reason", "note", "booking"):
        op.add_column("visit", _may(name))
    _add("visit", "twin", sa.Integer(), "0")
    op.add_column("visit", _may("stall", sa.Integer()))
    op.drop_index("one_open_visit_a_plate", "visit")
    op.create_index("open_visits", "visit", ["station"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    _index(
        "visit_by_other_plate",
        "visit",
        ["station", "match_key2", "ended_at"],
        "ended_at IS NOT NULL AND match_key2 IS NOT NULL",
    )
    _number_stalls()
    _index("one_car_a_stall", "visit", ["station", "bay", "stall"], "state = 'in_bay'", unique=True)
    # Bookings knew their visits; now visits know their bookings too.
    op.execute(
        "UPDATE visit SET booking = (SELECT min(ref) FROM booking"
        " WHERE booking.station = visit.station AND booking.visit = visit.id)"
    )


def _number_stalls() -> None:
    """Cars that stand in a bay get its places in the order in which they came in."""
    op.execute(
        "UPDATE visit SET stall = (SELECT count(*) FROM visit AS other"
        " WHERE other.station = visit.station AND other.bay = visit.bay AND other.state = 'in_bay'"
        " AND other.id <= visit.id) WHERE state = 'in_bay'"
    )


def _claim() -> None:
    op.create_table(
        "claim",
        _key("station"),
        _key("match_key"),
        _key("twin", sa.Integer()),
        _must("visit"),
        _of_station(),
        _of_visit(),
        sqlite_strict=True,
    )
    op.create_index("claim_by_visit", "claim", ["visit"])
    op.execute(
        "INSERT INTO claim (station, match_key, twin, visit) SELECT station, match_key, 0, id FROM visit"
        " WHERE state IN ('waiting', 'parked', 'called', 'in_bay')"
    )


def _inspection() -> None:
    op.create_table(
        "inspection",
        _key("visit"),
        _must("station"),
        _must("match_key"),
        _may("match_key2"),
        _must("kind"),
        _must("at", UtcTime),
        _must("by"),
        _must("outcome", Json),
        _of_station(),
        _of_visit(),
        sqlite_strict=True,
    )
    op.create_index("inspection_by_plate", "inspection", ["station", "match_key", "at"])
    _index(
        "inspection_by_other_plate",
        "inspection",
        ["station", "match_key2", "at"],
        "match_key2 IS NOT NULL",
    )


def _arrival() -> None:
    # SQLite can only drop NOT NULL by making the table anew; nothing refers to this one.
    with op.batch_alter_table("arrival", table_kwargs={"sqlite_strict": True}) as batch:
        batch.alter_column("visit", existing_type=sa.Text(), nullable=True)
        batch.add_column(_may("why"))
        batch.add_column(_may("settled_at", UtcTime))
        batch.add_column(_may("settled_by"))
    _index(
        "held_arrivals",
        "arrival",
        ["station", "received_at"],
        "outcome = 'held' AND settled_at IS NULL",
    )


def _deed() -> None:
    op.create_table(
        "deed",
        _key("id"),
        _must("station"),
        _must("kind"),
        _must("cause"),
        _must("due_at", UtcTime),
        _must("state"),
        _may("claimed_by"),
        _may("claimed_at", UtcTime),
        _may("ended_at", UtcTime),
        _must("data", Json),
        _of_station(),
        sa.UniqueConstraint("station", "kind", "cause"),
        sqlite_strict=True,
    )
    _index("deeds_due", "deed", ["due_at"], "state IN ('pending', 'claimed')")
    _index("deeds_uncertain", "deed", ["station"], "state = 'uncertain'")
