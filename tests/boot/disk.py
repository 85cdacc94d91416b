"""The disk of a box: a real ext4 on a loop device, whose power can be cut."""

import fcntl
import os
import struct
import subprocess
from pathlib import Path

from tests.waiting import until

# include/uapi/linux/fs.h: FS_IOC_SHUTDOWN, FS_SHUTDOWN_FLAGS_NOLOGFLUSH: what was not yet written is lost,
# and the journal is not flushed either.  xfstests cuts the power of a file system in the same way.
_SHUTDOWN = 0x8004587D
_NOLOGFLUSH = 2
_FREE_S = 20.0


class Disk:
    """One file with a file system in it; `root` is where it hangs while it is mounted.

    Args:
        file: the file system; it is changed.
        root: an empty folder.
    """

    def __init__(self, file: Path, root: Path) -> None:
        self.file = file
        self.root = root
        self._mounted = False

    def mount(self) -> None:
        """Let it hang at `root`; the journal of a disk whose power was cut is replayed."""
        self.root.mkdir(parents=True, exist_ok=True)
        _must("mount", "-o", "loop", os.fspath(self.file), os.fspath(self.root))
        self._mounted = True

    def cut(self) -> None:
        """Cut its power: nothing that is not on the disk now ever will be."""
        handle = os.open(self.root, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, _SHUTDOWN, struct.pack("I", _NOLOGFLUSH))
        finally:
            os.close(handle)

    def unmount(self) -> None:
        """Take it away, and wait until nothing has it any more.

        A box's own mounts outlive its processes by a moment; mounted again before that, it would be the
        same file system, still dead.
        """
        if self._mounted:
            until(self._let_go, _FREE_S, f"the end of the mount {self.root}")
            self._mounted = False
        until(self._is_free, _FREE_S, f"a free {self.file}")

    def copy_to(self, file: Path) -> Path:
        """Copy the unmounted disk, holes and all."""
        _must("cp", "--sparse=always", "--reflink=auto", os.fspath(self.file), os.fspath(file))
        return file

    def _let_go(self) -> bool:
        done = subprocess.run(["umount", os.fspath(self.root)], capture_output=True, check=False)
        return done.returncode == 0

    def _is_free(self) -> bool:
        words = ["losetup", "--associated", os.fspath(self.file)]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        return not done.stdout.strip()


def _must(*words: str) -> None:
    subprocess.run(words, check=True)
