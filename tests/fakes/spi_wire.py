"""The wire between a sign and a wall of lights, which a test may cut, slow down or never plug in."""

import errno

from tests.fakes.panel_recorder import Wall


class SpiWire:
    """A bus as luma opens it: what is sent is on the wall at once.

    `bytes_left`: how many bytes still come through before the plug is pulled; None: all.  `tells`: whether
    the sender then gets an error, as on a socket; a pulled SPI cable says nothing.  `transfer_s`: how long
    each transfer takes.  The clock is its own.
    """

    def __init__(self, wall: Wall) -> None:
        self.wall = wall
        self.sent: list[bytes] = []
        self.bytes_left: int | None = None
        self.tells = True
        self.is_there = True
        self.transfer_s = 0.0
        self.time_s = 0.0

    def open(self) -> "SpiWire":
        if not self.is_there:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        return self

    def now_s(self) -> float:
        return self.time_s

    def data(self, data: list[int]) -> None:
        self.time_s += self.transfer_s
        whole = bytes(data)
        through = whole if self.bytes_left is None else whole[: self.bytes_left]
        if self.bytes_left is not None:
            self.bytes_left -= len(through)
        if through:
            self.sent.append(through)
            self.wall.take(through)
        if through != whole and self.tells:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    def cleanup(self) -> None:
        """Nothing is held open."""

    def plug_in(self) -> None:
        """All is well again."""
        self.bytes_left, self.is_there, self.transfer_s = None, True, 0.0


class SpiDev:
    """spidev.SpiDev as luma's interface uses it; it has no way to read."""

    def __init__(self) -> None:
        self.max_speed_hz = 0
        self.opened: tuple[int, int] | None = None
        self.closed = False
        self.sent: list[bytes] = []

    def open(self, port: int, device: int) -> None:
        self.opened = (port, device)

    def writebytes(self, data: list[int]) -> None:
        assert len(data) <= 4_096, "spidev refuses this"
        self.sent.append(bytes(data))

    def close(self) -> None:
        self.closed = True


class NoSpiDev:
    """A machine without SPI."""

    def open(self, port: int, device: int) -> None:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")
