"""What a disk may hold after its power was cut, from a recording of what was asked of it.

The model is harsher than ext4 or XFS: a write lasts only when its file was synced after it; of what was
not synced, any subset of 512-byte sectors may be there, each whole or torn within the written bytes (a
disk spoils nothing beside them: SQLite's "powersafe overwrite"); lengths and names may be there or not, a
name for certain only after its folder was synced.  What lay in the folder before the recording is taken
to be on the disk, and a sync that returned 0 to be true: a drive that lies about its cache is not modelled.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.central.trace import Call, NotModelled

SECTOR = 512
_HALF = 0.5
# Shared memory of the processes that have the database open; SQLite makes it anew at the first opening.
_SCRATCH = "-shm"
_SYNCS = {"fsync", "fdatasync"}
_NAMINGS = {"rename", "renameat", "renameat2", "link", "linkat", "unlinkat", "truncate"}


@dataclass(slots=True)
class _Change:
    """What a call does to one file: bytes at an offset, or a new length when *data* is None."""

    begun: int
    ended: int
    at: int
    data: bytes | None


@dataclass(slots=True)
class _File:
    """What lies on the disk for certain, and the changes since."""

    safe: bytearray = field(default_factory=bytearray)
    unsafe: list[_Change] = field(default_factory=list)

    def sync(self, sync: Call) -> None:
        """Everything that had returned before the sync began is on the disk."""
        for change in self.unsafe:
            if change.ended < sync.begun:
                _put(self.safe, change.at, change.data)
        self.unsafe = [change for change in self.unsafe if change.ended >= sync.begun]

    def after_cut(self, dice: random.Random) -> bytes:
        """One of the contents that the disk may hold."""
        held = bytearray(self.safe)
        share = dice.choice((0.0, dice.random(), dice.random(), 1.0))
        tears = dice.random() < _HALF
        for change in self.unsafe:
            if change.data is None:
                if dice.random() < share:
                    _put(held, change.at, None)
                continue
            if dice.random() < _HALF * share:  # the length was written, whatever became of the data
                _put(held, max(len(held), change.at + len(change.data)), None)
            for at, data in _sectors(change.at, change.data):
                if dice.random() < share:
                    _put(held, *(_torn(at, data, dice) if tears else (at, data)))
        return bytes(held)


@dataclass(slots=True)
class _Naming:
    """A change of the folder: *name* now means *file*, or nothing."""

    ended: int
    name: str
    file: _File | None


class Disk:
    """A folder's files as a recording changed them; `run_to` moves on, `after_cut` cuts the power there."""

    def __init__(self, folder: Path, files: Mapping[str, bytes], calls: list[Call]) -> None:
        self._folder = str(folder)
        self._seen = {name: _File(bytearray(data)) for name, data in files.items()}
        self._safe = dict(self._seen)
        self._unsafe: list[_Naming] = []
        # A call counts from its beginning for what it writes, and from its end for what it makes last.
        self._turns = sorted(
            (call.ended if call.name in _SYNCS else call.begun, number, call)
            for number, call in enumerate(calls)
        )
        self._done = 0

    def run_to(self, line: int) -> None:
        """Let everything happen that the trace shows before *line*."""
        while self._done < len(self._turns) and self._turns[self._done][0] < line:
            self._happen(self._turns[self._done][2])
            self._done += 1

    def after_cut(self, dice: random.Random) -> dict[str, bytes]:
        """The files that may be there when the power comes back."""
        names = dict(self._safe)
        for naming in self._unsafe:
            if dice.random() < _HALF:
                _name(names, naming)
        return {name: file.after_cut(dice) for name, file in names.items()}

    def _happen(self, call: Call) -> None:
        if call.failed:
            return
        if call.name in _SYNCS:
            self._sync(call)
        elif call.name == "openat":
            self._open(call)
        elif call.name == "unlink":
            name = self._inside(call.paths[0])
            if name in self._seen:
                self._rename(_Naming(call.ended, name, None))
        elif call.name in _NAMINGS:
            if any(self._inside(path) for path in call.paths):
                raise NotModelled(f"{call.name} of {call.paths}")
        else:
            self._change(call)

    def _change(self, call: Call) -> None:
        name = self._inside(call.file)
        if name is None:
            return
        if call.name == "pwrite64":
            change = _Change(call.begun, call.ended, call.number, call.written)
        elif call.name == "ftruncate":
            change = _Change(call.begun, call.ended, call.number, None)
        else:
            raise NotModelled(f"{call.name} of {name}")
        self._seen[name].unsafe.append(change)

    def _open(self, call: Call) -> None:
        name = self._inside(call.paths[0])
        if name is None or b"O_CREAT" not in call.words:
            return
        if b"O_TRUNC" in call.words:
            raise NotModelled(f"a file emptied by opening it: {name}")
        if name not in self._seen:
            self._rename(_Naming(call.ended, name, _File()))

    def _rename(self, naming: _Naming) -> None:
        _name(self._seen, naming)
        self._unsafe.append(naming)

    def _sync(self, call: Call) -> None:
        name = self._inside(call.file)
        if name is not None:
            self._seen[name].sync(call)
        if call.file != self._folder:
            return
        for naming in self._unsafe:
            if naming.ended < call.begun:
                _name(self._safe, naming)
        self._unsafe = [naming for naming in self._unsafe if naming.ended >= call.begun]

    def _inside(self, path: str) -> str | None:
        """The name of a file of the folder that matters."""
        folder, _, name = path.rpartition("/")
        return name if folder == self._folder and not name.endswith(_SCRATCH) else None


def _name(names: dict[str, _File], naming: _Naming) -> None:
    if naming.file is None:
        names.pop(naming.name, None)
    else:
        names[naming.name] = naming.file


def _put(held: bytearray, at: int, data: bytes | None) -> None:
    """Write *data* at *at*, or cut or lengthen to *at*; what nobody wrote is zero."""
    size = at if data is None else max(len(held), at + len(data))
    del held[size:]
    held.extend(bytes(size - len(held)))
    if data is not None:
        held[at : at + len(data)] = data


def _sectors(at: int, data: bytes) -> Iterator[tuple[int, bytes]]:
    """The parts of a write that a disk writes at once."""
    begin = 0
    while begin < len(data):
        end = min(len(data), begin + SECTOR - (at + begin) % SECTOR)
        yield at + begin, data[begin:end]
        begin = end


def _torn(at: int, data: bytes, dice: random.Random) -> tuple[int, bytes]:
    """All of a sector, or its beginning, or its end."""
    where = dice.randrange(len(data) + 1)
    return dice.choice(((at, data), (at, data[:where]), (at + where, data[where:])))
