"""What the pages of the office speak: devices' codes, people, tokens of other systems, who looked, erasure.

Unknown fields are refused, as in all words of people.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta, Struct

from contract.secrecy import Discreet
from contract.wire import Count, Plated, Role, Utc
from contract.words import BayId

Named = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\S")]
Password = Annotated[str, Meta(min_length=1, max_length=512)]


class Scope(StrEnum):
    """What a token of another system may do at its stations."""

    BOOKINGS_READ = "bookings:read"
    BOOKINGS_WRITE = "bookings:write"
    HALL = "hall:link"  # a hall box, to its office


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
    ERASE = "erase"


# -- the station itself ------------------------------------------------------------------------


class DoorFacts(Struct, frozen=True, kw_only=True):
    """A bay, and what its door is called."""

    bay: str
    door: str


class StationFacts(Struct, frozen=True, kw_only=True):
    """What a page must know of a station that shows nobody's car."""

    station: str
    name: str
    time_zone: str
    doors: list[DoorFacts] = []


# -- devices -----------------------------------------------------------------------------------


class CodeWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a one-time code is for: a new device, or one that takes the place of a broken or revoked one.

    With `replaces` the new device takes over name, door and listing, and the old one's token dies.
    """

    role: Role
    name: Named
    bay: BayId | None = None
    replaces: Annotated[str, Meta(max_length=64)] | None = None


class CodeMade(Discreet, frozen=True, kw_only=True):
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


class NewToken(Discreet, frozen=True, kw_only=True):
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


class Invitation(Discreet, frozen=True, kw_only=True):
    """A code with which a person signs in once and sets a password; shown this once."""

    person: PersonRow
    code: str
    expires_at: datetime


class PasswordWords(Discreet, frozen=True, kw_only=True, forbid_unknown_fields=True):
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


class TokenMade(Discreet, frozen=True, kw_only=True):
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


class OnePlate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The vehicle that somebody asks about: it travels in the body, never in an address."""

    plate: Plated


class Erased(Struct, frozen=True, kw_only=True):
    """What was erased, in rows.  Bookings of days to come stay, for they are needed: `bookings_to_come`.

    `backups` of those that central keeps were written anew without the plate; those that could not be are
    named in `backups_failed`.
    """

    visits: Count = 0
    arrivals: Count = 0
    bookings: Count = 0
    help_calls: Count = 0
    inspections: Count = 0
    bookings_to_come: Count = 0
    backups: Count = 0
    backups_failed: list[str] = []


class ExportedVisit(Struct, frozen=True, kw_only=True):
    """A visit with all that happened and all that we said; who of the staff did it is left out."""

    visit: dict[str, Any]
    timeline: list[dict[str, Any]]


class Export(Struct, frozen=True, kw_only=True):
    """All that a station holds about one plate (article 15 of the GDPR), as its rows stand."""

    plate: str
    station: str
    made_at: datetime
    visits: list[ExportedVisit] = []
    arrivals: list[dict[str, Any]] = []
    bookings: list[dict[str, Any]] = []
    inspections: list[dict[str, Any]] = []
    help_calls: list[dict[str, Any]] = []
    calls: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
