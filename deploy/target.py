"""The machine that gets the role: this one, the root of another, or a plain folder that becomes one."""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.errors import InstallError
from deploy.platforms import Python
from deploy.switch.bundle import NOT_64_BIT
from deploy.switch.place import Place

OLDEST_PYTHON = (3, 11)
OLDEST_LIBC = "2.17"
_FACTS = """
import json, platform, sys
try:
    import ensurepip, venv
    has_venv = True
except ImportError:
    has_venv = False
print(json.dumps({
    "version": list(sys.version_info[:2]),
    "machine": platform.machine(),
    "is_64_bit": sys.maxsize > 2**32,
    "libc": platform.libc_ver()[1],
    "has_venv": has_venv,
}))
"""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to install, and the Python that is there."""

    place: Place
    python: Python

    @classmethod
    def at(cls, root: Path) -> "Target":
        """Look at *root*.

        Raises:
            InstallError: it is no place to install to.
        """
        if is_debian(root):
            _need_root(root)
            return cls(Place(root), _python(Place(root)))
        if (root / "etc/os-release").exists() or (root / "usr/bin").exists():
            raise InstallError(
                f"{root} is not a Debian or Raspberry Pi OS root; choose another --root"
            )
        place = Place(root, is_root=False)
        return cls(place, _python(place))

    @property
    def is_this_machine(self) -> bool:
        """Whether services can be told at once."""
        return self.place.root == Path("/")


def is_debian(root: Path) -> bool:
    """Whether *root* is the root of a Debian, or of a system made of it."""
    return (root / "etc/debian_version").exists()


def _need_root(root: Path) -> None:
    if os.geteuid() != 0:
        raise InstallError(f"installing to {root} needs root; run: sudo deploy/install ...")


def _python(place: Place) -> Python:
    """Ask the target's own Python, or ours where the target is a plain folder."""
    if place.is_root and not place.path("/usr/bin/python3").exists():
        raise InstallError(
            f"there is no Python in {place.root}; run there: apt-get install python3-venv"
        )
    done = place.run("/usr/bin/python3" if place.is_root else sys.executable, "-c", _FACTS)
    if done.returncode != 0:
        raise InstallError(
            f"the Python of {place.root} does not run here; "
            "install on a machine of the same kind as the target"
        )
    return judged(json.loads(done.stdout), place.root)


def judged(facts: dict[str, Any], root: Path) -> Python:
    """Turn what a Python said about itself into a `Python`, if Portvakt can run on it."""
    if not facts["is_64_bit"]:
        raise InstallError(NOT_64_BIT)
    if not facts["has_venv"]:
        raise InstallError(
            f"the Python of {root} cannot make virtual environments; "
            "run there: apt-get install python3-venv"
        )
    major, minor = facts["version"]
    if (major, minor) < OLDEST_PYTHON:
        raise InstallError(f"Portvakt needs Python 3.11 or later; {root} has {major}.{minor}")
    libc = [int(part) for part in (facts["libc"] or OLDEST_LIBC).split(".")]
    return Python((major, minor), facts["machine"], (libc[0], libc[1]))
