"""USB keypads without a kernel: devices of python-evdev's own shape, and a hand on them."""

import errno
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kiosk.key_codes import KERNEL_CODES, USB_KEYS

KEYBOARD = tuple(USB_KEYS)
MOUSE_REL = {2: [0, 1]}


class Info(NamedTuple):
    """As evdev.device.DeviceInfo."""

    bustype: int
    vendor: int
    product: int
    version: int


@dataclass
class Event:
    """As evdev.InputEvent."""

    sec: int
    usec: int
    type: int
    code: int
    value: int


class FakeNode:
    """One /dev/input/event*, with the methods that evdev.InputDevice has."""

    __hash__ = None  # type: ignore[assignment] # nor has evdev's, which can be compared

    def __init__(self, socket: "FakeUsb", path: str) -> None:
        self._socket = socket
        self.path = path
        self.name = socket.name
        self.phys = f"{socket.port}/input{path[-1]}" if socket.port else ""
        self.uniq = socket.serial
        self.info = Info(3, socket.vendor, socket.product, 0x111)
        self._grabbed = False
        self._open = True
        socket.opened += 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FakeNode) and other.path == self.path

    def fileno(self) -> int:
        return self._socket.read_end

    def capabilities(self, *, absinfo: bool = True) -> dict[int, list[int]]:
        assert not absinfo, "evdev would give tuples"
        return {0: [0, 1, 3], 1: list(self._socket.codes), **self._socket.more}

    def grab(self) -> None:
        self._socket.check()
        if self._socket.taken:
            raise OSError(errno.EBUSY, "Device or resource busy")
        self._grabbed = self._socket.grabbed = True

    def active_keys(self) -> list[int]:
        self._socket.check()
        return sorted(self._socket.down)

    def read(self) -> Iterator[Event]:
        self._socket.check()
        if not self._socket.queue:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        os.read(self._socket.read_end, 1_000)
        events, self._socket.queue = self._socket.queue, []
        yield from events

    def close(self) -> None:
        if self._open:
            self._open = False
            self._socket.opened -= 1
        if self._grabbed:
            self._grabbed = self._socket.grabbed = False


class FakeUsb:
    """A device that can be plugged in; `press` and the like are what its keys do."""

    def __init__(
        self,
        path: str = "/dev/input/event3",
        *,
        vendor: int = 0x2047,
        product: int = 0x0301,
        serial: str = "",
        port: str = "usb-1.2",
        codes: Sequence[int] = KEYBOARD,
        more: dict[int, list[int]] | None = None,
    ) -> None:
        self.path, self.name, self.port = path, "Keypad 12", port
        self.vendor, self.product, self.serial = vendor, product, serial
        self.codes, self.more = codes, more or {}
        self.taken = self.grabbed = self.unplugged = False
        self.forbidden = False
        self.opened = 0
        self.down: set[int] = set()
        self.queue: list[Event] = []
        self.wall_ms = 1_700_000_000_000
        self.read_end, self._write_end = os.pipe()
        os.set_blocking(self.read_end, False)

    def open(self) -> FakeNode:
        if self.forbidden:
            raise PermissionError(errno.EACCES, "Permission denied", self.path)
        return FakeNode(self, self.path)

    def check(self) -> None:
        if self.unplugged:
            raise OSError(errno.ENODEV, "No such device")

    def unplug(self) -> None:
        self.unplugged = True
        self.queue.clear()
        os.write(self._write_end, b"!")  # select(2) wakes up

    def plug_in(self) -> None:
        self.unplugged = False
        self.down.clear()

    def send(self, kind: int, code: int, value: int, after_ms: int = 0) -> None:
        self.wall_ms += after_ms
        stamp = divmod(self.wall_ms, 1000)
        self.queue.append(Event(stamp[0], stamp[1] * 1000, kind, code, value))
        os.write(self._write_end, b"!")

    def move(self, *names: str, value: int, after_ms: int = 0) -> None:
        """Let keys change together: one report."""
        for name in names:
            code = KERNEL_CODES[f"KEY_{name}"]
            (self.down.add if value else self.down.discard)(code)
            self.send(4, 4, 0x70059, after_ms)  # MSC_SCAN, as HID keypads send before each key
            self.send(1, code, value)
            after_ms = 0
        self.send(0, 0, 0)

    def close(self) -> None:
        os.close(self.read_end)
        os.close(self._write_end)
