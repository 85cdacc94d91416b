"""Chips on an I2C bus, decoded by their data sheets; takes smbus2's own messages, shares no code with us."""

import errno
import threading
from typing import Any, Protocol

_READ = 0x0001  # I2C_M_RD of the kernel's i2c.h


class Chip(Protocol):
    def written(self, data: bytes) -> None: ...

    def wanted(self, count: int) -> bytes: ...


class Wires:
    """One bus and what hangs on it.  `open` is what smbus2's `SMBus` is; time passes only by `sleep_s`."""

    def __init__(self, chips: dict[int, Chip]) -> None:
        self.chips = chips
        self.now_s = 0.0
        self.is_there = True
        self.opened: list[str] = []
        self.closed = 0
        self.starts: list[list[int]] = []  # of each transfer, the bytes written, -1 for a byte read
        self._unplugged: set[int] = set()
        self._hangs = False
        self.hanging = threading.Event()
        self.let_go = threading.Event()

    def open(self, path: str) -> "Wires":
        if not self.is_there:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", path)
        self.opened.append(path)
        return self

    def close(self) -> None:
        self.closed += 1

    def sleep_s(self, seconds: float) -> None:
        self.now_s += seconds

    def unplug(self, address: int) -> None:
        self._unplugged.add(address)

    def plug(self, address: int) -> None:
        self._unplugged.discard(address)

    def hang(self) -> None:
        """From the next transfer on, the clock line is held low and nothing ever comes back."""
        self._hangs = True

    def i2c_rdwr(self, *messages: Any) -> None:
        if self._hangs:
            self.hanging.set()
            self.let_go.wait()
        seen: list[int] = []
        for message in messages:
            if message.addr not in self.chips or message.addr in self._unplugged:
                raise OSError(errno.EREMOTEIO, "Remote I/O error")
            chip = self.chips[message.addr]
            if message.flags & _READ:
                for place, byte in enumerate(chip.wanted(message.len)):
                    message.buf[place] = bytes([byte])
                seen += [-1] * message.len
            else:
                chip.written(bytes(message))
                seen += list(bytes(message))
        self.starts.append(seen)


class Bh1750Chip:
    """By ROHM's technical note: commands of one byte, a result of two, both halves of the MTreg apart."""

    def __init__(self, lux: float = 0.0) -> None:
        self.lux = lux
        self.wires: Wires | None = None
        self.lose_supply()

    def lose_supply(self) -> None:
        self._mt_reg = 69
        self._result = 0
        self._ready_s: float | None = None

    def written(self, data: bytes) -> None:
        for command in data:
            if command & 0b11111000 == 0b01000000:
                self._mt_reg = self._mt_reg & 0x1F | (command & 0b111) << 5
            elif command & 0b11100000 == 0b01100000:
                self._mt_reg = self._mt_reg & 0xE0 | command & 0x1F
            else:
                assert command == 0b00100000, "not the one-time H-resolution mode"
                assert 31 <= self._mt_reg <= 254, "the data sheet's range of MTreg"
                self._ready_s = self._now_s() + 0.180 * self._mt_reg / 69

    def wanted(self, count: int) -> bytes:
        assert count == 2
        if self._ready_s is not None and self._now_s() >= self._ready_s - 1e-9:
            self._result = min(65535, int(self.lux * 1.2 * self._mt_reg / 69))
        return self._result.to_bytes(2, "big")

    def _now_s(self) -> float:
        return 0.0 if self.wires is None else self.wires.now_s


class Ina219Chip:
    """By SBOS448: a pointer, registers of 16 bits, the shunt's voltage in steps of 10 microvolts."""

    RESET = 0x399F

    def __init__(self, ma: float = 0.0, shunt_mohm: float = 100.0) -> None:
        self.ma = ma
        self.shunt_mohm = shunt_mohm
        self.wires: Wires | None = None
        self.lose_supply()

    def lose_supply(self) -> None:
        self.configuration = self.RESET
        self._pointer = 0
        self._ready_s = 0.0

    def written(self, data: bytes) -> None:
        self._pointer = data[0]
        if len(data) == 3:
            assert self._pointer == 0, "only the configuration is written"
            self.configuration = int.from_bytes(data[1:], "big")
            self._ready_s = (0.0 if self.wires is None else self.wires.now_s) + self._takes_s()

    def wanted(self, count: int) -> bytes:
        assert count == 2
        if self._pointer == 0:
            return self.configuration.to_bytes(2, "big")
        assert self._pointer == 1
        if self.wires is not None and self.wires.now_s < self._ready_s:
            return b"\0\0"
        # The gain bits: 40, 80, 160 or 320 mV.
        limit = 4000 << (self.configuration >> 11 & 0b11)
        counts = round(self.ma * self.shunt_mohm / 1000 / 0.01)
        return max(-limit, min(limit, counts)).to_bytes(2, "big", signed=True)

    def _takes_s(self) -> float:
        assert self.configuration & 0b111 in {5, 7}, "it does not measure the shunt without end"
        adc = self.configuration >> 3 & 0b1111
        return 0.0681 if adc == 0b1111 else 0.000586


def wired(**chips: Any) -> Wires:
    """Wires with chips at addresses written as `at_23=...`."""
    wires = Wires({int(name.removeprefix("at_"), 16): chip for name, chip in chips.items()})
    for chip in chips.values():
        chip.wires = wires
    return wires
