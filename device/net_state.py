"""What this machine's own network looks like from within: read, never waited for."""

import fcntl
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from device.vitals import PROC, SYS

_GET_ADDRESS = 0x8915  # netdevice(7), SIOCGIFADDR
_LINK_LOCAL = "fe80"
OWN_INTERFACES = PROC / "self/net/dev"


@dataclass(frozen=True, slots=True)
class NetState:
    """Whether any cable gives a link, and any link an address; None where that cannot be told."""

    link: bool | None = None
    address: bool | None = None


UNKNOWN = NetState()


def is_own_machine(url: str) -> bool:
    """Whether *url* needs no network at all."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def look(sys: Path = SYS, proc: Path = PROC, v4: Callable[[str], bool] | None = None) -> NetState:
    """Say how the network is; it takes no longer than reading some files of the kernel's."""
    names = list(_interfaces(sys / "class/net"))
    if not names:
        return UNKNOWN
    linked = [name for name in names if _read(sys / "class/net" / name / "carrier") == "1"]
    if not linked:
        return NetState(link=False, address=False)
    sixes = set(_with_v6(proc))
    has = v4 or _has_v4
    return NetState(link=True, address=any(name in sixes or has(name) for name in linked))


def _interfaces(folder: Path) -> Iterator[str]:
    """Cards, and what looks like one; not the loopback, which always has a link."""
    for name in in_force(folder):
        if name != "lo" and (folder / name / "carrier").exists():
            yield name


def in_force(folder: Path) -> list[str]:
    """The interfaces in *folder*, but of the kernel's own folder only those that this process could use.

    A container sees all of its host's there (network_namespaces(7)); its own stand in proc_pid_net(5).  Not
    socket.if_nameindex(), which asks over netlink: our units forbid that.
    """
    try:
        found = sorted(path.name for path in folder.iterdir())
    except OSError:
        return []
    if folder != SYS / "class/net":
        return found
    ours = {line.partition(":")[0].strip() for line in _read(OWN_INTERFACES).splitlines()}
    return [name for name in found if name in ours] if ours else found


def _with_v6(proc: Path) -> Iterator[str]:
    """Interfaces with an address that reaches further than the cable (proc_net(5), if_inet6)."""
    for line in _read(proc / "net/if_inet6").splitlines():
        words = line.split()
        if len(words) > 1 and not words[0].startswith(_LINK_LOCAL):
            yield words[-1]


def _has_v4(name: str) -> bool:
    asked = struct.pack("256s", name.encode()[:15])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        try:
            found = fcntl.ioctl(line.fileno(), _GET_ADDRESS, asked)
        except OSError:
            return False
    # 169.254.0.0/16 is what a machine gives itself when nobody answers (RFC 3927).
    return found[20:22] != bytes((169, 254))


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace").strip()
    except OSError:  # the carrier of a card that is switched off cannot be read either
        return ""
