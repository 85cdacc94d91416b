"""A new box becomes the dead one: its certificates, its options, its database, from the stick."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from central.box import kit
from central.box.copying import FOLDER, KIT, backups
from central.box.place import PRIVATE, BoxRefused, Place
from central.box.services import CENTRAL, Services
from central.copies.backup_file import Reading

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


def bring_back(
    place: Place, found: Found, owner: str, load: Callable[[Path], None], services: Services
) -> list[str]:
    """Load the backup by *load*, as *owner* may read it, and then put the dead box's own files in place.

    Central stands still meanwhile.  Whatever fails, it goes on with what it had.  Gives what a person
    should know.

    Raises:
        BoxRefused: this box has a CA of its own already, which no device knows; or *load* failed.
    """
    _check_ca(place, found.kit)
    kit.saved(found.kit)  # a list that makes no sense is said before anything is stopped
    services.systemctl("stop", CENTRAL)
    try:
        place.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        # What was erased on request since the backup is erased again while that is loaded.
        with _kept_if_it_fails([place.root / one for one in kit.ERASED]):
            kit.put_back(place, found.kit, only=kit.ERASED)
            _load(place, found.backup, owner, load)
        notes = kit.put_back(place, found.kit, but=kit.ERASED)
        services.systemctl("daemon-reload")
    except BaseException:
        services.systemctl("start", CENTRAL)
        raise
    return notes


def _load(place: Place, backup: Path, owner: str, load: Callable[[Path], None]) -> None:
    inbox = place.data / INBOX
    try:
        shutil.copyfile(backup, inbox)
        inbox.chmod(PRIVATE)
        for path in (place.data, inbox) if os.geteuid() == 0 else ():
            shutil.chown(path, user=owner, group=owner)
        load(inbox)
    finally:
        inbox.unlink(missing_ok=True)


@contextmanager
def _kept_if_it_fails(files: list[Path]) -> Iterator[None]:
    """Have *files* as they were, each with its owner, when the block fails."""
    aside = {file: file.with_name(f".{file.name}.before") for file in files}
    for file, copy in aside.items():
        if file.exists():
            os.link(file, copy)  # what is written takes the name, and not this
    try:
        yield
    except BaseException:
        for file, copy in aside.items():
            file.unlink(missing_ok=True)
            if copy.exists():
                copy.rename(file)
        raise
    finally:
        for copy in aside.values():
            copy.unlink(missing_ok=True)


def _check_ca(place: Place, folder: Path) -> None:
    ours, theirs = place.ca / "ca.pem", folder / _CA
    if ours.exists() and theirs.exists() and ours.read_bytes() != theirs.read_bytes():
        raise BoxRefused(
            f"This box has made a CA of its own, which the devices do not know: move {place.ca} and"
            f" {place.tls} away and give this again."
        )
