"""What can happen to a post, and what it can do about it.  Values only."""

from dataclasses import dataclass
from datetime import datetime

from contract.plate import Plate
from contract.wire import Elsewhere, HelpState, Standing
from kiosk.becoming import Became, TryCode
from kiosk.faults import Fault
from kiosk.matching import ExpectedPlates
from kiosk.phases import Entry
from kiosk.screen import Screen


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody pressed a key: a `Key` or a sign."""

    key: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Time went on."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Central just said, or said again, whom it expects on `day`."""

    plates: ExpectedPlates
    day: str = ""
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Remembered:
    """The list that an earlier process of ours heard, for a start without contact."""

    plates: ExpectedPlates
    day: str


@dataclass(frozen=True, slots=True)
class DayOver:
    """The day of the list has ended by a clock to be believed: its plates are forgotten."""


@dataclass(frozen=True, slots=True)
class BookedElsewhere:
    """What central knows of another booking for a plate that waits for its OK."""

    ticket: int
    elsewhere: Elsewhere | None


@dataclass(frozen=True, slots=True)
class HallLamp:
    """What the sense line of the hall lamp says; None where no such line is wired."""

    lit: bool | None


@dataclass(frozen=True, slots=True)
class Saved:
    """The arrival is on the disk.  `at` is None while our clock is not to be believed."""

    ticket: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class NotSaved:
    """The disk did not take the arrival."""

    ticket: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Central answered a question that was sent at monotonic time `asked_ms`."""

    ticket: int
    standing: Standing
    asked_ms: int


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Central could not be asked."""

    ticket: int


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Central answered, but did not take the arrival; it stays in the outbox."""

    ticket: int


@dataclass(frozen=True, slots=True)
class HelpHeard:
    """The board has our call for help; this is what became of it."""

    number: int
    state: HelpState


@dataclass(frozen=True, slots=True)
class HelpUnheard:
    """The call for help has not reached the board yet; we go on trying unless `gave_up`."""

    number: int
    gave_up: bool = False


@dataclass(frozen=True, slots=True)
class HelpKept:
    """A call for help that was open when an earlier process of ours ended; nobody knows yet how it stands."""

    number: int


@dataclass(frozen=True, slots=True)
class Link:
    """Central answers, or does not."""

    up: bool


# What is no answer to anybody who stands here.
Learned = (
    Expected | Remembered | DayOver | BookedElsewhere | Link | HallLamp | HelpKept | Fault | Became
)
Happening = (
    Press
    | Tick
    | Saved
    | NotSaved
    | Answer
    | NoAnswer
    | NotTaken
    | HelpHeard
    | HelpUnheard
    | Learned
)


@dataclass(frozen=True, slots=True)
class Save:
    """Put the arrival on the disk, then answer with Saved or NotSaved."""

    ticket: int
    plate: Plate


@dataclass(frozen=True, slots=True)
class AskStatus:
    """Ask central where this plate stands."""

    ticket: int
    plate: Plate


@dataclass(frozen=True, slots=True)
class AskElsewhere:
    """Ask central whether this plate is booked for another day or at another station."""

    ticket: int
    plate: Plate


@dataclass(frozen=True, slots=True)
class AskHelp:
    """Raise help on the board.  `plate` is what stood on the screen, if anything."""

    number: int
    plate: Plate | None


@dataclass(frozen=True, slots=True)
class KeepAsking:
    """Somebody pressed again for a call that is open: do not give it up yet."""

    number: int


@dataclass(frozen=True, slots=True)
class Refuse:
    """Sound the tone for a key that does nothing here; the screen says why."""


@dataclass(frozen=True, slots=True)
class Say:
    """Read *text* aloud in *language*, instead of what is being read.

    `volume` counts steps from the quietest, 0.
    """

    text: str
    language: str
    volume: int


@dataclass(frozen=True, slots=True)
class Hush:
    """Stop reading aloud."""


@dataclass(frozen=True, slots=True)
class Show:
    """Put this on the screen."""

    screen: Screen


Deed = Save | AskStatus | AskElsewhere | AskHelp | KeepAsking | TryCode | Refuse | Say | Hush | Show
Step = tuple[Entry, tuple[Deed, ...]]
