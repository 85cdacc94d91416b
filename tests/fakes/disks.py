"""Sick disks: small, read-only, and one whose power can be cut.  They need root; else the test says so."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

# ioctl of ext4 and others: from now on nothing that was not yet written reaches the disk
# (linux/fs/ext4/ioctl.c, EXT4_IOC_SHUTDOWN; what xfstests uses to cut the power).
_SHUTDOWN, _NO_LOG_FLUSH = 0x8004587D, 2


@contextmanager
def tmpfs(folder: Path, size_kib: int) -> Iterator[Path]:
    """A disk of *size_kib* at *folder*."""
    _mount("-t", "tmpfs", "-o", f"size={size_kib}k", "portvakt-test", str(folder))
    try:
        yield folder
    finally:
        _umount(folder)


def set_read_only(folder: Path, read_only: bool) -> None:
    """Turn the mounted disk at *folder* read-only, as the kernel does after an error, or back."""
    _mount("-o", f"remount,{'ro' if read_only else 'rw'}", str(folder))


class CutDisk:
    """An ext4 disk in a file.  `cut` drops everything that was not yet on the disk."""

    def __init__(self, folder: Path) -> None:
        self.image = folder / "disk.img"
        self.folder = folder / "disk"
        self.folder.mkdir()
        _need("mkfs.ext4")
        with self.image.open("wb") as file:
            file.truncate(32 * 1024 * 1024)
        subprocess.run(["mkfs.ext4", "-q", self.image], check=True)

    @contextmanager
    def mounted(self) -> Iterator[Path]:
        """Attach the disk; after a cut ext4 replays its journal here, as at boot."""
        _mount("-o", "loop", str(self.image), str(self.folder))
        try:
            yield self.folder
        finally:
            _umount(self.folder)

    def cut(self) -> None:
        """Cut the power."""
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, _SHUTDOWN, _NO_LOG_FLUSH.to_bytes(4, "little"))
        finally:
            os.close(handle)


def _mount(*arguments: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("mounting a test disk needs root")
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this machine does not mount a test disk: {done.stderr.strip()}")


def _umount(folder: Path) -> None:
    subprocess.run(["umount", folder], check=True)


def _need(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"no {program} on this machine")
