"""The I2C wire by smbus2: whole transfers or an OSError, opened at the first one."""

from collections.abc import Callable
from typing import Any, Protocol

from smbus2 import SMBus, i2c_msg


class I2c(Protocol):
    """What a sensor's driver needs of its bus; each deed raises OSError."""

    def write(self, address: int, data: bytes) -> None:
        """Send *data* to the chip at *address* in one transfer."""

    def read(self, address: int, count: int) -> bytes:
        """Receive *count* bytes from it."""

    def ask(self, address: int, data: bytes, count: int) -> bytes:
        """Send *data* and receive *count* bytes, with a repeated start between: nobody comes in between."""

    def close(self) -> None:
        """Let go; the next deed opens the bus anew."""


class I2cBus:
    """Bus *number* of the machine, /dev/i2c-*number* (the kernel's i2c-dev interface).

    *opened* makes smbus2's bus from the path of the device.
    """

    def __init__(self, number: int, opened: Callable[[str], Any] = SMBus) -> None:
        self._path = f"/dev/i2c-{number}"
        self._opened = opened
        self._bus: Any = None

    def write(self, address: int, data: bytes) -> None:
        """See `I2c`."""
        self._transfer(i2c_msg.write(address, data))

    def read(self, address: int, count: int) -> bytes:
        """See `I2c`."""
        answer = i2c_msg.read(address, count)
        self._transfer(answer)
        return bytes(answer)

    def ask(self, address: int, data: bytes, count: int) -> bytes:
        """See `I2c`."""
        answer = i2c_msg.read(address, count)
        self._transfer(i2c_msg.write(address, data), answer)
        return bytes(answer)

    def close(self) -> None:
        """See `I2c`."""
        if self._bus is not None:
            self._bus.close()
            self._bus = None

    def _transfer(self, *messages: i2c_msg) -> None:
        if self._bus is None:
            self._bus = self._opened(self._path)
        self._bus.i2c_rdwr(*messages)
