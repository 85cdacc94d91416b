"""What a board draws: the yard at one event, and how it came to be so."""

from msgspec import Struct

from contract.wire import Elsewhere, Heartbeat, PanelFacts, Picture, Role, Utc, Window
from contract.words import Outcome


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

    `place` counts from 1 among those who wait; `rule` and `reason` say why it stands here, `note` why it
    is parked, left or was removed; `may` are the verbs that move it; `promised_at` is when a recheck
    shall be called at the latest; `looks` helps to find the car in the yard.
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
    note: str | None = None
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
    """What the sign above a bay was told, sent and confirmed, and how old that knowledge is.

    `sent_whole`: all bytes have left.  `confirmed` is None while nothing was read back; for ever where
    `reads_back` is false, because that sign cannot say what it shows.  `off_at` is when the standing call
    has been shown for as long as any may be, `notice` what it says instead of a plate, `fault` with a
    `state` that is ok why it could not draw what it was told.  One that is `too_slow` to go dark is never
    told a plate.  `may_hold`: it fell silent with a plate on a panel that keeps its picture.
    """

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
    reads_back: bool = False
    off_at: Utc | None = None
    notice: str = ""
    too_slow: bool = False
    may_hold: bool = False


class NamedDoor(Struct, frozen=True, kw_only=True):
    """A yard sign may be sending this plate to this door, until `off_at` where that is known."""

    plate: str
    door: str
    off_at: Utc | None = None


class YardSignRow(Struct, frozen=True, kw_only=True):
    """A sign that hangs over no door: which `doors` it lists, and which of them it may be naming now.

    `may_hold`: it is silent, and its panel keeps its picture.
    """

    device: str
    name: str
    doors: list[str]
    reachable: bool
    beat_at: Utc | None = None
    state: str = "ok"
    fault: str = ""
    names: list[NamedDoor] = []
    can_list: bool = True
    may_hold: bool = False


class SignPicture(Picture, frozen=True, kw_only=True):
    """The picture that had left for a sign's panel by its beat at `at`; `whole` when all bytes had."""

    at: Utc


class BayRow(Struct, frozen=True, kw_only=True):
    """One bay.

    `waits_for` names the door whose sign must go dark first, `cannot_show` the plate that no font fits,
    `holds_frame` says that a faulty sign may still show a plate until a person has seen it dark, `held_on`
    which yard signs may still send one here.
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
    held_on: list[str] = []


class HelpRow(Struct, frozen=True, kw_only=True):
    """Help that is not closed yet."""

    id: str
    post: str
    raised_at: Utc
    plate: str | None = None
    visit: str | None = None
    acknowledged_by: str | None = None
    acknowledged_at: Utc | None = None


class FaultRow(Struct, frozen=True, kw_only=True):
    """A part of a device that does not work: its word, since when, and what the device says of it."""

    part: str
    since: Utc
    reason: str = ""


class DeviceNotice(Struct, frozen=True, kw_only=True):
    """A post or sign that needs somebody: a part of it fails, it is not heard, it keeps an arrival, or two
    machines use its token (`cloned`).

    `heard_at` is its last heartbeat.  A `silent` one may be in any state by now: its faults are what it
    said then.  `refused` counts the arrivals that central has refused and that wait on its disk.
    """

    device: str
    name: str
    role: str
    heard_at: Utc
    silent: bool = False
    faults: list[FaultRow] = []
    refused: int = 0
    cloned: bool = False


class DeviceRow(Struct, frozen=True, kw_only=True):
    """A post or sign: where it hangs, and its last heartbeat, which was `age_s` old when it was asked for.

    `says` is what is wrong with it, in sentences.  Without a heartbeat nothing is known of it but what a
    sign's driver has declared of its `panel`.  It has its token since `token_at`; while it is `rotating` it
    is to get, or has got, a new one that it has not used yet.  Since `cloned_at` two machines use its token.
    """

    id: str
    station: str
    role: Role
    name: str
    bay: str | None = None
    lists: list[str] = []
    heard_at: Utc | None = None
    age_s: int | None = None
    silent: bool = False
    faults: list[FaultRow] = []
    says: list[str] = []
    heartbeat: Heartbeat | None = None
    panel: PanelFacts | None = None
    token_at: Utc | None = None
    rotating: bool = False
    cloned_at: Utc | None = None


class Queue(Struct, frozen=True, kw_only=True):
    """The whole yard at one event: what a board draws.  `cursor` is `epoch-seq`.

    `closes_at` is given while the station is open, `opens_at` while it is closed; neither if it never closes.
    `devices` are those that need somebody.
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
    devices: list[DeviceNotice] = []
    yard_signs: list[YardSignRow] = []


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
