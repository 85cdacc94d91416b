"""What travels between devices, boards and central.

Types that a device sends or reads only ever gain optional fields, and unknown fields are ignored both
ways, so that a release may be one older or newer than its peer.  Types that a person's board sends
refuse unknown fields (`forbid_unknown_fields`).  All times are UTC; durations say their unit.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

Id = Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Token = Annotated[str, Meta(min_length=1, max_length=64)]
Typed = Annotated[str, Meta(max_length=64)]
Count = Annotated[int, Meta(ge=0)]
Utc = Annotated[datetime, Meta(tz=True)]

# Clocks of the sender at the moment of sending; the frozen body holds those of the arrival.
HEADER_BOOT = "Portvakt-Boot"
HEADER_MONO_MS = "Portvakt-Mono-Ms"
HEADER_AT = "Portvakt-At"

STATUS_FRESH_MS = 5_000  # "drive in now" is said only from an answer younger than this
SIGN_FRESH_S = 30  # "watch the sign" is said only while every sign beat within this

LEASE_TTL_MAX_MS = 7_000
LEASE_CAP_MS = 120_000
BEAT_LIT_MS = 2_000
BEAT_DARK_MS = 10_000


# -- arrivals ----------------------------------------------------------------------------------


class Arrival(Struct, frozen=True, kw_only=True):
    """A plate confirmed at a post.  The body is frozen, byte for byte, when it is saved there."""

    id: Id
    plate: Typed
    at: Utc
    synced: bool
    boot_id: Token
    mono_ms: Count


class DeskArrival(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plate that the desk enters for somebody who walked in."""

    id: Id
    plate: Typed
    kind: Annotated[str, Meta(min_length=1, max_length=32)] = "full"


class Window(Struct, frozen=True, kw_only=True):
    """An honest wait: it holds the truth about four times in five."""

    low_min: Count
    median_min: Count
    high_min: Count
    starts_at: Utc
    ends_at: Utc


class Standing(Struct, frozen=True, kw_only=True):
    """Where a visit stands, as central knew it at `as_of`: the answer to an arrival or a look-up.

    `place` counts from 1 and is given only while waiting; `door` only while called.
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


class Expected(Struct, frozen=True, kw_only=True):
    """Today's plates, for the keypad to match against."""

    day: str
    plates: list[str]


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


class HelpClose(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What it was, in a word from the person who went out."""

    word: Annotated[str, Meta(min_length=1, max_length=200)]


# -- the sign ----------------------------------------------------------------------------------


class PanelState(StrEnum):
    """Whether the panel takes what is written to it."""

    OK = "ok"
    FAULT = "fault"


class Sent(Struct, frozen=True, kw_only=True):
    """What last left for the panel.  `whole` is false while a write is under way or has failed."""

    call: str | None = None
    sha256: str = ""
    whole: bool = False


class Font(Struct, frozen=True, kw_only=True):
    """One font of a sign: signs are `advance_px` apart and a word gap is `gap_px` wide."""

    letters: str
    advance_px: int
    gap_px: int


class PanelFacts(Struct, frozen=True, kw_only=True):
    """What the panel is, declared by its driver."""

    width_px: int
    fonts: list[Font]
    holds_last_frame: bool
    worst_dark_ms: Count


class Beat(Struct, frozen=True, kw_only=True):
    """A sign asks: may I show a plate?  `commanded` is the call that it means to show, None when dark."""

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


class Dark(Struct, frozen=True, kw_only=True, tag="dark", tag_field="answer"):
    """Show nothing."""

    nonce: str
    epoch: str
    seq: int
    reason: str


Lease = Grant | Dark


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


class Enrol(Struct, frozen=True, kw_only=True):
    """A one-time code that becomes a token.  `serial` is the board's, for people to recognise it."""

    code: Token
    serial: str = ""


class Enrolled(Struct, frozen=True, kw_only=True):
    """The device's own token, shown once, and what it is for."""

    device: str
    token: str
    station: str
    role: Role
    name: str
    bay: str | None = None


# -- the board ---------------------------------------------------------------------------------


class BayWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Call whoever is next to this bay: the row that the board showed on top, and its version."""

    visit: str | None = None
    version: Count | None = None


class VisitWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Move a visit: the version that the board showed, and the bay where the verb needs one."""

    version: Count
    bay: str | None = None


class QueueRow(Struct, frozen=True, kw_only=True):
    """One open visit.  `place` counts from 1 among those who wait; `rule` says why it stands here."""

    visit: str
    version: int
    plate: str
    state: str
    kind: str
    source: str
    arrived_at: Utc
    turn_at: Utc
    rule: str
    slot_at: Utc | None = None
    place: int | None = None
    window: Window | None = None
    bay: str | None = None
    call: str | None = None
    called_at: Utc | None = None
    in_bay_at: Utc | None = None
    calls: int = 0


class SignRow(Struct, frozen=True, kw_only=True):
    """What the sign above a bay was told, sent and confirmed, and how old that knowledge is."""

    device: str
    name: str
    reachable: bool
    beat_at: Utc | None = None
    state: str = "ok"
    fault: str = ""
    commanded: str | None = None
    sent: str | None = None
    sent_whole: bool = False
    confirmed: bool | None = None


class BayRow(Struct, frozen=True, kw_only=True):
    """One bay.

    `waits_for` names the door whose sign must go dark first, `cannot_show` the plate that no font fits,
    `holds_frame` says that a faulty sign may still show a plate until a person has seen it dark.
    """

    bay: str
    door: str
    kinds: list[str]
    capacity: int
    state: str = "open"
    visits: list[str] = []
    sign: SignRow | None = None
    waits_for: str | None = None
    cannot_show: str | None = None
    holds_frame: bool = False


class HelpRow(Struct, frozen=True, kw_only=True):
    """Help that is not closed yet."""

    id: str
    post: str
    raised_at: Utc
    plate: str | None = None
    visit: str | None = None
    acknowledged_by: str | None = None
    acknowledged_at: Utc | None = None


class Queue(Struct, frozen=True, kw_only=True):
    """The whole yard at one event: what a board draws.  `cursor` is `epoch-seq`."""

    cursor: str
    as_of: Utc
    station: str
    name: str
    time_zone: str
    line: list[QueueRow]
    bays: list[BayRow]
    help: list[HelpRow]
    expected_left: int = 0


class EventRow(Struct, frozen=True, kw_only=True):
    """One fact, as the stream and the timeline give it."""

    seq: int
    at: Utc
    kind: str
    actor: str
    visit: str | None = None
    bay: str | None = None
    call: str | None = None
    data: dict[str, object] = {}
