"""The wire to a panel that takes transfers: SPI by luma.core and spidev, or packets on a socket."""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

from luma.core.error import Error as LumaError
from luma.core.interface.serial import noop, spi

from signage.bus import Bus, PacketBus, Spi, UnixSocket
from signage.panel import PanelLost

WRITE_S = 0.5
_LISTED_HERTZ = 2_000_000
# What a driver library raises beside OSError, when it is told what it does not like or is closed already.
_REFUSALS = (ValueError, OverflowError, RuntimeError, LumaError)


class Transfers(Protocol):
    """luma's serial interface, as far as these panels need it."""

    def data(self, data: list[int]) -> None:
        """Send one transfer."""

    def cleanup(self) -> None:
        """Let go of the bus."""


class SpiLine:
    """A bus that opens again after it was lost, and knows no error but PanelLost.

    Args:
        open_bus: opens the bus anew; raises OSError, luma's errors, or what a driver library raises.
        name: the bus, for messages.
        now_s: a monotonic clock.
    """

    def __init__(
        self,
        open_bus: Callable[[], Transfers],
        name: str,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._open_bus = open_bus
        self._now_s = now_s
        self._bus: Transfers | None = None
        self._deadline_s = 0.0

    def begin(self) -> None:
        """Start one deed: its last transfer must begin within half a second.

        Raises:
            PanelLost: the bus is not there.
        """
        self._deadline_s = self._now_s() + WRITE_S
        if self._bus is None:
            try:
                self._bus = self._open_bus()
            except LumaError as error:
                why = "it is not there; dtparam=spi=on switches SPI on"
                raise PanelLost(self.name, why) from error
            except ImportError as error:
                why = "spidev is not installed; it comes with portvakt's extra `sign`"
                raise PanelLost(self.name, why) from error
            except OSError as error:
                raise PanelLost(self.name, error.strerror or error) from error
            except _REFUSALS as error:
                raise PanelLost(self.name, error) from error

    def data(self, data: bytes | list[int]) -> None:
        """Send one transfer.

        Raises:
            PanelLost: it did not leave, or the deed takes too long.
        """
        if self._bus is None:
            raise PanelLost(self.name, "the line is closed")
        if self._now_s() > self._deadline_s:
            raise PanelLost(self.name, "it takes too long")
        try:
            self._bus.data(list(data))
        except TimeoutError as error:
            # The line stands, so what waits in it is still in order: opening anew could overtake it.
            raise PanelLost(self.name, "it takes too long") from error
        except OSError as error:
            self.cleanup()
            raise PanelLost(self.name, error.strerror or error) from error
        except _REFUSALS as error:
            self.cleanup()
            raise PanelLost(self.name, error) from error

    def command(self, *command: int) -> None:
        """Send one transfer; the chips know no difference."""
        self.data(list(command))

    def cleanup(self) -> None:
        """Close the bus; the next deed opens it again."""
        bus, self._bus = self._bus, None
        if bus is not None:
            with suppress(OSError, *_REFUSALS):
                bus.cleanup()


def bus_opener(bus: Bus, hertz: int, spidev: Any = None) -> Callable[[], Transfers]:  # noqa: ANN401
    """How to open *bus*: real hardware through luma and spidev, or packets on a socket.

    Args:
        bus: which one.
        hertz: SPI clock.
        spidev: stands in for spidev.SpiDev, as luma's own interface allows.
    """
    match bus:
        case UnixSocket(path):
            return partial(PacketBus, path)
        case Spi(port, device):
            return partial(_AnySpeed, hertz, spi=spidev, port=port, device=device)
    raise ValueError(f"a panel that takes transfers cannot hang on {bus}")


class _AnySpeed(spi):  # type: ignore[misc]  # luma has no types
    """luma's SPI at any clock: its list of speeds has no 2.4 MHz, which a WS2812 must have.

    With gpio=noop() there is no reset or data/command line, so no GPIO library is touched
    (rm-hull/luma.core #268).
    """

    def __init__(self, hertz: int, **place: Any) -> None:  # noqa: ANN401 - luma has no types
        super().__init__(gpio=noop(), bus_speed_hz=_LISTED_HERTZ, **place)
        self._spi.max_speed_hz = hertz
