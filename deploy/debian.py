"""Debian packages that a role starts and that no release brings: named in one line, or installed by apt."""

from collections.abc import Iterable
from pathlib import Path

from deploy.roles import LGPIO, Role
from deploy.switch.place import Place, last_line

_VENV = "python3-venv"
_QUIETLY = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get")
_INSTALL = ("install", "-y", "-qq", "--no-install-recommends")
_NO_LGPIO = (
    "lgpio is missing, which only Raspberry Pi OS has (python3-lgpio): keys, lamps and a sign's timer "
    "on GPIO do not work without it"
)


def missing(place: Place, roles: Iterable[Role]) -> list[str]:
    """Name the packages that *roles* need and *place* has not, each once."""
    wanted = [program for role in roles for program in role.programs]
    found = [package for path, package in wanted if not place.path(path).exists()]
    return sorted(set(found) | set(_without_venv(place)))


def bring(place: Place, packages: list[str]) -> list[str]:
    """Install *packages* by apt; give what could not be had, in sentences for a person."""
    if not packages:
        return []
    if not place.path("/usr/bin/apt-get").exists():
        return name(place, packages)
    place.run(*_QUIETLY, "update", "-qq")
    there = [package for package in packages if _has(place, package)]
    done = place.run(*_QUIETLY, *_INSTALL, *there) if there else None
    if done is not None and done.returncode != 0:
        why = last_line(done).removeprefix("E: ")
        return [f"not installed: {' '.join(there)} ({why}): {_line(there)}"]
    return name(place, [package for package in packages if package not in there])


def name(place: Place, packages: list[str]) -> list[str]:
    """Say what is missing: one line to paste, and whether this system can have lgpio at all."""
    lgpio = LGPIO[1]
    notes = []
    if lgpio in packages and not _has(place, lgpio):
        packages = [package for package in packages if package != lgpio]
        notes = [_NO_LGPIO]
    return [f"programs are missing: {_line(packages)}", *notes] if packages else notes


def _without_venv(place: Place) -> list[str]:
    """Debian keeps the part of Python that makes virtual environments in a package of its own."""
    if not place.is_root:
        return []
    folders = [*place.path("/usr/lib").glob("python3.*"), Path()]
    return [] if any((one / "ensurepip/__init__.py").exists() for one in folders) else [_VENV]


def _has(place: Place, package: str) -> bool:
    """Whether the system's archive has *package*; of a plain folder nobody knows."""
    if not place.is_root or not place.path("/usr/bin/apt-cache").exists():
        return False
    return place.run("apt-cache", "show", package).returncode == 0


def _line(packages: Iterable[str]) -> str:
    return f"run: apt-get install {' '.join(packages)}"
