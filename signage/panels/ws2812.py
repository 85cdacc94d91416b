"""A matrix of WS2812 pixels on the data line of an SPI bus: no root, no PWM, and a Pi 5 will do.

luma.core opens the bus.  luma.led_matrix's own `ws2812` is not used: it drives GPIO 18 by a library that
needs root, clashes with sound (jgarff/rpi_ws281x #47) and does not know the Pi 5
(rpi-ws281x/rpi-ws281x-python #106).
"""

import hashlib
import time
from collections.abc import Callable
from typing import Any

from contract.wire import PanelFacts
from signage.encoders.ws2812 import (
    PLAIN,
    SPI_HERTZ,
    Wiring,
    blank,
    encode,
    refuse_too_many,
)
from signage.frame import Frame
from signage.layout import Canvas, lines_of
from signage.panel import Traits, described
from signage.panel_settings import PanelSettings
from signage.panels.spi_line import SpiLine, bus_opener

# From the decision to darkness: a write that is under way and the dark message (14 ms each), the loop's
# tick of 50 ms, and a busy processor.
WORST_DARK_MS = 200
START_PERCENT = 50


class Ws2812Panel:
    """Pixels in one chain.  They keep their last picture when we die, and say nothing back.

    Args:
        line: the bus.
        width_px: columns of pixels.
        height_px: rows of pixels.
        wiring: the way of the chain.
        colour: of the text, one of `COLOURS`.
        worst_dark_ms: the longest time until nobody can read anything.

    Raises:
        ValueError: more pixels than one transfer carries.
    """

    traits = Traits()

    def __init__(
        self,
        line: SpiLine,
        width_px: int,
        height_px: int,
        wiring: Wiring = PLAIN,
        colour: str = "amber",
        worst_dark_ms: int = WORST_DARK_MS,
    ) -> None:
        refuse_too_many(width_px * height_px)
        self.canvas = Canvas(width_px, height_px)
        self.facts = PanelFacts(
            width_px=width_px,
            height_px=height_px,
            fonts=described(self.canvas),
            holds_last_frame=True,
            worst_dark_ms=worst_dark_ms,
            lines=lines_of(self.canvas),
        )
        self._line = line
        self._wiring = wiring
        self._colour = colour
        self._percent = START_PERCENT
        self._shown: Frame | None = None

    def init(self) -> None:
        """Dark; a pixel has no registers to set."""
        self.blank()

    def show(self, frame: Frame, ttl_ms: int) -> str:
        """Light *frame* by one message; the pixels have no timer for *ttl_ms*."""
        del ttl_ms
        self._line.begin()
        # The pixels behind a break of the line keep what they had: never a part of two plates.
        if self._shown not in (None, frame):
            self._send(self._dark())
        self._shown = frame
        return self._send(self._lit(frame))

    def blank(self) -> str:
        """Make every pixel dark by one message."""
        self._line.begin()
        self._shown = None
        return self._send(self._dark())

    def heal(self, ttl_ms: int) -> None:
        """Say it again: a pixel shows what a spike on the line told it until somebody says otherwise."""
        del ttl_ms
        self._line.begin()
        self._send(self._dark() if self._shown is None else self._lit(self._shown))

    def dim(self, percent: int) -> int:
        """Scale the colour; even 1 percent lights every lit pixel."""
        self._percent = percent
        return percent

    def health(self) -> bool | None:
        """The chain's end is not wired back, so it confirms nothing."""
        return None

    def close(self) -> None:
        """Let go of the bus."""
        self._line.cleanup()

    def _dark(self) -> list[bytes]:
        return blank(self.canvas.width_px * self.canvas.height_px)

    def _lit(self, frame: Frame) -> list[bytes]:
        return encode(frame, self._wiring, self._colour, self._percent)

    def _send(self, transfers: list[bytes]) -> str:
        for transfer in transfers:
            self._line.data(transfer)
        return hashlib.sha256(b"".join(transfers)).hexdigest()


def from_settings(
    settings: PanelSettings,
    *,
    spidev: Any = None,  # noqa: ANN401 - spidev has no types
    now_s: Callable[[], float] = time.monotonic,
) -> Ws2812Panel:
    """Make the driver; nothing is opened or written yet.  *spidev* stands in for spidev.SpiDev.

    Raises:
        ValueError: more pixels than one transfer carries.
    """
    own = settings.ws2812
    return Ws2812Panel(
        SpiLine(bus_opener(settings.wire, SPI_HERTZ, spidev), settings.bus, now_s),
        *settings.size_px,
        Wiring(own.start, own.run, own.snake),
        own.colour,
        settings.dark_ms or WORST_DARK_MS,
    )
