"""Where things lie on a hall box, and how they are written there."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.errors import PortvaktError

PRIVATE, FOR_ALL = 0o600, 0o644


class BoxRefused(PortvaktError):
    """It cannot be done on this machine; the text says what to change, and nothing is half done."""


@dataclass(frozen=True, slots=True)
class Place:
    """The files of a hall box under *root*, which is / but for tests."""

    root: Path = Path("/")

    @property
    def facts(self) -> Path:
        """What this box was told: its name, its address, its proxy."""
        return self.root / "etc/portvakt/box.json"

    @property
    def options(self) -> Path:
        """Options of the service."""
        return self.root / "etc/portvakt/central.env"

    @property
    def ca(self) -> Path:
        """The CA with its key, for root alone."""
        return self.root / "etc/portvakt/ca"

    @property
    def ca_for_devices(self) -> Path:
        """The CA's certificate alone: what posts, signs and browsers get."""
        return self.root / "etc/portvakt/central-ca.pem"

    @property
    def tls(self) -> Path:
        """What the proxy shows: `fullchain.pem` and `privkey.pem`."""
        return self.root / "etc/ssl/portvakt"

    @property
    def data(self) -> Path:
        """Central's data folder."""
        return self.root / "var/lib/portvakt-central"

    @property
    def left(self) -> Path:
        """What is known of the copies that left this box."""
        return self.root / "var/lib/portvakt-box/copies.json"

    @property
    def drop_ins(self) -> Path:
        """Where a person's own settings of the unit stand, and ours."""
        return self.root / "etc/systemd/system/portvakt-central.service.d"

    def told(self) -> dict[str, Any]:
        """The facts, none when nobody has told any."""
        return read_json(self.facts)

    def remember(self, **facts: object) -> None:
        """Add to the facts."""
        text = json.dumps({**self.told(), **facts}, indent=1, sort_keys=True)
        write(self.facts, f"{text}\n".encode(), PRIVATE)


def read_json(path: Path) -> dict[str, Any]:
    """The object in *path*; one that is missing or makes no sense is empty."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write(path: Path, content: bytes, mode: int) -> None:
    """Have *content* on the disk as *path*, readable as *mode* says from its first byte on."""
    if not path.parent.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o755)  # whatever the umask of whoever types this: the proxy must find it
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE)
    with os.fdopen(fd, "wb") as file:
        file.write(content)
        file.flush()
        os.fchmod(fd, mode)
        os.fsync(fd)
    new.replace(path)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Have the names in *folder* on the disk."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
