"""What a hall box and the office say to each other; the hall asks, the office answers.

Like all that devices say, these types only ever gain optional fields.  No plate goes up; of the staff no
name does.  A plate comes down with a booking, and with an erasure that somebody has asked the office for.
"""

from typing import Annotated, Any

from msgspec import Meta, Struct

from contract.fleet import MachineSaid
from contract.secrecy import Discreet
from contract.wire import Count, Id, Plated, Role, Token, Utc

EVENTS_AT_ONCE = 250
LATE_S = 180
LOST_S = 900

Word = Annotated[str, Meta(max_length=64)]
_Epoch = Annotated[str, Meta(min_length=1, max_length=64)]


# -- up ----------------------------------------------------------------------------------------


class HallEvent(Struct, frozen=True, kw_only=True):
    """One fact of the hall's own history, without what leads to a customer or names one of the staff."""

    seq: Annotated[int, Meta(ge=1, le=2**53)]
    at: Utc
    kind: Token
    actor_kind: Word
    actor_id: Word = ""
    visit: Word | None = None
    bay: Word | None = None
    call: Word | None = None
    data: dict[str, Any] = {}


class HallBay(Struct, frozen=True, kw_only=True):
    """A bay, so that the office knows what may be booked and where a sign may hang."""

    bay: Word
    door: Word
    kinds: Annotated[list[Word], Meta(max_length=32)] = []


class HallDevice(Struct, frozen=True, kw_only=True):
    """A post or sign of the hall; `refused` are arrivals that wait on its disk for a person."""

    device: Token
    name: Word
    role: Role
    bay: Word | None = None
    heard_at: Utc | None = None
    silent: bool = False
    faults: Annotated[list[Word], Meta(max_length=32)] = []
    refused: Count = 0
    cloned: bool = False


class HallMachine(Struct, frozen=True, kw_only=True):
    """What a machine of the hall has said of itself, and when."""

    device: Token
    name: Word
    role: Word
    heard_at: Utc
    said: MachineSaid


class NotTaken(Struct, frozen=True, kw_only=True):
    """Something of the office's that the hall cannot take, by its kind and its own id.

    `reason` is a stable word: `name_taken`, `account_taken`, `role_unknown`, `last_person`, `booking_unfit`,
    `in_yard`, `copied_back`; of a release's file `release_unfetched`, `release_broken`, `release_refused`,
    `release_no_room`.
    """

    kind: Word
    id: Annotated[str, Meta(max_length=128)]
    reason: Word = ""


class HallSaid(Struct, frozen=True, kw_only=True):
    """How a hall is.  Durations and ages are the office's to work out: it knows when it heard this.

    `forgotten` are bookings that were erased in the hall on request, `codes_used` codes that are devices
    now, `erased` the office's requests that are done; `not_taken` says what the hall cannot take.
    """

    release: Word = ""
    name: Annotated[str, Meta(max_length=128)] = ""
    time_zone: Annotated[str, Meta(max_length=64)] = ""
    clock_synced: bool = False
    keep: Annotated[list[Count], Meta(max_length=4)] = []
    bays: Annotated[list[HallBay], Meta(max_length=100)] = []
    open: bool = True
    waiting: Count = 0
    called: Count = 0
    in_bay: Count = 0
    help_open: Count = 0
    oldest_at: Utc | None = None
    backup_at: Utc | None = None
    devices: Annotated[list[HallDevice], Meta(max_length=100)] = []
    machines: Annotated[list[HallMachine], Meta(max_length=32)] = []
    codes_used: Annotated[list[Word], Meta(max_length=100)] = []
    erased: Annotated[list[Id], Meta(max_length=100)] = []
    forgotten: Annotated[list[Word], Meta(max_length=200)] = []
    not_taken: Annotated[list[NotTaken], Meta(max_length=100)] = []


class HallReport(Struct, frozen=True, kw_only=True):
    """The next events of one `epoch` of the hall's history, in order, and how the hall is now.

    `first` is the number of the epoch's first event: before it stands what another epoch has told.
    `had` is an event that the office should have: by it a disk that was copied back is found out.
    """

    epoch: _Epoch
    first: Annotated[int, Meta(ge=1, le=2**53)] = 1
    events: Annotated[list[HallEvent], Meta(max_length=EVENTS_AT_ONCE)] = []
    had: HallEvent | None = None
    said: HallSaid | None = None


class HallTaken(Struct, frozen=True, kw_only=True):
    """The office has this epoch's events on its disk up to `last`; go on from there.

    With `mixed` it took none: what the hall calls an event of this number is another one here.
    `key_ends_at` is when the key that it asked with ends; a newer one must be in the hall by then.
    """

    last: Count
    mixed: bool = False
    key_ends_at: Utc | None = None


# -- down --------------------------------------------------------------------------------------


class HallBooking(Struct, frozen=True, kw_only=True):
    """A booking as the office has it now, in the words of the booking system."""

    ref: Word
    plate: Plated
    slot_at: Utc
    kind: Word = "full"
    plate2: Plated | None = None
    make: str | None = None
    model: str | None = None
    colour: str | None = None
    remark: str | None = None
    cancelled: bool = False


class HallPerson(Discreet, frozen=True, kw_only=True):
    """An account of the office's that works in this hall; of the password only its Argon2 hash."""

    id: Id
    name: Word
    role: Word
    password: str = ""
    disabled: bool = False
    issuer: str | None = None
    subject: str | None = None


class HallCode(Discreet, frozen=True, kw_only=True):
    """A device's one-time code that was made at the office: its first half, and the hash of all of it."""

    handle: Word
    code: str
    role: Role
    name: Word
    bay: Word | None = None
    made_at: Utc
    expires_at: Utc


class HallErasure(Struct, frozen=True, kw_only=True):
    """Somebody has asked the office that everything about this plate be erased in the hall."""

    id: Id
    plate: Plated


class HallNews(Struct, frozen=True, kw_only=True):
    """What the office has for a hall.

    `bookings` are those that changed since the cursor that the hall has shown, up to `after`; there is
    `more` when they were too many for one answer.  All the rest is whole each time.  `office` names the
    history of the office's database: a cursor belongs to one.
    """

    office: str
    after: Count
    more: bool = False
    bookings: list[HallBooking] = []
    people: list[HallPerson] = []
    codes: list[HallCode] = []
    revoked: list[str] = []
    erasures: list[HallErasure] = []
    # Releases: which ring wants which, and the files to fetch; `central.fleet.wants.Wants`.
    wants: dict[str, Any] = {}


# -- what people see at the office ---------------------------------------------------------------


class HallRow(Struct, frozen=True, kw_only=True):
    """A hall as the office knows it: `said` was true at `heard_at`, `age_s` before this was asked for.

    `contact` is `never`, `good`, `late` (3 minutes) or `lost` (15).  `erasures` wait for the hall since
    `erasures_since`; `behind` counts bookings that it has not fetched yet.  While somebody is on the
    station's board here, `left_here`, no first report is taken.  `key_ends_at` is when the key ends that
    it uses, or would use; None when it has none that is not revoked.
    """

    station: str
    name: str
    time_zone: str
    contact: str
    heard_at: Utc | None = None
    age_s: int | None = None
    events: Count = 0
    behind: Count = 0
    erasures: Count = 0
    erasures_since: Utc | None = None
    left_here: Count = 0
    key_ends_at: Utc | None = None
    said: HallSaid | None = None
