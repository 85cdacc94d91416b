"""The smallest start: a shell, a few drivers, and the way to the disk; read in 2 s where Debian's takes 20.

Format: newc, Documentation/driver-api/early-userspace/buffer-format.rst.
"""

import gzip
from pathlib import Path

DRIVERS = ("virtio_pci", "virtio_blk", "virtio_console", "crc32c_generic", "ext4")
FOLDER, FILE, DEVICE = 0o040755, 0o100755, 0o020600
CONSOLE = 5, 1
INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for driver in {drivers}; do insmod /drivers/$driver; done
tries=0
until [ -b /dev/vda ] || [ $tries = 100 ]; do sleep 0.1; tries=$((tries + 1)); done
mount -t ext4 /dev/vda /disk || poweroff -f
mount --move /dev /disk/dev
umount /sys /proc
exec switch_root /disk /sbin/init
"""


def initramfs(root: Path, kernel: str) -> bytes:
    """Pack it from what is installed in *root*."""
    drivers = list(_in_order(root / "lib/modules" / kernel))
    parts = [_entry(name, FOLDER) for name in ("bin", "dev", "proc", "sys", "disk", "drivers")]
    parts.append(_entry("dev/console", DEVICE, device=CONSOLE))
    parts.append(_entry("bin/busybox", FILE, (root / "bin/busybox").read_bytes()))
    parts += [_entry(f"drivers/{path.name}", FILE, path.read_bytes()) for path in drivers]
    names = " ".join(path.name for path in drivers)
    parts.append(_entry("init", FILE, INIT.format(drivers=names).encode()))
    parts.append(_entry("TRAILER!!!", 0))
    return gzip.compress(b"".join(parts), 6)


def _in_order(modules: Path) -> list[Path]:
    """The drivers, each after those that it needs; what is built into the kernel has no file."""
    needs = {}
    for line in (modules / "modules.dep").read_text("ascii").splitlines():
        path, _, others = line.partition(":")
        needs[Path(path).name.removesuffix(".ko").replace("-", "_")] = [*others.split()[::-1], path]
    wanted = dict.fromkeys(path for name in DRIVERS for path in needs.get(name, ()))
    return [modules / path for path in wanted]


def _entry(name: str, mode: int, content: bytes = b"", device: tuple[int, int] = (0, 0)) -> bytes:
    """One file; inode numbers do not matter where nothing is linked twice."""
    path = name.encode() + b"\0"
    fields = (0, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(path), 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + path
    return _padded(head) + _padded(content)


def _padded(piece: bytes) -> bytes:
    return piece + b"\0" * (-len(piece) % 4)
