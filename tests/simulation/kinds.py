"""The sorts of panels in the simulation, and what the driver of each declares."""

from dataclasses import dataclass

from contract.wire import HANG_MS, PanelFacts
from signage.fonts import FIVE_BY_SEVEN
from signage.layout import Canvas
from signage.panel import described
from signage.timer_line import HANG_MS as TIMER_HANG_MS

CANVAS = Canvas(48, 8, (FIVE_BY_SEVEN,))
TICK_MS = 50
BUSY_MS = 100  # a processor that has other things to do


@dataclass(frozen=True, slots=True)
class Kind:
    """What sort of panel hangs there; times in milliseconds.

    `own_clock`: it counts the time of a picture itself and goes dark.  `packets`: it takes a write whole
    or not at all.  `fails`: the share of writes that fail, never when told anew.  `supply`: a timer that the
    sign's process must trigger again and again holds its supply.
    """

    name: str
    wire_ms: int = 0
    gap_ms: int = 0
    settle_ms: int = 0
    heal_ms: int = 1_000
    own_clock: bool = False
    packets: bool = True
    pages: bool = True
    fails: float = 0.0
    supply: bool = False
    lines: int = 0

    @property
    def worst_dark_ms(self) -> int:
        """A write under way, the gap after it, its own bytes, the drawing, a turn and a busy processor."""
        return self.gap_ms + 2 * self.wire_ms + self.settle_ms + TICK_MS + BUSY_MS

    @property
    def hang_ms(self) -> int:
        """How much longer it shines when its process hangs, as the service declares it."""
        if self.own_clock:
            return 0
        return TIMER_HANG_MS if self.supply else HANG_MS


QUICK = Kind("quick", packets=False)
SLOW = Kind("slow", 46, 300, 1_000, heal_ms=10_000, pages=False)
TEXT = Kind("text", 28, 250, 100, heal_ms=10_000, pages=False)
HEAD = Kind("head", 20, 50, own_clock=True, fails=0.02)
FAULTY = Kind("faulty", packets=False, fails=0.05)
HELD = Kind("held", packets=False, fails=0.02, supply=True)
YARD_CANVAS = Canvas(80, 31, (FIVE_BY_SEVEN,))
YARD = Kind("yard", 20, 50, own_clock=True, lines=4)


def canvas_of(kind: Kind) -> Canvas:
    """What there is to draw on."""
    return YARD_CANVAS if kind.lines else CANVAS


_FACTS: dict[Kind, PanelFacts] = {}


def facts_of(kind: Kind) -> PanelFacts:
    """What a panel's driver declares."""
    if kind not in _FACTS:
        _FACTS[kind] = PanelFacts(
            width_px=canvas_of(kind).width_px,
            height_px=canvas_of(kind).height_px,
            fonts=described(canvas_of(kind)),
            holds_last_frame=not kind.own_clock,
            worst_dark_ms=kind.worst_dark_ms,
            lines=kind.lines,
            hang_ms=kind.hang_ms,
        )
    return _FACTS[kind]
