"""What a panel is to the rest of the sign, whatever is screwed to the wall."""

from dataclasses import dataclass
from typing import Protocol

from contract.errors import PortvaktError
from contract.wire import Font, PanelFacts
from signage.frame import Frame
from signage.layout import Canvas, fitting


class PanelLost(PortvaktError):
    """A write to the panel failed or took too long; what stands there now is not known."""

    def __init__(self, panel: str, why: object) -> None:
        super().__init__(
            f"The panel at {panel} does not take what is written to it ({why}); check its cable and power."
        )
        self.panel = panel
        self.why = str(why)


@dataclass(frozen=True, slots=True)
class Traits:
    """How a panel wants to be treated.

    `heal_ms`: how often it is told again what it should show.  `settle_ms`: how long after its bytes have
    left a picture stands, or darkness is dark.  `pages`: whether it may change its picture every second
    or two.
    """

    heal_ms: int = 1_000
    settle_ms: int = 0
    pages: bool = True


class Panel(Protocol):
    """One LED panel.  Each deed is done when it returns, or raises PanelLost.

    A driver waits out its own minimum gap between writes, at most 300 ms.  The longest time from the
    decision to be dark until nobody can read anything, gap, a write under way and the panel's own drawing
    counted, is `facts.worst_dark_ms`.
    """

    @property
    def facts(self) -> PanelFacts:
        """What central must know: its size, its fonts, whether it keeps its last picture, ..."""

    @property
    def canvas(self) -> Canvas:
        """What there is to draw on: dots and typefaces."""

    @property
    def traits(self) -> Traits:
        """How it wants to be treated."""

    def init(self) -> None:
        """Bring it from any state to a known one, and dark: darkness is the first thing that leaves."""

    def show(self, frame: Frame, ttl_ms: int) -> str:
        """Light *frame*; a panel with a timer of its own goes dark after *ttl_ms*.

        A panel with letters of its own writes `frame.words`, and for a pattern, which has none, whole blocks.

        Returns:
            The SHA-256, in hex, of the bytes that left for the picture.
        """

    def blank(self) -> str:
        """Make it dark, first of all.  Returns as `show` does, for a frame with nothing lit."""

    def heal(self, ttl_ms: int) -> None:
        """Send again what it should be showing, for *ttl_ms* more, and every register that it may have lost.

        What should be dark is made dark again; *ttl_ms* is 0 then.
        """

    def dim(self, percent: int) -> int:
        """Set the brightness of what is written from now on, 1 to 100; nothing is written here.

        Returns:
            What the panel will really give, in percent of its full brightness; 100 where it cannot dim.
        """

    def health(self) -> bool | None:
        """Whether the panel itself confirms what was sent last; None when it has no way to tell."""

    def close(self) -> None:
        """Let go of the line.  What stands on the panel stays."""


def described(canvas: Canvas) -> list[Font]:
    """The fonts as central needs to know them, to tell at once that a sign cannot show a plate.

    Only those that are not too high for the panel: central counts columns alone.
    """
    return [
        Font(letters=face.letters, advance_px=face.advance_px, gap_px=face.gap_px)
        for face in fitting(canvas)
    ]
