"""Whether there is a way from here to central: a line, a name, a route; nothing is sent there."""

import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from device import net_state
from device.central_settings import is_this_machine
from device.check import Answer, fault, ok

_CABLE = (
    "Plug the network cable at both ends: a lamp beside the plug must be lit.\n"
    "Dark: another cable, another port of the switch. Wi-Fi: nmcli device wifi"
)
_WIFI = (
    "Let it into the Wi-Fi: see nmcli device wifi; the name and the password are on the card"
    " (make-card --network).\nOr plug in a network cable."
)
_ADDRESS = (
    "Let the network give an address (DHCP), or give the card a fixed one (make-card --network).\n"
    "What there is: ip -brief address"
)

Resolve = Callable[[str], str]
Route = Callable[[str], str]
Look = Callable[[Path], net_state.NetState]


def address_of(host: str) -> str:
    """The first address of *host*; OSError when nobody knows it."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    return str(found[0][4][0])


def own_address(towards: str) -> str:
    """The address that we would have on the way to *towards*; OSError when there is no way.

    Connecting a datagram socket asks the kernel's routes and sends nothing (connect(2), udp(7)).
    """
    family = socket.AF_INET6 if ":" in towards else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as way:
        way.connect((towards, 9))
        return str(way.getsockname()[0])


def network_answer(
    url: str,
    sys: Path,
    resolve: Resolve = address_of,
    route: Route = own_address,
    look: Look = net_state.look,
) -> Answer:
    """Whether a packet to the central at *url* would find its way out.

    What the device shows by itself is asked in the same order, so that both name the same fault.
    """
    host = urlsplit(url).hostname or ""
    if is_this_machine(host):
        return ok("central is on this machine; no network is needed.")
    lines = carriers(sys)
    if lines and not any(lines.values()):
        return _no_line(sys, list(lines))
    if look(sys).address is False:
        up = ", ".join(name for name, is_up in lines.items() if is_up)
        return fault(f"{up} is up, and the network gives it no address.", _ADDRESS, "no_address")
    try:
        there = resolve(host)
    except OSError:
        return fault(
            f"nobody here knows the name {host}: no address from the network, or no name server.",
            f"{_ADDRESS}\nOr the name is wrong: sudo portvakt enrol asks for it again.",
            "no_name",
        )
    try:
        here = route(there)
    except OSError:
        return fault(f"no way from here to {host} ({there}).", _ADDRESS, "no_address")
    up = ", ".join(name for name, is_up in lines.items() if is_up)
    return ok(f"{f'{up} is up, ' if up else ''}{here} is ours; {host} is {there}.")


def _no_line(sys: Path, names: list[str]) -> Answer:
    """Say what is down; nobody is sent to a plug where there is none (sysfs-class-net-wireless)."""
    folder = sys / "class/net"
    if all((folder / name / "wireless").exists() for name in names):
        return fault(f"no Wi-Fi: {', '.join(names)} is not in any.", _WIFI, "no_link")
    down = f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} down"
    return fault(f"no line: {down}.", _CABLE, "no_link")


def carriers(sys: Path) -> dict[str, bool]:
    """Each real interface and whether it has a line (Linux ABI, sysfs-class-net)."""
    found = {}
    folder = sys / "class/net"
    for path in [folder / name for name in net_state.in_force(folder)]:
        if path.name == "lo" or not ((path / "device").exists() or (path / "carrier").exists()):
            continue
        found[path.name] = _carrier(path / "carrier")
    return found


def _carrier(path: Path) -> bool:
    try:
        return path.read_text("ascii").strip() == "1"
    except OSError:  # EINVAL while the interface is switched off
        return False
