"""nginx and Caddy in front of central: their files, from the text that docs/operations.md shows."""

import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from central.box.certificates import LEAF_KEY
from central.box.options import say_to_central
from central.box.place import FOR_ALL, BoxRefused, Place, write

NAME = "central.example.com"
_HERE = Path(__file__).parent
_FOR_THE_PROXY = ("--secure-cookie", "--behind-proxy")


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that we can set up.  `owner` is who must read the key, if it is not root."""

    name: str
    file: str
    owner: str = ""

    def text(self, name: str, address: str) -> str:
        """Its file, for a hall box of this name and address."""
        text = (_HERE / f"{self.name}.conf").read_text("utf-8")
        is_six = ":" in address
        if self.name == "caddy":
            site = f"[{address}]" if is_six else address
            text = text.replace(f"{NAME} {{", f"{NAME}, {site} {{")
        elif is_six:  # a machine without IPv6 would refuse to listen on it
            text = re.sub(r"( +listen )(\d+)(.*\n)", r"\1\2\3\1[::]:\2\3", text)
        return text.replace(NAME, name)


PROXIES = {
    one.name: one
    for one in (
        Proxy("nginx", "etc/nginx/conf.d/portvakt.conf"),
        Proxy("caddy", "etc/caddy/Caddyfile", owner="caddy"),
    )
}


def chosen(name: str, find: Callable[[str], str | None] = shutil.which) -> Proxy:
    """The proxy of this *name*.

    Raises:
        BoxRefused: there is none, or it is not installed.
    """
    if name not in PROXIES:
        raise BoxRefused(f"There is no proxy {name}; choose {' or '.join(PROXIES)}.")
    if find(name) is None:
        raise BoxRefused(f"{name} is not on this machine; run: apt-get install {name}")
    return PROXIES[name]


def put_in_front(place: Place, proxy: Proxy, name: str, address: str) -> list[str]:
    """Write the proxy's file, unless a person has one of their own there; say what they should do."""
    file, text = place.root / proxy.file, proxy.text(name, address)
    if not _may_write(place, proxy, file):
        example = place.root / "etc/portvakt" / f"{proxy.name}.example"
        write(example, text.encode(), FOR_ALL)
        return [f"{file} is your own and stays; what we would write is in {example}"]
    write(file, text.encode(), FOR_ALL)
    place.remember(wrote={**place.told().get("wrote", {}), proxy.file: _digest(file)})
    if proxy.owner and (place.tls / LEAF_KEY).exists():
        _give(place.tls / LEAF_KEY, proxy.owner)
    return []


def say_so_to_central(place: Place) -> bool:
    """Add what central must know of a proxy to its options; whether anything was added.

    What else stands in the file stays as it is.
    """
    return say_to_central(place, dict.fromkeys(_FOR_THE_PROXY, ""))


def _may_write(place: Place, proxy: Proxy, file: Path) -> bool:
    """Whether the file is missing, ours as we left it, or as Debian's package brought it."""
    if not file.exists():
        return True
    ours = place.told().get("wrote", {}).get(proxy.file)
    return ours == _digest(file) or _is_as_packaged(place, proxy, file)


def _is_as_packaged(place: Place, proxy: Proxy, file: Path) -> bool:
    """Whether it is: dpkg keeps the MD5 of each configuration file as it came (dpkg-query(1), Conffiles)."""
    words = ["dpkg-query", f"--admindir={place.root}/var/lib/dpkg", "-W", "-f=${Conffiles}"]
    try:
        said = subprocess.run([*words, proxy.name], capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    except FileNotFoundError:
        return False
    came = {line.split()[1] for line in said.stdout.splitlines() if f"/{proxy.file} " in line}
    return hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest() in came


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _give(file: Path, owner: str) -> None:
    try:
        shutil.chown(file, user=owner)
    except LookupError as error:
        raise BoxRefused(
            f"There is no user {owner} here to read {file}; install the proxy's own package again."
        ) from error
