"""Copies of the newest backups leave the box: onto a stick that it knows, each read back.

A stick mirrors the box's own folder, so what was erased there since is erased on it too.  Beside the
backups it holds what a new box must have, or its devices would refuse it: the CA with its key.
"""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from central.box import kit
from central.box.left import Left
from central.box.place import PRIVATE, BoxRefused, Place, read_json, sync, write
from central.copies.backup import PREFIX
from central.copies.backup_file import SUFFIX, Reading
from contract.errors import PortvaktError

LABEL = "PORTVAKT"
FOLDER = "portvakt"
MARK = "stick.json"
KIT = "box"
KEEP = 7
_PIECE = 1 << 20
_STAMP = f"{PREFIX}%Y-%m-%dT%H%M%SZ{SUFFIX}"


@dataclass(frozen=True, slots=True)
class Copied:
    """What stands on the stick now.  `newest` is None while the box has no station, and nothing to keep."""

    newest: str | None
    written: int
    removed: int


def make_known(place: Place, stick: Path, *, take_over: bool = False) -> None:
    """Make *stick* one that this box writes to; any other stick of that name gets nothing.

    Raises:
        BoxRefused: it is another box's, whose CA may stand nowhere else; *take_over* takes it all the same.
    """
    known = place.told().get("stick") or secrets.token_urlsafe(16)
    if read_json(stick / FOLDER / MARK).get("stick", known) != known and not take_over:
        whose = kit.facts(stick / FOLDER / KIT).get("name", "without a name")
        raise BoxRefused(
            f"This stick holds the copies of another box ({whose}). To replace that box: sudo portvakt"
            " central box restore ...; to write over them: give --take-over."
        )
    place.remember(stick=known)
    folder = stick / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    write(folder / MARK, f'{{"stick": "{known}"}}\n'.encode(), PRIVATE)


def copy_out(place: Place, stick: Path, now: datetime, keep: int = KEEP) -> Copied:
    """Copy the newest *keep* backups to *stick*, and write down that it was done, or why it was not.

    Raises:
        BoxRefused: nothing left the box; the text says what to do.
    """
    left = Left(place.left)
    try:
        done = _copied(place, stick, keep)
    except (PortvaktError, OSError) as error:
        wrong = _said(error, stick) if isinstance(error, OSError) else str(error)
        left.failed(now, wrong)
        raise BoxRefused(wrong) from error
    if done.newest is not None:
        left.done(now, done.newest, taken_at(done.newest))
    return done


def taken_at(name: str) -> datetime:
    """When the backup of this file *name* was taken."""
    return datetime.strptime(name, _STAMP).replace(tzinfo=UTC)


def backups(folder: Path) -> list[Path]:
    """The backups in *folder*, oldest first; their names sort by time."""
    return sorted(folder.glob(f"{PREFIX}[0-9]*{SUFFIX}"))


def _copied(place: Place, stick: Path, keep: int) -> Copied:
    _check_stick(place, stick)
    ours = backups(place.data / "backups")
    if not ours:
        raise BoxRefused(
            "There is no backup to copy; take one: sudo -u portvakt-central portvakt central backup"
        )
    # A new box must not push the copies of the one before it off the stick.
    if not Reading(ours[-1]).header().rows.get("station"):
        return Copied(None, 0, 0)
    folder = stick / FOLDER
    written = sum(_mirrored(one, folder / one.name) for one in ours[-keep:])
    _clear_parts([folder, folder / KIT])
    kit.save(place, folder / KIT)
    removed = backups(folder)[:-keep]
    for one in removed:
        one.unlink()
    sync(folder)
    return Copied(ours[-1].name, written, len(removed))


def _check_stick(place: Place, stick: Path) -> None:
    mark = stick / FOLDER / MARK
    if not mark.exists():
        raise BoxRefused(
            f"No stick of this box is there; put it in, or make a new one named {LABEL} known:"
            " sudo portvakt central box stick"
        )
    known = place.told().get("stick")
    if not known or read_json(mark).get("stick") != known:
        raise BoxRefused(
            "The stick in this box is another's; take it out, or make it known:"
            " sudo portvakt central box stick"
        )


def _mirrored(source: Path, copy: Path) -> bool:
    """Have *source* at *copy*; false when the same stands there already."""
    wanted = _digest(_pieces(source))
    if copy.exists() and _digest(_pieces(copy)) == wanted:
        return False
    part = copy.with_name(f".{copy.name}.part")
    with part.open("wb") as file:
        for piece in _pieces(source):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
        # The stick is to be read back, not what memory still holds of it (posix_fadvise(2)).
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    if _digest(_pieces(part)) != wanted:
        part.unlink()
        raise BoxRefused(f"{copy.name} was read back otherwise than written; take another stick.")
    Reading(part).verify(lambda _done, _of: None)
    part.replace(copy)
    sync(copy.parent)
    return True


def _clear_parts(folders: Iterable[Path]) -> None:
    """Remove what a pulled stick has left half."""
    for folder in folders:
        for one in folder.glob(".*"):
            one.unlink()


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _digest(pieces: Iterable[bytes]) -> str:
    whole = hashlib.sha256()
    for piece in pieces:
        whole.update(piece)
    return whole.hexdigest()


def _said(error: OSError, stick: Path) -> str:
    return f"The copy could not be written ({error.strerror}); look at the stick in {stick}."
