"""A frame as a picture of lit dots on black, for people who do not stand in front of the sign."""

import struct
import zlib
from functools import lru_cache

from signage.frame import Frame

DOT_PX = 12

# A palette from the dark housing to a fully lit red LED; the steps between smooth the dots' edges.
_HOUSING, _UNLIT, _LIT = (10, 10, 10), (38, 22, 20), (255, 64, 32)
_STEPS = 8
_BIT_DEPTH, _PALETTE = 8, 3


def png(frame: Frame, dot_px: int = DOT_PX) -> bytes:
    """Draw *frame* with dots of *dot_px* pixels, as a PNG file (ISO/IEC 15948)."""
    width, height = frame.width_px * dot_px, frame.height_px * dot_px
    header = struct.pack(">IIBBBBB", width, height, _BIT_DEPTH, _PALETTE, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", _palette()),
            _chunk(b"IDAT", zlib.compress(_lines(frame, dot_px), 9)),
            _chunk(b"IEND", b""),
        )
    )


def _lines(frame: Frame, dot_px: int) -> bytes:
    lines = bytearray()
    for row in frame.rows:
        for y in range(dot_px):
            lines.append(0)  # filter type "none"
            for dot in row:
                lines += _dot(dot == "#", dot_px)[y]
    return bytes(lines)


@lru_cache(maxsize=8)
def _dot(lit: bool, dot_px: int) -> tuple[bytes, ...]:
    """The lines of one round dot, as indexes into the palette."""
    first = 1 + _STEPS if lit else 1
    middle, radius = (dot_px - 1) / 2, dot_px * 0.42
    return tuple(
        bytes(
            _shade(first, radius - ((x - middle) ** 2 + (y - middle) ** 2) ** 0.5)
            for x in range(dot_px)
        )
        for y in range(dot_px)
    )


def _shade(first: int, inside_px: float) -> int:
    """How far into a dot a pixel lies, as a palette index: 0 is housing."""
    step = round((inside_px + 0.5) * _STEPS)
    return 0 if step <= 0 else first + min(step, _STEPS) - 1


def _palette() -> bytes:
    ramps = (
        tuple(
            round(dark + (bright - dark) * step / _STEPS)
            for dark, bright in zip(_HOUSING, colour, strict=True)
        )
        for colour in (_UNLIT, _LIT)
        for step in range(1, _STEPS + 1)
    )
    return bytes(_HOUSING) + b"".join(bytes(entry) for entry in ramps)


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
