"""Machines as they were last heard, releases, and which ring wants which.

A machine's row has no foreign key to a device: the office keeps those of halls too, whose devices it does
not know.  No person is in any of it; who did what stands in the stations' events.
"""

import sqlalchemy as sa
from sqlalchemy import Index

from central.schema.columns import Json, UtcTime
from central.schema.parts import BIG, key, may, must, table

# Who has begun an update is few, and is looked at whenever somebody else would begin it.
HAS_BEGUN = sa.text("begun IS NOT NULL")

machine = table(
    "machine",
    key("station"),
    key("device"),
    must("name"),
    must("role"),
    must("heard_at", UtcTime),
    must("body", Json),
    # What was told of it already: the phase, and the units that fail.
    must("told", Json),
    # The release that it began, or settled on last; since when.
    may("begun"),
    may("begun_at", UtcTime),
    Index("machine_by_time", "heard_at"),
    Index("machine_begun", "begun", sqlite_where=HAS_BEGUN, postgresql_where=HAS_BEGUN),
)

release = table(
    "release",
    key("name"),
    must("added_at", UtcTime),
    may("halted_at", UtcTime),
    must("why"),
    # What went wrong before a person let it go on does not halt it again.
    may("resumed_at", UtcTime),
)

release_file = table(
    "release_file",
    key("file"),
    must("release"),
    must("platform"),
    sa.Column("size", BIG, nullable=False),
    must("sha256"),
    must("added_at", UtcTime),
    sa.UniqueConstraint("release", "platform"),
)

ring_release = table(
    "ring_release",
    key("ring"),
    must("release"),
    # What the ring wanted before, for as long as it can be taken back.
    may("before"),
    must("since", UtcTime),
)

station_ring = table("station_ring", key("station"), must("ring"))

machine_pin = table(
    "machine_pin", key("station"), key("device"), must("release"), must("since", UtcTime)
)
