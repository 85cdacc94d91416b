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


@dataclass
class Chain:
    """Modules from left to right; data enters at the left and shifts through to the right."""

    modules: int
    chips: list[Chip] = field(init=False)

    def __post_init__(self) -> None:
        self.chips = [Chip() for _ in range(self.modules)]

    def take(self, transfer: bytes) -> None:
        """Shift *transfer* in and latch it: the last pair stays in the first module."""
        pairs = [transfer[at : at + 2] for at in range(0, len(transfer), 2)]
        for chip, pair in zip(self.chips, reversed(pairs), strict=True):
            chip.registers[pair[0] & 0xF] = pair[1]

    def rows(self) -> list[str]:
        """What a person sees: `#` lit, `.` dark."""
        return [
            "".join("#" if chip.lit(x, y) else "." for chip in self.chips for x in range(8))
            for y in range(8)
        ]

    @property
    def is_dark(self) -> bool:
        """Whether no dot has light."""
        return not any("#" in row for row in self.rows())


class PanelRecorder:
    """Listens on a packet socket as a panel would; keeps its picture until bytes change it."""

    def __init__(self, path: Path, modules: int) -> None:
        self.path = path
        self.transfers: list[bytes] = []
        self.times_ns: list[int] = []
        self.chain = Chain(modules)
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
            return self.chain.rows()

    @property
    def is_dark(self) -> bool:
        """Whether nothing stands on it now."""
        with self._lock:
            return self.chain.is_dark

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
                self.chain.take(transfer)
