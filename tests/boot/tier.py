"""Which tier of the system test this machine can run, and why not the best one.

`python -m tests.boot.tier` prints the answer on one line; exit status 1 when no box can be had.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.boot.cgroups import hierarchies

PROGRAMS = {
    "systemd-nspawn": "systemd-container",
    "mmdebstrap": "mmdebstrap",
    "mkfs.ext4": "e2fsprogs",
    "losetup": "mount",
    "nsenter": "util-linux",
    "ip": "iproute2",
    "ssh-keygen": "openssh-client",
}
SOURCES = Path("/etc/apt/sources.list.d/debian.sources")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
OFFLINE = "offline unit gates"


def missing() -> list[str]:
    """Say in half-sentences what keeps this machine from starting a box; nothing when it can."""
    if os.geteuid() != 0:
        return ["it needs root"]
    return list(_lacks())


def tier() -> str:
    """The name of the tier that this machine runs."""
    why = missing()
    return f"{OFFLINE}: no box here, because {'; '.join(why)}" if why else f"box: {engine()}"


def engine() -> str:
    """What a box is made of here."""
    said = subprocess.run(
        ["systemd-nspawn", "--version"], capture_output=True, text=True, check=True
    )
    return f"{' '.join(said.stdout.split()[:2])} in nspawn on loop ext4"


def _lacks() -> Iterator[str]:
    for program, package in PROGRAMS.items():
        if shutil.which(program) is None:
            yield f"{program} is missing (apt-get install {package})"
    if not KEYRING.exists():
        yield f"{KEYRING} is missing (apt-get install debian-archive-keyring)"
    if not SOURCES.exists():
        yield f"{SOURCES} is missing, which says where packages come from"
    if shutil.which("losetup") and _fails("losetup", "--find"):
        yield "there is no free loop device"
    if not Path("/dev/net/tun").exists():
        yield "/dev/net/tun is missing"
    if not any(os.access(place, os.W_OK) for place in hierarchies()):
        yield "the cgroup tree cannot be written"
    if _fails("unshare", "--mount", "--net", "true"):
        yield "namespaces are not allowed"


def _fails(*words: str) -> bool:
    return subprocess.run(words, capture_output=True, check=False).returncode != 0


if __name__ == "__main__":
    sys.stdout.write(tier() + "\n")
    sys.exit(bool(missing()))
