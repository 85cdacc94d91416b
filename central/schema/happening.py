"""What has happened, who needs help, and what must still be done."""

import sqlalchemy as sa
from sqlalchemy import Column, Index

from central.schema.columns import Json, UtcTime
from central.schema.parts import (
    BIG,
    IS_DUE,
    IS_NAMED_HELP,
    IS_UNCERTAIN,
    IS_UNHELPED,
    key,
    may,
    must,
    of_station,
    only_where,
    table,
)

# `help` is not a word of SQL, but PostgreSQL's shell takes it for a question.
help_call = table(
    "help_call",
    key("id"),
    must("station"),
    must("device"),
    must("post"),
    must("raised_at", UtcTime),
    may("plate"),
    may("match_key"),
    may("visit"),
    may("acknowledged_by"),
    may("acknowledged_id"),
    may("acknowledged_at", UtcTime),
    may("closed_by"),
    may("closed_at", UtcTime),
    may("word"),
    of_station(),
    only_where(IS_UNHELPED, "open_help", "station", "raised_at"),
    Index("help_by_visit", "visit"),
    Index("help_by_plate", "station", "match_key"),
    only_where(IS_NAMED_HELP, "help_to_erase", "station", "raised_at"),
)

event = table(
    "event",
    key("station"),
    Column("seq", BIG, primary_key=True, autoincrement=False),
    must("at", UtcTime),
    must("kind"),
    must("actor_kind"),
    must("actor_id"),
    must("actor"),
    may("visit"),
    may("bay"),
    may("call"),
    must("data", Json),
    of_station(),
    Index("event_by_visit", "visit", "seq"),
)

# What must happen at a time, or leave the house: unique on its cause, and claimed by one process first.
deed = table(
    "deed",
    key("id"),
    must("station"),
    must("kind"),
    must("cause"),
    must("due_at", UtcTime),
    must("state"),
    may("claimed_by"),
    may("claimed_at", UtcTime),
    may("ended_at", UtcTime),
    must("data", Json),
    of_station(),
    sa.UniqueConstraint("station", "kind", "cause"),
    only_where(IS_DUE, "deeds_due", "due_at"),
    only_where(IS_UNCERTAIN, "deeds_uncertain", "station"),
)
