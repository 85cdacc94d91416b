"""The boot partition as a folder that somebody has mounted."""

import os
from contextlib import suppress
from pathlib import Path

from deploy.card.content import FOLDER
from deploy.errors import InstallError

# What Raspberry Pi firmware wants on its partition; any one of them will do.
_MARKS = ("config.txt", "cmdline.txt", "start4.elf", "bootcode.bin")
_OWN = ("/", "/boot", "/boot/firmware")


def put(boot: Path, files: dict[str, bytes]) -> None:
    """Write *files* into the folder `portvakt` of *boot*, the one that vouches for the others last.

    Raises:
        InstallError: *boot* is not the boot partition of a card, or not of another one than ours.
        OSError: it takes nothing.
    """
    _judge(boot)
    folder = boot / FOLDER
    if folder.is_dir():
        _clear(folder)
    folder.mkdir(exist_ok=True)
    with suppress(OSError):  # a FAT knows no modes
        folder.chmod(0o700)
    for name, content in files.items():
        _write(folder / name, content)
    _sync(folder)
    _sync(boot)


def read(boot: Path) -> dict[str, bytes]:
    """What lies there, from the card itself and not from memory."""
    found = {}
    for path in sorted((boot / FOLDER).iterdir()):
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            found[path.name] = file.read()
    return found


def _judge(boot: Path) -> None:
    if not boot.is_dir():
        raise InstallError(
            f"{boot} is not there; put the card in and see where it was mounted: lsblk"
        )
    if str(boot.resolve()) in _OWN:
        raise InstallError(f"{boot} is this machine's own; name the folder of the card: lsblk")
    if not any((boot / name).exists() for name in _MARKS):
        raise InstallError(
            f"{boot} is no boot partition of a card (no config.txt): lsblk shows which one is"
        )


def _clear(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            raise InstallError(f"{path} is not ours; take it away")
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
