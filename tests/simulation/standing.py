"""What stands on a sign, what has befallen it, and how long it may stand."""

from dataclasses import dataclass

from contract.wire import LEASE_TTL_MAX_MS
from signage.timer_line import OVERDUE_MS
from tests.simulation.kinds import Kind
from tests.simulation.sign import ABORT_MS, BLANKER_MS, SUPPLY_MS, WATCHDOG_MS

SLACK_MS = 200  # a killed sign's blanker needs a moment; the promise is 7.2 s
HEARD_SLACK_MS = 500  # a write that fails is tried once more
DARK_BETWEEN_MS = 1_500  # a panel that went dark by itself is told anew, and the pages go on
REACHED_MS = 2_600  # a sign that hears central has heard it this lately
HELD_UP, MORE = "hung, its supply held by a timer", "more at once"
MOST_MS = {
    "alone": LEASE_TTL_MAX_MS + SLACK_MS,
    "killed": LEASE_TTL_MAX_MS + SLACK_MS,
    "its line failed": LEASE_TTL_MAX_MS + SLACK_MS,
    HELD_UP: LEASE_TTL_MAX_MS + SLACK_MS,
    "hung": 10_000,
    MORE: 16_000,
}

Plate = str
Key = tuple[str, Plate]
Seen = tuple[str, str | None]


@dataclass
class Standing:
    """What stands on one sign: plates, each with the door that it is sent to."""

    plates: frozenset[tuple[Plate, str | None]]
    how: str = "alone"
    lease_late_ms: int = SLACK_MS
    told_late_ms: int = 0
    excused_ms: int = 0

    def goes_on(self) -> None:
        """Its process hears central again, so no hang excuses it any more."""
        if self.how in ("hung", HELD_UP):
            self.how, self.excused_ms = "alone", 0

    def befell(self, what: str, kind: Kind, now_ms: int, *, is_reached: bool) -> None:
        """Its process was killed, or hangs, or the line to its panel failed: how long it may stand so."""
        if what != "killed" and not is_reached:
            self.how = MORE
        elif what == "hung" and kind.supply:
            what = HELD_UP
        self.how = what if self.how in ("alone", what) else MORE
        if what in ("hung", HELD_UP):
            self.excused_ms = max(self.excused_ms, now_ms + hung_ms(kind))
        elif what != "killed":
            held_ms = OVERDUE_MS + SUPPLY_MS + SLACK_MS
            self.lease_late_ms = held_ms if kind.supply else SLACK_MS
            self.told_late_ms = held_ms if kind.supply else LEASE_TTL_MAX_MS


@dataclass(frozen=True, slots=True)
class Told:
    """A sign knows since *at_ms* that a plate must go; `call` is None when an answer said so."""

    at_ms: int
    until_ms: int
    call: str | None


def hung_ms(kind: Kind) -> int:
    """How long a sign whose process hangs may stay lit because of that."""
    if kind.supply:
        return SUPPLY_MS + SLACK_MS
    return WATCHDOG_MS + ABORT_MS + BLANKER_MS + kind.worst_dark_ms + SLACK_MS
