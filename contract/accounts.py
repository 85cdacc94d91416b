"""What the pages of the office speak: devices' codes, people, tokens of other systems, who looked, erasure.

Unknown fields are refused, as in all words of people.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from contract.wire import Count, Plated, Role, Utc
from contract.words import BayId

Named = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\S")]
Password = Annotated[str, Meta(min_length=1, max_length=512)]


class Scope(StrEnum):
    """What a token of another system may do at its stations."""

    BOOKINGS_READ = "bookings:read"
    BOOKINGS_WRITE = "bookings:write"


class Looked(StrEnum):
    """What somebody looked at; names are kept for ever."""

    BOARD = "board"
    VISITS = "visits"
    VEHICLE = "vehicle"
    TIMELINE = "timeline"
    PICTURE = "picture"
    BOOKINGS = "bookings"
    ELSEWHERE = "elsewhere"
    EXPORT = "export"


# -- devices -----------------------------------------------------------------------------------


class CodeWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a one-time code is for: a new device, or one that takes the place of a broken or revoked one.

    With `replaces` the new device takes over name, door and listing, and the old one's token dies.
    """

    role: Role
    name: Named
    bay: BayId | None = None
    replaces: Annotated[str, Meta(max_length=64)] | None = None


class CodeMade(Struct, frozen=True, kw_only=True):
    """The code, shown this once."""

    code: str
    expires_at: datetime


class CodeRow(Struct, frozen=True, kw_only=True):
    """A code that waits for its device.  `handle` is its first half, which alone enrols nothing."""

    handle: str
    role: Role
    name: str
    bay: str | None = None
    replaces: str | None = None
    made_at: datetime
    expires_at: datetime
    tries_left: int


class NewToken(Struct, frozen=True, kw_only=True):
    """A device's next token; the one before works until this one was used once."""

    token: str


# -- people ------------------------------------------------------------------------------------


class PersonWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody new at this station.  Nobody but they themselves ever know their password."""

    name: Named
    role: Named = "staff"


class PersonChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another role, or other stations; what is None stays."""

    role: Named | None = None
    stations: Annotated[list[Named], Meta(min_length=1, max_length=1_000)] | None = None


class PersonRow(Struct, frozen=True, kw_only=True):
    """Somebody who may sign in at this station.  `stations` may be `*`: all, and those to come."""

    id: str
    name: str
    role: str
    stations: list[str]
    created_at: datetime
    disabled: bool = False
    locked_until: datetime | None = None
    has_password: bool = True
    signs_in_elsewhere: bool = False
    seen_at: datetime | None = None


class Invitation(Struct, frozen=True, kw_only=True):
    """A code with which a person signs in once and sets a password; shown this once."""

    person: PersonRow
    code: str
    expires_at: datetime


class PasswordWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One's own new password; `old` is left out right after signing in by an invitation."""

    new: Password
    old: Password | None = None


# -- other systems -----------------------------------------------------------------------------


class TokenWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token for a booking system: what it may do here, and for how long."""

    name: Named
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=8)]
    days: Annotated[int, Meta(ge=1, le=730)] = 365


class TokenRow(Struct, frozen=True, kw_only=True):
    """A token as it stands; the token itself is kept nowhere."""

    id: str
    name: str
    scopes: list[Scope]
    stations: list[str]
    created_at: datetime
    created_by: str
    expires_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


class TokenMade(Struct, frozen=True, kw_only=True):
    """The token, shown this once."""

    row: TokenRow
    token: str


# -- who looked, and what is kept --------------------------------------------------------------


class LookRow(Struct, frozen=True, kw_only=True):
    """Somebody looked at personal data.  `about` is a visit or a part of a plate, masked."""

    at: datetime
    person: str
    what: Looked
    about: str = ""
    times: int = 1


class Keeping(Struct, frozen=True, kw_only=True):
    """How long a station keeps what, in days, and when it was last erased."""

    plates_days: int
    recheck_days: int
    names_days: int
    looks_days: int
    erased_at: Utc | None = None
    visits_erased: Count = 0


class OnePlate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The vehicle that somebody asks about: it travels in the body, never in an address."""

    plate: Plated


class Erased(Struct, frozen=True, kw_only=True):
    """What was erased on request, in rows."""

    visits: int = 0
    arrivals: int = 0
    bookings: int = 0
    help_calls: int = 0
    inspections: int = 0
    backups: int = 0
