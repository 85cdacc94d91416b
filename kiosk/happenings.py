"""What can happen to a post, and what it can do about it.  Values only."""

from dataclasses import dataclass
from datetime import datetime

from contract.plate import Plate
from contract.wire import HelpState, Standing
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
class Link:
    """Central answers, or does not."""

    up: bool


Happening = (
    Press
    | Tick
    | Expected
    | Saved
    | NotSaved
    | Answer
    | NoAnswer
    | NotTaken
    | HelpHeard
    | HelpUnheard
    | Link
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
class AskHelp:
    """Raise help on the board.  `plate` is what stood on the screen, if anything."""

    number: int
    plate: Plate | None


@dataclass(frozen=True, slots=True)
class Refuse:
    """Sound the tone for a key that does nothing here; the screen says why."""


@dataclass(frozen=True, slots=True)
class Show:
    """Put this on the screen."""

    screen: Screen


Deed = Save | AskStatus | AskHelp | Refuse | Show
Step = tuple[Entry, tuple[Deed, ...]]
