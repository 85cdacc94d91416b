"""The wire to a panel, named in the settings: `spi:0.0`, or `unix:/path` for one that stands elsewhere."""

import socket
from dataclasses import dataclass
from pathlib import Path

from contract.errors import PortvaktError

SEND_S = 0.25
SEND_BUFFER_BYTES = 16_384


class BusNameRefused(PortvaktError, ValueError):
    """The text names no wire that we know."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} names no wire; write spi:0.0 (bus, chip select) or unix:/a/path.")


@dataclass(frozen=True, slots=True)
class Spi:
    """Bus and chip select, as in /dev/spidev0.0."""

    port: int
    device: int

    @property
    def node(self) -> str:
        """The device's file name."""
        return f"spidev{self.port}.{self.device}"


@dataclass(frozen=True, slots=True)
class UnixSocket:
    """A panel behind a socket of this machine; every packet is one transfer."""

    path: Path


def parse_bus(name: str) -> Spi | UnixSocket:
    """Read a bus name.

    Raises:
        BusNameRefused: it is neither form.
    """
    kind, _, place = name.partition(":")
    if kind == "unix" and place.startswith("/"):
        return UnixSocket(Path(place))
    port, _, device = place.partition(".")
    if (
        kind == "spi"
        and port.isascii()
        and port.isdigit()
        and device.isascii()
        and device.isdigit()
    ):
        return Spi(int(port), int(device))
    raise BusNameRefused(name)


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
