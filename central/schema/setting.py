"""Where it all happens: the database itself, stations and their bays."""

import sqlalchemy as sa
from sqlalchemy import Integer

from central.schema.columns import Flag, Json, UtcTime
from central.schema.parts import BIG, key, may, must, of_station, table

# `epoch` names this database's history: a restore that loses rows writes a new one.
meta = table("meta", key("name"), must("value"))

station = table(
    "station",
    key("id"),
    must("name"),
    must("time_zone"),
    must("seq", BIG),
    # The event that last changed the station or its bays: what somebody remembers of them is true until then.
    must("setup_seq", BIG),
    must("hours", Json),
    may("holidays"),
    must("special_days", Json),
    must("early_min", Integer),
    must("sweep_after_min", Integer),
    must("overnight", Flag),
    must("recheck_days", Integer),
    # What a door's sign says while its bay is closed or has a break; empty: dark.
    must("sign_closed"),
    must("sign_break"),
    # How many of those who wait a yard sign names after those who are called.
    must("next_on_yard", Integer),
    # For how many days plates are kept after a visit, while a re-inspection is open, and names of staff.
    must("keep_days", Integer),
    must("keep_recheck_days", Integer),
    must("keep_names_days", Integer),
    must("keep_looks_days", Integer),
    # Up to where events that belong to no visit are erased, and those that name who did them.
    must("erased_seq", BIG),
    must("names_seq", BIG),
    may("erased_at", UtcTime),
)

bay = table(
    "bay",
    key("station"),
    key("id"),
    must("door"),
    must("kinds", Json),
    must("capacity", Integer),
    must("state"),
    may("until", UtcTime),
    must("call_ahead", Flag),
    of_station(),
    sa.UniqueConstraint("station", "door"),
)
