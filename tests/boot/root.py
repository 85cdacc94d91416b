"""A bare Debian in a folder, as a stock machine has it: systemd, Python, and nothing of ours."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.boot.said import step
from tests.boot.tier import SOURCES

SUITE = "bookworm"
INSIDE = Path(__file__).with_name("inside")
OS_RELEASE = Path("/etc/os-release")
PACKAGES = (
    "systemd",
    "systemd-sysv",
    "udev",
    "dbus",
    "kmod",
    "iproute2",
    "iputils-ping",
    "procps",
    "python3",
    "python3-venv",
    "ca-certificates",
    "openssh-client",
    "openssl",
    "sudo",
    "curl",
    "caddy",
)
# Neither manual pages nor translations; a machine of ours has them, and no unit reads them.
_SPARED = ("/usr/share/man/*", "/usr/share/locale/*", "/usr/share/doc/*")


def bare_root(keep: Path) -> Path:
    """The folder with the system; made once and kept in *keep* until what it is made of changes."""
    place = keep / f"root-{_digest()}"
    if place.exists():
        return place
    for old in keep.glob("root-*"):
        shutil.rmtree(old)
    torso = keep / "root.part"
    shutil.rmtree(torso, ignore_errors=True)
    with step(f"a bare Debian {SUITE}, by mmdebstrap"):
        _make(torso, keep / "mmdebstrap.log")
    _as_a_box_needs(torso)
    _add_devices(torso)
    return torso.rename(place)


def _digest() -> str:
    files = (Path(__file__), *sorted(INSIDE.glob("*devices*")))
    parts = (SUITE, *PACKAGES, *_SPARED, *(file.read_text("utf-8") for file in files))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _make(place: Path, log: Path) -> None:
    with tempfile.TemporaryDirectory() as work, log.open("wb") as said:
        sources = Path(work) / "debian.sources"
        sources.write_text(_sources(), "utf-8")
        done = subprocess.run(
            [
                "mmdebstrap",
                "--mode=root",
                "--variant=minbase",
                f"--include={','.join(PACKAGES)}",
                '--aptopt=APT::Install-Recommends "false"',
                *(f"--dpkgopt=path-exclude={spared}" for spared in _SPARED),
                SUITE,
                os.fspath(place),
                os.fspath(sources),
            ],
            stdout=said,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        raise AssertionError(f"no bare Debian: {log.read_text('utf-8', 'replace')[-600:]}")


def _sources() -> str:
    """This machine's own package sources, for the other suite."""
    ours = next(
        line.partition("=")[2].strip('"')
        for line in OS_RELEASE.read_text("utf-8").splitlines()
        if line.startswith("VERSION_CODENAME=")
    )
    return SOURCES.read_text("utf-8").replace(ours, SUITE)


def _as_a_box_needs(root: Path) -> None:
    """A name and an id of its own, since without them each boot is a first boot; and no timers of apt."""
    (root / "etc/hostname").write_text("box\n", "utf-8")
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n127.0.1.1 box\n", "utf-8")
    (root / "etc/machine-id").write_text("0123456789abcdef0123456789abcdef\n", "utf-8")
    (root / "etc/fstab").write_text("", "utf-8")
    for name in ("resolv.conf",):
        (root / "etc" / name).unlink(missing_ok=True)
    off = ("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "fstrim.timer")
    for unit in (*off, "e2scrub_all.timer", "e2scrub_reap.service"):
        for wants in (root / "etc/systemd/system").glob(f"*.wants/{unit}"):
            wants.unlink()


def _add_devices(root: Path) -> None:
    """A sign and a keypad, each a pseudo-terminal that a program of ours holds the other end of."""
    place = root / "usr/local/lib/pretend"
    place.mkdir(parents=True)
    shutil.copy(INSIDE / "devices.py", place)
    unit = "pretend-devices.service"
    shutil.copy(INSIDE / unit, root / "etc/systemd/system")
    wants = root / "etc/systemd/system/sysinit.target.wants"
    wants.mkdir(exist_ok=True)
    (wants / unit).symlink_to(f"../{unit}")
