"""The card is taken: into the settings all at once, then its secrets are overwritten where they lay.

A power cut at any point leaves the card's folder with its `card.txt`, so that the next boot begins again, or
with the note that it was taken, so that the next boot only clears it.
"""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contract.errors import PortvaktError
from device.clock import SystemClock
from device.files import sync_folder, write_whole
from device.trust import CaUnusable, Trust
from portvakt.card.brought import CARD, SECRETS, Brought, CardRefused, digest_of, read
from portvakt.own_settings import FILES, FOR_ALL, FOR_DEVICES, OWN_CA, judged, put, with_all

BOOTS = ("boot/firmware", "boot")
FOLDER = "portvakt"
_ONLY_ROOT = 0o600


@dataclass(frozen=True, slots=True)
class Place:
    """A machine; its *root* is another one's in tests."""

    root: Path = Path("/")

    @property
    def etc(self) -> Path:
        """Where settings are."""
        return self.root / "etc/portvakt"

    @property
    def connection(self) -> Path:
        """NetworkManager's own file of our network."""
        return self.root / "etc/NetworkManager/system-connections/portvakt.nmconnection"

    @property
    def taken(self) -> Path:
        """The note of the card that was taken last."""
        return self.root / "var/lib/portvakt-card/taken"

    @property
    def refused(self) -> Path:
        """Why a card was refused in this boot, for the post and the sign to show."""
        return self.root / "run/portvakt-card/refused"

    def cards(self) -> Iterator[Path]:
        """The folders of boot partitions that somebody has put something into."""
        for boot in BOOTS:
            if (self.root / boot / FOLDER).is_dir():
                yield self.root / boot / FOLDER


def take(folder: Path, place: Place) -> str:
    """Take the card in *folder*, and clear that; give one sentence.

    Raises:
        CardRefused: nothing was changed.
        OSError: a disk takes nothing, or the folder cannot be cleared; the next boot tries again.
    """
    if not any(folder.iterdir()):
        folder.rmdir()
        return "an empty folder of a card is cleared"
    if _was_taken(folder, place):
        clear(folder)
        return "the card was taken before; what was left of it is cleared"
    brought = read(folder)
    for path, content, mode in list(_planned(brought, place)):
        put(path, content, mode)
    write_whole(place.taken, f"{brought.digest}\n".encode("ascii"))
    clear(folder)
    return f"this is {brought.name} now: the card is taken and cleared"


def clear(folder: Path) -> None:
    """Overwrite every secret of the card and take its files away, `card.txt` last.

    A card's flash may keep an older copy of what was overwritten; the code on it is dead once it was used.
    """
    names = sorted(path.name for path in folder.iterdir() if path.name != CARD)
    for name in [*SECRETS, *(one for one in names if one not in SECRETS)]:
        path = folder / name
        if path.exists():
            if name in SECRETS:
                _overwrite(path)
            path.unlink()
    sync_folder(folder)
    (folder / CARD).unlink(missing_ok=True)
    folder.rmdir()
    sync_folder(folder.parent)


def _overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"-" * path.stat().st_size)
        file.flush()
        os.fsync(file.fileno())


def _was_taken(folder: Path, place: Place) -> bool:
    digest = digest_of(folder)
    try:
        return bool(digest) and place.taken.read_text("ascii", "replace").strip() == digest
    except FileNotFoundError:
        return False


def _planned(brought: Brought, place: Place) -> Iterator[tuple[Path, bytes, int]]:
    """Every file that the card becomes; all of it is judged before the first is written."""
    own = place.etc / FILES[brought.role]
    if not own.exists():
        raise CardRefused(
            f"the card is for a {brought.role}, and none is installed here;"
            f" run: sudo ./install --role {brought.role}"
        )
    ca = place.etc / OWN_CA
    values = {"central.url": brought.url, "central.station": brought.station}
    if brought.ca:
        _judge_ca(brought.ca)
        values["central.ca_file"] = f"/{ca.relative_to(place.root)}"
        yield ca, brought.ca, FOR_ALL
    if brought.network:
        if not place.connection.parent.is_dir():
            raise CardRefused(
                "the card brings a network, and there is no NetworkManager here to take it."
            )
        yield place.connection, brought.network, _ONLY_ROOT
    try:
        text = with_all((brought.settings or own.read_bytes()).decode("utf-8"), values)
        settings = judged(text, brought.role)
    except (PortvaktError, ValueError) as error:
        raise CardRefused(f"the card's settings cannot be used: {error}") from error
    code_file = settings.identity.code_file
    if brought.code and code_file is None:
        raise CardRefused("the card brings a code, and identity.code_file names no place for it.")
    yield own, text.encode("utf-8"), FOR_ALL
    if brought.code:
        yield place.root / str(code_file).lstrip("/"), brought.code, FOR_DEVICES


def _judge_ca(pem: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(pem)
        file.flush()
        try:
            Trust(Path(file.name), SystemClock()).context()
        except CaUnusable as error:
            raise CardRefused("ca.pem on the card holds no CA: take the hall's ca.pem.") from error
