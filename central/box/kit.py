"""What makes a box itself, beside its database: CA and keys, settings, what was erased on request.

On a stick nobody owns a file, so a list beside them says where each belongs, and whose it is.
"""

import grp
import json
import os
import pwd
import re
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from central.box.place import PRIVATE, BoxRefused, Place, read_json, sync, write

LIST = "kit.json"
_SETTINGS = "etc/portvakt"
# A stick is believed for these places, and for no other.
_DROP_INS = "etc/systemd/system/portvakt-central.service.d"
_FOLDERS = (
    _SETTINGS,
    f"{_SETTINGS}/ca",
    "etc/ssl/portvakt",
    _DROP_INS,
)
# A drop-in could run anything as root: of a stick only what opens the way to an office is believed.
_KNOWN_DROP_INS = ("reach.conf", "office.conf")
_REACHES = re.compile(r"#.*|\[Service\]|IPAddressAllow=[0-9A-Za-z.:/ ]*|\s*")
_SIGNERS = f"{_SETTINGS}/allowed_signers"
# So that what was erased on request stays erased in an older backup too.
ERASED = ("var/lib/portvakt-central/erased.list", "var/lib/portvakt-central/erased.key")
# Who a post or sign on the same machine is: its own enrolment, which a new machine gets anew.
_OF_DEVICES = ("device-token", "enrol-code")


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the kit: its place under the root, its mode, and whose it is."""

    place: str
    mode: int
    owner: str
    group: str

    @property
    def name(self) -> str:
        """Its name on the stick, where there are no folders."""
        return self.place.replace("/", "+")


def parts(place: Place) -> list[Part]:
    """All that there is on this box."""
    return [_part(place.root, one) for one in _names(place) if (place.root / one).is_file()]


def save(place: Place, folder: Path) -> None:
    """Have the kit in *folder*, and nothing else there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = parts(place)
    for part in found:
        _keep(folder / part.name, (place.root / part.place).read_bytes())
    rows = [{name: getattr(one, name) for name in Part.__slots__} for one in found]
    _keep(folder / LIST, f"{json.dumps(rows, indent=1)}\n".encode())
    wanted = {LIST, *(part.name for part in found)}
    for gone in folder.iterdir():
        if gone.name not in wanted:
            gone.unlink()
    sync(folder)


def saved(folder: Path) -> list[Part]:
    """What the list in *folder* names.

    Raises:
        BoxRefused: it names a place that is none of ours.
    """
    try:
        found = [Part(**row) for row in json.loads((folder / LIST).read_text("utf-8"))]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError) as error:
        raise BoxRefused(f"{folder / LIST} cannot be read; take another stick.") from error
    for part in found:
        if os.path.dirname(part.place) not in _FOLDERS and part.place not in ERASED:  # noqa: PTH120 - a word, and no path of this machine
            raise BoxRefused(f"{folder / LIST} names {part.place}, which is none of a hall box's.")
    return found


def put_back(
    place: Place, folder: Path, only: Collection[str] = (), but: Collection[str] = ()
) -> list[str]:
    """Write each file of the kit where it was, for whom it was; give what a person should know of it."""
    notes = []
    for part in saved(folder):
        if part.place in but or (only and part.place not in only):
            continue
        there, content = place.root / part.place, (folder / part.name).read_bytes()
        if not _is_believed(part.place, content):
            notes.append(f"{part.place} of the stick was not taken; read {folder / part.name}")
            continue
        notes += _new_signers(there, content) if part.place == _SIGNERS else []
        there.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        write(there, content, part.mode & 0o666)
        if os.geteuid() == 0:
            _give(there, part)
    if place.ca.exists():
        place.ca.chmod(0o700)
    return notes


def _is_believed(place: str, content: bytes) -> bool:
    """Whether a drop-in is one of ours, and opens a way and does nothing else."""
    folder, _, name = place.rpartition("/")
    if folder != _DROP_INS:
        return True
    lines = content.decode("utf-8", "replace").splitlines()
    return name in _KNOWN_DROP_INS and all(map(_REACHES.fullmatch, lines))


def _new_signers(there: Path, content: bytes) -> list[str]:
    """Who may sign releases from now on and might not before: they may run anything here as root."""
    known = set(there.read_bytes().splitlines()) if there.exists() else set()
    new = [one for one in content.splitlines() if one.strip() and one not in known]
    count = "1 signer" if len(new) == 1 else f"{len(new)} signers"
    return [f"{count} of releases came from the stick; look at {there}"] if new else []


def facts(folder: Path) -> dict[str, str]:
    """The dead box's name, address and proxy."""
    return read_json(folder / f"{_SETTINGS}/box.json".replace("/", "+"))


def _names(place: Place) -> Iterator[str]:
    for folder in _FOLDERS:
        for one in sorted((place.root / folder).glob("*")):
            if not one.name.startswith((".", *_OF_DEVICES)):
                yield f"{folder}/{one.name}"
    yield from ERASED


def _part(root: Path, place: str) -> Part:
    facts = (root / place).stat()
    return Part(place, facts.st_mode & 0o777, _user(facts.st_uid), _group(facts.st_gid))


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return "root"


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return "root"


def _give(there: Path, part: Part) -> None:
    try:
        shutil.chown(there, part.owner, part.group)
    except LookupError:  # another distribution has another user for its proxy
        shutil.chown(there, "root", "root")


def _keep(there: Path, content: bytes) -> None:
    if not there.exists() or there.read_bytes() != content:
        write(there, content, PRIVATE)
