"""What each role consists of, and what makes one release differ from another."""

import hashlib
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[1]
OWN_CONFIGURATION = ("sysusers.d", "tmpfiles.d", "journald.conf.d")


@dataclass(frozen=True, slots=True)
class Role:
    """One role of a machine.

    `configuration` names what it needs of systemd/: a folder with all its files, or one file.
    `programs` are those that it starts, with the Debian package that brings each.
    """

    name: str
    extra: str
    units: tuple[str, ...]
    settings: str
    packages: tuple[str, ...]
    configuration: tuple[str, ...]
    programs: tuple[tuple[str, str], ...] = ()

    @property
    def lock(self) -> Path:
        """The locked packages of this role, with hashes."""
        return CHECKOUT / f"requirements-{self.extra}.txt"


ROLES = {
    role.name: role
    for role in (
        Role(
            "post",
            "kiosk",
            ("portvakt-kiosk.service", "portvakt-browser.service"),
            "post.toml",
            ("contract", "device", "kiosk", "portvakt.cli"),
            (*OWN_CONFIGURATION, "udev", "modules-load.d", "chromium"),
            (
                ("/usr/bin/cage", "cage"),
                ("/usr/bin/chromium", "chromium"),
                ("/usr/bin/espeak-ng", "espeak-ng"),
                ("/usr/sbin/seatd", "seatd"),
                # The page's letters are measured for it.
                (
                    "/usr/share/fonts/truetype/roboto/unhinted/RobotoCondensed-Regular.ttf",
                    "fonts-roboto-unhinted",
                ),
            ),
        ),
        Role(
            "sign",
            "sign",
            ("portvakt-sign.service",),
            "sign.toml",
            ("contract", "device", "signage", "portvakt.cli"),
            (
                *OWN_CONFIGURATION,
                "udev/60-portvakt.rules",
                "udev/70-portvakt-sign.rules",
                "modules-load.d",
            ),
        ),
        Role(
            "central",
            "central",
            ("portvakt-central.service",),
            "central.env",
            ("contract", "central", "portvakt.cli"),
            OWN_CONFIGURATION,
        ),
    )
}

BUILD_LOCK = CHECKOUT / "deploy" / "requirements-build.txt"


def version() -> str:
    """The version of this checkout."""
    return str(_project()["project"]["version"])


def packages() -> list[str]:
    """The packages that go into our wheel."""
    found = _project()["tool"]["setuptools"]["packages"]["find"]["include"]
    return [pattern.rstrip("*") for pattern in found]


def sources() -> Iterator[Path]:
    """Every file of the checkout that reaches a machine, in a fixed order."""
    for name in ("pyproject.toml", "README.md", "LICENSE", "hardware.md"):
        if (CHECKOUT / name).exists():
            yield CHECKOUT / name
    for folder in (*packages(), "systemd", "deploy"):
        for path in sorted((CHECKOUT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def release_name(roles: Iterable[str], python: str) -> str:
    """Name a release by its version and by all that is in it, so that equal names mean equal content."""
    digest = hashlib.sha256(f"{sorted(roles)} {python}".encode())
    for path in (*(ROLES[role].lock for role in sorted(roles)), *sources()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(CHECKOUT)} {len(content)}\n".encode())
        digest.update(content)
    return f"{version()}-{digest.hexdigest()[:8]}"


def _project() -> dict[str, Any]:
    return tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))
