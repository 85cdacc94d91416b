"""What each role consists of, and what makes one release differ from another."""

import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.switch.place import CURRENT, UNITS

CHECKOUT = Path(__file__).resolve().parents[1]
SYSTEMD = CHECKOUT / "systemd"
BUILD_LOCK = CHECKOUT / "deploy" / "requirements-build.txt"
SHEET = "docs/technician.md"  # printed too
PAGES = ("README.md", "hardware.md", "LICENSE", SHEET)
# On everybody's PATH, also under sudo; the pages and `portvakt check` name the command alone.
COMMAND = "/usr/local/bin/portvakt"
WHERE = {
    "sysusers.d": "/etc/sysusers.d",
    "tmpfiles.d": "/etc/tmpfiles.d",
    "modules-load.d": "/etc/modules-load.d",
    "journald.conf.d": "/etc/systemd/journald.conf.d",
    "udev": "/etc/udev/rules.d",
    "chromium": "/etc/chromium/policies/managed",
}
OWN_CONFIGURATION = ("sysusers.d", "tmpfiles.d", "journald.conf.d")
# What asks for releases and takes them, on every machine of ours.
MACHINE_UNITS = (
    "portvakt.target",
    "portvakt-heartbeat.service",
    "portvakt-fetch.service",
    "portvakt-fetch.timer",
)
# They judge a release, so they are no part of it: `install` puts copies where no release reaches.
COPIES = (
    "portvakt-switch.service",
    "portvakt-switch.path",
    "portvakt-boot-check.service",
    "portvakt-reach.service",
    "portvakt-apply.service",
)
# ssh-keygen tells whose a release is.
MACHINE_PROGRAMS = (("/usr/bin/ssh-keygen", "openssh-client"),)
LGPIO = ("/usr/lib/python3/dist-packages/lgpio.py", "python3-lgpio")


@dataclass(frozen=True, slots=True)
class Role:
    """One role of a machine.

    `configuration` names what it needs of systemd/: a folder with all its files, or one file.
    `templates` are units that others start, or that a person gives instances of.  `programs` are those that
    it starts, with the Debian package that brings each.
    """

    name: str
    extra: str
    own_units: tuple[str, ...]
    settings: str
    packages: tuple[str, ...]
    configuration: tuple[str, ...]
    own_programs: tuple[tuple[str, str], ...] = ()
    templates: tuple[str, ...] = ()

    @property
    def lock(self) -> Path:
        """The locked packages of this role, with hashes."""
        return CHECKOUT / f"requirements-{self.extra}.txt"

    @property
    def units(self) -> tuple[str, ...]:
        """Those that a release brings, changes and takes away."""
        return (*MACHINE_UNITS, *self.own_units)

    @property
    def programs(self) -> tuple[tuple[str, str], ...]:
        """Programs that it starts, with Debian's packages."""
        return (*MACHINE_PROGRAMS, *self.own_programs)

    def card(self) -> dict[str, Any]:
        """What a release says of this role in `roles/<role>.json`."""
        return {
            "units": list(self.units),
            "links": [list(link) for link in self.links()],
            "copies": [[f"{UNITS}/{name}", f"systemd/{name}"] for name in COPIES],
            "programs": [list(program) for program in self.programs],
            "modules": list(self.packages),
            "settings": self.settings,
        }

    def links(self) -> Iterator[tuple[str, str]]:
        """Where the machine finds what follows `current`."""
        yield COMMAND, f"{CURRENT}/venv/bin/portvakt"
        for unit in (*self.units, *self.templates):
            yield f"{UNITS}/{unit}", f"{CURRENT}/systemd/{unit}"
        for unit in self.units:
            for target in wanted_by(unit):
                yield f"{UNITS}/{target}.wants/{unit}", f"{CURRENT}/systemd/{unit}"
        for name in self.configuration:
            wanted = SYSTEMD / name
            for path in sorted(wanted.iterdir()) if wanted.is_dir() else (wanted,):
                folder = path.parent.name
                yield f"{WHERE[folder]}/{path.name}", f"{CURRENT}/systemd/{folder}/{path.name}"


ROLES = {
    role.name: role
    for role in (
        Role(
            "post",
            "kiosk",
            ("portvakt-card.service", "portvakt-kiosk.service", "portvakt-browser.service"),
            "post.toml",
            ("contract", "device", "kiosk", "portvakt.cli"),
            (*OWN_CONFIGURATION, "udev", "modules-load.d", "chromium"),
            (
                LGPIO,
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
            ("portvakt-card.service", "portvakt-sign.service"),
            "sign.toml",
            ("contract", "device", "signage", "portvakt.cli"),
            (
                *OWN_CONFIGURATION,
                "udev/60-portvakt.rules",
                "udev/70-portvakt-sign.rules",
                "modules-load.d",
            ),
            (LGPIO,),
        ),
        Role(
            "central",
            "central",
            ("portvakt-central.service", "portvakt-backup.timer", "portvakt-renew.timer"),
            "central.env",
            ("contract", "device.machine", "central", "portvakt.cli"),
            (*OWN_CONFIGURATION, "udev/90-portvakt-stick.rules"),
            (("/usr/bin/openssl", "openssl"),),
            templates=(
                "portvakt-central@.service",
                "portvakt-backup.service",
                "portvakt-copy.service",
                "portvakt-renew.service",
                "run-portvakt_box-stick.mount",
            ),
        ),
    )
}


def wanted_by(unit: str) -> list[str]:
    """Read from *unit*, a file of systemd/, what it is started with."""
    text = (SYSTEMD / unit).read_text("utf-8")
    return re.findall(r"[\w.-]+", " ".join(re.findall(r"^WantedBy=(.*)$", text, re.MULTILINE)))


def version() -> str:
    """The version of this checkout."""
    return str(_project()["project"]["version"])


def packages() -> list[str]:
    """The packages that go into our wheel."""
    found = _project()["tool"]["setuptools"]["packages"]["find"]["include"]
    return [pattern.rstrip("*") for pattern in found]


def sources() -> Iterator[Path]:
    """Every file of the checkout that reaches a machine, in a fixed order."""
    for name in ("pyproject.toml", *PAGES):
        if (CHECKOUT / name).exists():
            yield CHECKOUT / name
    yield from (role.lock for role in ROLES.values())
    for folder in (*packages(), "systemd", "deploy"):
        for path in sorted((CHECKOUT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def release_name() -> str:
    """Name the release of this checkout by its version and by all that it is made of.

    It is the same for all platforms and roles, and equal names mean equal sources.
    """
    digest = hashlib.sha256()
    for path in sources():
        content = path.read_bytes()
        digest.update(f"{path.relative_to(CHECKOUT)} {len(content)}\n".encode())
        digest.update(content)
    return f"{version()}-{digest.hexdigest()[:8]}"


def _project() -> dict[str, Any]:
    return tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))
