"""One entry of a folder of a FAT.

By "Microsoft Extensible Firmware Initiative FAT32 File System Specification" (2000).  Names are short ones;
the bits for small letters are those of Windows NT and Linux (linux/msdos_fs.h, CASE_LOWER_BASE and
CASE_LOWER_EXT).
"""

import struct
from dataclasses import dataclass

SIZE = 32
LABEL, LONG, FOLDER, FILE = 0x08, 0x0F, 0x10, 0x20
DELETED, END = 0xE5, 0x00
_SMALL_LETTERS = 0x18
# 2026-01-01, for a card has no clock: ((year - 1980) << 9) | (month << 5) | day.
_DATE = (46 << 9) | (1 << 5) | 1


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a folder; *at* is the byte at which its entry stands, *first* its first cluster."""

    at: int
    name: str
    is_folder: bool
    first: int
    size: int


def entry_of(raw: bytes, at: int) -> Entry:
    """Read one."""
    high, low = struct.unpack_from("<H", raw, 20)[0], struct.unpack_from("<H", raw, 26)[0]
    (size,) = struct.unpack_from("<I", raw, 28)
    base, extension = (part.decode("ascii", "replace").rstrip() for part in (raw[:8], raw[8:11]))
    name = (f"{base}.{extension}" if extension else base).lower()
    return Entry(at, name, bool(raw[11] & FOLDER), high << 16 | low, size)


def described(name: str, kind: int, first: int, size: int) -> bytes:
    """Write one; `name` is short, or "." or ".."."""
    base, _, extension = (name, "", "") if name.startswith(".") else name.partition(".")
    short = f"{base:<8}{extension:<3}".upper().encode("ascii")
    letters = 0 if name.startswith(".") else _SMALL_LETTERS
    return struct.pack(
        "<11sBBBHHHHHHHI",
        short,
        kind,
        letters,
        0,
        0,
        _DATE,
        _DATE,
        first >> 16,
        0,
        _DATE,
        first & 0xFFFF,
        size,
    )
