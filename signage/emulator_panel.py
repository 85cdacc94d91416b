"""A panel without hardware: its picture as a PNG file and as text."""

import hashlib
from collections import deque
from collections.abc import Callable
from pathlib import Path

from contract.wire import PanelFacts
from device.files import write_whole
from signage.frame import Frame
from signage.panel import PanelLost, described
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
    """

    def __init__(
        self,
        width_px: int,
        height_px: int = 8,
        picture: Path | None = None,
        say: Callable[[str], object] | None = None,
    ) -> None:
        self.height_px = height_px
        self.facts = PanelFacts(
            width_px=width_px,
            fonts=[described()],
            holds_last_frame=picture is not None,
            worst_dark_ms=0,
        )
        self.frames: deque[Frame] = deque(maxlen=KEPT_FRAMES)
        self._picture = picture
        self._say = say

    def init(self) -> None:
        """Go dark."""
        self.blank()

    def show(self, frame: Frame, ttl_ms: int) -> str:
        """Draw *frame*; *ttl_ms* is not kept."""
        del ttl_ms
        if not self.frames or self.frames[-1] != frame:
            self._draw(frame)
        return hashlib.sha256(str(frame).encode()).hexdigest()

    def blank(self) -> str:
        """Draw a frame with nothing lit."""
        return self.show(Frame.dark(self.facts.width_px, self.height_px), 0)

    def heal(self) -> None:
        """Nothing wears off here."""

    def health(self) -> bool | None:
        """What was drawn is what stands."""
        return True

    def close(self) -> None:
        """Nothing is open."""

    def _draw(self, frame: Frame) -> None:
        self.frames.append(frame)
        if self._say is not None:
            self._say(str(frame).translate(_DOTS))
        if self._picture is not None:
            try:
                write_whole(self._picture, png(frame), mode=0o644)
            except OSError as error:
                raise PanelLost(str(self._picture), error.strerror or error) from error
