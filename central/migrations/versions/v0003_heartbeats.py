"""The last heartbeat of each post and sign."""

import sqlalchemy as sa
from alembic import op

from central.schema.columns import Flag, Json, UtcTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add them; nothing was kept of them before."""
    op.create_table(
        "heartbeat",
        sa.Column("station", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("device", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("received_at", UtcTime, nullable=False),
        sa.Column("silent", Flag, nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.ForeignKeyConstraint(["station"], ["station.id"]),
        sa.ForeignKeyConstraint(["device"], ["device.id"]),
        sqlite_strict=True,
    )
