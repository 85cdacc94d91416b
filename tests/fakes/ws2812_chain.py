"""A wall of WS2812B pixels: what is on its data line becomes light, by the data sheet alone.

Shares no code with the sign, so that both cannot be wrong in the same way.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from math import ceil

MHZ = 2.4
LATCH_US = 280
TOLERANCE_US = 0.15
# Worldsemi WS2812B: how long the line is high, and then low, in each kind of bit.
ZERO_US = (0.4, 0.85)
ONE_US = (0.8, 0.45)
TRANSFER_BYTES = 4096


class Flicker(AssertionError):
    """No bit of the data sheet: real pixels would show anything."""


@dataclass
class Ws2812Chain:
    """One long chain of pixels, laid out on a wall.

    Args:
        width: columns of pixels.
        height: rows of pixels.
        start: the corner where the chain begins.
        run: whether it runs along rows or columns.
        snake: whether each next row or column runs the other way.
        mhz: how fast the SPI clock really runs.
    """

    width: int
    height: int
    start: str = "top-left"
    run: str = "columns"
    snake: bool = True
    mhz: float = MHZ
    pixels: list[tuple[int, int, int]] = field(init=False)

    def __post_init__(self) -> None:
        self.pixels = [(0, 0, 0)] * (self.width * self.height)

    def take(self, transfer: bytes) -> None:
        """Clock *transfer* out."""
        assert len(transfer) <= TRANSFER_BYTES, "spidev would refuse it"
        self.feed("".join(f"{byte:08b}" for byte in transfer))

    def feed(self, samples: str) -> None:
        """Put *samples*, each as long as a clock, on the line, which then stays low."""
        taken = ""
        low = "0" * ceil(LATCH_US * self.mhz)
        for bit in _bits(samples + low, 1 / self.mhz):
            if bit == "latch":
                self._latch(taken)
                taken = ""
            else:
                taken += bit
        self._latch(taken)

    def rows(self) -> list[str]:
        """What a person sees: `#` lit, `.` dark."""
        return ["".join(".#"[any(colour)] for colour in row) for row in self.colours()]

    def colours(self) -> list[list[tuple[int, int, int]]]:
        """Red, green and blue of each place, row by row."""
        wall = [[(0, 0, 0)] * self.width for _ in range(self.height)]
        for (x, y), colour in zip(self._walk(), self.pixels, strict=True):
            wall[y][x] = colour
        return wall

    @property
    def is_dark(self) -> bool:
        """Whether no pixel has light."""
        return not any(any(colour) for colour in self.pixels)

    def _latch(self, taken: str) -> None:
        """A pixel that got its 24 bits shows them; one that got fewer keeps what it had."""
        whole = [taken[at : at + 24] for at in range(0, len(taken) - 23, 24)]
        for place, bits in enumerate(whole[: len(self.pixels)]):
            green, red, blue = (int(bits[at : at + 8], 2) for at in (0, 8, 16))
            self.pixels[place] = (red, green, blue)

    def _walk(self) -> Iterator[tuple[int, int]]:
        """Follow the chain with a finger."""
        x = 0 if "left" in self.start else self.width - 1
        y = 0 if "top" in self.start else self.height - 1
        right, down = (1 if x == 0 else -1), (1 if y == 0 else -1)
        along_rows = self.run == "rows"
        for _ in range(self.height if along_rows else self.width):
            home = (x, y)
            for step in range(self.width if along_rows else self.height):
                if step:
                    x, y = (x + right, y) if along_rows else (x, y + down)
                yield x, y
            if self.snake and along_rows:
                right = -right
            elif self.snake:
                down = -down
            else:
                x, y = home
            x, y = (x, y + down) if along_rows else (x + right, y)


def _bits(samples: str, sample_us: float) -> Iterator[str]:
    """Read the line as a pixel does: by how long it is high, and low after that."""
    runs = [(level, len(list(run)) * sample_us) for level, run in groupby(samples)]
    if runs and runs[0][0] == "0" and runs.pop(0)[1] >= LATCH_US:
        yield "latch"
    for (_, high_us), (_, low_us) in zip(runs[::2], runs[1::2], strict=True):
        yield _bit(high_us, low_us)
        if low_us >= LATCH_US:
            yield "latch"


def _bit(high_us: float, low_us: float) -> str:
    for bit, (high, low) in (("0", ZERO_US), ("1", ONE_US)):
        ends = low_us >= LATCH_US or abs(low_us - low) <= TOLERANCE_US
        if abs(high_us - high) <= TOLERANCE_US and ends:
            return bit
    raise Flicker(f"{high_us:.2f} us high, {low_us:.2f} us low")
