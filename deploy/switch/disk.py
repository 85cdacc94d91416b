"""Every change that the updater makes, in steps of which each is on the disk when it returns."""

import errno
import os
import shutil
import subprocess
from pathlib import Path

from deploy.switch.place import MARK


class Disk:
    """The file system of the machine.

    A power cut leaves each step done or not done, never half: a file is written beside its place and
    renamed, and the folder that names it is synchronised (fsync(2), "Calling fsync() does not necessarily
    ensure that the entry in the directory containing the file has also reached disk").
    """

    def write(self, path: Path, text: str, mode: int = 0o644) -> None:
        """Replace *path* by *text*."""
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.new")
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        self.sync(path.parent)

    def link(self, path: Path, points_at: str) -> None:
        """Let *path* be a symbolic link to *points_at*."""
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(points_at)
        fresh.replace(path)
        self.sync(path.parent)

    def remove(self, path: Path) -> None:
        """Let *path* be gone; nothing happens when it is."""
        if not path.exists() and not path.is_symlink():
            return
        path.unlink()
        self.sync(path.parent)

    def remove_folder(self, path: Path) -> None:
        """Let the folder *path* be gone: first its mark, so that half a folder is no release."""
        self.remove(path / MARK)
        shutil.rmtree(path, ignore_errors=True)

    def settle(self, folder: Path) -> None:
        """Put all that programs of ours have written on the disk of *folder*, and wait for it.

        syncfs(2), for sync(2) would wait for every other disk too; Python has none, so sync(1) calls it.

        Raises:
            OSError: the disk did not take it.
        """
        try:
            done = subprocess.run(  # noqa: S603 - no shell, and words of our own
                ["sync", "--file-system", folder],  # noqa: S607 - our unit's PATH is the system's
                capture_output=True,
                check=False,
            )
        except FileNotFoundError:
            os.sync()
            return
        if done.returncode != 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO), os.fspath(folder))

    def sync(self, folder: Path) -> None:
        """Put the names in *folder* on the disk."""
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
