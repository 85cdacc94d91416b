"""A chain of MAX7219 modules, driven through luma.led_matrix."""

import hashlib
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from luma.core.error import Error as LumaError
from luma.core.interface.serial import noop, spi
from luma.led_matrix.device import max7219
from PIL import Image

from contract.wire import PanelFacts
from signage.bus import PacketBus, Spi, UnixSocket
from signage.frame import Frame
from signage.max7219 import MODULE_PX, blank, encode, lit, still_dark, told
from signage.panel import PanelLost, described

# From the decision to darkness: one transfer (64 us at 8 MHz and 4 modules), a write that may be under
# way, the loop's tick of 50 ms, and a busy processor.
WORST_DARK_MS = 200
WRITE_S = 0.5
LUMA_CONTRAST_STEP = 16  # luma counts brightness 0 to 255, the chip 0 to 15


class Bus(Protocol):
    """luma's serial interface, as far as this chip needs it."""

    def data(self, data: list[int]) -> None:
        """Send one transfer."""

    def cleanup(self) -> None:
        """Let go of the bus."""


class Max7219Panel:
    """One row of modules.  The chips keep their last picture when we die, and say nothing back.

    Args:
        open_bus: opens the bus anew; raises OSError or luma's errors.
        name: the bus, for messages.
        modules: 8x8 modules in the chain.
        orientation: degrees by which each module's picture must be turned, as luma counts them.
        brightness: 0 to 15; 0 is dim, not dark.
    """

    height_px = MODULE_PX

    def __init__(
        self,
        open_bus: Callable[[], Bus],
        name: str,
        modules: int,
        orientation: int = 0,
        brightness: int = 7,
    ) -> None:
        self.facts = PanelFacts(
            width_px=modules * MODULE_PX,
            fonts=[described()],
            holds_last_frame=True,
            worst_dark_ms=WORST_DARK_MS,
        )
        self._line = _Line(open_bus, name)
        self._modules = modules
        self._orientation = orientation
        self._brightness = brightness
        self._chain: _Chain | None = None
        self._columns: list[bytes] | None = None

    def init(self) -> None:
        """Dark first, then every register and empty columns."""
        self._line.begin()
        self._columns = None
        self._line.data(list(told(self._modules, 0x0C, 0)))
        if self._chain is None:
            self._chain = _Chain(
                self._line,
                cascaded=self._modules,
                block_orientation=self._orientation,
                contrast=self._brightness * LUMA_CONTRAST_STEP,
            )
            # luma's own start ends by switching the chips on, with nothing in them.
            self._chain.hide()
        else:
            self._send(still_dark(self._modules, self._brightness))

    def show(self, frame: Frame, ttl_ms: int) -> str:
        """Put *frame* into the columns, then switch on; the chips have no timer for *ttl_ms*."""
        del ttl_ms
        columns = encode(frame, self._orientation)
        # A write that is cut off between two plates would leave parts of both.
        if self._columns not in (None, columns):
            self.blank()
        self._line.begin()
        self._columns = columns
        self._send(lit(columns, self._modules, self._brightness))
        return _sha256(columns)

    def blank(self) -> str:
        """Switch off by the first transfer, then empty the columns."""
        self._line.begin()
        self._columns = None
        off, *empty = blank(self._modules)
        self._send([off, *empty])
        return _sha256(empty)

    def heal(self) -> None:
        """Say everything again: 13 transfers.  Chips lose registers to spikes on their supply
        (rm-hull/luma.led_matrix #150, #217)."""
        self._line.begin()
        if self._columns is None:
            self._send(still_dark(self._modules, self._brightness))
        else:
            self._send(lit(self._columns, self._modules, self._brightness))

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

    def display(self, image: Image.Image) -> None:
        """Send a 1-bit picture of the chain's size."""
        # A quarter turn makes each column one byte, its top dot in bit 0.
        columns = tuple(image.transpose(Image.Transpose.ROTATE_270).tobytes())
        for transfer in encode(Frame(image.width, image.height, columns), self._correction_angle):
            self.data(list(transfer))


class _Line:
    """A bus that opens again after it was lost, and knows no error but PanelLost."""

    def __init__(self, open_bus: Callable[[], Bus], name: str) -> None:
        self.name = name
        self._open_bus = open_bus
        self._bus: Bus | None = None
        self._deadline_s = 0.0

    def begin(self) -> None:
        """Start one deed: all its transfers must leave within half a second."""
        self._deadline_s = time.monotonic() + WRITE_S
        if self._bus is None:
            try:
                self._bus = self._open_bus()
            except (OSError, LumaError) as error:
                raise PanelLost(self.name, error) from error

    def data(self, data: list[int]) -> None:
        """Send one transfer."""
        if self._bus is None:
            raise PanelLost(self.name, "the line is closed")
        if time.monotonic() > self._deadline_s:
            raise PanelLost(self.name, "it takes too long")
        try:
            self._bus.data(data)
        except TimeoutError as error:
            # The line stands, so what waits in it is still in order: opening anew could overtake it.
            raise PanelLost(self.name, "it takes too long") from error
        except OSError as error:
            self.cleanup()
            raise PanelLost(self.name, error.strerror or error) from error

    def command(self, *command: int) -> None:
        """Send one transfer; the chip knows no difference."""
        self.data(list(command))

    def cleanup(self) -> None:
        """Close the bus."""
        bus, self._bus = self._bus, None
        if bus is not None:
            bus.cleanup()


def bus_opener(bus: Spi | UnixSocket, hertz: int, spidev: Any = None) -> Callable[[], Bus]:  # noqa: ANN401
    """How to open *bus*: real hardware through luma and spidev, or packets on a socket.

    Args:
        bus: which one.
        hertz: SPI clock.
        spidev: stands in for spidev.SpiDev, as luma's own interface allows.
    """
    if isinstance(bus, UnixSocket):
        return partial(PacketBus, bus.path)
    # gpio=noop(): no reset or data/command line, so no GPIO library is touched (rm-hull/luma.core #268).
    return partial(
        spi, spi=spidev, gpio=noop(), port=bus.port, device=bus.device, bus_speed_hz=hertz
    )


def _sha256(transfers: list[bytes]) -> str:
    return hashlib.sha256(b"".join(transfers)).hexdigest()
