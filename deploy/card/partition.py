"""Where the boot partition begins in the image of a card."""

import struct
from typing import BinaryIO

from deploy.errors import InstallError

SECTOR = 512
_SIGNATURE_AT, _SIGNATURE = 510, b"\x55\xaa"
_TABLE_AT, _ENTRIES, _ENTRY = 446, 4, 16
# MBR types of FAT16 and FAT32, and the one that says that a GPT follows (UEFI specification, 5.2.3).
_FAT_TYPES, _PROTECTIVE = {0x04, 0x06, 0x0B, 0x0C, 0x0E}, 0xEE
# EFI system and basic data, as they lie on the disk (UEFI specification, 5.3.3).
_FAT_GUIDS = {
    bytes.fromhex("28732ac11ff8d211ba4b00a0c93ec93b"),
    bytes.fromhex("a2a0d0ebe5b9334487c068b6b72699c7"),
}


def boot_partition(image: BinaryIO) -> int:
    """Give the byte at which the first FAT partition of *image* begins; 0 when the image is one itself.

    Raises:
        InstallError: there is none.
    """
    first = _read(image, 0, SECTOR)
    if first[_SIGNATURE_AT:] != _SIGNATURE:
        raise InstallError("the image has no partition table; give an unpacked image of a card")
    if first[54:57] == b"FAT" or first[82:85] == b"FAT":
        return 0
    for number in range(_ENTRIES):
        entry = first[_TABLE_AT + number * _ENTRY :][:_ENTRY]
        if entry[4] in _FAT_TYPES:
            return int(struct.unpack_from("<I", entry, 8)[0]) * SECTOR
        if entry[4] == _PROTECTIVE:
            return _of_gpt(image)
    raise InstallError("the image has no boot partition with a FAT; is it one for a Raspberry Pi?")


def _of_gpt(image: BinaryIO) -> int:
    head = _read(image, SECTOR, 92)
    if head[:8] != b"EFI PART":
        raise InstallError("the image's partition table is damaged")
    table, count, size = struct.unpack_from("<QII", head, 72)
    for number in range(min(count, 128)):
        entry = _read(image, table * SECTOR + number * size, 40)
        if entry[:16] in _FAT_GUIDS:
            return int(struct.unpack_from("<Q", entry, 32)[0]) * SECTOR
    raise InstallError("the image has no boot partition with a FAT; is it one for a Raspberry Pi?")


def _read(image: BinaryIO, at: int, size: int) -> bytes:
    image.seek(at)
    content = image.read(size)
    if len(content) < size:
        raise InstallError("the image is cut short; fetch it again")
    return content
