"""Two Debian roots: the machine that is booted, and a workshop of the same release that compiles for it."""

import re
import subprocess
from pathlib import Path

from tests.boot.kernel.kept import digest, kept

SUITE = "bookworm"
SOURCES = Path("/etc/apt/sources.list.d/debian.sources")
RELEASE = Path("/etc/os-release")
MACHINE = (
    "systemd-sysv",
    "udev",
    "dbus",
    "kmod",
    "python3",
    "python3-venv",
    "qemu-guest-agent",
    "busybox-static",
    "linux-image-amd64",
)
WORKSHOP = ("linux-headers-amd64", "linux-source", "gcc", "make", "xz-utils")
# A stock initramfs costs 20 s to make and as much at every boot; we bring one of our own.
NO_INITRAMFS = (
    (
        'chroot "$1" dpkg-divert --quiet --local --no-rename '
        "--divert /usr/sbin/update-initramfs.real --add /usr/sbin/update-initramfs"
    ),
    'mkdir -p "$1/usr/sbin" && ln -s ../../bin/true "$1/usr/sbin/update-initramfs"',
)
# What a station's machine never drives, and documents: 400 MB less to copy.
LEFT_OUT = (
    "/usr/share/doc/*",
    "/usr/share/man/*",
    "/usr/share/locale/*",
    "/lib/modules/*/kernel/drivers/gpu/*",
    "/lib/modules/*/kernel/drivers/net/*",
    "/lib/modules/*/kernel/drivers/media/*",
    "/lib/modules/*/kernel/drivers/infiniband/*",
)


def machine() -> Path:
    """The bare machine, without anything of ours."""
    hooks = [f"--essential-hook={hook}" for hook in NO_INITRAMFS]
    options = [f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT]
    return _root("machine", MACHINE, [*hooks, *options])


def workshop() -> Path:
    """Headers, sources and the compiler of the same kernel."""
    return _root("workshop", WORKSHOP, [])


def kernel_of(root: Path) -> str:
    """The release of the kernel that is installed in *root*: `6.1.0-38-amd64`."""
    return min((root / "boot").glob("vmlinuz-*")).name.removeprefix("vmlinuz-")


def _root(name: str, packages: tuple[str, ...], options: list[str]) -> Path:
    words = [*options, "--variant=apt", f"--include={','.join(packages)}", SUITE]

    def make(folder: Path) -> None:
        command = ["mmdebstrap", "--quiet", *words, str(folder / "root"), *_mirror(folder)]
        subprocess.run(command, check=True)

    return kept(name, digest(*words), make) / "root"


def _mirror(folder: Path) -> list[str]:
    """The host's own sources with the suite's name put in; mmdebstrap knows others when there are none."""
    if not SOURCES.exists():
        return []
    ours = re.search(r"VERSION_CODENAME=(\w+)", RELEASE.read_text("utf-8"))
    text = SOURCES.read_text("utf-8")
    sources = folder / "debian.sources"
    sources.write_text(re.sub(rf"\b{ours[1]}\b", SUITE, text) if ours else text, "utf-8")
    return [str(sources)]
