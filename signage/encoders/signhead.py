"""The sign head's protocol in bytes, as docs/sign-head.md has it: what we say, and what the head answers.

A message is COBS between zero bytes, and ends with the CRC-32 of IEEE 802.3; integers are little endian.
"""

import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Self

from signage.encoders.cobs import NotStuffed, stuffed, unstuffed
from signage.frame import Frame

VERSION = 1
EVERY_HEAD = 0  # obeyed by all heads of a bus, answered by none; for darkness only
TTL_MAX_MS = 7_000
ENABLE_MAX_MS = 500  # in which the enable line's timer must darken a head that hangs
SEQUENCES = 1 << 16

_HEADER = struct.Struct("<BBBH")
_LEASE = struct.Struct("<IHB")
_SIZE = struct.Struct("<HB")
_CRC = struct.Struct("<I")
_STATUS = struct.Struct("<BBIHBIIHhHHHH")
_INFO = struct.Struct("<HBBHHBBI")
_ANSWER = 0x80
_NO_READING, _NO_DEGREES = 0xFFFF, -0x8000


class Kind(IntEnum):
    """What a message asks; the answer has the same number and bit 7."""

    HELLO = 1
    SHOW = 2
    KEEP = 3
    BLANK = 4
    STATUS = 5


class Result(IntEnum):
    """What became of a message."""

    DONE = 0
    OLD = 1
    SIZE = 2
    GREET = 3
    NO_PICTURE = 4
    LATE = 5
    FAULT = 6
    VALUE = 7
    VERSION = 8


class Fault(IntFlag):
    """What ails the head; while one of the low eight bits stands it keeps itself dark."""

    SUPPLY = 1 << 0
    HOT = 1 << 1
    ENABLE = 1 << 2
    MEMORY = 1 << 3
    SENSOR = 1 << 8
    HUNG = 1 << 9
    PANEL = 1 << 10


DARK_FAULTS = 0x00FF
# Header, status and CRC, one code byte, two zero bytes; a greeting's answer says what the head is as well.
_STATUS_BYTES = _HEADER.size + _STATUS.size + _CRC.size + 3
ANSWER_BYTES = {kind: _STATUS_BYTES + (kind == Kind.HELLO) * _INFO.size for kind in Kind}


class NoAnswer(ValueError):
    """The bytes are no whole and right answer of a head."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Until when a picture may stand: *ttl_ms* from where the head's own clock stood at *as_of_ms*."""

    as_of_ms: int
    ttl_ms: int
    brightness: int

    def __bytes__(self) -> bytes:
        ttl_ms = max(0, min(self.ttl_ms, TTL_MAX_MS))
        return _LEASE.pack(self.as_of_ms % 2**32, ttl_ms, max(1, min(self.brightness, 100)))


@dataclass(frozen=True, slots=True)
class Status:
    """What the head says of itself in every answer; None where it has nothing to measure with."""

    address: int
    kind: int
    seq: int
    result: int
    lit: bool
    picture_crc: int
    ttl_left_ms: int
    brightness: int
    clock_ms: int
    boots: int
    lux: int | None
    degrees: float | None
    supply_mv: int | None
    faults: Fault
    bad_frames: int
    refused: int


@dataclass(frozen=True, slots=True)
class Info:
    """What the head is; the end of its answer to a greeting."""

    width_px: int
    height_px: int
    colours: int
    ttl_max_ms: int
    enable_ms: int
    firmware: str
    serial: int

    @classmethod
    def read(cls, tail: bytes) -> Self:
        """Read the fields; what a later firmware adds behind them is passed over."""
        width, height, colours, ttl, enable, major, minor, serial = _INFO.unpack_from(tail)
        return cls(width, height, colours, ttl, enable, f"{major}.{minor}", serial)


@dataclass(frozen=True, slots=True)
class Answer:
    """One message of a head."""

    status: Status
    info: Info | None = None


def picture(frame: Frame) -> bytes:
    """Width, height and dots: rows from the top, each begun in a new byte, its leftmost dot in bit 7.

    A shift register behind a HUB12 or HUB75 plug takes them in this order.
    """
    row_bytes = (frame.width_px + 7) // 8
    spare = row_bytes * 8 - frame.width_px
    lit = str.maketrans(".#", "01")
    rows = (int(row.translate(lit), 2) << spare for row in frame.rows)
    dots = b"".join(row.to_bytes(row_bytes, "big") for row in rows)
    return _SIZE.pack(frame.width_px, frame.height_px) + dots


def hello_packet(seq: int, address: int = 1) -> bytes:
    """Ask what the head is; from here on *seq* is where its counting begins, and it is dark."""
    return packet(Kind.HELLO, seq, address)


def show_packet(seq: int, lease: Lease, shown: bytes, address: int = 1) -> bytes:
    """Light *shown*, a `picture`."""
    return packet(Kind.SHOW, seq, address, bytes(lease) + shown)


def keep_packet(seq: int, lease: Lease, picture_crc: int, address: int = 1) -> bytes:
    """Let the picture with that CRC-32 stand for longer."""
    return packet(Kind.KEEP, seq, address, bytes(lease) + _CRC.pack(picture_crc))


def blank_packet(seq: int = 0, address: int = EVERY_HEAD) -> bytes:
    """Be dark: obeyed whatever *seq* is; without an address by every head of the bus, silently."""
    return packet(Kind.BLANK, seq, address)


def status_packet(seq: int, address: int = 1) -> bytes:
    """Ask what stands, and change nothing."""
    return packet(Kind.STATUS, seq, address)


def packet(kind: int, seq: int, address: int, payload: bytes = b"") -> bytes:
    """Frame one message.  Its first zero byte ends whatever garbage was on the line before it."""
    body = _HEADER.pack(VERSION, address, kind, seq % SEQUENCES) + payload
    return b"\0" + stuffed(body + _CRC.pack(zlib.crc32(body))) + b"\0"


def answer(stuff: bytes) -> Answer:
    """Read what came between two zero bytes.

    Raises:
        NoAnswer: it is damaged, too short, of another version, or no answer at all, as an echo of our
            own message is none.
    """
    try:
        whole = unstuffed(stuff)
    except NotStuffed as error:
        raise NoAnswer(str(error)) from error
    body, crc = whole[:-4], whole[-4:]
    if len(crc) != _CRC.size or _CRC.unpack(crc)[0] != zlib.crc32(body):
        raise NoAnswer("its check value is wrong")
    try:
        version, address, kind, seq = _HEADER.unpack_from(body)
        if version != VERSION or not kind & _ANSWER:
            raise NoAnswer(f"version {version}, type {kind}")
        status = _status(address, kind & ~_ANSWER, seq, body)
        tail = body[_HEADER.size + _STATUS.size :]
        return Answer(status, Info.read(tail) if status.kind == Kind.HELLO and tail else None)
    except struct.error as error:
        raise NoAnswer("it is too short") from error


def _status(address: int, kind: int, seq: int, body: bytes) -> Status:
    result, lit, crc, left, bright, clock, boots, lux, tenths, supply, faults, bad, refused = (
        _STATUS.unpack_from(body, _HEADER.size)
    )
    return Status(
        address=address,
        kind=kind,
        seq=seq,
        result=result,
        lit=bool(lit),
        picture_crc=crc,
        ttl_left_ms=left,
        brightness=bright,
        clock_ms=clock,
        boots=boots,
        lux=None if lux == _NO_READING else lux,
        degrees=None if tenths == _NO_DEGREES else tenths / 10,
        supply_mv=None if supply == _NO_READING else supply,
        faults=Fault(faults),
        bad_frames=bad,
        refused=refused,
    )
