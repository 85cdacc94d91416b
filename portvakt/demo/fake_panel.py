"""A row of MAX7219 modules that has to be told everything by bytes, like the real one.

It stands outside the sign's process and knows nothing of it: it decodes the chip's registers by the data
sheet (Maxim 19-4452, tables 2 to 10), starts dark as a chip does when power comes, and keeps its picture
until bytes change it.  What is lit here is therefore what would be lit above the door.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

SIDE = 8  # a module is 8 x 8 LEDs
PAIR = 2  # a module takes 16 bits of each transfer: register, value
KEPT_TRANSFERS = 100_000

_FIRST_DIGIT, _LAST_DIGIT = 0x01, 0x08
_DECODE_MODE, _INTENSITY, _SCAN_LIMIT, _SHUTDOWN, _DISPLAY_TEST = 0x09, 0x0A, 0x0B, 0x0C, 0x0F

Rows = list[list[bool]]


@dataclass(frozen=True, slots=True)
class Transfer:
    """The bytes between two rising edges of LOAD; `ns` is CLOCK_MONOTONIC when they came."""

    ns: int
    data: bytes


@dataclass(slots=True)
class _Module:
    """One chip, as it is when power comes: shut down, nothing in its registers."""

    digits: list[int] = field(default_factory=lambda: [0] * SIDE)
    decode_mode: int = 0
    intensity: int = 0
    scan_limit: int = 0
    running: bool = False
    testing: bool = False

    def latch(self, register: int, value: int) -> None:
        register &= 0x0F  # the chip ignores D12 to D15
        if _FIRST_DIGIT <= register <= _LAST_DIGIT:
            self.digits[register - _FIRST_DIGIT] = value
        elif register == _DECODE_MODE:
            self.decode_mode = value
        elif register == _INTENSITY:
            self.intensity = value & 0x0F
        elif register == _SCAN_LIMIT:
            self.scan_limit = value & 0x07
        elif register == _SHUTDOWN:
            self.running = bool(value & 1)
        elif register == _DISPLAY_TEST:
            self.testing = bool(value & 1)

    def columns(self) -> list[int]:
        """What each of the 8 columns shows, bit 0 on top."""
        if self.testing:  # display test lights every LED, also of a chip that is shut down
            return [0xFF] * SIDE
        if not self.running:
            return [0] * SIDE
        return [self._column(index) for index in range(SIDE)]

    def _column(self, index: int) -> int:
        if index > self.scan_limit:
            return 0
        # Code B draws digits of a clock on a matrix: rubbish, shown as a full column so that it is seen.
        return 0xFF if self.decode_mode >> index & 1 else self.digits[index]


class FakePanel:
    """*modules* chips in a row, the sign's cable at the left end, column of digit 1 on the left of each.

    Any thread may call it.  `listeners` are called, outside of the lock, after a transfer that changed
    the picture.
    """

    def __init__(
        self,
        modules: int = 6,
        clock_ns: Callable[[], int] = time.monotonic_ns,
        keep: int = KEPT_TRANSFERS,
    ) -> None:
        self.modules = modules
        self.listeners: list[Callable[[], None]] = []
        self._clock_ns = clock_ns
        self._lock = threading.Lock()
        self._chips = [_Module() for _ in range(modules)]
        self._shifted = bytes(PAIR * modules)
        self._columns = [0] * SIDE * modules
        self._transfers: deque[Transfer] = deque(maxlen=keep)

    def transfer(self, data: bytes) -> Transfer:
        """Clock *data* through the row of chips and raise LOAD."""
        with self._lock:
            happened = Transfer(self._clock_ns(), data)
            self._transfers.append(happened)
            # Each chip hands on what it held, so the first pair that went in ends up farthest away.
            self._shifted = (self._shifted + data)[-PAIR * self.modules :]
            before, self._columns = self._columns, self._latched()
        if before != self._columns:
            for listener in self.listeners:
                listener()
        return happened

    def _latched(self) -> list[int]:
        for place, chip in enumerate(reversed(self._chips)):
            register, value = self._shifted[PAIR * place : PAIR * place + PAIR]
            chip.latch(register, value)
        return [column for chip in self._chips for column in chip.columns()]

    def picture(self) -> Rows:
        """What a driver sees now: 8 rows, top first, of `modules` * 8 dots, left first."""
        with self._lock:
            columns = self._columns
        return [[bool(column >> row & 1) for column in columns] for row in range(SIDE)]

    @property
    def lit(self) -> int:
        """How many LEDs are lit."""
        with self._lock:
            return sum(column.bit_count() for column in self._columns)

    @property
    def transfers(self) -> list[Transfer]:
        """Every transfer that is still kept, oldest first."""
        with self._lock:
            return list(self._transfers)


def dots(rows: Rows) -> list[str]:
    """Draw *rows* as text, `#` lit and `.` dark."""
    return ["".join("#" if dot else "." for dot in row) for row in rows]
