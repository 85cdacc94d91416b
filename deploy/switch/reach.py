"""Whether central's port takes a connection: asked beside the releases, so that no release answers for it."""

import socket
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from deploy.switch.place import Place

TIMEOUT_S = 10.0
_PORTS = {"https": 443, "http": 80}


def centrals(place: Place) -> Iterator[tuple[str, int]]:
    """Where the machine's settings say that central is."""
    for name in ("post.toml", "sign.toml"):
        yield from _central(place.path(f"/etc/portvakt/{name}"))


def answers(host: str, port: int, timeout_s: float = TIMEOUT_S) -> bool:
    """Whether *port* of *host* takes a connection."""
    try:
        with socket.create_connection((host, port), timeout=timeout_s):
            return True
    except OSError:
        return False


def _central(path: Path) -> Iterator[tuple[str, int]]:
    try:
        parts = urlsplit(str(tomllib.loads(path.read_text("utf-8"))["central"]["url"]))
        if parts.hostname:
            yield parts.hostname, parts.port or _PORTS.get(parts.scheme, 443)
    except (OSError, ValueError, KeyError, TypeError):
        return
