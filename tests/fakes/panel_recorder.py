"""The far end of a sign's wire: keeps every transfer, and works out which dots are lit.

Decodes the chip by its data sheet (Maxim 19-4452) and shares no code with the sign, so that both cannot
be wrong in the same way.
"""

import selectors
import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

TRANSFER_BYTES = 4096


class Chip:
    """One MAX7219 with an 8x8 matrix: all registers as after power-on."""

    def __init__(self) -> None:
        self.registers = dict.fromkeys(range(16), 0)

    def lit(self, x: int, y: int) -> bool:
        """Whether the dot in column *x*, row *y* has light."""
        reg = self.registers
        if reg[0xF] & 1:  # display test overrides everything, shutdown too
            return True
        if not reg[0xC] & 1 or x > reg[0xB] & 7:
            return False
        assert reg[0x9] == 0, "the digit decoder is on: this would draw 7-segment digits"
        return bool(reg[x + 1] >> y & 1)


class Wall(Protocol):
    """Whatever hangs at the end of a wire that carries transfers."""

    def take(self, transfer: bytes) -> None:
        """Take one transfer off the wire."""

    def rows(self) -> list[str]:
        """What a person sees: `#` lit, `.` dark."""

    @property
    def is_dark(self) -> bool:
        """Whether no dot has light."""


@dataclass
class Chain:
    """Rows of modules on one wire: into the top row first, at the same end of each row.

    Args:
        modules: how many hang in a row.
        rows: how many rows.
        order: the end where the wire comes in, left or right.
        orientation: by how many degrees each module has been hung turned, with the clock.
    """

    modules: int
    rows_of_modules: int = 1
    order: str = "left"
    orientation: int = 0
    chips: list[Chip] = field(init=False)

    def __post_init__(self) -> None:
        self.chips = [Chip() for _ in range(self.modules * self.rows_of_modules)]

    def take(self, transfer: bytes) -> None:
        """Shift *transfer* in and latch it: the last pair stays in the first module on the wire."""
        pairs = [transfer[at : at + 2] for at in range(0, len(transfer), 2)]
        for chip, pair in zip(self.chips, reversed(pairs), strict=True):
            chip.registers[pair[0] & 0xF] = pair[1]

    def rows(self) -> list[str]:
        """What a person sees: `#` lit, `.` dark."""
        return [
            "".join("#" if self._lit(x, y) else "." for x in range(8 * self.modules))
            for y in range(8 * self.rows_of_modules)
        ]

    @property
    def is_dark(self) -> bool:
        """Whether no dot has light."""
        return not any("#" in row for row in self.rows())

    def _lit(self, x: int, y: int) -> bool:
        steps = x // 8 if self.order == "left" else self.modules - 1 - x // 8
        chip = self.chips[y // 8 * self.modules + steps]
        # Where the eye sees this dot, and which one it is to a module that hangs turned.
        a, b = x % 8, y % 8
        own = {0: (a, b), 90: (b, 7 - a), 180: (7 - a, 7 - b), -90: (7 - b, a)}[self.orientation]
        return chip.lit(*own)


class Recorder:
    """Listens on a packet socket as a panel would; keeps its picture until bytes change it."""

    def __init__(self, path: Path, wall: Wall) -> None:
        self.path = path
        self.transfers: list[bytes] = []
        self.times_ns: list[int] = []
        self._wall = wall
        self._lock = threading.Lock()
        self._reading = threading.Event()
        self._reading.set()
        self._closing = False
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(str(path))
        self._listener.listen()
        self._lines: list[socket.socket] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def rows(self) -> list[str]:
        """What stands on the panel now."""
        with self._lock:
            return self._wall.rows()

    @property
    def is_dark(self) -> bool:
        """Whether nothing stands on it now."""
        with self._lock:
            return self._wall.is_dark

    def seen(self) -> list[bytes]:
        """Every transfer so far."""
        with self._lock:
            return list(self.transfers)

    def hang(self) -> None:
        """Stop reading: the wire fills up."""
        self._reading.clear()

    def resume(self) -> None:
        """Read again."""
        self._reading.set()

    def close(self) -> None:
        """Pull the plug."""
        self._closing = True
        self._reading.set()
        self._thread.join(5)
        for line in (*self._lines, self._listener):
            line.close()
        self.path.unlink(missing_ok=True)

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            while not self._closing:
                self._reading.wait()
                ready = {key.fileobj for key, _ in selector.select(timeout=0.02)}
                # Oldest line first, to its end: a dead process's last words come before its blanker's.
                for line in [line for line in self._lines if line in ready]:
                    self._drain(line, selector)
                if self._listener in ready:
                    line, _ = self._listener.accept()
                    line.setblocking(False)
                    self._lines.append(line)
                    selector.register(line, selectors.EVENT_READ)

    def _drain(self, line: socket.socket, selector: selectors.BaseSelector) -> None:
        while self._reading.is_set():
            try:
                transfer = line.recv(TRANSFER_BYTES)
            except BlockingIOError:
                return
            except ConnectionResetError:
                transfer = b""
            if not transfer:
                selector.unregister(line)
                self._lines.remove(line)
                line.close()
                return
            with self._lock:
                self.transfers.append(transfer)
                self.times_ns.append(time.monotonic_ns())
                self._wall.take(transfer)


class PanelRecorder(Recorder):
    """A chain of MAX7219 modules behind such a socket."""

    def __init__(self, path: Path, modules: int) -> None:
        self.chain = Chain(modules)
        super().__init__(path, self.chain)
