"""The office and its hall boxes: what came up, what must go down, and what a hall has taken in."""

import sqlalchemy as sa
from sqlalchemy import Column, Index

from central.schema.columns import Json, UtcTime
from central.schema.parts import BIG, key, may, must, of_station, only_where, table

IS_ASKED = sa.text("done_at IS NULL")

# -- at the office -----------------------------------------------------------------------------

# A station whose line is in a hall box: nothing moves it from here.  `log_seq` numbers the hall's log,
# `after` is how far the hall has fetched it.
hall = table(
    "hall",
    key("station"),
    must("since", UtcTime),
    must("log_seq", BIG),
    must("after", BIG),
    may("heard_at", UtcTime),
    may("epoch"),
    may("said", Json),
    of_station(),
)

# The hall's own events, each once: it numbers them, and a restore there begins another epoch.
hall_event = table(
    "hall_event",
    key("station"),
    key("epoch"),
    Column("seq", BIG, primary_key=True, autoincrement=False),
    must("at", UtcTime),
    must("received_at", UtcTime),
    must("kind"),
    must("actor_kind"),
    must("actor_id"),
    may("visit"),
    may("bay"),
    may("call"),
    must("data", Json),
    of_station(),
)

# Which bookings have changed here, in order: a booking stands at its last change only.
hall_log = table(
    "hall_log",
    key("station"),
    key("ref"),
    must("seq", BIG),
    of_station(),
    Index("hall_log_in_order", "station", "seq", unique=True),
)

# The plate goes as soon as the hall has erased it.
hall_erasure = table(
    "hall_erasure",
    key("id"),
    must("station"),
    must("plate"),
    must("at", UtcTime),
    may("done_at", UtcTime),
    of_station(),
    only_where(IS_ASKED, "hall_erasures_asked", "station", "at"),
)

hall_revocation = table(
    "hall_revocation",
    key("station"),
    key("device"),
    must("at", UtcTime),
    of_station(),
)

# -- in a hall ---------------------------------------------------------------------------------

# How far this hall has taken in what the office has for it.
office_link = table(
    "office_link",
    key("station"),
    must("office"),
    must("after", BIG),
    of_station(),
)

# The office's last word on each thing, so that a change made here stands until the office says another.
office_word = table(
    "office_word",
    key("station"),
    key("kind"),
    key("id"),
    must("word", Json),
    of_station(),
)

# Bookings that were erased here on request, until the office has heard of it.
office_forgets = table(
    "office_forgets",
    key("station"),
    key("ref"),
    of_station(),
)
