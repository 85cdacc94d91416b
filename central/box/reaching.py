"""Where central may go from its box: nowhere but here, until a person names an office or a provider."""

import socket
from collections.abc import Callable, Sequence
from ipaddress import ip_network
from pathlib import Path

from central.box.place import FOR_ALL, BoxRefused, Place, write

FILE = "reach.conf"
ANY = "any"
_NAMESERVER = "nameserver "
_HEAD = "# Written by `portvakt central box reach"

Resolve = Callable[[str], Sequence[str]]


def addresses_of(name: str) -> list[str]:
    """The addresses of the host *name* as this machine knows them now."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return sorted({str(one[4][0]) for one in found})


def reached(place: Place) -> list[str]:
    """The words of whoever said last where central may go."""
    try:
        first = (place.drop_ins / FILE).read_text("utf-8").partition("\n")[0]
    except OSError:
        return []
    return first[len(_HEAD) :].rstrip("`.").split() if first.startswith(_HEAD) else []


def may_reach(place: Place, where: Sequence[str], resolve: Resolve = addresses_of) -> list[str]:
    """Let central's unit reach *where* (addresses, networks, host names, or "any") and nothing else.

    systemd filters by address (systemd.resource-control(5), IPAddressAllow=), so a name is looked up now, and
    the name servers are let in too.  Gives what stands there now; nothing named closes it again.

    Raises:
        BoxRefused: a word of it is no address and no name that is known.
    """
    file = place.drop_ins / FILE
    if not where:
        file.unlink(missing_ok=True)
        return []
    allowed = [ANY] if ANY in where else _allowed(where, resolve, place.root)
    lines = "".join(f"IPAddressAllow={one}\n" for one in allowed)
    head = f"{_HEAD} {' '.join(where)}`.\n"
    write(file, f"{head}[Service]\n{lines}".encode(), FOR_ALL)
    return allowed


def _allowed(where: Sequence[str], resolve: Resolve, root: Path) -> list[str]:
    found: list[str] = []
    for one in where:
        try:
            found.append(str(ip_network(one)))
        except ValueError:
            found += [*_looked_up(one, resolve), *_name_servers(root)]
    return list(dict.fromkeys(found))


def _looked_up(name: str, resolve: Resolve) -> Sequence[str]:
    try:
        return resolve(name)
    except (OSError, UnicodeError) as error:
        raise BoxRefused(
            f'"{name}" is no address and no name that is known here; write it like 192.0.2.10,'
            f' 192.0.2.0/24 or office.example.com, or "{ANY}".'
        ) from error


def _name_servers(root: Path) -> list[str]:
    try:
        lines = (root / "etc/resolv.conf").read_text("utf-8").splitlines()
    except OSError:
        return []
    named = [line.removeprefix(_NAMESERVER).strip() for line in lines if line[:11] == _NAMESERVER]
    return [one.partition("%")[0] for one in named]
