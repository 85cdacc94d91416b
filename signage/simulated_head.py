"""A sign head in software, written from docs/sign-head.md alone: it shares no line with our encoder.

For whoever writes firmware, tries the settings on a bench, or tests our driver.
"""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

TTL_MAX_MS, ENABLE_MS, AHEAD_MS = 7_000, 250, 100
LONGEST_BYTES = 2_112  # more is garbage, and fails its check value
HOT_C, COOL_C = 70.0, 60.0
LOW_MV, WELL_MV = 4_500, 4_700
_DONE, _OLD, _SIZE, _GREET, _NO_PICTURE, _LATE, _FAULT, _VALUE, _VERSION = range(9)
_HELLO, _SHOW, _KEEP, _BLANK, _STATUS = range(1, 6)
_SUPPLY, _HOT, _HUNG, _STAYS_DARK = 0x0001, 0x0002, 0x0200, 0x00FF


@dataclass(slots=True)
class Board:
    """What the head measures; None where it has nothing to measure with."""

    lux: int | None = None
    degrees: float | None = 21.5
    supply_mv: int | None = 5_020
    faults: int = 0


class SimulatedHead:
    """One head and its dots.  `hears` takes what comes over the line and gives what the head says.

    *now_ms* is a clock that only grows; the head's own begins at *clock_ms* at each power-up.
    """

    def __init__(
        self,
        width_px: int,
        height_px: int,
        address: int = 1,
        *,
        now_ms: Callable[[], int],
        clock_ms: int = 0,
    ) -> None:
        self.width_px, self.height_px, self.address = width_px, height_px, address
        self.board = Board()
        self.boots = 0
        self._now_ms = now_ms
        self._begins_ms = clock_ms
        self.power_up()

    def power_up(self, *, by_watchdog: bool = False) -> None:
        """Start with nothing: dark, and no picture or number from before."""
        self.boots += 1
        self.board.faults = self.board.faults & ~_HUNG | (_HUNG if by_watchdog else 0)
        self.bad_frames = self.refused = 0
        self._up_ms = self._now_ms() - self._begins_ms
        self._hung_ms: int | None = None
        self._greeted, self._last = False, 0
        self._picture, self._ends_ms, self._brightness = b"", 0, 0
        self._heard = bytearray()

    def hang(self) -> None:
        """Stop the main loop, and with it the edges that hold the enable line's timer."""
        self._hung_ms = self._now_ms()

    @property
    def clock_ms(self) -> int:
        """The head's own clock, 32 bits wide."""
        return (self._now_ms() - self._up_ms) % 2**32

    @property
    def is_lit(self) -> bool:
        """Whether the dots have power."""
        if self._hung_ms is not None:
            # The processor does nothing more, but the timer needs none.
            return bool(self._picture) and self._now_ms() - self._hung_ms < ENABLE_MS
        self._turn(self._now_ms())
        return bool(self._picture)

    @property
    def left_ms(self) -> int:
        """How long it stays lit when nobody says anything more."""
        return self._ends_ms - self._now_ms() if self.is_lit else 0

    @property
    def brightness(self) -> int:
        """Percent; 0 while dark."""
        return self._brightness if self.is_lit else 0

    def rows(self) -> list[str]:
        """What a person sees: `#` lit, `.` dark."""
        dots = (
            self._picture[3:] if self.is_lit else bytes((self.width_px + 7) // 8 * self.height_px)
        )
        step = (self.width_px + 7) // 8
        bits = [format(byte, "08b") for byte in dots]
        rows = ("".join(bits[at : at + step]) for at in range(0, len(bits), step))
        return [row[: self.width_px].replace("0", ".").replace("1", "#") for row in rows]

    def hears(self, data: bytes) -> bytes:
        """Take what came over the line; what the head answers, in order."""
        if self._hung_ms is not None:
            return b""
        said = b""
        for byte in data:
            if byte:
                self._heard = (self._heard + bytes((byte,)))[:LONGEST_BYTES]
                continue
            message, self._heard = bytes(self._heard), bytearray()
            if message:
                said += self._obey(message)
        return said

    def _turn(self, now_ms: int) -> None:
        """What the main loop does all the time: look at the board and at the clock."""
        board = self.board
        if board.degrees is not None:
            board.faults = _with(_HOT, board.faults, board.degrees, HOT_C, COOL_C)
        if board.supply_mv is not None:
            board.faults = _with(_SUPPLY, board.faults, -board.supply_mv, 1 - LOW_MV, -WELL_MV)
        if now_ms >= self._ends_ms or board.faults & _STAYS_DARK:
            self._dark()

    def _dark(self) -> None:
        self._picture, self._brightness = b"", 0

    def _obey(self, message: bytes) -> bytes:
        now_ms = self._now_ms()
        self._turn(now_ms)
        body = _unstuffed(message)
        if body is None or len(body) < 9 or zlib.crc32(body) != 0x2144DF1C:  # noqa: PLR2004 - its residue
            self.bad_frames = (self.bad_frames + 1) % 2**16
            return b""
        version, address, kind, seq = struct.unpack_from("<BBBH", body)
        if kind & 0x80 or address not in (self.address, 0) or (address == 0 and kind != _BLANK):
            return b""
        result = self._done(version, kind, seq, body[5:-4], now_ms)
        if result not in (_DONE, _OLD):
            self._dark()
        self.refused = (self.refused + (result != _DONE)) % 2**16
        return self._answer(kind, seq, result, now_ms) if address else b""

    def _done(self, version: int, kind: int, seq: int, rest: bytes, now_ms: int) -> int:
        if kind == _BLANK:  # whoever asks, in whatever version
            self._dark()
            self._last = seq if self._is_new(seq) else self._last
            return _DONE
        if version != 1:
            return _VERSION
        if kind == _HELLO:
            self._dark()
            self._greeted, self._last = True, seq
            return _DONE
        if kind in (_SHOW, _KEEP):
            return self._lease(kind, seq, rest, now_ms)
        return _DONE if kind == _STATUS else _VALUE

    def _is_new(self, seq: int) -> bool:
        return (seq - self._last) % 2**16 < 2**15

    def _lease(self, kind: int, seq: int, rest: bytes, now_ms: int) -> int:
        if not self._greeted:
            return _GREET
        if not self._is_new(seq):
            return _OLD
        self._last = seq
        if len(rest) < 10:  # noqa: PLR2004 - lease and size; a KEEP has one byte more
            return _VALUE
        as_of_ms, ttl_ms, brightness = struct.unpack_from("<IHB", rest)
        if not 1 <= brightness <= 100:  # noqa: PLR2004 - percent
            return _VALUE
        if self.board.faults & _STAYS_DARK:
            return _FAULT
        wrong = self._shown(rest[7:]) if kind == _SHOW else self._kept(rest[7:])
        if wrong:
            return wrong
        age_ms = (self.clock_ms - as_of_ms + 2**31) % 2**32 - 2**31
        left_ms = min(min(ttl_ms, TTL_MAX_MS) - age_ms, TTL_MAX_MS)
        if age_ms < -AHEAD_MS or left_ms <= 0:
            return _LATE
        self._picture = rest[7:] if kind == _SHOW else self._picture
        self._ends_ms, self._brightness = now_ms + left_ms, brightness
        return _DONE

    def _shown(self, picture: bytes) -> int:
        width, height = struct.unpack_from("<HB", picture)
        if len(picture) != 3 + (width + 7) // 8 * height:
            return _VALUE
        return _DONE if (width, height) == (self.width_px, self.height_px) else _SIZE

    def _kept(self, crc: bytes) -> int:
        if len(crc) != 4:  # noqa: PLR2004 - one CRC-32
            return _VALUE
        stands = self._picture and zlib.crc32(self._picture) == int.from_bytes(crc, "little")
        return _DONE if stands else _NO_PICTURE

    def _answer(self, kind: int, seq: int, result: int, now_ms: int) -> bytes:
        lit, board = bool(self._picture), self.board
        body = struct.pack(
            "<BBBHBBIHBIIHhHHHH",
            *(1, self.address, kind | 0x80, seq, result, lit),
            zlib.crc32(self._picture) if lit else 0,
            self._ends_ms - now_ms if lit else 0,
            self._brightness,
            self.clock_ms,
            self.boots,
            0xFFFF if board.lux is None else min(board.lux, 0xFFFE),
            -0x8000 if board.degrees is None else round(board.degrees * 10),
            0xFFFF if board.supply_mv is None else board.supply_mv,
            *(board.faults, self.bad_frames, self.refused),
        )
        if kind == _HELLO:
            body += struct.pack("<HBBHH", self.width_px, self.height_px, 1, TTL_MAX_MS, ENABLE_MS)
            body += struct.pack("<BBI", 1, 0, 0)
        return b"\0" + _stuffed(body + zlib.crc32(body).to_bytes(4, "little")) + b"\0"


def _with(bit: int, faults: int, reading: float, sets: float, clears: float) -> int:
    """*faults* with *bit* set from one threshold on, and off below the other."""
    if reading >= sets:
        return faults | bit
    return faults & ~bit if reading < clears else faults


def _stuffed(body: bytes) -> bytes:
    """COBS, byte by byte as firmware does it: a code byte is mended when its run ends."""
    out, code_at = bytearray(b"\1"), 0
    for at, byte in enumerate(body, start=1):
        if byte:
            out.append(byte)
            out[code_at] += 1
        if byte == 0 or (out[code_at] == 0xFF and at < len(body)):  # noqa: PLR2004 - a full run
            code_at = len(out)
            out.append(1)
    return bytes(out)


def _unstuffed(message: bytes) -> bytes | None:
    out, left, code = bytearray(), 0, 0xFF
    for byte in message:
        if left:
            out.append(byte)
            left -= 1
        else:
            if code != 0xFF:  # noqa: PLR2004 - a full run stands for no zero
                out.append(0)
            code, left = byte, byte - 1
    return None if left else bytes(out)
