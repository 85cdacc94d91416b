"""What travels between devices, boards and central.

Types that a device sends or reads only ever gain optional fields, and unknown fields are ignored both
ways, so that a release may be one older or newer than its peer.  Types that a person's board sends
refuse unknown fields (`forbid_unknown_fields`).  All times are UTC; durations say their unit.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct, defstruct

from contract.transitions import TRANSITIONS, Transition, Verb, Word

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
    plate: Plated
    at: Utc
    synced: bool
    boot_id: Token
    mono_ms: Count


class DeskArrival(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plate that the desk enters for somebody who walked in.

    `another` splits off a second vehicle that bears the same number as one in the line.
    """

    id: Id
    plate: Plated
    kind: KindWord = "full"
    another: bool = False


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


class Standing(Struct, frozen=True, kw_only=True):
    """Where a visit stands, as central knew it at `as_of`: the answer to an arrival or a look-up.

    `place` counts from 1 and is given only while waiting; `door` only while called.  The state `held`
    is no visit's: the arrival came while the station was closed, or from before its last closing, and
    waits for a person to look at it; `visit` is empty then.  `epoch` names the database's history: a
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
    epoch: str = ""


class Expected(Struct, frozen=True, kw_only=True):
    """Today's plates, for the keypad to match against.  `epoch` names the database's history."""

    day: str
    plates: list[str]
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


class HelpClose(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What it was, in a word from the person who went out."""

    word: Sentence


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


BayId = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,31}$", max_length=32)]
# What can stand in an address, whatever is between us and the booking system.
REF = r"^[0-9A-Za-z]([0-9A-Za-z ._~:+#-]{0,62}[0-9A-Za-z._~:+#-])?$"
Ref = Annotated[str, Meta(pattern=REF, max_length=64)]
Fact = Annotated[str, Meta(min_length=1, max_length=200)]
Remarks = Annotated[list[Sentence], Meta(min_length=1, max_length=30)]


class BayWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Call whoever is next to this bay: the row that the board showed on top, and its version."""

    visit: str | None = None
    version: Count | None = None


class Approved(
    Struct,
    frozen=True,
    kw_only=True,
    tag="approved",
    tag_field="result",
    forbid_unknown_fields=True,
):
    """Nothing was found."""


class ApprovedWithRemarks(
    Struct,
    frozen=True,
    kw_only=True,
    tag="approved_with_remarks",
    tag_field="result",
    forbid_unknown_fields=True,
):
    """Something was found that may wait until the next inspection."""

    remarks: Remarks


class ReInspection(
    Struct,
    frozen=True,
    kw_only=True,
    tag="re_inspection",
    tag_field="result",
    forbid_unknown_fields=True,
):
    """The vehicle must come back when these are mended: then it is a recheck."""

    remarks: Remarks


class NotInspected(
    Struct,
    frozen=True,
    kw_only=True,
    tag="not_inspected",
    tag_field="result",
    forbid_unknown_fields=True,
):
    """The inspection could not be made."""

    reason: Sentence


Outcome = Approved | ApprovedWithRemarks | ReInspection | NotInspected


class VisitWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Move a visit: the version that the board showed, and what the verb's row in the table names.

    `before` is the visit that it shall stand before, none for the end of the line.
    """

    version: Count
    bay: BayId | None = None
    reason: Sentence | None = None
    before: Id | None = None
    outcome: Outcome | None = None


_WORDS: dict[Word, tuple[object, object]] = {
    Word.BAY: (BayId, BayId | None),
    Word.REASON: (Sentence, Sentence | None),
    Word.BEFORE: (Id, Id | None),
    Word.OUTCOME: (Outcome, Outcome | None),
}


def _words_of(row: Transition) -> type[Struct]:
    """A type that takes what *row* needs and takes, and refuses the rest by name."""
    fields: list[tuple[str, object] | tuple[str, object, object]] = [("version", Count)]
    fields += [(word.value, _WORDS[word][0]) for word in Word if word in row.needs]
    fields += [(word.value, _WORDS[word][1], None) for word in Word if word in row.takes]
    name = f"{row.verb.replace('-', ' ').title().replace(' ', '')}Words"
    return defstruct(
        name,
        fields,
        module=__name__,
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
    )


VERB_WORDS: dict[Verb, type[Struct]] = {verb: _words_of(row) for verb, row in TRANSITIONS.items()}


class UndoWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take back one's own last deed: on the visit that the board showed, or wherever it was."""

    visit: Id | None = None


class BayChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Open, pause or close a bay; `until` announces when a break ends or a bay closes."""

    until: Utc | None = None


class Dismissal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a held arrival does not join the line."""

    reason: Sentence


class BookingWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A booking as the booking system has it now.  `plate2` is the vehicle's other plate, if it has one."""

    plate: Plated
    slot_at: Utc
    kind: KindWord = "full"
    plate2: Plated | None = None
    make: Fact | None = None
    model: Fact | None = None
    colour: Fact | None = None
    remark: Fact | None = None
    cancelled: bool = False


class BookingRow(Struct, frozen=True, kw_only=True):
    """A booking as it stands; `visit` is the one that came for it."""

    ref: str
    plate: str
    slot_at: Utc
    kind: str
    plate2: str | None = None
    make: str | None = None
    model: str | None = None
    colour: str | None = None
    remark: str | None = None
    cancelled: bool = False
    visit: str | None = None


class QueueRow(Struct, frozen=True, kw_only=True):
    """One visit.

    `place` counts from 1 among those who wait; `rule` and `reason` say why it stands here; `may` are the
    verbs that move it; `promised_at` is when a recheck shall be called at the latest; `looks` helps to
    find the car in the yard.
    """

    visit: str
    version: int
    plate: str
    state: str
    kind: str
    source: str
    arrived_at: Utc
    turn_at: Utc
    rule: str
    may: list[str] = []
    reason: str | None = None
    slot_at: Utc | None = None
    place: int | None = None
    window: Window | None = None
    bay: str | None = None
    call: str | None = None
    called_at: Utc | None = None
    in_bay_at: Utc | None = None
    ended_at: Utc | None = None
    calls: int = 0
    plate2: str | None = None
    twin: int = 0
    promised_at: Utc | None = None
    looks: str | None = None
    elsewhere: Elsewhere | None = None


class HeldRow(Struct, frozen=True, kw_only=True):
    """An arrival that waits for a person to look at it: `why` is `closed` or `before_closing`."""

    arrival: str
    plate: str
    came_at: Utc
    received_at: Utc
    source: str
    why: str


class Inspected(Struct, frozen=True, kw_only=True):
    """How an inspection ended."""

    at: Utc
    kind: str
    outcome: Outcome


class Vehicle(Struct, frozen=True, kw_only=True):
    """What staff need to know about a vehicle, in one place; `register` says how the look-up went.

    What comes from the register (`make` to `owner`, where the booking has nothing) is never stored.
    """

    plate: str
    plate2: str | None = None
    register: str = "none"
    make: str | None = None
    model: str | None = None
    colour: str | None = None
    year: int | None = None
    owner: str | None = None
    remark: str | None = None
    last: Inspected | None = None
    bookings: list[BookingRow] = []


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
    until: Utc | None = None
    call_ahead: bool = False
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
    """The whole yard at one event: what a board draws.  `cursor` is `epoch-seq`.

    `closes_at` is given while the station is open, `opens_at` while it is closed; neither if it never closes.
    """

    cursor: str
    as_of: Utc
    station: str
    name: str
    time_zone: str
    line: list[QueueRow]
    bays: list[BayRow]
    help: list[HelpRow]
    expected_left: int = 0
    held: list[HeldRow] = []
    opens_at: Utc | None = None
    closes_at: Utc | None = None


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
