"""Bytes for a chain of MAX7219 LED drivers (Maxim data sheet 19-4452), one 8x8 module each.

A transfer holds one register address and one value for every module; the first pair shifts through to
the module that is farthest from the controller.  Register 1 is a module's left column, bit 0 of its
value the top dot.  The chips keep what they were told for as long as they have power, so darkness must
be sent.

Rows of modules hang in one chain: through the top row first, then through the next, the wire coming in
at the same end of each.  luma.led_matrix sends the same where it can: for rows that begin at the left,
and for a single row that begins at the right.  Its `blocks_arranged_in_reverse_order` reads across only
the first 8 rows of dots, and as wide as the whole chain, so a taller panel fails in it
(rm-hull/luma.led_matrix #93, #239); here each row is turned round by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from signage.frame import Frame

MODULE_PX = 8
ORIENTATIONS = (0, 90, -90, 180)
ORDERS = ("left", "right")
BRIGHTEST = 15


class Register(IntEnum):
    """The control registers; 1 to 8 are the columns."""

    DECODE_MODE = 0x09
    INTENSITY = 0x0A
    SCAN_LIMIT = 0x0B
    SHUTDOWN = 0x0C
    DISPLAY_TEST = 0x0F


@dataclass(frozen=True, slots=True)
class Wiring:
    """How the modules hang: at which end of each row the wire comes in, and how each one is turned.

    `orientation` is by how many degrees, against the clock, a module's picture must be turned.
    """

    order: str = "left"
    orientation: int = 0

    def __post_init__(self) -> None:
        if self.order not in ORDERS:
            raise ValueError(f"the wire can come in at the {' or '.join(ORDERS)}, not {self.order}")
        if self.orientation not in ORIENTATIONS:
            raise ValueError(f"a module can hang at {ORIENTATIONS}, not at {self.orientation}")


PLAIN = Wiring()

# Of 32 parts of the time a lit dot is on for 1 at the lowest step, for 31 at the highest (data sheet,
# "Intensity Register Format").
_ON_TIME = 31

# Bit k of a byte moved to bit 7 - k: a module that hangs upside down.
_UPSIDE_DOWN = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))


def encode(frame: Frame, wiring: Wiring = PLAIN) -> list[bytes]:
    """Give the 8 transfers that put *frame*, whole modules wide and high, into the chips.

    The farthest module goes first: it hangs in the last row, at the end away from the wire.
    """
    rows = [_turned(row, wiring.orientation) for row in _rows(frame)]
    backwards = -1 if wiring.order == "left" else 1
    transfers = []
    for register, addresses in enumerate(_addresses(len(rows) * frame.width_px), start=1):
        values = [row[register - 1 :: MODULE_PX][::backwards] for row in reversed(rows)]
        addresses[1::2] = b"".join(values)
        transfers.append(bytes(addresses))
    return transfers


def step(percent: int) -> int:
    """Give the intensity step, 0 to 15, whose light is nearest to *percent* of the brightest's."""
    return min(
        range(BRIGHTEST + 1), key=lambda step: abs(_on_time(step) * 100 - percent * _ON_TIME)
    )


def percent_of(step: int) -> int:
    """Give the light of an intensity step in percent of the brightest's."""
    return round(100 * _on_time(step) / _ON_TIME)


def control(modules: int, brightness: int) -> list[bytes]:
    """All registers but the columns and shutdown: all 8 columns scanned, no digit decoder, no test."""
    return [
        told(modules, Register.SCAN_LIMIT, MODULE_PX - 1),
        told(modules, Register.DECODE_MODE, 0),
        told(modules, Register.DISPLAY_TEST, 0),
        told(modules, Register.INTENSITY, brightness),
    ]


def lit(columns: Iterable[bytes], modules: int, brightness: int) -> list[bytes]:
    """The 13 transfers that show *columns* (from `encode`) and set every register right."""
    return [*columns, *control(modules, brightness), told(modules, Register.SHUTDOWN, 1)]


def blank(modules: int) -> list[bytes]:
    """The 9 transfers to darkness.  The first alone makes it dark; the others empty the columns."""
    empty = encode(Frame.dark(modules * MODULE_PX, MODULE_PX))
    return [told(modules, Register.SHUTDOWN, 0), *empty]


def still_dark(modules: int, brightness: int) -> list[bytes]:
    """The 13 transfers that keep a dark panel dark and set every register right."""
    off, *empty = blank(modules)
    return [off, *control(modules, brightness), *empty]


def told(modules: int, register: int, value: int) -> bytes:
    """One transfer that writes *value* to *register* of every module."""
    return bytes((register, value)) * modules


def _on_time(step: int) -> int:
    return 2 * step + 1


def _rows(frame: Frame) -> list[bytes]:
    """The columns of each row of modules, the top row first."""
    rows = frame.height_px // MODULE_PX
    if not rows or frame.height_px % MODULE_PX or frame.width_px % MODULE_PX:
        raise ValueError(f"{frame.width_px} x {frame.height_px} dots are not rows of modules")
    if rows == 1:
        return [bytes(frame.columns)]
    packed = b"".join(column.to_bytes(rows, "little") for column in frame.columns)
    return [packed[row::rows] for row in range(rows)]


def _addresses(width_px: int) -> list[bytearray]:
    modules = width_px // MODULE_PX
    return [bytearray((register, 0)) * modules for register in range(1, MODULE_PX + 1)]


def _turned(columns: bytes, orientation: int) -> bytes:
    match orientation:
        case 0:
            return columns
        case 90:
            return _transposed(columns).translate(_UPSIDE_DOWN)
        case -90:
            return _mirrored(_transposed(columns))
        case _:
            return _mirrored(columns.translate(_UPSIDE_DOWN))


def _mirrored(columns: bytes) -> bytes:
    """Each module's columns from right to left: all from right to left, and the modules back."""
    backwards = columns[::-1]
    turned = bytearray(len(columns))
    for x in range(MODULE_PX):
        turned[x::MODULE_PX] = backwards[x::MODULE_PX][::-1]
    return bytes(turned)


def _transposed(columns: bytes) -> bytes:
    """Swap rows and columns of all modules at once, by three exchanges in one wide integer
    (Warren, Hacker's Delight, section 7-3: an 8x8 bit matrix in a 64-bit word)."""
    word = int.from_bytes(columns, "little")
    for shift, mask in _exchanges(len(columns) // MODULE_PX):
        swap = (word ^ (word >> shift)) & mask
        word ^= swap ^ (swap << shift)
    return word.to_bytes(len(columns), "little")


@lru_cache(maxsize=4)
def _exchanges(modules: int) -> tuple[tuple[int, int], ...]:
    """Shift and mask of each exchange, the mask repeated for every module."""
    lanes = sum(1 << 64 * module for module in range(modules))
    return (
        (7, 0x00AA00AA00AA00AA * lanes),
        (14, 0x0000CCCC0000CCCC * lanes),
        (28, 0x00000000F0F0F0F0 * lanes),
    )
