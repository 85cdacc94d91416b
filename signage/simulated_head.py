"""A sign head in software, written from docs/sign-head.md alone: it shares no line with our encoder.

For whoever writes firmware, tries the settings on a bench, or tests our driver.
"""

import struct
import zlib
from collections.abc import Callable

from signage.simulated_board import Board

TTL_MAX_MS, ENABLE_MS, AHEAD_MS = 7_000, 250, 100
# What the protocol allows; our own settings end at 48 rows.
WIDTH_MAX_PX, HEIGHT_MAX_PX = 256, 64
LONGEST_BYTES = 2_112  # between two zero bytes; more is damaged, whoever it is for
_DONE, _OLD, _SIZE, _GREET, _NO_PICTURE, _LATE, _FAULT, _VALUE, _VERSION = range(9)
_HELLO, _SHOW, _KEEP, _BLANK, _STATUS = range(1, 6)


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
        if not (0 < width_px <= WIDTH_MAX_PX and 0 < height_px <= HEIGHT_MAX_PX):
            raise ValueError(f"no head has {width_px} x {height_px} dots; 256 x 64 are the most")
        self.width_px, self.height_px, self.address = width_px, height_px, address
        self.board = Board()
        self.boots = 0
        self._now_ms = now_ms
        self._begins_ms = clock_ms
        self.power_up()

    def power_up(self, *, by_watchdog: bool = False) -> None:
        """Start with nothing: dark, and no picture or number from before."""
        self.boots += 1
        self.board.start(by_watchdog=by_watchdog)
        self.bad_frames = self.refused = 0
        self._up_ms = self._now_ms() - self._begins_ms
        self._hung_ms: int | None = None
        self._greeted, self._last = False, 0
        self._picture, self._ends_ms, self._brightness = b"", 0, 0
        self._heard, self._is_spoiled = bytearray(), False

    def hang(self) -> None:
        """Stop the main loop or the refresh, and with either the edges that hold the enable line's timer."""
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
            if byte and len(self._heard) < LONGEST_BYTES:
                self._heard.append(byte)
            elif byte:
                self._is_spoiled = True
            else:
                said += self._ended()
        return said

    def hears_broken(self) -> None:
        """Take a byte with a framing error, as a break is one, or the loss of one by an overrun."""
        self._is_spoiled = True

    def _ended(self) -> bytes:
        message, is_spoiled = bytes(self._heard), self._is_spoiled
        self._heard, self._is_spoiled = bytearray(), False
        if is_spoiled:
            self._count_damage()
        return self._obey(message) if message and not is_spoiled else b""

    def _count_damage(self) -> None:
        self.bad_frames = (self.bad_frames + 1) % 2**16

    def _turn(self, now_ms: int) -> None:
        """What the main loop does all the time: look at the board and at the clock."""
        self.board.measure()
        if now_ms >= self._ends_ms or self.board.keeps_dark:
            self._dark()

    def _dark(self) -> None:
        self._picture, self._brightness = b"", 0

    def _obey(self, message: bytes) -> bytes:
        now_ms = self._now_ms()
        self._turn(now_ms)
        body = _unstuffed(message)
        if body is None or len(body) < 9 or zlib.crc32(body) != 0x2144DF1C:  # noqa: PLR2004 - its residue
            self._count_damage()
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
        if self.board.keeps_dark:
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
