"""A whole card: a copy of an image, in a file or on the card itself, with our folder on it."""

import lzma
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from deploy.card.content import FOLDER
from deploy.card.fat import Fat
from deploy.card.partition import boot_partition
from deploy.errors import InstallError

_PART = 4 * 2**20
_SYS = Path("/sys/class/block")

Ask = Callable[[str], str]


def write(image: Path, out: Path, files: dict[str, bytes], ask: Ask) -> None:
    """Copy *image*, which may be packed by xz(1), to *out* and put *files* on its boot partition.

    *ask* asks a person before a card is overwritten.

    Raises:
        InstallError: the image is none, or *out* is a disk that somebody uses; nothing was written to that.
        OSError: the disk takes it not.
    """
    if not image.is_file():
        raise InstallError(f"{image} is not there")
    if _is_disk(out):
        agree(out, ask)
        # Exclusively: the kernel itself refuses a disk that is mounted or otherwise in use (open(2)).
        handle = os.open(out, os.O_RDWR | os.O_EXCL)
        with os.fdopen(handle, "r+b") as card:
            _fill(image, card, files)
        return
    _beside(image, out, files)


def _beside(image: Path, out: Path, files: dict[str, bytes]) -> None:
    """Write an image file, which has its name only when it is whole."""
    if out.exists() and out.samefile(image):
        raise InstallError("--out is the image itself; give the new one another name")
    fresh = out.with_name(f".{out.name}.part")
    handle = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "r+b") as card:
            _fill(image, card, files)
        fresh.replace(out)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def read(out: Path) -> dict[str, bytes]:
    """What lies in our folder there, from the disk itself and not from memory."""
    with out.open("rb") as card:
        os.posix_fadvise(card.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return Fat(card, boot_partition(card)).read_folder(FOLDER)


def agree(disk: Path, ask: Ask, sys: Path = _SYS) -> None:
    """Have a person type the name of *disk*, which loses everything.

    Raises:
        InstallError: it is a part of a disk, it cannot be taken out of the machine, or the person typed
            something else.
    """
    name = disk.resolve().name
    about = sys / name
    if (about / "partition").exists():
        raise InstallError(f"{disk} is a part of a disk; give the whole one: lsblk")
    size = int(_text(about / "size") or 0) * 512
    if not size:
        raise InstallError(f"there is no card in {disk}")
    model = _text(about / "device/model") or _text(about / "device/name") or "no name"
    removable = _text(about / "removable") == "1" or name.startswith("mmcblk")
    what = "" if removable else "  IT DOES NOT LOOK LIKE A CARD."
    told = f"Everything on {disk} ({model}, {size / 1e9:.1f} GB) will be lost.{what}\n"
    if ask(f"{told}Type {name} to go on: ").strip() != name:
        raise InstallError(f"nothing was written to {disk}")


def _fill(image: Path, card: BinaryIO, files: dict[str, bytes]) -> None:
    try:
        with _opened(image) as source:
            while part := source.read(_PART):
                card.write(part)
    except (lzma.LZMAError, EOFError) as error:
        raise InstallError(f"{image} is cut short or damaged; fetch it again") from error
    card.flush()
    Fat(card, boot_partition(card)).put_folder(FOLDER, files)


def _opened(image: Path) -> BinaryIO:
    return cast("BinaryIO", lzma.open(image) if image.suffix == ".xz" else image.open("rb"))


def _is_disk(out: Path) -> bool:
    return out.exists() and stat.S_ISBLK(out.stat().st_mode)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
