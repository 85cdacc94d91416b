"""The wire to a panel, by its name in the settings: `spi:0.0`, `serial:/dev/x`, or `unix:/path`."""

import socket
from dataclasses import dataclass
from pathlib import Path

from contract.errors import PortvaktError

SEND_S = 0.25
SEND_BUFFER_BYTES = 16_384
# No Pi has a bus beyond 99; the kernel's own numbers end, and spidev raises OverflowError.
_DIGITS = 2


class BusNameRefused(PortvaktError, ValueError):
    """The text names no wire that we know."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} names no wire; write spi:0.0 (bus, chip select), serial:/dev/portvakt-sign or"
            " unix:/a/path."
        )


@dataclass(frozen=True, slots=True)
class Spi:
    """Bus and chip select, as in /dev/spidev0.0."""

    example = "spi:0.0"

    port: int
    device: int

    @property
    def node(self) -> str:
        """The device's file name."""
        return f"spidev{self.port}.{self.device}"


@dataclass(frozen=True, slots=True)
class Serial:
    """A serial line: RS-485, RS-232 or USB."""

    example = "serial:/dev/portvakt-sign"

    path: Path


@dataclass(frozen=True, slots=True)
class UnixSocket:
    """A panel behind a socket of this machine; every packet is one transfer."""

    example = "unix:/a/path"

    path: Path


Bus = Spi | Serial | UnixSocket


def parse_bus(name: str) -> Bus:
    """Read a bus name.

    Raises:
        BusNameRefused: it is none of the forms.
    """
    kind, _, place = name.partition(":")
    if kind == "unix" and place.startswith("/"):
        return UnixSocket(Path(place))
    if kind == "serial" and place.startswith("/"):
        return Serial(Path(place))
    port, _, device = place.partition(".")
    if kind == "spi" and _is_number(port) and _is_number(device):
        return Spi(int(port), int(device))
    raise BusNameRefused(name)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS


def connected(path: Path) -> socket.socket:
    """Open the packet socket at *path*; each send ends within 0.25 s, if need be by TimeoutError."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)
    # Little may wait in the line: a panel that stops reading shall be noticed within seconds.
    line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    line.settimeout(SEND_S)
    try:
        line.connect(str(path))
    except OSError:
        line.close()
        raise
    return line


class PacketBus:
    """Gives each transfer as one packet; shaped like luma's own serial interfaces."""

    def __init__(self, path: Path) -> None:
        self._line = connected(path)

    def data(self, data: bytes | list[int]) -> None:
        """Send one transfer."""
        self._line.send(bytes(data))

    def command(self, *command: int) -> None:
        """Send one transfer; the chip knows no difference."""
        self.data(bytes(command))

    def cleanup(self) -> None:
        """Close the socket."""
        self._line.close()
