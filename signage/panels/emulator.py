"""A panel without hardware: its picture as a PNG file and as text."""

import hashlib
from collections import deque
from collections.abc import Callable
from pathlib import Path

from contract.wire import PanelFacts
from device.files import write_whole
from signage.frame import Frame
from signage.layout import Canvas, lines_of
from signage.panel import PanelLost, Traits, described
from signage.panel_settings import PanelSettings
from signage.png import png

KEPT_FRAMES = 100
_DOTS = str.maketrans("#.", "●·")


class EmulatorPanel:
    """Keeps its frames; `frames` holds the last hundred, newest at the end.

    Args:
        width_px: columns of dots.
        height_px: rows of dots.
        picture: a PNG file that always shows what stands now; it keeps the last frame when we die.
        say: takes each frame as text, for a terminal.
        worst_dark_ms: what it declares as its longest time to dark.
    """

    traits = Traits()

    def __init__(
        self,
        width_px: int,
        height_px: int = 8,
        picture: Path | None = None,
        say: Callable[[str], object] | None = None,
        worst_dark_ms: int = 0,
    ) -> None:
        self.canvas = Canvas(width_px, height_px)
        self.facts = PanelFacts(
            width_px=width_px,
            height_px=height_px,
            fonts=described(self.canvas),
            holds_last_frame=picture is not None,
            worst_dark_ms=worst_dark_ms,
            reads_back=True,
            lines=lines_of(self.canvas),
        )
        self.frames: deque[Frame] = deque(maxlen=KEPT_FRAMES)
        self._picture = picture
        self._say = say
        # What should stand while the file may show something else.
        self._owed: Frame | None = None

    def init(self) -> None:
        """Go dark."""
        self.blank()

    def show(self, frame: Frame, ttl_ms: int) -> str:
        """Draw *frame*; *ttl_ms* is not kept."""
        del ttl_ms
        if self._owed is not None or not self.frames or self.frames[-1] != frame:
            self._draw(frame)
        return hashlib.sha256(str(frame).encode()).hexdigest()

    def blank(self) -> str:
        """Draw a frame with nothing lit."""
        return self.show(Frame.dark(self.canvas.width_px, self.canvas.height_px), 0)

    def heal(self, ttl_ms: int) -> None:
        """Draw again what could not be written; nothing wears off here."""
        del ttl_ms
        if self._owed is not None:
            self._draw(self._owed)

    def dim(self, percent: int) -> int:
        """A picture has one brightness."""
        del percent
        return 100

    def health(self) -> bool | None:
        """What was drawn is what stands, unless it could not be written."""
        return self._owed is None

    def close(self) -> None:
        """Nothing is open."""

    def _draw(self, frame: Frame) -> None:
        self._owed = frame
        if self._picture is not None:
            try:
                write_whole(self._picture, png(frame), mode=0o644)
            except OSError as error:
                raise PanelLost(str(self._picture), error.strerror or error) from error
        self._owed = None
        self.frames.append(frame)
        if self._say is not None:
            self._say(str(frame).translate(_DOTS))


def from_settings(settings: PanelSettings) -> EmulatorPanel:
    """Make it as large as *settings* say; nothing is drawn yet."""
    width_px, height_px = settings.size_px
    return EmulatorPanel(width_px, height_px, settings.picture, worst_dark_ms=settings.dark_ms)
