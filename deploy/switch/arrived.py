"""What lies ready to be taken, and whether now is the time for it."""

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from deploy.errors import InstallError
from deploy.switch.bundle import platform_of, read_manifest, unpack, verify
from deploy.switch.disk import Disk
from deploy.switch.place import INCOMING, RELEASES, WANTED, Place
from deploy.switch.staging import need_room, roles_here, stage

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.tar")


@dataclass(frozen=True, slots=True)
class Ready:
    """A release in a file: its name, and where it lies.  A person's file need not be named beforehand."""

    release: str
    path: Path

    @property
    def file(self) -> str:
        """The file's name, for sentences."""
        return self.path.name


def read_ready(place: Place) -> Ready | None:
    """What the fetcher says lies ready; it is another user, so nothing of it is believed yet."""
    found = _json(place.path(INCOMING) / "ready.json")
    release, file = found.get("release"), found.get("file")
    if not (isinstance(release, str) and isinstance(file, str) and _PLAIN.fullmatch(file)):
        return None
    return Ready(release, place.path(INCOMING) / file)


def is_quiet(place: Place, at: float) -> bool:
    """Whether the station sleeps at *at*, seconds since 1970, by the times that central gave."""
    times = _json(place.path(WANTED)).get("quiet", [])
    return any(_holds(one, at) for one in times) if isinstance(times, Sequence) else False


def take(place: Place, ready: Ready, disk: Disk) -> str:
    """Verify, unpack and stage what lies ready; give its folder under `releases/`.

    Works on a copy of root's own: whoever wrote `incoming/` could change a file after it was verified.

    Raises:
        InstallError: it is not what it should be, or does not fit on the disk.
    """
    work = place.path(RELEASES) / ".incoming"
    shutil.rmtree(work, ignore_errors=True)
    need_room(place)
    work.mkdir(parents=True, mode=0o700)
    try:
        tar = _copied(ready, work)
        verify(place, tar)
        bundle = unpack(tar, work / "unpacked")
        _check_kind(place, bundle, ready)
        return stage(bundle, place, _roles(place), disk)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def clear(place: Place, disk: Disk, *, with_files: bool) -> None:
    """Forget what lay ready; *with_files* when it is of no use, so that it is fetched again if wanted."""
    folder = place.path(INCOMING)
    disk.remove(folder / "ready.json")
    if with_files and folder.exists():
        for path in [*folder.glob("*.tar"), *folder.glob("*.tar.sig")]:
            disk.remove(path)


def _copied(ready: Ready, work: Path) -> Path:
    if ready.path.is_symlink() or not ready.path.is_file():
        raise InstallError(f"{ready.path} is not there, or no plain file")
    for source in (ready.path, ready.path.with_name(f"{ready.file}.sig")):
        if source.is_file() and not source.is_symlink():
            shutil.copyfile(source, work / source.name)
    return work / ready.file


def _check_kind(place: Place, bundle: Path, ready: Ready) -> None:
    manifest, platform = read_manifest(bundle), platform_of(place)
    if manifest.get("platform") != platform:
        raise InstallError(
            f"{ready.file} is for {manifest.get('platform')}, and this machine is {platform}"
        )
    if ready.release and manifest["release"] != ready.release:
        raise InstallError(
            f"{ready.file} holds {manifest['release']}, and {ready.release} was wanted"
        )


def _roles(place: Place) -> list[str]:
    roles = roles_here(place)
    if not roles:
        raise InstallError("no release is installed here; run deploy/install first")
    return roles


def _holds(times: Any, at: float) -> bool:  # noqa: ANN401 - a piece of somebody else's JSON
    try:
        begins, ends = (datetime.fromisoformat(times[key]) for key in ("begins_at", "ends_at"))
        return begins.timestamp() <= at < ends.timestamp()
    except (TypeError, KeyError, ValueError):
        return False


def _json(path: Path) -> Mapping[str, Any]:
    try:
        if path.is_symlink():
            return {}
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
