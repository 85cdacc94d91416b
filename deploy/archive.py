"""A release folder as one file: the same folder gives the same bytes, whoever packs it and when."""

import os
import tarfile
from pathlib import Path

from deploy.compiling import EPOCH
from deploy.switch.disk import Disk


def pack(folder: Path, tar: Path) -> None:
    """Write *folder* to *tar*, under its own name: sorted, owned by root, at one fixed time.

    Wheels are compressed already, so this is not.
    """
    paths = sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix())
    with tar.open("wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT) as opened:
            for path in (folder, *paths):
                _add(opened, path, f"{folder.name}/{path.relative_to(folder).as_posix()}")
        file.flush()
        os.fsync(file.fileno())
    Disk().sync(tar.parent)


def _add(opened: tarfile.TarFile, path: Path, name: str) -> None:
    if "__pycache__" in path.parts:
        return
    entry = tarfile.TarInfo(name.removesuffix("/."))
    entry.mtime = EPOCH
    entry.uname = entry.gname = "root"
    if path.is_dir():
        entry.type, entry.mode = tarfile.DIRTYPE, 0o755
        opened.addfile(entry)
        return
    entry.size = path.stat().st_size
    # The checkout's modes are its owner's business; only what is a program stays one.
    entry.mode = 0o755 if os.access(path, os.X_OK) else 0o644
    with path.open("rb") as file:
        opened.addfile(entry, file)
