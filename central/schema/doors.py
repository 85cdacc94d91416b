"""Calls, the devices, how they are, and which sign may be lit."""

import sqlalchemy as sa
from sqlalchemy import Index, Integer

from central.schema.columns import Flag, Json, UtcTime
from central.schema.parts import (
    IS_NAMED,
    STANDS,
    key,
    may,
    must,
    of_station,
    of_visit,
    only_where,
    table,
)

# One showing of one visit at one bay.  The stamps say how far we know that it came.
call = table(
    "call",
    key("id"),
    must("station"),
    must("bay"),
    must("visit"),
    must("match_key"),
    must("plate"),
    must("seq", Integer),
    must("started_at", UtcTime),
    may("ended_seq", Integer),
    may("granted_at", UtcTime),
    may("sent_at", UtcTime),
    may("confirmed_at", UtcTime),
    may("dark_at", UtcTime),
    may("cannot_show_at", UtcTime),
    of_station(),
    of_visit(),
    Index("call_by_visit", "visit"),
    only_where(IS_NAMED, "call_by_plate", "station", "match_key"),
    only_where(STANDS, "one_standing_call_a_bay", "station", "bay", unique=True),
    only_where(STANDS, "one_standing_call_a_visit", "visit", unique=True),
)

device = table(
    "device",
    key("id"),
    must("station"),
    must("role"),
    must("name"),
    must("token_sha256"),
    must("serial"),
    must("enrolled_at", UtcTime),
    may("revoked_at", UtcTime),
    may("bay"),
    must("bay_seq", Integer),
    may("beat_at", UtcTime),
    must("silent", Flag),
    must("boot"),
    must("panel_state"),
    must("fault"),
    may("commanded"),
    may("sent_call"),
    must("sent_whole", Flag),
    may("confirmed", Flag),
    may("panel", Json),
    may("lists", Json),
    # The next token works beside the first until it was used once; then it is the first.
    may("next_token_sha256"),
    may("token_at", UtcTime),
    may("rotate_at", UtcTime),
    # Boots in which this token spoke, newest last; one that comes back is another machine's.
    may("boots", Json),
    may("cloned_at", UtcTime),
    # The frame that stood at its last beat, only while somebody has just asked to see it.
    may("picture", Json),
    of_station(),
    sa.UniqueConstraint("token_sha256"),
    Index("device_by_next_token", "next_token_sha256", unique=True),
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

# The last one of each device; `silent` once it has not come for too long.  No plate is in it.
heartbeat = table(
    "heartbeat",
    key("station"),
    key("device"),
    must("received_at", UtcTime),
    must("silent", Flag),
    must("body", Json),
    of_station(),
    sa.ForeignKeyConstraint(["device"], ["device.id"]),
)

# A sign that may be showing a plate.  Unique on plate and on bay: one plate, one door.
lit = table(
    "lit",
    key("device"),
    must("station"),
    must("boot"),
    must("bay"),
    must("match_key"),
    must("call"),
    must("held", Flag),
    of_station(),
    sa.UniqueConstraint("station", "match_key", name="one_door_a_plate"),
    sa.UniqueConstraint("station", "bay", name="one_plate_a_door"),
)

# A yard sign that may be naming the door of a plate; the door's own row stands for as long.
named = table(
    "named",
    key("device"),
    key("bay"),
    key("match_key"),
    must("station"),
    must("boot"),
    must("call"),
    must("held", Flag),
    of_station(),
    Index("named_by_station", "station"),
)
