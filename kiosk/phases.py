"""Where a customer is in telling us a plate.  Each phase holds what its screen may claim, and no more."""

from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from contract.plate import Plate
from contract.wire import HelpState, Standing
from kiosk.keys import Pad
from kiosk.matching import ExpectedPlates
from kiosk.screen import Screen
from kiosk.spelling import Spelling


@dataclass(frozen=True, slots=True)
class Saving:
    """A confirmed plate on its way: what the disk has said, and what central said last."""

    ticket: int
    plate: Plate
    saved: bool = False
    saved_at: datetime | None = None
    known: Standing | None = None


@dataclass(frozen=True, slots=True)
class Idle:
    """Nobody is here, or somebody who just was: OK brings `last` back until `until_ms`."""

    last: Saving | None = None
    until_ms: int = 0


@dataclass(frozen=True, slots=True)
class Typing:
    """Signs or key presses so far.  `offer` is the one expected plate that they begin."""

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
    """Asking letter by letter."""

    spelling: Spelling


@dataclass(frozen=True, slots=True)
class Confirm:
    """A complete plate that waits for OK.  `no_booking`: central's own fresh list does not have it."""

    plate: Plate
    before: Typing | Spell
    no_booking: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """Confirmed; central has not answered yet.  `told_ms` is when we said what we know ourselves."""

    saving: Saving
    since_ms: int
    told_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """Central has answered.  `fetch` numbers the help item for a customer whom no sign can call."""

    saving: Saving
    standing: Standing
    asked_ms: int
    shown_ms: int
    polled_ms: int
    fetch: int | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The arrival is not registered: the disk (`saved` false) or central did not take it."""

    plate: Plate
    saved: bool
    since_ms: int


Phase = Idle | Typing | Offer | Which | Spell | Confirm | Waiting | Answered | Failed
# Somebody is at the keys and owes us an answer.
INTERACTIVE = (Typing, Offer, Which, Spell, Confirm)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a station sets.  `door` names the way in that needs no machine: right, left or ahead."""

    pad: Pad
    languages: tuple[str, ...]
    zone: tzinfo
    door: str


@dataclass(frozen=True, slots=True)
class HelpItem:
    """A call for help from this post that nobody has closed; `heard` is None until the board has it.

    `fetch`: no key was pressed; somebody must fetch the car because no sign can call it.
    """

    number: int
    plate: Plate | None
    pressed_ms: int
    heard: HelpState | None = None
    heard_ms: int = 0
    failed: bool = False
    fetch: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """Everything that the post knows while people type.  Values only; `entry.step` makes the next one.

    `helping` is the number of the help item whose screen covers the phase.  `still_ms` is when the
    question "still there?" appeared.  `here` are the plates that this post registered on `day`.
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
    helps: tuple[HelpItem, ...] = ()
    helping: int | None = None
    help_shown_ms: int = 0
    expected: ExpectedPlates = field(default_factory=ExpectedPlates)
    listed_ms: int | None = None
    day: str = ""
    here: tuple[Plate, ...] = ()
    online: bool = False

    def help_item(self, number: int | None) -> HelpItem | None:
        """Find an open call for help."""
        return next((item for item in self.helps if item.number == number), None)


def begin(rules: Rules, now_ms: int) -> Entry:
    """Start at the idle screen."""
    return Entry(rules, rules.languages[0], key_ms=now_ms)
