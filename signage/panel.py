"""What a panel is to the rest of the sign, whatever is screwed to the wall."""

from typing import Protocol

from contract.errors import PortvaktError
from contract.wire import Font, PanelFacts
from signage.font import FIVE_BY_SEVEN, Typeface
from signage.frame import Frame


class PanelLost(PortvaktError):
    """A write to the panel failed or took too long; what stands there now is not known."""

    def __init__(self, panel: str, why: object) -> None:
        super().__init__(
            f"The panel at {panel} does not take what is written to it ({why}); check its cable and power."
        )
        self.panel = panel
        self.why = str(why)


class Panel(Protocol):
    """One LED panel above a bay.  Each deed is done when it returns, or raises PanelLost."""

    @property
    def facts(self) -> PanelFacts:
        """Its width, its fonts, whether it keeps its last picture, and its worst time to dark."""

    @property
    def height_px(self) -> int:
        """Rows of dots."""

    def init(self) -> None:
        """Bring it from any state to a known one, and dark."""

    def show(self, frame: Frame, ttl_ms: int) -> str:
        """Light *frame*; a panel with a timer of its own goes dark after *ttl_ms*.

        Returns:
            The SHA-256, in hex, of the bytes that left for the frame's dots.
        """

    def blank(self) -> str:
        """Make it dark, first of all.  Returns as `show` does, for a frame with nothing lit."""

    def heal(self) -> None:
        """Send again what it should be showing, and every register that it may have lost."""

    def health(self) -> bool | None:
        """Whether the panel itself confirms what was sent last; None when it has no way to tell."""

    def close(self) -> None:
        """Let go of the line.  What stands on the panel stays."""


def described(face: Typeface = FIVE_BY_SEVEN) -> Font:
    """The font as central needs to know it, to tell at once that a sign cannot show a plate."""
    return Font(letters=face.letters, advance_px=face.advance_px, gap_px=face.gap_px)
