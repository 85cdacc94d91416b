"""A new box becomes the dead one: its certificates, its options, its database, from the stick."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from central.backup_file import Reading
from central.box import kit
from central.box.copying import FOLDER, KIT, backups
from central.box.place import PRIVATE, BoxRefused, Place

INBOX = "from-the-stick.jsonl.gz"
_CA = "etc+portvakt+ca+ca.pem"


@dataclass(frozen=True, slots=True)
class Found:
    """What lies on a stick: the newest backup, and the folder with what made the dead box itself."""

    backup: Path
    kit: Path


def look(stick: Path) -> Found:
    """Find the newest backup on *stick*, which may also be the folder on it, and read all of it.

    Raises:
        BoxRefused: there is none.
        BackupBroken: it cannot be read; an older one beside it may do.
    """
    folder = stick / FOLDER if (stick / FOLDER).is_dir() else stick
    found = backups(folder)
    if not found:
        raise BoxRefused(f"There is no backup in {folder}; is it the right stick?")
    Reading(found[-1]).verify(lambda _done, _of: None)
    return Found(found[-1], folder / KIT)


def bring_back(place: Place, found: Found, owner: str) -> Path:
    """Put the dead box's own files in place, and the backup where `central restore` may read it.

    The caller restores, as *owner*, and removes the file that this gives.

    Raises:
        BoxRefused: this box has a CA of its own already, which no device knows.
    """
    _check_ca(place, found.kit)
    place.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    kit.put_back(place, found.kit)
    inbox = place.data / INBOX
    shutil.copyfile(found.backup, inbox)
    inbox.chmod(PRIVATE)
    for path in (place.data, inbox) if os.geteuid() == 0 else ():
        shutil.chown(path, user=owner, group=owner)
    return inbox


def _check_ca(place: Place, folder: Path) -> None:
    ours, theirs = place.ca / "ca.pem", folder / _CA
    if ours.exists() and theirs.exists() and ours.read_bytes() != theirs.read_bytes():
        raise BoxRefused(
            f"This box has made a CA of its own, which the devices do not know: move {place.ca} and"
            f" {place.tls} away and give this again."
        )
