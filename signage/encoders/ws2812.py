"""Bytes for a chain of WS2812B pixels (Worldsemi data sheet), sent by an SPI output that nobody clocks in.

A pixel takes the first 24 bits that reach it, green, red, blue, the highest bit first, and passes the
rest on.  On the wire a 0 is high for 0.4 us and low for 0.85, a 1 is high for 0.8 us and low for 0.45,
each within 0.15 us: at 2.4 MHz three SPI bits, 100 or 110, are 0.42 + 0.83 and 0.83 + 0.42.  A line that
stays low for 280 us makes all pixels show what they took.

A message begins low too, for a line that idles high loses its first bit and the first pixel turns green
(jgarff/rpi_ws281x #469, joosteto/ws2812-spi #2).  All of it must leave as one transfer without a gap:
spidev takes 4,096 bytes at most (doceme/py-spidev #62), and a Pi sends without gaps only what goes by
DMA, from 96 bytes on (msperl/rgbled-fb #2, jgarff/rpi_ws281x #204); the latches alone are more than that.

The data sheet of the later V5 parts asks for 0.22 to 0.38 us in a 0 and at least 0.58 us low after a 1:
there these bits lie 0.04 and 0.16 us outside (FastLED/FastLED #1311), so try one before buying a wall.
"""

from dataclasses import dataclass
from functools import lru_cache

from signage.frame import Frame

SPI_HERTZ = 2_400_000
TRANSFER_BYTES = 4_096
# 300 us: the data sheet's 280 and some for a clock that is not quite 2.4 MHz.
LATCH_BYTES = SPI_HERTZ * 300 // 1_000_000 // 8
PIXEL_BYTES = 3 * 3
DOTS_AT_MOST = (TRANSFER_BYTES - 2 * LATCH_BYTES) // PIXEL_BYTES

CORNERS = ("top-left", "top-right", "bottom-left", "bottom-right")
# Red, green, blue.  Green is by far the brightest of a pixel's three lamps.
COLOURS = {"red": (255, 0, 0), "amber": (255, 96, 0), "white": (255, 255, 255)}

_LATCH = bytes(LATCH_BYTES)


@dataclass(frozen=True, slots=True)
class Wiring:
    """The way of the chain: its first corner, along rows or columns, and whether each next one turns back."""

    start: str = "top-left"
    run: str = "columns"
    snake: bool = True

    def __post_init__(self) -> None:
        if self.start not in CORNERS:
            raise ValueError(f"a chain begins at {', '.join(CORNERS)}, not at {self.start}")
        if self.run not in {"rows", "columns"}:
            raise ValueError(f"a chain runs along rows or columns, not along {self.run}")


PLAIN = Wiring()


def encode(
    frame: Frame, wiring: Wiring = PLAIN, colour: str = "amber", percent: int = 100
) -> list[bytes]:
    """Give the one transfer that puts *frame* onto the pixels, the lit ones in *colour*.

    Raises:
        ValueError: more dots than one transfer carries.
    """
    return [message(along_the_chain(frame, wiring, colour, percent))]


def blank(dots: int) -> list[bytes]:
    """Give the one transfer to darkness for a chain of *dots* pixels."""
    return [message(bytes(3 * dots))]


def along_the_chain(frame: Frame, wiring: Wiring, colour: str, percent: int) -> bytes:
    """Three bytes for each pixel, green, red, blue, in the order in which the chain meets them."""
    lit, dark = grb(colour, percent), bytes(3)
    columns = frame.columns
    way = _way(frame.width_px, frame.height_px, wiring)
    return b"".join([lit if columns[x] >> y & 1 else dark for x, y in way])


def message(pixels: bytes) -> bytes:
    """Wrap *pixels*, three bytes each, into SPI bits between two latches."""
    refuse_too_many(len(pixels) // 3)
    return b"".join((_LATCH, *map(_SPI_BITS.__getitem__, pixels), _LATCH))


def grb(colour: str, percent: int) -> bytes:
    """Green, red and blue of a lit pixel; whatever shines at 100 percent shines at 1."""
    red, green, blue = COLOURS[colour]
    return bytes(-(-value * percent // 100) for value in (green, red, blue))


def refuse_too_many(dots: int) -> None:
    """Refuse a panel whose message would not leave whole, with a ValueError."""
    if dots > DOTS_AT_MOST:
        raise ValueError(
            f"{dots} dots are more than the {DOTS_AT_MOST} of one ws2812 message;"
            f" use a panel of at most {DOTS_AT_MOST // 7} x 7 or {DOTS_AT_MOST // 8} x 8 dots"
        )


@lru_cache(maxsize=4)
def _way(width_px: int, height_px: int, wiring: Wiring) -> tuple[tuple[int, int], ...]:
    """The place of each pixel, column and row, in the order of the chain."""
    vertical, horizontal = wiring.start.split("-")
    xs = range(width_px)[:: 1 if horizontal == "left" else -1]
    ys = range(height_px)[:: 1 if vertical == "top" else -1]
    if wiring.run == "rows":
        return tuple((x, y) for n, y in enumerate(ys) for x in _leg(xs, n, wiring))
    return tuple((x, y) for n, x in enumerate(xs) for y in _leg(ys, n, wiring))


def _leg(places: range, number: int, wiring: Wiring) -> range:
    return places[::-1] if wiring.snake and number % 2 else places


def _spi_bits(value: int) -> bytes:
    return int("".join("110" if bit == "1" else "100" for bit in f"{value:08b}"), 2).to_bytes(3)


_SPI_BITS = tuple(_spi_bits(value) for value in range(256))
