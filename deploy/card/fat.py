"""One folder of small files in the root of a FAT16 or FAT32, written without mounting it.

By "Microsoft Extensible Firmware Initiative FAT32 File System Specification" (2000), whose names of fields
stand in the comments.
"""

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO

from deploy.card.fat_entry import (
    DELETED,
    END,
    FILE,
    FOLDER,
    LABEL,
    LONG,
    SIZE,
    Entry,
    described,
    entry_of,
)
from deploy.errors import InstallError

_FIRST = 2  # clusters are numbered from here
_OLDEST_FAT16, _OLDEST_FAT32 = 4085, 65525


class Fat:
    """A FAT that begins at the byte *start* of *file*, which is open for reading and writing.

    Raises:
        InstallError: it is none, or one of 12 bits.
    """

    def __init__(self, file: BinaryIO, start: int) -> None:
        self._file, self._start = file, start
        boot = self._read(start, 512)
        (self._sector,) = struct.unpack_from("<H", boot, 11)  # BPB_BytsPerSec
        per_cluster, reserved, self._copies, root_entries = struct.unpack_from("<BHBH", boot, 13)
        small_total, small_fat = (
            struct.unpack_from("<H", boot, 19)[0],
            struct.unpack_from("<H", boot, 22)[0],
        )
        large_total, large_fat = (
            struct.unpack_from("<I", boot, 32)[0],
            struct.unpack_from("<I", boot, 36)[0],
        )
        if self._sector not in {512, 1024, 2048, 4096} or not per_cluster or not self._copies:
            raise InstallError("the boot partition holds no FAT; is the image whole?")
        self._fat_at = start + reserved * self._sector
        self._fat_size = (small_fat or large_fat) * self._sector
        self._root_at = self._fat_at + self._copies * self._fat_size
        self._root_size = root_entries * SIZE
        self._data_at = self._root_at + self._root_size
        self._cluster = per_cluster * self._sector
        total = (small_total or large_total) * self._sector
        self._count = (start + total - self._data_at) // self._cluster
        if self._count < _OLDEST_FAT16:
            raise InstallError("the boot partition is too small: a FAT of 12 bits")
        self._wide = self._count >= _OLDEST_FAT32
        self._root = struct.unpack_from("<I", boot, 44)[0] if self._wide else 0  # BPB_RootClus
        self._info_at = (
            start + struct.unpack_from("<H", boot, 48)[0] * self._sector if self._wide else 0
        )

    def names(self) -> list[str]:
        """What lies in the root, by short names in small letters."""
        return [entry.name for entry in self._entries(self._root)]

    def read_folder(self, name: str) -> dict[str, bytes]:
        """Every file of the folder *name*; nothing when there is none."""
        folder = self._found(name)
        if folder is None:
            return {}
        found = {}
        for entry in self._entries(folder.first):
            if not entry.is_folder:
                whole = b"".join(
                    self._read(self._at(one), self._cluster) for one in self._chain(entry.first)
                )
                found[entry.name] = whole[: entry.size]
        return found

    def put_folder(self, name: str, files: dict[str, bytes]) -> None:
        """Make the folder *name* hold *files* and nothing else; what was there is overwritten first.

        Raises:
            InstallError: there is no room.
        """
        self._drop_folder(name)
        slot = self._free_slot()
        entries, first = [], self._room_for((len(files) + 2) * SIZE)
        for file, content in files.items():
            begin = self._room_for(len(content)) if content else 0
            if content:
                self._fill(begin, content)
            entries.append(described(file, FILE, begin, len(content)))
        dots = described(".", FOLDER, first, 0) + described("..", FOLDER, 0, 0)
        self._fill(first, dots + b"".join(entries))
        # The name in the root comes last: until then nothing refers to any of it.
        self._write(slot, described(name, FOLDER, first, 0))
        if self._wide:
            self._write(self._info_at + 488, b"\xff" * 8)  # FSI_Free_Count, FSI_Nxt_Free: not known
        self._file.flush()
        os.fsync(self._file.fileno())

    def _drop_folder(self, name: str) -> None:
        folder = self._found(name)
        if folder is None:
            return
        for entry in self._entries(folder.first):
            if entry.is_folder and entry.name not in {".", ".."}:
                raise InstallError(
                    f"{name} on the card holds a folder that is not ours; take it away"
                )
            if not entry.is_folder:
                self._clear(entry.first)
        self._clear(folder.first)
        at = folder.at
        while True:  # with the long name before it, where a system wrote one
            self._write(at, bytes([DELETED]))
            at -= SIZE
            before = self._read(at, SIZE)
            if before[11] != LONG or before[0] == DELETED:
                return

    def _clear(self, first: int) -> None:
        for cluster in list(self._chain(first)):
            self._write(self._at(cluster), bytes(self._cluster))
            self._set(cluster, 0)

    def _found(self, name: str) -> Entry | None:
        return next(
            (one for one in self._entries(self._root) if one.is_folder and one.name == name), None
        )

    def _entries(self, first: int) -> Iterator[Entry]:
        for at, raw in self._slots(first):
            if raw[0] == END:
                return
            if raw[0] != DELETED and not raw[11] & LABEL:  # a long name has that bit too
                yield entry_of(raw, at)

    def _slots(self, first: int) -> Iterator[tuple[int, bytes]]:
        if not self._wide and first == 0:
            spans = [(self._root_at, self._root_size)]
        else:
            spans = [(self._at(one), self._cluster) for one in self._chain(first)]
        for begin, size in spans:
            whole = self._read(begin, size)
            for offset in range(0, size, SIZE):
                yield begin + offset, whole[offset : offset + SIZE]

    def _free_slot(self) -> int:
        """Where the root takes another name; it grows by a cluster where it can."""
        last_at = None
        for at, raw in self._slots(self._root):
            if raw[0] == END and (at + SIZE - self._data_at) % self._cluster:
                self._write(at + SIZE, bytes([END]))  # what follows the end may be anything
            if raw[0] in {END, DELETED}:
                return at
            last_at = at
        if not self._wide or last_at is None:
            raise InstallError("the boot partition's first folder is full")
        fresh = self._room_for(1)
        *_, last = self._chain(self._root)
        self._fill(fresh, b"")
        self._set(last, fresh)
        return self._at(fresh)

    def _room_for(self, size: int) -> int:
        """Take as many free clusters as *size* needs, linked; give the first."""
        needed = max(1, -(-size // self._cluster))
        free = []
        for cluster in range(2, self._count + 2):
            if self._get(cluster) == 0:
                free.append(cluster)
            if len(free) == needed:
                break
        else:
            raise InstallError("the boot partition is full")
        for one, following in zip(free, [*free[1:], self._last], strict=True):
            self._set(one, following)
        return free[0]

    def _fill(self, first: int, content: bytes) -> None:
        for number, cluster in enumerate(self._chain(first)):
            part = content[number * self._cluster : (number + 1) * self._cluster]
            self._write(self._at(cluster), part.ljust(self._cluster, b"\0"))

    def _chain(self, first: int) -> Iterator[int]:
        cluster, seen = first, 0
        while _FIRST <= cluster < self._count + 2:
            yield cluster
            cluster, seen = self._get(cluster), seen + 1
            if seen > self._count:
                raise InstallError("the boot partition is damaged: a chain without end")

    @property
    def _last(self) -> int:
        return 0x0FFFFFFF if self._wide else 0xFFFF

    def _get(self, cluster: int) -> int:
        if self._wide:
            at = self._fat_at + cluster * 4
            return int(struct.unpack("<I", self._read(at, 4))[0]) & 0x0FFFFFFF
        return int(struct.unpack("<H", self._read(self._fat_at + cluster * 2, 2))[0])

    def _set(self, cluster: int, to: int) -> None:
        size, form = (4, "<I") if self._wide else (2, "<H")
        for copy in range(self._copies):
            at = self._fat_at + copy * self._fat_size + cluster * size
            kept = int(struct.unpack("<I", self._read(at, 4))[0]) & 0xF0000000 if self._wide else 0
            self._write(at, struct.pack(form, to | kept))

    def _at(self, cluster: int) -> int:
        return int(self._data_at + (cluster - _FIRST) * self._cluster)

    def _read(self, at: int, size: int) -> bytes:
        self._file.seek(at)
        content = self._file.read(size)
        if len(content) < size:
            raise InstallError("the image is cut short; fetch it again")
        return content

    def _write(self, at: int, content: bytes) -> None:
        self._file.seek(at)
        self._file.write(content)
