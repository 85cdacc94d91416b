"""Who may sign in, and the codes with which people and devices do it once."""

import sqlalchemy as sa
from sqlalchemy import ForeignKeyConstraint, Integer

from central.columns import Json, UtcTime
from central.schema.parts import key, may, must, of_station, table

person = table(
    "person",
    key("id"),
    must("name"),
    must("role"),
    must("password_hash"),
    must("stations", Json),
    must("created_at", UtcTime),
    sa.UniqueConstraint("name"),
)

session = table(
    "session",
    key("token_sha256"),
    must("person"),
    must("csrf"),
    must("created_at", UtcTime),
    must("seen_at", UtcTime),
    ForeignKeyConstraint(["person"], ["person.id"]),
)

sign_in_code = table(
    "sign_in_code",
    key("code_sha256"),
    must("person"),
    must("expires_at", UtcTime),
    may("used_at", UtcTime),
    ForeignKeyConstraint(["person"], ["person.id"]),
)

# The first half of a code finds its row, so that wrong second halves can be counted.
device_code = table(
    "device_code",
    key("handle"),
    must("code_hash"),
    must("station"),
    must("role"),
    must("name"),
    may("bay"),
    must("made_at", UtcTime),
    must("expires_at", UtcTime),
    must("tries", Integer),
    may("used_at", UtcTime),
    of_station(),
)
