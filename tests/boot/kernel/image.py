"""The disk that is booted: a bare Debian, our release by the real install, and pretend hardware."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.boot.kernel import debian
from tests.boot.kernel.initramfs import initramfs
from tests.boot.kernel.kept import KEPT, digest, kept
from tests.boot.kernel.modules import modules

CHECKOUT = Path(__file__).resolve().parents[3]
GUEST = Path(__file__).with_name("guest")
ROLES = ("post", "sign", "central")
LGPIO = Path(__file__).with_name("requirements.txt")
DISK_MIB = 3072
INSTALLED = ("contract", "device", "kiosk", "signage", "central", "portvakt", "deploy", "systemd")
# What is written over the installed settings: the machine has no loudspeaker and no lamp in a hall, and it is
# post and sign at once, so each has a file of its own for its code.
SETTINGS = {
    "post.toml": (
        ("hall_lamp = 22\n", ""),
        ("hall_sense = 23\n", ""),
        ("on = true\n", "on = false\n"),
    ),
    "sign.toml": (("/etc/portvakt/enrol-code", "/etc/portvakt/sign-code"),),
}
Say = Callable[[str], object]


def image(say: Say, checkout: Path = CHECKOUT) -> Path:
    """The folder with `root.ext4`, `vmlinuz` and `initramfs`; the release is that of *checkout*."""
    say("a bare Debian with its kernel")
    bare = debian.machine()
    say("a workshop with the kernel's headers and sources")
    workshop = debian.workshop()
    kernel = debian.kernel_of(bare)
    say(f"gpio-sim, the pretend SPI host and the pretend keys for {kernel}")
    drivers = modules(workshop, kernel)
    say("our release, by deploy/install, and the disk")
    sources = [checkout / name for name in INSTALLED]
    locks = sorted(checkout.glob("requirements-*.txt"))
    key = digest(str(bare), str(drivers), GUEST, LGPIO, Path(__file__), *sources, *locks)
    return kept("image", key, lambda folder: _make(folder, bare, drivers, checkout))


def _make(folder: Path, bare: Path, drivers: Path, checkout: Path) -> None:
    root, kernel = folder / "root", debian.kernel_of(bare)
    _run("cp", "-a", "--reflink=auto", str(bare), str(root))
    _add_drivers(root, drivers, kernel)
    _install(root, checkout)
    _add_guest(root)
    shutil.copyfile(root / f"boot/vmlinuz-{kernel}", folder / "vmlinuz")
    (folder / "initramfs").write_bytes(initramfs(root, kernel))
    disk = str(folder / "root.ext4")
    _run("truncate", "-s", f"{DISK_MIB}M", disk)
    _run("mkfs.ext4", "-q", "-F", "-d", str(root), disk)
    shutil.rmtree(root)


def _add_drivers(root: Path, drivers: Path, kernel: str) -> None:
    extra = root / "lib/modules" / kernel / "extra"
    shutil.copytree(drivers, extra)
    _run("chroot", str(root), "depmod", kernel)


def _install(root: Path, checkout: Path) -> None:
    wheels = KEPT / "wheels"
    wheels.mkdir(exist_ok=True)
    roles = [word for role in ROLES for word in ("--role", role)]
    install = [str(checkout / "deploy/install"), *roles, "--root", str(root)]
    _run(*install, "--wheels", str(wheels))
    # Into the system's own Python, where Raspberry Pi OS has it too: the release sees it from there.
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", "install"]
    place = root / "usr/lib/python3/dist-packages"
    wheel = ["--no-deps", "--only-binary=:all:", "--require-hashes", "-r", str(LGPIO)]
    _run(*pip, *wheel, "--target", str(place))


def _add_guest(root: Path) -> None:
    """Our pretend hardware, and the settings that a technician would write."""
    for name, changes in SETTINGS.items():
        path = root / "etc/portvakt" / name
        text = path.read_text("utf-8")
        for installed, wanted in changes:
            if installed not in text:
                raise RuntimeError(f"{name} as installed does not say: {installed}")
            text = text.replace(installed, wanted)
        path.write_text(text, "utf-8")
    shutil.copytree(GUEST / "files", root, dirs_exist_ok=True, symlinks=True)
    wants = root / "etc/systemd/system/multi-user.target.wants"
    (wants / "pretend-board.service").symlink_to("../pretend-board.service")
    # An empty one makes every boot a first boot.
    (root / "etc/machine-id").write_text("0123456789abcdef0123456789abcdef\n", "ascii")


def _run(*words: str) -> None:
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"}
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {done.stdout}{done.stderr}")
