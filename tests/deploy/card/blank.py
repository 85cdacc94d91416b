"""An empty FAT and a card's image around it, and a look at a FAT that knows nothing of `deploy.card.fat`."""

import struct
from dataclasses import dataclass
from pathlib import Path

SECTOR = 512
BEGINS = 2048  # sectors before the partition


@dataclass(frozen=True)
class Shape:
    """Sizes of a file system: sectors in all, in a cluster and in each copy of the FAT."""

    bits: int
    total: int
    per_cluster: int
    fat: int
    reserved: int
    root_entries: int


FAT16 = Shape(16, 9_000, 2, 18, 1, 512)
FAT32 = Shape(32, 66_800, 1, 520, 32, 0)


def formatted(shape: Shape) -> bytes:
    """An empty file system, by the specification of 2000, with a volume label."""
    boot = bytearray(SECTOR)
    boot[0:11] = b"\xeb\x58\x90PORTVAKT"
    small = shape.bits == 16
    struct.pack_into(
        "<HBHBH", boot, 11, SECTOR, shape.per_cluster, shape.reserved, 2, shape.root_entries
    )
    struct.pack_into("<HBH", boot, 19, shape.total if small else 0, 0xF8, shape.fat if small else 0)
    struct.pack_into("<I", boot, 32, 0 if small else shape.total)
    if small:
        boot[54:62] = b"FAT16   "
    else:
        struct.pack_into("<IHHIHH", boot, 36, shape.fat, 0, 0, 2, 1, 6)
        boot[66], boot[71:90] = 0x29, b"BOOTFS     FAT32   "
    boot[510:512] = b"\x55\xaa"
    whole = bytearray(shape.total * SECTOR)
    whole[:SECTOR] = boot
    if not small:
        info = SECTOR
        whole[info : info + 4], whole[info + 484 : info + 488] = b"RRaA", b"rrAa"
        struct.pack_into("<II", whole, info + 488, 1000, 3)
        whole[info + 510 : info + 512] = b"\x55\xaa"
        whole[6 * SECTOR : 8 * SECTOR] = whole[: 2 * SECTOR]  # the second copy
    begin = b"\xf8\xff\xff\xff" if small else b"\xf8\xff\xff\x0f\xff\xff\xff\x0f\xff\xff\xff\x0f"
    for copy in range(2):
        at = (shape.reserved + copy * shape.fat) * SECTOR
        whole[at : at + len(begin)] = begin
    root = (shape.reserved + 2 * shape.fat) * SECTOR
    whole[root : root + 12] = b"BOOTFS     \x08"
    return bytes(whole)


def card_image(path: Path, shape: Shape, kind: int | None = None) -> Path:
    """A card with one partition, as `sfdisk` writes it."""
    table = bytearray(BEGINS * SECTOR)
    kind = kind if kind is not None else (0x0E if shape.bits == 16 else 0x0C)
    struct.pack_into("<BBBBBBBBII", table, 446, 0, 0, 0, 0, kind, 0, 0, 0, BEGINS, shape.total)
    table[510:512] = b"\x55\xaa"
    path.write_bytes(bytes(table) + formatted(shape))
    return path


def damage(image: Path, shape: Shape) -> list[str]:
    """What a careful reader finds wrong: copies that differ, clusters in two chains or in none."""
    whole = image.read_bytes()[BEGINS * SECTOR :]
    fats = [
        whole[(shape.reserved + copy * shape.fat) * SECTOR :][: shape.fat * SECTOR]
        for copy in (0, 1)
    ]
    found = [] if fats[0] == fats[1] else ["the two copies of the FAT differ"]
    form = "<H" if shape.bits == 16 else "<I"
    table = [one[0] & 0x0FFFFFFF for one in struct.iter_unpack(form, fats[0])]
    root_at = (shape.reserved + 2 * shape.fat) * SECTOR
    data_at = root_at + shape.root_entries * 32
    size = shape.per_cluster * SECTOR
    used: set[int] = set()

    def chain(first: int) -> bytes:
        content = b""
        while 2 <= first < len(table):
            if first in used:
                found.append(f"cluster {first} is in two chains")
                break
            used.add(first)
            content += whole[data_at + (first - 2) * size :][:size]
            first = table[first]
        return content

    def walk(folder: bytes) -> None:
        for at in range(0, len(folder), 32):
            raw = folder[at : at + 32]
            if raw[0] == 0:
                return
            if raw[0] in {0xE5, ord(".")} or raw[11] & 8:
                continue
            first = (
                struct.unpack_from("<H", raw, 20)[0] << 16 | struct.unpack_from("<H", raw, 26)[0]
            )
            content = chain(first) if first else b""
            if raw[11] & 0x10:
                walk(content)
            elif struct.unpack_from("<I", raw, 28)[0] > len(content):
                found.append(f"{raw[:11]!r} is longer than its chain")

    walk(chain(2) if shape.bits == 32 else whole[root_at:data_at])
    lost = {number for number, to in enumerate(table) if number >= 2 and to} - used
    return [*found, *(f"cluster {number} is lost" for number in sorted(lost))]
