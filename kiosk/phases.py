"""Where a customer is in telling us a plate.  Each phase holds what its screen may claim, and no more."""

from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from contract.plate import Plate
from contract.wire import Elsewhere, HelpState, Standing
from device.boot_story import Story
from kiosk.enrolling import Enrolling, Who
from kiosk.faults import Part
from kiosk.keys import Pad
from kiosk.matching import ExpectedPlates
from kiosk.screen import Screen
from kiosk.spelling import Spelling


@dataclass(frozen=True, slots=True)
class Saving:
    """A confirmed plate on its way: what the disk has said, and what central said last.

    `told_elsewhere`: the customer has read of the other booking already.  `fetch` numbers the call for
    help that was raised because no sign can call this customer.
    """

    ticket: int
    plate: Plate
    saved: bool = False
    saved_at: datetime | None = None
    known: Standing | None = None
    told_elsewhere: bool = False
    fetch: int | None = None


@dataclass(frozen=True, slots=True)
class Idle:
    """Nobody is here, or somebody who just was: OK brings `last` back until `until_ms`.

    It comes back in the `language` of that customer, read aloud where it was.
    """

    last: Saving | None = None
    until_ms: int = 0
    language: str = ""
    speaking: bool = False


@dataclass(frozen=True, slots=True)
class Typing:
    """Signs or key presses so far.  `offer` is the one expected plate that they begin.

    Who says no to an offer means what is typed, even where it is the beginning of another plate.
    """

    presses: str
    offer: Plate | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """The presses spell one expected plate completely."""

    presses: str
    plate: Plate


@dataclass(frozen=True, slots=True)
class Which:
    """The presses spell two expected plates completely."""

    presses: str
    plates: tuple[Plate, Plate]


@dataclass(frozen=True, slots=True)
class Spell:
    """Asking letter by letter.  At `unasked_ms` the first question came by itself, not by a key for it."""

    spelling: Spelling
    unasked_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Confirm:
    """A complete plate that waits for OK.  `no_booking`: central's own fresh list does not have it.

    That is of bookings: whether it stands in the line, told at the desk, only its arrival's answer says.
    `asked` numbers the question to central whether it is booked elsewhere, and `elsewhere` is the answer,
    heard at `heard_ms`.
    """

    plate: Plate
    before: Typing | Spell
    no_booking: bool
    asked: int | None = None
    elsewhere: Elsewhere | None = None
    heard_ms: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """Confirmed; central has not answered yet.  `told_ms` is when we said what we know ourselves."""

    saving: Saving
    since_ms: int
    told_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """Central has answered a question that was sent at `asked_ms`."""

    saving: Saving
    standing: Standing
    asked_ms: int
    shown_ms: int
    polled_ms: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The arrival is not registered: the disk (`saved` false) or central did not take it."""

    plate: Plate
    saved: bool
    since_ms: int


# Steps of the voice from the quietest, 0; each use begins at the same one (EN 301 549, 5.1.3.13).
FIRST_VOLUME, VOLUMES = 1, 4

Phase = Idle | Typing | Offer | Which | Spell | Confirm | Waiting | Answered | Failed
# Somebody is at the keys and owes us an answer.
INTERACTIVE = (Typing, Offer, Which, Spell, Confirm)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a station sets.  `door` names the way in that needs no machine: right, left or ahead.

    `speech`: something here can read aloud.
    """

    pad: Pad
    languages: tuple[str, ...]
    zone: tzinfo
    door: str
    speech: bool = False


@dataclass(frozen=True, slots=True)
class HelpItem:
    """A call for help from this post that nobody has closed; `heard` is None until the board has it.

    `fetch`: no key was pressed; somebody must fetch the car because no sign can call it.  `customer`
    counts those who have stood here, and `seen_ms` is when a person answered.
    """

    number: int
    plate: Plate | None
    pressed_ms: int
    heard: HelpState | None = None
    heard_ms: int = 0
    failed: bool = False
    fetch: bool = False
    customer: int = 0
    seen_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """Everything that the post knows while people type.  Values only; `entry.step` makes the next one.

    `helping` is the number of the help item whose screen covers the phase.  `still_ms` is when the
    question "still there?" appeared.  `here` are the plates that this post registered on `day`.
    `opens_at` is given while the station takes no arrivals.  `hall_lit` is what the lamp's own sense line
    says.  `said` is what was read aloud last, so that nothing is read twice.  While `who` is nobody the keys
    type the code in `enrolling`; `story` is how far the post has come since power came.
    """

    rules: Rules
    language: str
    phase: Phase = Idle()
    shown: Screen | None = None
    note: str = ""
    key_ms: int = 0
    still_ms: int | None = None
    failed_tries: int = 0
    tickets: int = 0
    customer: int = 0
    helps: tuple[HelpItem, ...] = ()
    helping: int | None = None
    help_shown_ms: int = 0
    expected: ExpectedPlates = field(default_factory=ExpectedPlates)
    listed_ms: int | None = None
    day: str = ""
    here: tuple[Plate, ...] = ()
    opens_at: datetime | None = None
    online: bool = False
    faults: frozenset[Part] = frozenset()
    hall_lit: bool | None = None
    speaking: bool = False
    volume: int = FIRST_VOLUME
    said: str = ""
    who: Who = Who.KNOWN
    enrolling: Enrolling = field(default_factory=Enrolling)
    story: Story | None = None

    def help_item(self, number: int | None) -> HelpItem | None:
        """Find an open call for help."""
        return next((item for item in self.helps if item.number == number), None)

    @property
    def is_in_use(self) -> bool:
        """Whether somebody would lose by it if the post began anew: signs, an answer, an open call."""
        code = self.enrolling
        typed = self.who is not Who.KNOWN and bool(code.signs or code.key or code.trying)
        return typed or self.helping is not None or not isinstance(self.phase, Idle)


def begin(rules: Rules, now_ms: int) -> Entry:
    """Start at the idle screen."""
    return Entry(rules, rules.languages[0], key_ms=now_ms)
