"""Who may sign in, and the codes with which people and devices do it once."""

import sqlalchemy as sa
from sqlalchemy import ForeignKeyConstraint, Integer

from central.schema.columns import Flag, Json, UtcTime
from central.schema.parts import key, may, must, of_station, table

# `password_hash` is empty for who has set none yet, or signs in elsewhere: then `issuer` and `subject`
# are who they are there.
person = table(
    "person",
    key("id"),
    must("name"),
    must("role"),
    must("password_hash"),
    must("stations", Json),
    must("created_at", UtcTime),
    may("disabled_at", UtcTime),
    may("issuer"),
    may("subject"),
    sa.UniqueConstraint("name"),
    sa.Index("person_elsewhere", "issuer", "subject", unique=True),
)

# Wrong passwords from browsers that nobody knows, for every name that somebody tries: that there is
# nobody of that name must not show.
tried_name = table(
    "tried_name",
    key("name_sha256"),
    must("wrong", Integer),
    must("wrong_at", UtcTime),
    sa.Index("tried_name_by_time", "wrong_at"),
)

# A browser in which somebody has signed in before: strangers' wrong tries do not lock it out.
known_browser = table(
    "known_browser",
    key("token_sha256"),
    must("person"),
    must("at", UtcTime),
    must("wrong", Integer),
    may("wrong_at", UtcTime),
    ForeignKeyConstraint(["person"], ["person.id"]),
)

session = table(
    "session",
    key("token_sha256"),
    must("person"),
    must("csrf"),
    must("created_at", UtcTime),
    must("seen_at", UtcTime),
    # Signed in by an invitation: nothing but setting a password is open.
    must("sets_password", Flag),
    ForeignKeyConstraint(["person"], ["person.id"]),
)

sign_in_code = table(
    "sign_in_code",
    key("code_sha256"),
    must("person"),
    must("expires_at", UtcTime),
    may("used_at", UtcTime),
    must("sets_password", Flag),
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
    may("replaces"),
    # Whose answer may have been lost on the way: the same asker gets its device once more.
    may("claim_sha256"),
    may("device"),
    of_station(),
)

# Another system, such as one for bookings: what it may do, where, and until when.
api_token = table(
    "api_token",
    key("id"),
    must("name"),
    must("token_sha256"),
    must("stations", Json),
    must("scopes", Json),
    must("created_at", UtcTime),
    must("created_by"),
    must("expires_at", UtcTime),
    may("last_used_at", UtcTime),
    may("revoked_at", UtcTime),
    sa.UniqueConstraint("token_sha256"),
)

# Who looked at personal data.  `about` is a visit's id or a masked plate, never a plate.
look = table(
    "look",
    key("id"),
    must("station"),
    must("at", UtcTime),
    must("person"),
    must("name"),
    must("what"),
    must("about"),
    must("times", Integer),
    of_station(),
    sa.Index("look_by_time", "station", "at"),
)
