"""What the machine finds through `current`: units, users, rules.  Releases bring some and drop others."""

import json
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deploy.errors import InstallError
from deploy.switch.disk import Disk
from deploy.switch.place import CURRENT, MARK, RELEASES, UNITS, Place

log = logging.getLogger("switch")


def read_mark(place: Place, folder: str) -> dict[str, Any] | None:
    """What the release in *folder* says of itself; None for a torso."""
    try:
        found = json.loads((place.path(RELEASES) / folder / MARK).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def current_folder(place: Place) -> str:
    """The folder that `current` points at; empty when there is none."""
    link = place.path(CURRENT)
    return link.readlink().name if link.is_symlink() else ""


def flip(place: Place, disk: Disk, folder: str) -> None:
    """Let `current` point at *folder*, in one step."""
    disk.link(place.path(CURRENT), f"releases/{folder}")


def mend_links(place: Place, disk: Disk, known: set[str]) -> list[str]:
    """Make the links of the release that is current; give those units that it brings anew.

    *known* are the units of the release before: a unit of it whose link is gone was switched off by a
    person, and stays so.  A plain file in the place of a link is a person's, and stays too.
    """
    mark = read_mark(place, current_folder(place)) or {}
    fresh = []
    for name, points_at in mark.get("links", []):
        unit = Path(name).name
        path = place.path(name)
        if path.is_symlink() and os.fspath(path.readlink()) == points_at:
            continue
        if name.startswith(UNITS) and unit in known:
            continue
        if path.is_dir() and not path.is_symlink():
            raise InstallError(f"{path} is a folder; move it away and run this again")
        if path.exists() and not path.is_symlink():
            log.warning("%s is a file of somebody's own, and stays; ours is %s", path, points_at)
            continue
        disk.link(path, points_at)
        fresh.append(unit)
    return [unit for unit in mark.get("units", []) if unit in fresh]


def cut_links(place: Place, disk: Disk) -> None:
    """Remove the links into `current` that find nothing, once nobody goes back to who brought them."""
    for link in _ours(place):
        # Not link.exists(): the machine's root may be a folder of ours.
        if not place.path(os.fspath(link.readlink())).exists():
            disk.remove(link)


def templates_of(mark: Mapping[str, Any]) -> list[str]:
    """The units of which a person makes instances, as `portvakt-central@.service`."""
    names = {Path(name).name for name, _points_at in mark.get("links", [])}
    return sorted(name for name in names if "@." in name)


def _ours(place: Place) -> Iterator[Path]:
    units = place.path(UNITS)
    for folder in (units, *units.glob("*.wants")):
        for path in folder.glob("portvakt*") if folder.is_dir() else ():
            if path.is_symlink() and os.fspath(path.readlink()).startswith(f"{CURRENT}/"):
                yield path
