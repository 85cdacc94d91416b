"""Yard signs that name doors, notices on door signs, and a picture of what stands on a sign."""

import sqlalchemy as sa
from alembic import op

from central.schema.columns import Flag, Json

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add them; until somebody sets a notice a closed door's sign is dark, as it was."""
    _station()
    op.add_column("device", sa.Column("picture", Json, nullable=True))
    op.create_table(
        "named",
        sa.Column("device", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("bay", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("match_key", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("station", sa.Text, nullable=False),
        sa.Column("boot", sa.Text, nullable=False),
        sa.Column("call", sa.Text, nullable=False),
        sa.Column("held", Flag, nullable=False),
        sa.ForeignKeyConstraint(["station"], ["station.id"]),
        sqlite_strict=True,
    )
    op.create_index("named_by_station", "named", ["station"])


def _station() -> None:
    for name in ("sign_closed", "sign_break"):
        op.add_column(
            "station", sa.Column(name, sa.Text, nullable=False, server_default=sa.text("''"))
        )
    op.add_column(
        "station",
        sa.Column("next_on_yard", sa.Integer, nullable=False, server_default=sa.text("2")),
    )
