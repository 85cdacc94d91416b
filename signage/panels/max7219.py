"""Rows of MAX7219 modules, driven through luma.led_matrix."""

import hashlib
import time
from collections.abc import Callable
from typing import Any

from luma.led_matrix.device import max7219
from PIL import Image

from contract.wire import PanelFacts
from signage.encoders.max7219 import (
    BRIGHTEST,
    MODULE_PX,
    PLAIN,
    Register,
    Wiring,
    blank,
    encode,
    lit,
    percent_of,
    step,
    still_dark,
    told,
)
from signage.frame import Frame
from signage.layout import Canvas, lines_of
from signage.panel import PanelLost, Traits, described
from signage.panel_settings import PanelSettings
from signage.panels.spi_line import SpiLine, bus_opener

# From the decision to darkness: a write that is under way and one more transfer (24 ms for 32 modules at
# 500 kHz), the loop's tick of 50 ms, and a busy processor.
WORST_DARK_MS = 200
LUMA_CONTRAST_STEP = 16  # luma counts brightness 0 to 255, the chip 0 to 15


class Max7219Panel:
    """Modules in one chain.  The chips keep their last picture when we die, and say nothing back.

    Args:
        line: the bus.
        modules: 8x8 modules in a row.
        rows: rows of modules.
        wiring: where the wire comes in, and how the modules are turned.
        worst_dark_ms: the longest time until nobody can read anything.
    """

    traits = Traits()

    def __init__(
        self,
        line: SpiLine,
        modules: int,
        rows: int = 1,
        wiring: Wiring = PLAIN,
        worst_dark_ms: int = WORST_DARK_MS,
    ) -> None:
        self.canvas = Canvas(modules * MODULE_PX, rows * MODULE_PX)
        self.facts = PanelFacts(
            width_px=self.canvas.width_px,
            height_px=self.canvas.height_px,
            fonts=described(self.canvas),
            holds_last_frame=True,
            worst_dark_ms=worst_dark_ms,
            lines=lines_of(self.canvas),
        )
        self._line = line
        self._modules = modules * rows
        self._wiring = wiring
        self._brightness = BRIGHTEST // 2
        self._chain: _Chain | None = None
        self._columns: list[bytes] | None = None

    def init(self) -> None:
        """Dark first, then every register and empty columns."""
        self._line.begin()
        self._columns = None
        self._line.data(told(self._modules, Register.SHUTDOWN, 0))
        if self._chain is None:
            self._chain = _Chain(self._line, self.canvas, self._wiring, self._brightness)
            # luma's own start ends by switching the chips on, with nothing in them.
            self._chain.hide()
        else:
            self._send(still_dark(self._modules, self._brightness))

    def show(self, frame: Frame, ttl_ms: int) -> str:
        """Put *frame* into the columns, then switch on; the chips have no timer for *ttl_ms*."""
        del ttl_ms
        columns = encode(frame, self._wiring)
        self._line.begin()
        # A write that is cut off between two plates would leave parts of both.
        if self._columns not in (None, columns):
            self._send(blank(self._modules))
        self._columns = columns
        self._send(lit(columns, self._modules, self._brightness))
        return _sha256(columns)

    def blank(self) -> str:
        """Switch off by the first transfer, then empty the columns; also before `init`."""
        self._line.begin()
        self._columns = None
        off, *empty = blank(self._modules)
        for transfer in (off, *empty):
            self._line.data(transfer)
        return _sha256(empty)

    def heal(self, ttl_ms: int) -> None:
        """Say everything again: 13 transfers.  Chips lose registers to spikes on their supply
        (rm-hull/luma.led_matrix #150, #217)."""
        del ttl_ms
        self._line.begin()
        if self._columns is None:
            self._send(still_dark(self._modules, self._brightness))
        else:
            self._send(lit(self._columns, self._modules, self._brightness))

    def dim(self, percent: int) -> int:
        """Take the nearest of the chips' 16 steps; the lowest is dim, not dark."""
        self._brightness = step(percent)
        return percent_of(self._brightness)

    def health(self) -> bool | None:
        """The chips' answer line is not wired, so they confirm nothing."""
        return None

    def close(self) -> None:
        """Let go of the bus."""
        self._line.cleanup()

    def _send(self, transfers: list[bytes]) -> None:
        if self._chain is None:
            raise PanelLost(self._line.name, "it was never started")
        for transfer in transfers:
            self._chain.data(list(transfer))


class _Chain(max7219):  # type: ignore[misc]  # luma has no types
    """luma's device with our encoder: its own `display` reads pixels by a call that Pillow 14 drops.

    Nobody relies on luma's clean-up when the interpreter ends; by then the line is closed and it does
    nothing.  `persist` stays False all the same: should it ever write, then darkness.
    """

    def __init__(self, line: SpiLine, canvas: Canvas, wiring: Wiring, brightness: int) -> None:
        self._wiring = wiring
        contrast = brightness * LUMA_CONTRAST_STEP
        super().__init__(line, canvas.width_px, canvas.height_px, contrast=contrast)

    def display(self, image: Image.Image) -> None:
        """Send a 1-bit picture of the panel's size."""
        # A quarter turn makes each column a whole number of bytes, its top dot in the lowest bit.
        turned, size = (
            image.transpose(Image.Transpose.ROTATE_270).tobytes(),
            image.height // MODULE_PX,
        )
        columns = (turned[at : at + size] for at in range(0, len(turned), size))
        frame = Frame(
            image.width, image.height, tuple(int.from_bytes(column) for column in columns)
        )
        for transfer in encode(frame, self._wiring):
            self.data(list(transfer))


def from_settings(
    settings: PanelSettings,
    *,
    spidev: Any = None,  # noqa: ANN401 - spidev has no types
    now_s: Callable[[], float] = time.monotonic,
) -> Max7219Panel:
    """Make the driver; nothing is opened or written yet.  *spidev* stands in for spidev.SpiDev."""
    opener = bus_opener(settings.wire, settings.hertz, spidev)
    return Max7219Panel(
        SpiLine(opener, settings.bus, now_s),
        settings.modules,
        settings.rows,
        Wiring(settings.order, settings.orientation),
        settings.dark_ms or WORST_DARK_MS,
    )


def _sha256(transfers: list[bytes]) -> str:
    return hashlib.sha256(b"".join(transfers)).hexdigest()
