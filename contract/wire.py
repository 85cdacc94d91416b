"""What travels between devices and central.

These types only ever gain optional fields, and unknown fields are ignored both ways, so that a release
may be one older or newer than its peer.  All times are UTC; durations say their unit.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from contract.secrecy import Discreet

# `$` alone would let a line break pass behind it.
Id = Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", max_length=36)]
Token = Annotated[str, Meta(min_length=1, max_length=64)]
Typed = Annotated[str, Meta(max_length=64)]
# What `Plate.parse` takes, which no pattern here repeats: who breaks its rules is told which one.
Plated = Annotated[str, Meta(max_length=64, extra_json_schema={"format": "plate"})]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Sentence = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
KindWord = Annotated[str, Meta(min_length=1, max_length=32)]
Utc = Annotated[datetime, Meta(tz=True)]

# Clocks of the sender at the moment of sending; the frozen body holds those of the arrival.
HEADER_BOOT = "Portvakt-Boot"
HEADER_MONO_MS = "Portvakt-Mono-Ms"
HEADER_AT = "Portvakt-At"
# Of an arrival from before the sender's present boot, which it typed without a clock to be believed: how
# old it is at the least, by what the sender knows of the others around it.
HEADER_AGE_MS = "Portvakt-Age-Ms"

STATUS_FRESH_MS = 5_000  # "drive in now" is said only from an answer younger than this
SIGN_FRESH_S = 30  # "watch the sign" is said only while every sign beat within this

LEASE_TTL_MAX_MS = 7_000
LEASE_CAP_MS = 120_000
BEAT_LIT_MS = 2_000
BEAT_DARK_MS = 10_000
# A hung process is noticed after 3 s, killed after 1 s more, and its panel blanked within another.
HANG_MS = 5_000
# A notice sends nobody through a door, so it may outlive a few beats of a dark sign.
NOTICE_TTL_MS = 25_000


# -- arrivals ----------------------------------------------------------------------------------


class Arrival(Struct, frozen=True, kw_only=True):
    """A plate confirmed at a post.  The body is frozen, byte for byte, when it is saved there."""

    id: Id
    plate: Plated
    at: Utc
    synced: bool
    boot_id: Token
    mono_ms: Count


class Window(Struct, frozen=True, kw_only=True):
    """An honest wait: it holds the truth about four times in five."""

    low_min: Count
    median_min: Count
    high_min: Count
    starts_at: Utc
    ends_at: Utc


class Elsewhere(Struct, frozen=True, kw_only=True):
    """A booking of this vehicle for another day, or at another station: `station` is its name for people."""

    slot_at: Utc
    station: str | None = None


class Longer(Struct, frozen=True, kw_only=True):
    """The wait has grown past the window that this customer was told before, which ended at `said_ends_at`.

    `doors_closed` of the doors that take this kind were open then and are not now.
    """

    said_ends_at: Utc
    doors_closed: Count = 0


class Standing(Struct, frozen=True, kw_only=True):
    """Where a visit stands, as central knew it at `as_of`: the answer to an arrival or a look-up.

    `place` counts from 1 and is given only while waiting; `door` only while called.  The state `held`
    is no visit's: the arrival came while the station was closed, or from before its last closing, and
    waits for a person to look at it; `visit` is empty then.  `missed_call_at` is given where a call ran
    out without the customer and the place is kept all the same.  `epoch` names the database's history: a
    post offers what it delivered once more to another one.
    """

    plate: str
    visit: str
    state: str
    as_of: Utc
    again: bool = False
    reopened: bool = False
    booked_at: Utc | None = None
    place: Count | None = None
    window: Window | None = None
    door: str | None = None
    called_at: Utc | None = None
    watch_sign: bool = False
    opens_at: Utc | None = None
    elsewhere: Elsewhere | None = None
    missed_call_at: Utc | None = None
    longer: Longer | None = None
    epoch: str = ""


class Booked(Struct, frozen=True, kw_only=True):
    """Whether a plate that somebody just typed is booked for another day, or at another station.

    It says nothing about today and this station: that is the list's, and the line's.
    """

    elsewhere: Elsewhere | None = None


class Expected(Struct, frozen=True, kw_only=True):
    """Today's plates, for the keypad to match against.  `epoch` names the database's history.

    `opens_at` is given only while arrivals are not taken: the next opening.
    """

    day: str
    plates: list[str]
    opens_at: Utc | None = None
    epoch: str = ""


# -- help --------------------------------------------------------------------------------------


class HelpCall(Struct, frozen=True, kw_only=True):
    """Somebody pressed the help key.  `plate` is what stood on the screen, if anything."""

    id: Id
    plate: Typed | None = None


class HelpState(Struct, frozen=True, kw_only=True):
    """What became of it.  `has_place` says whether an open visit lets us promise the place."""

    id: str
    raised_at: Utc
    has_place: bool = False
    acknowledged_by: str | None = None
    closed: bool = False


# -- the sign ----------------------------------------------------------------------------------


class PanelState(StrEnum):
    """Whether the panel takes what is written to it."""

    OK = "ok"
    FAULT = "fault"


class Sent(Struct, frozen=True, kw_only=True):
    """What last left for the panel.

    `whole` is false while a write is under way, is still being drawn, or has failed.
    """

    call: str | None = None
    sha256: str = ""
    whole: bool = False


class Font(Struct, frozen=True, kw_only=True):
    """One font of a sign: signs are `advance_px` apart and a word gap is `gap_px` wide."""

    letters: str
    advance_px: int
    gap_px: int


class PanelFacts(Struct, frozen=True, kw_only=True):
    """What the panel is, declared by its driver.

    `hang_ms`: how much longer a picture may stand when the sign's process hangs while nobody hears it: until
    its watchdog, or a timer in the panel's supply, has made it dark.  `reads_back`: the panel itself, or a
    sensor at it, can say that the picture stands.  `lines` is how many lines of a listing it shows at a time;
    0: it cannot list, it hangs above one door.
    """

    width_px: int
    fonts: list[Font]
    holds_last_frame: bool
    worst_dark_ms: Count
    height_px: int = 8
    reads_back: bool = False
    lines: Count = 0
    hang_ms: Count = HANG_MS


class Picture(Struct, frozen=True, kw_only=True):
    """The frame that left for the panel last: its columns from the left, bit 0 of each the top dot.

    No higher than a JSON number is exact (RFC 8259, section 6).
    """

    width_px: Count
    height_px: Annotated[int, Meta(ge=0, le=53)]
    columns: Annotated[list[Count], Meta(max_length=512)]
    sha256: str = ""
    whole: bool = False


class Beat(Struct, frozen=True, kw_only=True):
    """A sign asks: may I show a plate?  `commanded` is the call that it means to show, None when dark.

    A yard sign names in `listed` every call that somebody may still read on it.  `picture` is given only
    in answer to the nudge `picture`.
    """

    nonce: Token
    boot: Token
    epoch: str = ""
    seq: Count = 0
    commanded: str | None = None
    sent: Sent = Sent()
    confirmed: bool | None = None
    state: PanelState = PanelState.OK
    fault: str = ""
    panel: PanelFacts | None = None
    listed: Annotated[list[Token], Meta(max_length=256)] = []
    picture: Picture | None = None


class Grant(Struct, frozen=True, kw_only=True, tag="grant", tag_field="answer"):
    """Show `text` for `ttl_ms`, counted from the moment the beat with this nonce was sent."""

    nonce: str
    epoch: str
    seq: int
    bay: str
    call: str
    plate: str
    text: str
    ttl_ms: int
    door: str = ""


NO_CALL = "no_call"  # the reason of a door's sign that nobody is called to


class Dark(Struct, frozen=True, kw_only=True, tag="dark", tag_field="answer"):
    """Show no plate; `notice` is what the station says instead, if anything: why the door is shut."""

    nonce: str
    epoch: str
    seq: int
    reason: str
    notice: str = ""


class Listed(Struct, frozen=True, kw_only=True):
    """One line of a yard sign: `text` to `door` under a call, or next in line without either.

    `ttl_ms`, where it is given, ends this line before the others: its call's two minutes are nearly over.
    """

    text: str
    door: str | None = None
    call: str | None = None
    ttl_ms: int | None = None


class Listing(Struct, frozen=True, kw_only=True, tag="listing", tag_field="answer"):
    """Show these lines for `ttl_ms`, counted from the moment the beat with this nonce was sent.

    Given only to a sign whose panel declares `lines`.
    """

    nonce: str
    epoch: str
    seq: int
    rows: list[Listed]
    ttl_ms: int


Lease = Grant | Dark | Listing


def font_shows(fonts: list[Font], width_px: int, text: str) -> bool:
    """Whether *text*, words separated by spaces, fits a panel *width_px* columns wide in one of its fonts."""
    return any(_fits(font, width_px, text) for font in fonts)


def _fits(font: Font, width_px: int, text: str) -> bool:
    words = text.split()
    signs = "".join(words)
    if not set(signs) <= set(font.letters):
        return False
    # A word of n signs is n * advance - 1 wide: no gap stands behind its last sign.
    width = len(signs) * font.advance_px - len(words) + (len(words) - 1) * font.gap_px
    return width <= width_px


# -- devices -----------------------------------------------------------------------------------


class Role(StrEnum):
    """What a device is."""

    POST = "post"
    SIGN = "sign"


class Enrol(Discreet, frozen=True, kw_only=True):
    """A one-time code that becomes a token.  `serial` is the board's, for people to recognise it.

    `claim` is the asker's own random word: who asks again with the same one within ten minutes, because
    the answer was lost, is given the same device.  `role` is what the asker is: a code for another makes
    nothing of it.
    """

    code: Token
    serial: str = ""
    claim: Token | None = None
    role: Role | None = None


class Enrolled(Discreet, frozen=True, kw_only=True):
    """The device's own token, shown once, and what it is for."""

    device: str
    token: str
    station: str
    role: Role
    name: str
    bay: str | None = None


class OutboxFacts(Struct, frozen=True, kw_only=True):
    """What a post has not delivered yet.  `refused` counts those that central answered and did not take."""

    waiting: Count = 0
    oldest_s: Count = 0
    refused: Count = 0
    writable: bool = True


class DeviceFault(Struct, frozen=True, kw_only=True):
    """A part that does not work.  `part` is a word for programs, `reason` a sentence without a plate."""

    part: Token
    since_s: Count = 0
    reason: Annotated[str, Meta(max_length=200)] = ""


class Heartbeat(Struct, frozen=True, kw_only=True):
    """How a device is, once a minute.  None where the machine cannot tell; no plate is ever in it.

    `shows` names the screen or the state of the sign; `drawn_s` is the age of the page's own report.
    `restarts` counts the starts of the process in this `boot` but the first.
    """

    release: Token
    boot: Token
    uptime_s: Count = 0
    process_s: Count = 0
    restarts: Count = 0
    clock_synced: bool = False
    under_voltage: bool | None = None
    temperature_c: float | None = None
    disk_free_mb: Count | None = None
    outbox: OutboxFacts | None = None
    shows: Annotated[str, Meta(max_length=64)] = ""
    drawn_s: Count | None = None
    faults: Annotated[list[DeviceFault], Meta(max_length=32)] = []
    last_error: Annotated[str, Meta(max_length=200)] = ""


class HeartbeatHeard(Struct, frozen=True, kw_only=True):
    """Central has it; the next one is due in `every_s`.  With `new_token` the device fetches a new token."""

    every_s: Count = 60
    new_token: bool = False
